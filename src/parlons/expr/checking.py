"""Whether an expression is right where it stands. It finds mistakes of form and of scope, not names nobody has: those
are NULL."""

from parlons.expr.parsing import parsed
from parlons.expr.problems import InvalidExpression, Problem
from parlons.expr.scopes import Scope, misplaced
from parlons.expr.tree import paths


def check(text: str, scope: Scope) -> list[Problem]:
    """All problems of `text`; empty when it is right."""
    try:
        tree = parsed(text)
    except InvalidExpression as error:
        return [error.problem]
    return [problem for path in paths(tree) if (problem := misplaced(path, scope, text)) is not None]

"""Why an expression does not hold: the parts that are false, in the author's own words."""

from collections.abc import Mapping
from typing import Any

from parlons.expr.compiling import Compiled
from parlons.expr.scopes import Scope, resolve
from parlons.expr.tree import AllOf, Compare, ListOf, Literal, Node, Operand
from parlons.expr.values import OPERATORS, lookup

Root = Mapping[str, Any] | None


def false_parts(expression: Compiled, task: Root, worker: Root, facts: Root) -> list[str]:
    """The comparisons that made it false, from left to right; empty when it holds."""
    roots: dict[str, Root] = {"task": task, "worker": worker, "facts": facts, "counts": facts}
    return _false(expression.tree, expression.scope, roots)


def _false(node: Node, scope: Scope, roots: dict[str, Root]) -> list[str]:
    if isinstance(node, Compare):
        holds = OPERATORS[node.op](_value(node.left, scope, roots), _value(node.right, scope, roots))
        return [] if holds else [node.text]
    parts = [_false(part, scope, roots) for part in node.parts]
    if isinstance(node, AllOf):
        return [text for part in parts for text in part]
    return [] if any(not part for part in parts) else [text for part in parts for text in part]


def _value(operand: Operand, scope: Scope, roots: dict[str, Root]) -> object:
    if isinstance(operand, Literal):
        return operand.value
    if isinstance(operand, ListOf):
        return list(operand.values)
    root, parts = resolve(operand, scope)
    return lookup(roots[root], parts)

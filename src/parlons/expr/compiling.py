"""From a tree to a Python function, so that one evaluation costs a fraction of a microsecond. It says what the
function reads, too."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from parlons.expr import values
from parlons.expr.parsing import parsed
from parlons.expr.problems import InvalidExpression
from parlons.expr.scopes import VOLATILE, Scope, misplaced, resolve
from parlons.expr.tree import AllOf, AnyOf, Compare, ListOf, Literal, Node, Operand, Path, paths

Token = tuple[str, str]
Test = Callable[[Mapping[str, Any] | None, Mapping[str, Any] | None, Mapping[str, Any] | None], bool]

_HELPERS = {
    "==": "equal", "!=": "unequal", ">": "greater", ">=": "at_least", "<": "less", "<=": "at_most",
    "CONTAINS": "contains", "HAS": "has", "IN": "within", "NOT-IN": "not_within",
}  # fmt: skip
_ROOTS = {"task": "t", "worker": "w", "facts": "f", "counts": "f"}


@dataclass(frozen=True, slots=True)
class Compiled:
    """`test(task attributes, worker attributes, facts)`; for skip_if facts are the counts. Arguments it does not read
    may be None."""

    text: str
    scope: Scope
    tree: Node
    test: Test
    task_paths: tuple[tuple[str | int, ...], ...]
    """What it reads of the task: with the same values there, it holds for the same workers."""
    facts: bool
    """Reads facts of the worker besides his attributes."""
    volatile: bool
    """Reads facts that change while the worker works."""
    tokens: tuple[Token, ...] | None
    """It cannot hold unless a worker's attribute has one of these (name, value) pairs; None: it may hold for anyone."""

    def projection(self, task: Mapping[str, Any]) -> bytes:
        """The values it reads of the task, as one key."""
        return msgspec.json.encode([values.lookup(task, path) for path in self.task_paths], order="deterministic")


@lru_cache(maxsize=4096)
def compiled(text: str, scope: Scope) -> Compiled:
    """The compiled form of `text`; raises InvalidExpression."""
    tree = parsed(text)
    found = paths(tree)
    for path in found:
        problem = misplaced(path, scope, text)
        if problem is not None:
            raise InvalidExpression(problem, text)
    resolved = [resolve(path, scope) for path in found]
    return Compiled(
        text=text,
        scope=scope,
        tree=tree,
        test=_function(tree, scope),
        task_paths=tuple(dict.fromkeys(parts for root, parts in resolved if root == "task")),
        facts=any(root == "facts" for root, _ in resolved),
        volatile=any(root == "facts" and parts[0] in VOLATILE for root, parts in resolved),
        tokens=required_tokens(tree, scope),
    )


def _function(tree: Node, scope: Scope) -> Test:
    constants: list[object] = []
    source = f"def test(t, w, f):\n return {_source(tree, scope, constants)}"
    names: dict[str, Any] = {name: getattr(values, name) for name in (*_HELPERS.values(), "lookup")}
    names.update({f"k{index}": value for index, value in enumerate(constants)})
    exec(source, names)  # noqa: S102  (the source is made of our own words; every text of the author is a constant by name)
    test: Test = names["test"]
    return test


def _source(node: Node, scope: Scope, constants: list[object]) -> str:
    if isinstance(node, Compare):
        return _comparison(node, scope, constants)
    joint = " and " if isinstance(node, AllOf) else " or "
    return "(" + joint.join(_source(part, scope, constants) for part in node.parts) + ")"


def _constant(value: object, constants: list[object]) -> str:
    constants.append(value)
    return f"k{len(constants) - 1}"


def _operand(operand: Operand, scope: Scope, constants: list[object]) -> str:
    if isinstance(operand, Literal):
        return _constant(operand.value, constants)
    if isinstance(operand, ListOf):
        return _constant(list(operand.values), constants)
    root, parts = resolve(operand, scope)
    if len(parts) == 1 and isinstance(parts[0], str):
        return f"{_ROOTS[root]}.get({_constant(parts[0], constants)})"
    return f"lookup({_ROOTS[root]}, {_constant(parts, constants)})"


def _comparison(node: Compare, scope: Scope, constants: list[object]) -> str:
    """The common forms, a name against a literal, are written out; the others call their helper."""
    left, right = _operand(node.left, scope, constants), _operand(node.right, scope, constants)
    literal = node.right.value if isinstance(node.right, Literal) and isinstance(node.left, Path) else None
    if isinstance(literal, str) and node.op == "==":
        return f"({left} == {right})"
    if isinstance(literal, str) and node.op == "HAS":
        return f"(type(v := {left}) is list and {right} in v)"
    if isinstance(literal, int | float) and not isinstance(literal, bool) and node.op in (">", ">=", "<", "<="):
        return f"((type(v := {left}) is int or type(v) is float) and v {node.op} {right})"
    return f"{_HELPERS[node.op]}({left}, {right})"


def required_tokens(node: Node, scope: Scope) -> tuple[Token, ...] | None:
    """See `Compiled.tokens`; the shortest set that a conjunction offers."""
    if isinstance(node, AnyOf):
        parts = [required_tokens(part, scope) for part in node.parts]
        if any(part is None for part in parts):
            return None
        return tuple(dict.fromkeys(token for part in parts for token in part or ()))
    if isinstance(node, AllOf):
        known = [part for part in (required_tokens(part, scope) for part in node.parts) if part is not None]
        return min(known, key=len) if known else None
    return _leaf_tokens(node, scope)


def _leaf_tokens(leaf: Compare, scope: Scope) -> tuple[Token, ...] | None:
    if not isinstance(leaf.left, Path):
        return None
    root, parts = resolve(leaf.left, scope)
    if root != "worker" or len(parts) != 1 or not isinstance(parts[0], str):
        return None
    name = parts[0]
    if leaf.op in ("==", "HAS") and isinstance(leaf.right, Literal) and isinstance(leaf.right.value, str):
        return ((name, leaf.right.value),)
    if (
        leaf.op == "IN"
        and isinstance(leaf.right, ListOf)
        and all(isinstance(value, str) for value in leaf.right.values)
    ):
        return tuple((name, value) for value in leaf.right.values if isinstance(value, str))
    return None

"""order_by: `worker.level.sales DESC, worker.cost ASC`. Workers without the attribute come after those who have it,
whatever the direction; a value that is not a whole number counts as missing. Source: the documented target property
of the same name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from parlons.expr.parsing import parsed
from parlons.expr.problems import InvalidExpression, refuse
from parlons.expr.scopes import VOLATILE, Scope, resolve
from parlons.expr.tree import Compare, Path
from parlons.expr.values import lookup

Key = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class CompiledOrder:
    """`key(worker attributes, facts)`: the smallest key is served first."""

    text: str
    key: Callable[[Mapping[str, Any], Mapping[str, Any]], Key]
    volatile: bool
    signs: tuple[int, ...]
    """-1 for each clause that is served from the highest."""

    def values(self, key: Key) -> tuple[int | None, ...]:
        """The attributes' values in a key, None for a missing one."""
        return tuple(None if missing else sign * value for sign, (missing, value) in zip(self.signs, key, strict=True))


@lru_cache(maxsize=1024)
def compiled_order(text: str) -> CompiledOrder:
    """The compiled form of `text`; raises InvalidExpression."""
    clauses: list[tuple[str, tuple[str | int, ...], int]] = []
    offset = 0
    for piece in text.split(","):
        clauses.append(_clause(text, piece, offset))
        offset += len(piece) + 1

    def key(worker: Mapping[str, Any], facts: Mapping[str, Any]) -> Key:
        found: list[tuple[int, int]] = []
        for root, parts, sign in clauses:
            value = lookup(facts if root == "facts" else worker, parts)
            found.append((0, sign * value) if type(value) is int else (1, 0))
        return tuple(found)

    return CompiledOrder(
        text,
        key,
        any(root == "facts" and parts[0] in VOLATILE for root, parts, _ in clauses),
        tuple(sign for _, _, sign in clauses),
    )


def _clause(text: str, piece: str, offset: int) -> tuple[str, tuple[str | int, ...], int]:
    words = piece.split()
    start = offset + len(piece) - len(piece.lstrip())
    direction = words[1].upper() if len(words) == 2 else "ASC"
    if len(words) not in (1, 2) or direction not in ("ASC", "DESC"):
        raise refuse(
            text,
            start,
            "order_by was not understood",
            "Write worker.name ASC or worker.name DESC, separated by commas.",
        )
    try:
        tree = parsed(f"{words[0]} == 1")
    except InvalidExpression:
        tree = None
    path = tree.left if isinstance(tree, Compare) else None
    root, parts = resolve(path, Scope.TARGET) if isinstance(path, Path) else ("", ())
    if root not in ("worker", "facts"):
        raise refuse(text, start, f"{words[0]} is not the worker's", "Names in order_by begin with worker.")
    return root, parts, -1 if direction == "DESC" else 1

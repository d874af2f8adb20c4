"""What the operators mean. Source: the documented semantics of the field's best-known task-routing API, with its
observed quirks.

A missing key is NULL: equal to nothing but another NULL, unequal to everything else, never greater or smaller. A
scalar operator on an array, or an array operator on two scalars, is false, not an error. Types are not mixed: "1" is
not 1 and true is not 1."""

from collections.abc import Mapping
from typing import Any


def lookup(root: object, parts: tuple[str | int, ...]) -> Any:
    """The value at `parts`, None when missing."""
    value: Any = root
    for part in parts:
        if isinstance(part, str):
            if not isinstance(value, Mapping):
                return None
            value = value.get(part)
        else:
            if not isinstance(value, list) or part >= len(value):
                return None
            value = value[part]
    return value


def kind(value: object) -> str:
    """null, text, number, truth, array or object."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int | float):
        return "number"
    return "array" if isinstance(value, list | tuple) else "object"


def same(left: object, right: object) -> bool:
    """Equal and of one kind."""
    return kind(left) == kind(right) and left == right


def _scalars(left: object, right: object) -> bool:
    return kind(left) not in ("array", "object") and kind(right) not in ("array", "object")


def equal(left: object, right: object) -> bool:
    """`==` and `=`."""
    return _scalars(left, right) and same(left, right)


def unequal(left: object, right: object) -> bool:
    """`!=`: false, too, on arrays."""
    return _scalars(left, right) and not same(left, right)


def _comparable(left: object, right: object) -> bool:
    return kind(left) == kind(right) and kind(left) in ("text", "number")


def greater(left: Any, right: Any) -> bool:
    """`>` between two numbers or two strings."""
    return _comparable(left, right) and bool(left > right)


def at_least(left: Any, right: Any) -> bool:
    """`>=`."""
    return _comparable(left, right) and bool(left >= right)


def less(left: Any, right: Any) -> bool:
    """`<`."""
    return _comparable(left, right) and bool(left < right)


def at_most(left: Any, right: Any) -> bool:
    """`<=`."""
    return _comparable(left, right) and bool(left <= right)


def contains(left: object, right: object) -> bool:
    """`CONTAINS`: substring."""
    return isinstance(left, str) and isinstance(right, str) and right in left


def has(left: object, right: object) -> bool:
    """`HAS`: the array on the left contains the scalar on the right."""
    return (
        isinstance(left, list | tuple)
        and not isinstance(right, list | tuple)
        and any(same(item, right) for item in left)
    )


def within(left: object, right: object) -> bool:
    """`IN`: the scalar on the left is in the array on the right."""
    return has(right, left)


def not_within(left: object, right: object) -> bool:
    """`NOT IN`: false, too, unless it is a scalar against an array."""
    return isinstance(right, list | tuple) and not isinstance(left, list | tuple) and not has(right, left)


OPERATORS = {
    "==": equal, "!=": unequal, ">": greater, ">=": at_least, "<": less, "<=": at_most,
    "CONTAINS": contains, "HAS": has, "IN": within, "NOT-IN": not_within,
}  # fmt: skip

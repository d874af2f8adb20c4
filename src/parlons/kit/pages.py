"""Cursor pages: `{"items": [...], "next": cursor | null}`. A cursor names the last row of a page by its sort key.

A query fetches `limit + 1` rows after the cursor's values, sorted by the same columns, the last of them unique; `page_of`
cuts the page. Nothing is skipped or shown twice when rows come and go between pages. A cursor is opaque, not secret.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from parlons.kit.clock import to_datetime
from parlons.kit.errors import Invalid

T = TypeVar("T")
Value = str | int | None

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200
_END_OF_TIME = 253_402_300_800_000
"""Milliseconds: the year 10000, which no date holds."""


class InvalidCursor(Invalid):
    """This cursor does not belong to this list; start again without one."""

    code = "invalid-cursor"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items, and where the next ones begin (None: these were the last)."""

    items: list[T]
    next: str | None


def encode_cursor(*values: Value) -> str:
    """The cursor for the row with these sort values."""
    return base64.urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, *kinds: type) -> tuple[Value, ...] | None:
    """The sort values of a cursor, checked against `kinds` (str or int each); None without one. Raises InvalidCursor."""
    if cursor is None:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise InvalidCursor from None
    fits = isinstance(values, list) and len(values) == len(kinds)
    if not fits or any(type(value) is not kind for value, kind in zip(values, kinds, strict=True)):
        raise InvalidCursor
    return tuple(values)


def moment_of(value: Value) -> datetime:
    """The time that a cursor holds in milliseconds; raises InvalidCursor for what no date holds."""
    if not isinstance(value, int) or not 0 <= value < _END_OF_TIME:
        raise InvalidCursor
    return to_datetime(value)


def page_of(rows: Sequence[T], limit: int, key: Callable[[T], tuple[Value, ...]]) -> Page[T]:
    """The first `limit` of rows fetched with `limit + 1`; `key` gives a row's sort values."""
    items = list(rows[:limit])
    return Page(items, encode_cursor(*key(items[-1])) if len(rows) > limit and items else None)

"""Clock types. Pure code is given the time; only shells read it, through a `Clock`."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NewType

Millis = NewType("Millis", int)
"""Milliseconds since 1970-01-01T00:00:00Z."""

Clock = Callable[[], Millis]
"""Returns the present time. Shells take one as an argument so that tests can hold it."""


def wall_clock() -> Millis:
    """The machine's clock."""
    return Millis(time.time_ns() // 1_000_000)


def to_datetime(at: int) -> datetime:
    """An aware UTC datetime of `at` milliseconds."""
    return datetime.fromtimestamp(at / 1000, UTC)


def to_iso(at: int) -> str:
    """RFC 3339 in UTC with milliseconds, as JSON carries it."""
    return to_datetime(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_datetime(at: datetime) -> Millis:
    """Milliseconds of an aware datetime; raises ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError("a datetime without time zone has no place on the time line")
    return Millis(round(at.timestamp() * 1000))

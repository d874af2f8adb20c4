"""Which times are free: steps through the open spans, minus the places taken. Pure; the time is handed in.

A place (seat) is one of `capacity` rows of the calendar: an appointment needs one that is free from its beginning to its end,
so that appointments of different lengths never share a person. Steps count from each opening, in real time: on the days
clocks change a slot is as long as on others.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from parlons.appointments.model import LONGEST_MINUTES, MINUTE_MS
from parlons.kit.clock import Millis

_LONGEST_MS = LONGEST_MINUTES * MINUTE_MS


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A time at which one may come."""

    starts_at: Millis
    ends_at: Millis
    places: int = 1
    """How many may come."""


@dataclass(frozen=True, slots=True, order=True)
class Taken:
    """A place that somebody has."""

    starts_at: Millis
    ends_at: Millis
    seat: int


def steps(
    spans: Iterable[tuple[Millis, Millis]], *, length_ms: int, step_ms: int, places: int, first: int, last: int
) -> list[Slot]:
    """Slots that lie wholly in one of `spans` and begin in [first, last)."""
    found = []
    for opens, closes in spans:
        skipped = max(0, -(-(first - opens) // step_ms))
        for start in range(opens + skipped * step_ms, min(closes - length_ms + 1, last), step_ms):
            found.append(Slot(Millis(start), Millis(start + length_ms), places))
    return found


def free(slots: Iterable[Slot], taken: Iterable[Taken]) -> list[Slot]:
    """The slots with a place left, each with how many."""
    known = sorted(taken)
    starts = [one.starts_at for one in known]
    found = []
    for slot in slots:
        seats = _seats(slot, known, starts)
        left = slot.places - len(seats)
        if left > 0:
            found.append(Slot(slot.starts_at, slot.ends_at, left))
    return found


def seat_in(slot: Slot, taken: Iterable[Taken]) -> int | None:
    """The first place that is free for the whole of `slot`; None: there is none."""
    known = sorted(taken)
    seats = _seats(slot, known, [one.starts_at for one in known])
    return next((seat for seat in range(slot.places) if seat not in seats), None)


def _seats(slot: Slot, known: Sequence[Taken], starts: Sequence[Millis]) -> set[int]:
    """Places of this slot that somebody has for a part of it."""
    near = known[bisect_left(starts, slot.starts_at - _LONGEST_MS) : bisect_left(starts, slot.ends_at)]
    return {one.seat for one in near if one.ends_at > slot.starts_at and one.seat < slot.places}

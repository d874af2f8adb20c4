"""Which times are free: steps, places, and the days clocks change."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parlons.appointments.model import InvalidAppointments, Settings
from parlons.appointments.slots import Slot, Taken, free, seat_in, steps
from parlons.kit.clock import Millis, from_datetime
from parlons.kit.hours import Hours, is_open, open_spans, parse_week

MINUTE = 60_000
WEEK = parse_week({"sun": ["01:00-04:00"], "mon": ["09:00-12:00"]})


def slot(start: int, length: int, places: int = 1) -> Slot:
    return Slot(Millis(start), Millis(start + length), places)


def test_slots_lie_wholly_in_the_hours_and_step_from_the_opening() -> None:
    spans = [(Millis(100), Millis(200)), (Millis(300), Millis(340))]
    found = steps(spans, length_ms=30, step_ms=30, places=2, first=0, last=1000)
    assert [(one.starts_at, one.ends_at) for one in found] == [(100, 130), (130, 160), (160, 190), (300, 330)]
    later = steps(spans, length_ms=30, step_ms=30, places=2, first=131, last=300)
    assert [one.starts_at for one in later] == [160]


def test_places_are_counted_and_a_long_one_keeps_its_own() -> None:
    taken = [Taken(Millis(0), Millis(60), 0), Taken(Millis(30), Millis(60), 1)]
    assert [(one.starts_at, one.places) for one in free([slot(0, 30, 2), slot(30, 30, 2), slot(60, 30, 2)], taken)] == [
        (0, 1), (60, 2),
    ]  # fmt: skip
    assert seat_in(slot(0, 30, 2), taken) == 1
    assert seat_in(slot(0, 60, 2), taken) is None
    assert seat_in(slot(60, 30, 2), taken) == 0


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 1)])
def test_on_the_days_clocks_change_every_slot_is_open_and_as_long_as_others(day: date) -> None:
    hours = Hours("Europe/Paris", WEEK)
    start = from_datetime(datetime(day.year, day.month, day.day, tzinfo=UTC)) - 86_400_000
    spans = open_spans(hours, Millis(start), Millis(start + 3 * 86_400_000))
    found = steps(spans, length_ms=30 * MINUTE, step_ms=30 * MINUTE, places=1, first=start, last=start + 3 * 86_400_000)
    assert found
    for one in found:
        assert one.ends_at - one.starts_at == 30 * MINUTE
        assert is_open(hours, one.starts_at)
        assert is_open(hours, Millis(one.ends_at - 1))
    sundays = [
        one for one in found if datetime.fromtimestamp(one.starts_at / 1000, ZoneInfo("Europe/Paris")).day == day.day
    ]
    assert len(sundays) == {date(2026, 3, 29): 4, date(2026, 10, 25): 8, date(2026, 11, 1): 6}[day]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 6)), max_size=30), st.integers(1, 3))
def test_whoever_comes_gets_a_place_of_his_own_or_none(wishes: list[tuple[int, int]], places: int) -> None:
    """Nobody shares a place, and what `free` shows can be had."""
    taken: list[Taken] = []
    for start, length in wishes:
        wanted = slot(start, length, places)
        seat = seat_in(wanted, taken)
        assert (seat is not None) == bool(free([wanted], taken))
        if seat is not None:
            taken.append(Taken(wanted.starts_at, wanted.ends_at, seat))
    for one in taken:
        others = [other for other in taken if other is not one and other.seat == one.seat]
        assert all(other.ends_at <= one.starts_at or other.starts_at >= one.ends_at for other in others)


@pytest.mark.parametrize(
    "wrong",
    [{"capacity": 0}, {"length_minutes": 4}, {"horizon_days": 400}, {"reminders": (1, 2, 3, 4)}, {"reminders": (1,)},
     {"lookup_url": "file:///etc/passwd"}, {"most_to_come": 0}, {"lead_minutes": -1}],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidAppointments):
        Settings(**wrong).check()  # type: ignore[arg-type]

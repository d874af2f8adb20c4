"""The router's time while the machine's clock is set forward and back."""

from parlons.dispatch.steady import SteadyClock
from tests.conftest import NOON, StillClock

HOUR = 3_600_000


def test_it_is_the_clock_as_long_as_that_goes_forward(clock: StillClock) -> None:
    steady = SteadyClock(clock, 0)
    assert steady() == NOON
    clock.advance(5)
    assert steady() == NOON + 5
    clock.advance(HOUR)
    assert steady() == NOON + 5 + HOUR


def test_a_clock_set_back_neither_turns_it_back_nor_stops_it(clock: StillClock) -> None:
    steady = SteadyClock(clock, 0)
    before = steady()
    clock.advance(-HOUR)
    assert steady() == before
    clock.advance(60_000)
    assert steady() == before + 54_000


def test_the_clock_catches_up(clock: StillClock) -> None:
    steady = SteadyClock(clock, NOON + 10_000)
    for _ in range(200):
        clock.advance(1000)
        steady()
    assert steady() == clock()


def test_it_goes_on_from_where_the_owner_before_had_it(clock: StillClock) -> None:
    steady = SteadyClock(clock, NOON + HOUR)
    assert steady() == NOON + HOUR
    clock.advance(1000)
    assert steady() == NOON + HOUR + 900

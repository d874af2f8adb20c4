"""When a voice process ends by itself."""

import pytest

from parlons.voice.media.events import EngineState, LegState, RoomState
from parlons.voice.process.attendance import Attendance, Limits, Living, Verdict, living

NOBODY = Living(frozenset(), frozenset())
TALK = Living(frozenset({"LG1", "LG2"}), frozenset())
WAITER = Living(frozenset(), frozenset({"LG3"}))
BOTH = Living(TALK.talks, WAITER.waits)
LIMITS = Limits(alone=60, alone_with_legs=1800, drain=10)


@pytest.mark.parametrize(
    ("legs", "seconds", "verdict"),
    [
        (NOBODY, 59, Verdict.STAY),
        (NOBODY, 60, Verdict.END),
        (WAITER, 61, Verdict.STAY),
        (TALK, 1799, Verdict.STAY),
        (TALK, 1800, Verdict.END),
    ],
)
def test_left_alone_by_a_web_process_that_was_killed(legs: Living, seconds: float, verdict: Verdict) -> None:
    attendance = Attendance(0, LIMITS)
    assert attendance.verdict(1000, attached=True, legs=legs) is Verdict.STAY
    attendance.verdict(1001, attached=False, legs=legs)
    assert attendance.verdict(1001 + seconds, attached=False, legs=legs) is verdict


def test_a_process_nobody_ever_came_to_ends() -> None:
    attendance = Attendance(0, LIMITS)
    assert attendance.verdict(59, attached=False, legs=NOBODY) is Verdict.STAY
    assert attendance.verdict(60, attached=False, legs=NOBODY) is Verdict.END


@pytest.mark.parametrize(
    ("legs", "seconds", "verdict"),
    [
        (NOBODY, 0, Verdict.END),
        (WAITER, 9, Verdict.STAY),
        (WAITER, 10, Verdict.END_THE_WAITING),
        (BOTH, 10, Verdict.END_THE_WAITING),
        (TALK, 10, Verdict.STAY),
        (TALK, 1800, Verdict.END),
    ],
)
def test_after_the_last_web_process_left_in_good_order(legs: Living, seconds: float, verdict: Verdict) -> None:
    attendance = Attendance(0, LIMITS)
    attendance.verdict(100, attached=True, legs=legs)
    attendance.leaves(500)
    assert attendance.draining
    assert attendance.verdict(500 + seconds, attached=False, legs=legs) is verdict


def test_a_web_process_that_comes_back_ends_the_draining() -> None:
    attendance = Attendance(0, LIMITS)
    attendance.leaves(500)
    assert attendance.verdict(505, attached=True, legs=WAITER) is Verdict.STAY
    assert not attendance.draining
    assert attendance.verdict(530, attached=False, legs=WAITER) is Verdict.STAY


def test_who_counts() -> None:
    def leg(leg_id: str, room_id: str | None, *, kind: str = "trunk", state: str = "talking") -> LegState:
        return LegState(leg_id, kind, state, room_id, False, False, 0)  # type: ignore[arg-type]

    legs = (
        leg("talks", "CF1"),
        leg("agent", "CF1", kind="browser"),
        leg("menu", None),
        leg("new", None, state="incoming"),
        leg("ringing", "CF2", state="dialling"),
        leg("alone", "CF2"),
        leg("warm", None, kind="browser"),
    )
    rooms = (RoomState("CF1", ("talks", "agent"), ()), RoomState("CF2", ("ringing", "alone"), ()))
    found = living(EngineState(0, legs, rooms, (), (), (), (), ()))
    assert found == Living(frozenset({"talks", "agent"}), frozenset({"menu", "new", "ringing", "alone"}))

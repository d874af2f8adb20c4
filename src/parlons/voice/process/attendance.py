"""Decides when a voice process ends by itself. Pure: it is given the time (seconds, any clock that never jumps) and what lives.

A call outlives the web process that made it, so nobody attached is no reason to end at once; but nobody may find a process
years later on a machine where nothing else of Parlons runs. Legs of browsers that are in no room are phones kept warm: they
hold nothing up.
"""

from dataclasses import dataclass
from enum import Enum

from parlons.voice.media.events import EngineState


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds."""

    alone: float = 60.0
    """Without web process and without a living leg."""
    alone_with_legs: float = 30 * 60.0
    drain: float = 10.0
    """After the last web process left in good order, the living legs wait so long for another one to come."""


class Verdict(Enum):
    """What to do now."""

    STAY = "stay"
    END_THE_WAITING = "end the waiting"
    """Hang up who talks with nobody: nobody will come for him."""
    END = "end"


@dataclass(frozen=True, slots=True)
class Living:
    """The legs that count, by id."""

    talks: frozenset[str]
    """In a room with another one that talks."""
    waits: frozenset[str]
    """All others, without warm browsers."""


def living(state: EngineState) -> Living:
    """Sorts an engine's legs."""
    talking = {leg.leg_id for leg in state.legs if leg.state == "talking"}
    talks = {
        leg_id
        for room in state.rooms
        if len(talking & set(room.leg_ids)) >= 2
        for leg_id in talking & set(room.leg_ids)
    }
    warm = {leg.leg_id for leg in state.legs if leg.kind == "browser" and leg.room_id is None}
    return Living(frozenset(talks), frozenset({leg.leg_id for leg in state.legs} - talks - warm))


class Attendance:
    """Who was there when."""

    def __init__(self, now: float, limits: Limits = Limits()) -> None:
        self._limits = limits
        self._alone_since: float | None = now
        self._draining_since: float | None = None

    @property
    def draining(self) -> bool:
        """The last web process left in good order and none came since."""
        return self._draining_since is not None

    def leaves(self, now: float) -> None:
        """The last web process stops in good order."""
        self._draining_since = self._alone_since = now

    def verdict(self, now: float, *, attached: bool, legs: Living) -> Verdict:
        """To be asked again and again."""
        if attached:
            self._alone_since = self._draining_since = None
            return Verdict.STAY
        if self._alone_since is None:
            self._alone_since = now
        alone = now - self._alone_since
        if alone >= self._limits.alone_with_legs:
            return Verdict.END
        if self._draining_since is None:
            return Verdict.END if alone >= self._limits.alone and not (legs.talks or legs.waits) else Verdict.STAY
        if not (legs.talks or legs.waits):
            return Verdict.END
        waited = now - self._draining_since >= self._limits.drain
        return Verdict.END_THE_WAITING if waited and legs.waits else Verdict.STAY

"""Gathers: keys collected from a leg until a terminator, enough keys, or time. Keys pressed just before count.

Time is the event loop's; what a key does to plays is the studio's, told by `on_key`.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

EARLY_SECONDS = 2.0
"""A key pressed so long before a gather still counts."""
_EARLY_KEYS = 32

GatherEnd = Literal["terminator", "full", "timeout", "stopped", "leg-ended"]


@dataclass(slots=True)
class Gather:
    """One gather that goes on."""

    gather_id: str
    leg_id: str
    max_digits: int
    terminator: str
    first_ms: int
    between_ms: int
    waits_for: set[str]
    """Plays asked for before: the first key's time counts from their end."""
    digits: str = ""
    timer: asyncio.TimerHandle | None = None


@dataclass(slots=True)
class Gathers:
    """All gathers; at most one a leg."""

    ended: Callable[[Gather, GatherEnd], None]
    on_key: Callable[[str], None]
    """A key of a leg (id) that a gather takes: plays end."""
    going: dict[str, Gather] = field(default_factory=dict)
    _by_leg: dict[str, Gather] = field(default_factory=dict)
    _early: dict[str, deque[tuple[float, str]]] = field(default_factory=dict)

    def begin(self, gather: Gather) -> None:
        """A gather begins; one that goes on at the leg is stopped."""
        if (before := self._by_leg.get(gather.leg_id)) is not None:
            self.end(before, "stopped")
        self.going[gather.gather_id] = self._by_leg[gather.leg_id] = gather
        if not gather.waits_for:
            self._time(gather, gather.first_ms)
        since = asyncio.get_running_loop().time() - EARLY_SECONDS
        for at, digit in self._early.pop(gather.leg_id, ()):
            if at >= since and gather.gather_id in self.going:
                self._take(gather, digit)

    def digit(self, leg_id: str, digit: str) -> None:
        """A key was pressed."""
        gather = self._by_leg.get(leg_id)
        if gather is not None:
            self._take(gather, digit)
        else:
            early = self._early.setdefault(leg_id, deque(maxlen=_EARLY_KEYS))
            early.append((asyncio.get_running_loop().time(), digit))

    def play_over(self, leg_id: str, play_id: str) -> None:
        """A play to a leg has ended."""
        gather = self._by_leg.get(leg_id)
        if gather is not None and play_id in gather.waits_for:
            gather.waits_for.discard(play_id)
            if not gather.waits_for and not gather.digits:
                self._time(gather, gather.first_ms)

    def leg_over(self, leg_id: str) -> None:
        """The leg is gone."""
        self._early.pop(leg_id, None)
        if (gather := self._by_leg.get(leg_id)) is not None:
            self.end(gather, "leg-ended")

    def end(self, gather: Gather, why: GatherEnd) -> None:
        """A gather is over."""
        if gather.timer is not None:
            gather.timer.cancel()
        if self.going.pop(gather.gather_id, None) is not None:
            del self._by_leg[gather.leg_id]
            self.ended(gather, why)

    def close(self) -> None:
        """Tells nobody."""
        for gather in self.going.values():
            if gather.timer is not None:
                gather.timer.cancel()

    def _take(self, gather: Gather, digit: str) -> None:
        self._time(gather, gather.between_ms)
        self.on_key(gather.leg_id)
        if digit == gather.terminator:
            self.end(gather, "terminator")
            return
        gather.digits += digit
        if len(gather.digits) >= gather.max_digits:
            self.end(gather, "full")

    def _time(self, gather: Gather, ms: int) -> None:
        if gather.timer is not None:
            gather.timer.cancel()
        loop = asyncio.get_running_loop()
        gather.timer = loop.call_later(ms / 1000, self.end, gather, "timeout")

"""When the owner writes a snapshot: often enough that replay is short, seldom enough that its cost stays small.

`why` of an old decision and a cold start both replay from the newest snapshot before; a dump stops the router for its
duration, so the next one keeps a distance of `SHARE` times that.
"""

from collections.abc import Callable

TRANSITIONS = 20_000
"""A snapshot after this many transitions."""
SECONDS = 30.0
"""Or after this time, when at least `SOME` transitions happened."""
SOME = 500
SHARE = 25.0
"""A dump that took d seconds is followed by at least SHARE * d seconds without one."""


class SnapshotRhythm:
    """Decides for one owner."""

    def __init__(self) -> None:
        self._transitions = 0
        self._at: float | None = None
        self._not_before = 0.0

    def due(self, transitions: int, now: float) -> bool:
        """Whether to take one: `transitions` seen so far, `now` in seconds of a steady clock."""
        if self._at is None:
            self._at = now
        new = transitions - self._transitions
        return now >= self._not_before and (new >= TRANSITIONS or (new >= SOME and now - self._at >= SECONDS))

    def take(self, dump: Callable[[], bytes], clock: Callable[[], float], transitions: int) -> bytes:
        """Takes one and remembers when, and how long it took."""
        begun = clock()
        image = dump()
        self._at = clock()
        self._not_before = self._at + SHARE * (self._at - begun)
        self._transitions = transitions
        return image

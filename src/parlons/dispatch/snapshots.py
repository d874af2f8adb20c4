"""When the owner writes a snapshot: often enough that replay is short, seldom enough that its cost stays small.

`why` of an old decision and a cold start both replay from the newest snapshot before. One at a time; what making one costs
(imaging.py) is spread over at least `SHARE` times its duration.
"""

TRANSITIONS = 60_000
"""A snapshot after this many transitions. Each holds the owner up for 4 ms (the fork) and its neighbours for 25: at every 20,000
that alone was the slowest hundredth of all commands at 1,000 tasks/s. Replay of as many costs `why` and a cold start a second."""
SECONDS = 30.0
"""Or after this time, when at least `SOME` transitions happened."""
SOME = 500
SHARE = 10.0
"""A snapshot that took d seconds to make is followed by at least SHARE * d seconds without one."""


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

    def begun(self, transitions: int, now: float) -> None:
        """One is being made; no other meanwhile."""
        self._transitions, self._at, self._not_before = transitions, now, float("inf")

    def ended(self, now: float) -> None:
        """It is made, or failed."""
        self._not_before = now + SHARE * (now - (self._at or now))

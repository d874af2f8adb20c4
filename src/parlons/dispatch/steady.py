"""The router's time when the machine's clock is set: it never goes back, and it never stands still.

A clock set back by an hour would otherwise stop every timer for an hour, as the router's time may not decrease. So it goes
on from where it was, at nine tenths of the pace, until the machine's clock has caught up. A clock set forward is followed.
"""

from parlons.kit.clock import Clock, Millis

PACE = 0.9
"""Share of the passing time that counts while the router's time is ahead of the clock."""


class SteadyClock:
    """A `Clock` that never decreases; `last` is where it goes on from."""

    def __init__(self, clock: Clock, last: int) -> None:
        self._clock = clock
        self._now = float(last)
        self._seen = clock()

    def __call__(self) -> Millis:
        seen = self._clock()
        passed, self._seen = seen - self._seen, seen
        if seen >= self._now:
            self._now = float(seen)
        elif passed > 0:
            self._now = self._now + passed * PACE
        return Millis(int(self._now))

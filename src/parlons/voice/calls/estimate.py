"""How long a caller will wait, as a range that is said only where it has been right. Pure.

From the last `KEPT` answered callers of a queue: how long each waited for each place in line; the range is the middle 80 % of
that for the place now, made no wider than two minutes or its lower end, whichever is more. Each caller's range is worked out
and later compared with his wait, said or not; it is said while at least `HIT_RATE` of the last `KEPT` were right.
"""

from collections import deque
from collections.abc import Iterable

KEPT = 200
"""Answered callers that count."""
ENOUGH = 50
"""With fewer comparisons nothing is known, and nothing is said."""
FEWEST = 10
"""Answered callers from whom a range can be worked out."""
HIT_RATE = 0.8
WIDEST_MS = 120_000
MINUTE = 60_000
Range = tuple[int, int]


class Waits:
    """What is known of one queue."""

    def __init__(self) -> None:
        self._places: deque[float] = deque(maxlen=KEPT)
        """Milliseconds for each place in line."""
        self._hits: deque[bool] = deque(maxlen=KEPT)

    def answered(self, waited_ms: int, position: int, hit: bool | None) -> None:
        """A caller who entered at `position` was answered after `waited_ms`; `hit`: whether his range was right (None: he had
        none)."""
        self._places.append(waited_ms / max(1, position))
        if hit is not None:
            self._hits.append(hit)

    @property
    def hit_rate(self) -> float | None:
        """Of the last `KEPT`; None: too few."""
        return sum(self._hits) / len(self._hits) if len(self._hits) >= ENOUGH else None

    def range(self, position: int) -> Range | None:
        """The range (ms) for who enters at `position`; None: too little is known."""
        if len(self._places) < FEWEST:
            return None
        known = sorted(self._places)
        low, middle, high = (_quantile(known, share) * position for share in (0.1, 0.5, 0.9))
        return narrowed(low, middle, high)

    def may_say(self) -> bool:
        """Whether ranges have been right often enough."""
        rate = self.hit_rate
        return rate is not None and rate >= HIT_RATE


def narrowed(low: float, middle: float, high: float) -> Range:
    """`low` to `high` in whole minutes, around `middle` where that would be too wide."""
    low, high = max(0.0, low), max(0.0, high)
    if high - low > max(WIDEST_MS, low):
        width = WIDEST_MS
        low = max(0.0, middle - width / 2)
        width = max(width, int(low))
        high = low + width
    first = int(low // MINUTE) * MINUTE
    last = max(first + MINUTE, -int(-high // MINUTE) * MINUTE)
    if last - first > max(WIDEST_MS, first):
        last = first + max(WIDEST_MS, first)
    return first, last


def hit(forecast: Range | None, waited_ms: int) -> bool | None:
    """Whether a range was right; None: there was none."""
    return None if forecast is None else forecast[0] <= waited_ms <= forecast[1]


def minutes(said: Range) -> tuple[int, int]:
    """As it is said."""
    return said[0] // MINUTE, said[1] // MINUTE


def _quantile(known: list[float], share: float) -> float:
    return known[min(len(known) - 1, int(share * len(known)))]


def learnt(rows: Iterable[dict[str, object]]) -> dict[str, Waits]:
    """By queue, from rows of `queries.answered` (oldest first)."""
    found: dict[str, Waits] = {}
    for row in rows:
        known = row["forecast_hit"]
        position = row["position"]
        waited = row["waited_ms"]
        assert isinstance(waited, int)
        found.setdefault(str(row["queue_id"]), Waits()).answered(
            waited, position if isinstance(position, int) else 1, known if isinstance(known, bool) else None
        )
    return found

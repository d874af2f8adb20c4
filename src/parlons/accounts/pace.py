"""How many requests an API key may make within a minute. Pure: time is handed in; memory is bounded.

Each request moves the moment at which all are forgotten by a sixtieth of its share; who keeps an even pace never waits, and a
minute's worth may come at once. Kept in the memory of one process: two processes allow twice as much. Source: the generic cell
rate algorithm (ITU-T I.371); headers after draft-ietf-httpapi-ratelimit-headers-10.
"""

from collections import OrderedDict
from dataclasses import dataclass

from parlons.accounts.errors import TooFast
from parlons.kit.clock import Millis

MINUTE = 60_000
USUAL = 6_000
"""Requests a minute of a key that was made without a word about it."""
MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Left:
    """What a key has left after a request."""

    per_minute: int
    remaining: int
    full_in_seconds: int
    """Until all of it is there again."""

    def headers(self) -> dict[str, str]:
        """For the answer."""
        return {
            "RateLimit-Policy": f'"minute";q={self.per_minute};w=60',
            "RateLimit": f'"minute";r={self.remaining};t={self.full_in_seconds}',
        }


class Pace:
    """The keys of one process."""

    def __init__(self, *, keys: int = 20_000) -> None:
        """`keys` bounds the memory: the key unused for the longest time is forgotten first."""
        self._forgotten_at: OrderedDict[str, float] = OrderedDict()
        self._keys = keys

    def take(self, key_id: str, per_minute: int, now: Millis) -> tuple[Left, TooFast | None]:
        """Counts one request, unless it is one too many: then with the refusal, which says how long to wait."""
        share = MINUTE / per_minute
        at = min(max(self._forgotten_at.get(key_id, 0.0), now), now + MINUTE)  # the clock may be set back
        refusal = None
        if at + share - now > MINUTE:
            refusal = TooFast(retry_after_seconds=max(1, -int(-(at + share - now - MINUTE) // 1000)))
        else:
            at += share
            self._forgotten_at[key_id] = at
            self._forgotten_at.move_to_end(key_id)
            while len(self._forgotten_at) > self._keys:
                self._forgotten_at.popitem(last=False)
        return Left(per_minute, int((now + MINUTE - at) // share), -int(-(at - now) // 1000)), refusal

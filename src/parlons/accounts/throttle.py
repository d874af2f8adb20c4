"""How many attempts a key may make within a window. `Throttle` is pure: time is handed in; memory is bounded.

Attempts are counted when they begin, so that a hundred at once count as a hundred. Kept in the memory of one process: a
restart forgives, which is the right side to err on for people, and two processes allow twice as much.
"""

from collections import OrderedDict, deque

from starlette.requests import Request

from parlons.accounts.errors import TooManyAttempts
from parlons.kit.clock import Millis

MINUTE = 60_000


class Throttle:
    """At most `limit` attempts within `window` milliseconds for each key."""

    def __init__(self, limit: int, window: int, *, keys: int = 20_000) -> None:
        """`keys` bounds the memory: the key unused for the longest time is forgotten first."""
        self._limit, self._window, self._keys = limit, window, keys
        self._attempts: OrderedDict[str, deque[Millis]] = OrderedDict()

    def attempt(self, key: str, now: Millis) -> None:
        """Count one attempt; raises TooManyAttempts with the seconds to wait when the limit is reached."""
        times = self._attempts.setdefault(key, deque())
        self._attempts.move_to_end(key)
        while times and times[0] <= now - self._window:
            times.popleft()
        while times and times[-1] > now:  # the clock was set back: nobody waits for it to catch up
            times.pop()
        if len(times) >= self._limit:
            wait = -(-(times[0] + self._window - now) // 1000)
            raise TooManyAttempts(retry_after_seconds=wait)
        times.append(now)
        while len(self._attempts) > self._keys:
            self._attempts.popitem(last=False)

    def take_back(self, key: str) -> None:
        """The last attempt of `key` was a good one and does not count; the others do."""
        times = self._attempts.get(key)
        if times:
            times.pop()

    def forget(self, key: str) -> None:
        """The attempts of `key` succeeded: they no longer count."""
        self._attempts.pop(key, None)


def attempt(request: Request, name: str, per_minute: int, *, by: str | None = None) -> None:
    """Count one more attempt of who asks (`by`; None: his address) by the app's counter of this name; raises TooManyAttempts."""
    state = request.app.state
    counter: Throttle | None = getattr(state, name, None)
    if counter is None:
        counter = Throttle(per_minute, MINUTE)
        setattr(state, name, counter)
    counter.attempt(by or (request.client.host if request.client else "unknown"), state.clock())

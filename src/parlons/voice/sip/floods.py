"""Strangers are heard up to a rate; beyond it some are refused, then none (RFC 3261 21.5.4). Looks at the first bytes only.

Requests that cost something (INVITE, REGISTER, OPTIONS...) of addresses that are no trunk count; responses, ACK, BYE and
CANCEL do not: they belong to what was let in."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

FREE = (b"SIP/", b"ACK ", b"BYE ", b"CANCEL ", b"PRACK ", b"\r\n")
MAX_ADDRESSES = 50_000
WRONG_PER_MINUTE = 20
"""Wrong passwords from one address; then it is not heard for a minute."""

Judged = Literal["pass", "refuse", "drop"]


@dataclass(slots=True)
class _Bucket:
    tokens: float
    refusals: float
    at: float


class Floods:
    """One bucket an address: as many requests a second as allowed, as many refusals on top, silence beyond."""

    def __init__(self, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}
        self._wrong: dict[str, list[float]] = {}

    def judge(self, start: bytes, host: str, *, trusted: bool) -> Judged:
        """Whether a message beginning with `start` from `host` is read."""
        if trusted or start.startswith(FREE):
            return "pass"
        now = self._clock()
        if host in self._wrong and self.banned(host):
            return "drop"
        bucket = self._buckets.get(host)
        if bucket is None:
            if len(self._buckets) >= MAX_ADDRESSES:
                self._buckets = {one: kept for one, kept in self._buckets.items() if now - kept.at < 1}
            bucket = self._buckets[host] = _Bucket(self.rate, self.rate, now)
        gained = (now - bucket.at) * self.rate
        bucket.at = now
        bucket.tokens = min(self.rate, bucket.tokens + gained)
        bucket.refusals = min(self.rate, bucket.refusals + gained)
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return "pass"
        if bucket.refusals >= 1:
            bucket.refusals -= 1
            return "refuse"
        return "drop"

    def wrong(self, host: str) -> None:
        """A password from there was wrong."""
        now = self._clock()
        if len(self._wrong) >= MAX_ADDRESSES:
            self._wrong = {one: times for one, times in self._wrong.items() if now - times[-1] < 60}
        self._wrong[host] = [at for at in self._wrong.get(host, ()) if now - at < 60] + [now]

    def banned(self, host: str) -> bool:
        """Whether it guessed too often in the last minute."""
        recent = [at for at in self._wrong.get(host, ()) if self._clock() - at < 60]
        if not recent:
            self._wrong.pop(host, None)
        return len(recent) >= WRONG_PER_MINUTE

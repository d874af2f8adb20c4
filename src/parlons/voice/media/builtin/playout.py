"""The order in which a leg's RTP packets are played (RFC 3550): a ring by sequence number, given out one per tick. No clock.

It holds as little as the network lets it: playing begins with the first packet. A tick that finds nothing does not move on,
so the packet that was late is played at the next one and everything behind it is a frame later from then on: the delay grows
to what the jitter needs. It grows too when a packet comes after it was given up. When a packet more than needed lay there for
`SLACK_TICKS` in a row, one is left out: it shrinks; after a stall, when many lie there, all but two within half a second.
"""

from typing import Final

SLOTS = 32
_MASK = SLOTS - 1
MOST = 12
"""Packets that may wait; when more do, all but the newest two are left out."""
SLACK_TICKS = 100
_QUICK_TICKS = 25
_QUICK_SLACK = 3
_FAR = 1_000
"""A sequence number this far from the expected one is a new stream, not a late packet."""

NOTHING: Final = b""
"""Stands for a packet that was no sound (a key, comfort noise): played as silence, not as loss."""
SKIP: Final = b"skip"
"""Stands for a packet that has a number but no time of its own (a key's end, said again)."""


class Playout:
    """Packets of one leg, in order."""

    __slots__ = (
        "_hold",
        "_next",
        "_numbers",
        "_packets",
        "_quick",
        "_slack",
        "_ticks",
        "ahead",
        "late",
        "lost",
        "received",
    )

    def __init__(self) -> None:
        self._packets: list[bytes | None] = [None] * SLOTS
        self._numbers = [-1] * SLOTS
        self._next = -1
        """Sequence number to be played next; -1 before the first packet."""
        self.ahead = 0
        """Newest sequence number received + 1 - `_next`; what waits, counting holes."""
        self._slack = self._quick = SLOTS
        """Least that waited after a tick, since the last look at it."""
        self._ticks = 0
        self._hold = False
        """The next tick waits: something came too late."""
        self.received = 0
        self.lost = 0
        """Played without having come."""
        self.late = 0
        """Came after their turn."""

    def put(self, number: int, payload: bytes) -> None:
        """A packet came; `number` is its 16-bit sequence number."""
        self.received += 1
        if self._next < 0:
            self._next, self.ahead = number, 0
        distance = (number - self._next + 0x8000 & 0xFFFF) - 0x8000
        if distance < 0:
            if distance > -_FAR:
                if self._numbers[number & _MASK] == _given_up(number):
                    self._numbers[number & _MASK] = -1
                    self.late += 1
                    self._hold = True
                return  # else it came twice
            self._restart(number)
            distance = 0
        if distance >= MOST:
            self._jump(number, distance)
            distance = number - self._next & 0xFFFF
        slot = number & _MASK
        self._packets[slot], self._numbers[slot] = payload, number
        if distance >= self.ahead:
            self.ahead = distance + 1

    def take(self) -> bytes | None:
        """The next packet's payload; `NOTHING` where none was meant; None where it has not come or never will."""
        ahead = self.ahead
        if ahead <= 0:
            self._slack = self._quick = 0
            return None
        if self._hold:
            self._hold = False
            if ahead < MOST - 2:
                return None
        number = self._next
        slot = number & _MASK
        self._next = number + 1 & 0xFFFF
        self.ahead = ahead = ahead - 1
        if ahead < self._quick:
            self._quick = ahead
        self._ticks += 1
        if self._ticks % _QUICK_TICKS == 0:
            self._look()
        if self._numbers[slot] == number:
            self._numbers[slot] = -1
            payload = self._packets[slot]
            return self.take() if payload is SKIP else payload
        self._numbers[slot] = _given_up(number)
        self.lost += 1
        return None

    @property
    def highest(self) -> int:
        """Newest sequence number that came, 16 bits."""
        return (self._next + self.ahead - 1) & 0xFFFF

    def restart(self) -> None:
        """Another source speaks: forget what waits."""
        self._restart(-1)

    def _restart(self, number: int) -> None:
        self._numbers = [-1] * SLOTS
        self._next, self.ahead = number, 0
        self._slack = self._quick = SLOTS
        self._ticks, self._hold = 0, False

    def _jump(self, number: int, distance: int) -> None:
        """Too much waits, or the numbers jumped: on with the newest two."""
        if distance < _FAR:
            self._next = number - 1 & 0xFFFF
            self.ahead = 1 if self._numbers[self._next & _MASK] == self._next else 0
            if not self.ahead:
                self._next = number
        else:
            self._restart(number)

    def _look(self) -> None:
        """Whether more waits than is needed."""
        self._slack = min(self._slack, self._quick)
        if _QUICK_SLACK <= self._quick < SLOTS:
            self._leave_out(self._quick - 2)
        elif self._ticks >= SLACK_TICKS and 0 < self._slack < SLOTS:
            self._leave_out(1)
        if self._ticks >= SLACK_TICKS:
            self._slack, self._ticks = SLOTS, 0
        self._quick = SLOTS

    def _leave_out(self, count: int) -> None:
        for number in range(self._next, self._next + count):
            self._numbers[number & _MASK] = -1
        self._next = self._next + count & 0xFFFF
        self.ahead -= count


def _given_up(number: int) -> int:
    """Stands in a slot for a packet that had not come when it was its turn."""
    return -2 - number


class Arrival:
    """Interarrival jitter after RFC 3550 6.4.1, in timestamp units; exact to the step at which sockets are read (5 ms)."""

    __slots__ = ("_last", "jitter")

    def __init__(self) -> None:
        self._last: float | None = None
        self.jitter = 0.0

    def note(self, now: float, stamp: int, clock: int) -> None:
        """A packet with timestamp `stamp` came at `now` seconds; `clock` in Hz."""
        transit = now * clock - stamp
        if self._last is not None:
            difference = abs(transit - self._last)
            if difference < clock:  # a jump of a second or more is a new clock, no jitter
                self.jitter += (difference - self.jitter) / 16
        self._last = transit

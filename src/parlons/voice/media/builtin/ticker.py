"""The clock of all rooms: sockets are read every 5 ms, sound is mixed every 20 ms, both on the event loop.

Times are those of a monotonic clock: a tick that came late is followed by those it missed, up to `CATCH_UP`; what is missed
beyond that is left out, for sound that is late by more is worth less than the lateness it would cause.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from select import EPOLLIN, epoll

from parlons.runtime.log import log
from parlons.voice.media.builtin.legs import FRAME_SECONDS

READ_SECONDS = 0.005
CATCH_UP = 10
"""Ticks."""
ROUNDS = 64
"""Datagrams read of one socket at most before the tick goes on: a flood must neither keep us here nor hold up what is ours."""
_SAY_EVERY = 500
"""Failed ticks between two log lines: saying it fifty times a second would be the next failure."""
_AT_ONCE = 1024
"""Sockets handled in one go."""

Receive = Callable[[float], None]


class Sockets:
    """UDP sockets of all legs, read in one loop without an event-loop callback for each packet (Linux)."""

    def __init__(self) -> None:
        self._epoll = epoll()
        self._receivers: dict[int, Receive] = {}

    def add(self, descriptor: int, receive: Receive) -> None:
        """`receive(now)` reads one datagram whenever there is one."""
        self._receivers[descriptor] = receive
        self._epoll.register(descriptor, EPOLLIN)

    def remove(self, descriptor: int) -> None:
        """Before the socket is closed."""
        if self._receivers.pop(descriptor, None) is not None:
            self._epoll.unregister(descriptor)

    def read(self, now: float) -> None:
        """Everything that has come."""
        receivers = self._receivers
        for _ in range(ROUNDS):
            ready = self._epoll.poll(0, _AT_ONCE)
            for descriptor, _ in ready:
                receive = receivers.get(descriptor)
                if receive is not None:
                    receive(now)
            if not ready:
                return

    def close(self) -> None:
        """For good."""
        self._epoll.close()


class Ticker:
    """Runs `tick` every 20 ms while `busy`; starts again at `wake`."""

    def __init__(self, sockets: Sockets, tick: Callable[[], None], busy: Callable[[], bool]) -> None:
        self._sockets, self._tick, self._busy = sockets, tick, busy
        self._timer: asyncio.TimerHandle | None = None
        self._next = 0.0
        self.late: deque[float] = deque(maxlen=3_000)
        """Seconds by which each of the last ticks came late."""
        self.left_out = self.failed = 0
        """Ticks."""

    def wake(self) -> None:
        """There is something to do; on the event loop."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._next = loop.time() + FRAME_SECONDS
            self._timer = loop.call_at(self._next, self._on_time)

    def stop(self) -> None:
        """No more ticks."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_time(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._sockets.read(now)
        if now >= self._next:
            self.late.append(now - self._next)
            self._run_due(now)
            if not self._busy():
                self._timer = None
                return
            now = loop.time()
        self._timer = loop.call_at(min(self._next, now + READ_SECONDS), self._on_time)

    def _run_due(self, now: float) -> None:
        due = int((now - self._next) / FRAME_SECONDS) + 1
        if due > CATCH_UP:
            self.left_out += due - CATCH_UP
            self._next += (due - CATCH_UP) * FRAME_SECONDS
            due = CATCH_UP
        for _ in range(due):
            self._next += FRAME_SECONDS
            try:
                self._tick()
            except Exception:
                if self.failed % _SAY_EVERY == 0:
                    log.exception("tick failed", ticks=self.failed + 1)
                self.failed += 1
            if not self._busy():
                return

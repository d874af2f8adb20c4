"""SIP over TCP: one connection and its framing (RFC 3261 18.3: Content-Length tells where a message ends)."""

import asyncio
import re
from collections.abc import Callable
from typing import cast

from parlons.voice.sip.wire import Hop

MAX_HEAD = 64 * 1024
MAX_BODY = 64 * 1024
MESSAGE_SECONDS = 20.0
"""A message once begun is complete by then, or the connection goes."""
IDLE_SECONDS = 900.0
LENGTH = re.compile(rb"^(?:content-length|l)[ \t]*:[ \t]*(.*?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


class Connection(asyncio.Protocol):
    """Cuts what comes into messages; a stream that cannot be cut any more is told upwards once and closed."""

    def __init__(
        self,
        heard: Callable[[bytes, Hop], None],
        opened: Callable[["Connection"], bool],
        closed: Callable[["Connection"], None],
    ) -> None:
        self._heard, self._opened, self._closed = heard, opened, closed
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.hop = Hop("tcp", "", 0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Knows its far side now."""
        self._transport = cast("asyncio.Transport", transport)
        peer = self._transport.get_extra_info("peername") or ("", 0)
        self.hop = Hop("tcp", peer[0], peer[1], self)
        self._wait(IDLE_SECONDS)
        if not self._opened(self):
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets itself."""
        if self._timer:
            self._timer.cancel()
        self._transport = None
        self._closed(self)

    def data_received(self, data: bytes) -> None:
        """Every whole message goes up."""
        self._buffer += data
        while self._transport and not self._transport.is_closing() and self._next():
            pass
        self._wait(MESSAGE_SECONDS if self._buffer else IDLE_SECONDS)

    def send(self, data: bytes) -> bool:
        """Writes, unless it is closed (False)."""
        if not self._transport or self._transport.is_closing():
            return False
        self._transport.write(data)
        return True

    @property
    def open(self) -> bool:
        """Whether it can still be written to."""
        return self._transport is not None and not self._transport.is_closing()

    def close(self) -> None:
        """Closes after what is written was sent."""
        if self._transport:
            self._transport.close()

    def _next(self) -> bool:
        while self._buffer[:2] == b"\r\n":
            if self._buffer[:4] == b"\r\n\r\n":
                self.send(b"\r\n")  # RFC 5626 4.4.1: a ping of two line ends is answered by one
                del self._buffer[:4]
            elif len(self._buffer) == 2 or self._buffer[2:3] != b"\r":
                del self._buffer[:2]
            else:
                return False
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0 or end > MAX_HEAD:
            if len(self._buffer) > MAX_HEAD:
                self.close()
            return False
        lengths = set(LENGTH.findall(bytes(self._buffer[:end])))
        length = lengths.pop() if lengths else b"0"
        if lengths or not length.isdigit() or len(length) > 9 or int(length) > MAX_BODY:
            self._give_up(end)  # nobody knows where the next message begins
            return False
        whole = end + 4 + int(length)
        if len(self._buffer) < whole:
            return False
        message = bytes(self._buffer[:whole])
        del self._buffer[:whole]
        self._heard(message, self.hop)
        return True

    def _give_up(self, end: int) -> None:
        head = bytes(self._buffer[: end + 4])
        self._buffer.clear()
        self._heard(head, self.hop)  # the checks answer 400 or 513
        self.close()

    def _wait(self, seconds: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self.close)

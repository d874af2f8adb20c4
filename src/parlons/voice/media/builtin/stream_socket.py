"""A stream's WebSocket: opened to an address that was checked, read and written in bounds, closed in good order.

It lives on the voice process's event loop, which no program may hold up: messages are counted against an allowance and read in
small pieces, answers to pings are awaited, no extension is agreed to, redirects are not followed. The library and the TLS context
are loaded in a thread, with the first stream.
"""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from parlons.runtime.log import log
from parlons.voice.media.builtin.stream_line import StreamLine, TooMuch
from parlons.voice.media.builtin.stream_messages import Clear, Done, Mark, NoMessage, Said, Words, read
from parlons.voice.media.engine import Stream
from parlons.voice.media.events import StreamEnd

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

LARGEST = 256 * 1024
"""Bytes of a message: 24 s of sound."""
PIECE = 16 * 1024
"""Bytes taken from the socket at once."""
SENDING = 16 * 1024
"""Bytes the machine keeps for a program that does not read."""
BURST, PER_SECOND = 2_000, 500
"""Messages read at once, and then in a second: ten times what a call can play."""
PING_SECONDS = 5.0
CLOSING_SECONDS = 2.0
_TURN = 16
"""Messages handled before anything else on the loop has its turn."""
_SILENT = logging.Logger("streams", logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class End:
    """How a socket ended."""

    why: StreamEnd
    code: int = 0
    said: str = ""


class StreamSocket:
    """Carries one line; `run` ends with it. `ended` is told once, before the socket is closed."""

    def __init__(self, line: StreamLine, *, opened: Callable[[], None], ended: Callable[[End], None]) -> None:
        self.line = line
        self.ready = asyncio.Event()
        """There is something to send."""
        self._opened, self._ended = opened, ended
        self._words = Words(line.stream)
        self._end: End | None = None
        self._over = asyncio.Event()

    def end(self, end: End) -> None:
        """It is over, for this reason unless there was one before."""
        if self._end is None:
            self._end = end
            self.line.open = False
            self._over.set()
            self._ended(end)

    async def run(self) -> None:
        """From the connection to its close."""
        connection = await self._open()
        if connection is None:
            return
        sending = asyncio.create_task(self._send(connection), name="stream sends")
        reading = asyncio.create_task(self._read(connection), name="stream reads")
        reading.add_done_callback(lambda _: self.end(End("closed")))  # unless it said why itself
        try:
            await self._over.wait()
        finally:
            await self._close(connection, sending, reading)

    async def _open(self) -> "ClientConnection | None":
        stream = self.line.stream
        opening = asyncio.create_task(_connected(stream), name="stream opens")
        ending = asyncio.create_task(self._over.wait(), name="stream is given up")
        tasks = (opening, ending)
        try:
            await asyncio.wait(tasks, timeout=stream.open_ms / 1000, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        error = TimeoutError() if opening.cancelled() else opening.exception()
        if isinstance(error, _Refused):
            self.end(End("refused", error.code))
        elif error is not None:
            log.info("stream.not_opened", what=type(error).__name__)
            self.end(End("no-answer"))
        elif self._end is not None:
            await self._close(opening.result())
        else:
            return opening.result()
        return None

    # there ----------------------------------------------------------------------------------------------------------

    async def _send(self, connection: "ClientConnection") -> None:
        line, words = self.line, self._words
        with contextlib.suppress(*_gone()):
            await connection.send(words.connected())
            await connection.send(words.start())
            line.open = True
            self._opened()
            while True:
                if line.control:
                    kind, what = line.control.popleft()
                    await connection.send(words.key(what) if kind == "key" else words.mark(what))
                elif line.frames:
                    await connection.send(words.media(*line.read()))
                else:
                    self.ready.clear()
                    await self.ready.wait()

    # and back -------------------------------------------------------------------------------------------------------

    async def _read(self, connection: "ClientConnection") -> None:
        allowance = _Allowance()
        end = End("closed")
        try:
            async for text in connection:
                await allowance.take()
                if (done := self._take(text)) is not None:
                    end = done
                    break
            else:
                end = End("done" if _code(connection) == 1000 else "closed", _code(connection))
        except (NoMessage, TooMuch):
            end = End("protocol")
        except _gone():
            end = _broken(connection)
        self.line.open = False  # it hears no more, while the leg hears the rest of what it said
        if end.why == "done":
            await self.line.played()
        self.end(end)

    def _take(self, text: str | bytes) -> End | None:
        """One message; the end, when it was the last."""
        line = self.line
        match read(text):
            case Said(sound) if line.stream.speaks:
                line.speech.add(sound)
            case Mark(name) if line.stream.speaks:
                line.mark(name)
            case Clear():
                line.clear()
            case Done(said):
                return End("done", said=said)
        return None

    async def _close(self, connection: "ClientConnection", *tasks: asyncio.Task[None]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(TimeoutError, *_gone()):
            async with asyncio.timeout(CLOSING_SECONDS):
                await connection.send(self._words.stop())
                await connection.close(1007 if self._end is not None and self._end.why == "protocol" else 1000)
        connection.transport.abort()


class _Allowance:
    """How many messages may be read now."""

    def __init__(self) -> None:
        self._left, self._count = float(BURST), 0
        self._at = asyncio.get_running_loop().time()

    async def take(self) -> None:
        """One more, as soon as it may be."""
        now = asyncio.get_running_loop().time()
        self._left = min(BURST, self._left + (now - self._at) * PER_SECOND) - 1
        self._at = now
        self._count += 1
        if self._left < 0:
            await asyncio.sleep(-self._left / PER_SECOND)
        elif self._count % _TURN == 0:
            await asyncio.sleep(0)


class _Refused(Exception):
    """The program is there and will not have us."""

    def __init__(self, code: int) -> None:
        self.code = code


@lru_cache(maxsize=1)
def _loaded() -> "Callable[..., Awaitable[ClientConnection]]":
    """What opens a socket."""
    from websockets.asyncio.client import connect

    class Straight(connect):
        """Goes where it was sent, and nowhere else."""

        def process_redirect(self, exc: Exception) -> Exception | str:
            return exc

    return Straight


@lru_cache(maxsize=1)
def tls() -> ssl.SSLContext:
    """The machine's own authorities."""
    return ssl.create_default_context()


def _gone() -> tuple[type[BaseException], ...]:
    """What tells that a connection is over; known once the library is there."""
    from websockets.exceptions import ConnectionClosed

    return ConnectionClosed, OSError


async def _connected(stream: Stream) -> "ClientConnection":
    secure = stream.url.startswith("wss:")
    connect = await asyncio.to_thread(_loaded)
    context = {"ssl": await asyncio.to_thread(tls)} if secure else {}
    from websockets.exceptions import InvalidHandshake, InvalidStatus

    try:
        connection = await connect(
            stream.url, host=stream.address, additional_headers=dict(stream.headers), user_agent_header="Parlons", proxy=None,
            compression=None, open_timeout=None, max_size=LARGEST, ping_interval=PING_SECONDS, ping_timeout=PING_SECONDS,
            close_timeout=CLOSING_SECONDS, write_limit=SENDING, logger=_SILENT, **context,
        )  # fmt: skip
    except InvalidStatus as error:
        raise _Refused(error.response.status_code) from error
    except InvalidHandshake as error:
        raise _Refused(0) from error
    wire = connection.transport.get_extra_info("socket")
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SENDING)
    if not secure:
        # Of asyncio's own transport: else 256 KB of messages are read in one go.
        connection.transport.max_size = PIECE  # type: ignore[attr-defined]
    return connection


def _broken(connection: "ClientConnection") -> End:
    """The connection ended otherwise than in good order; what is no WebSocket was answered with one of these codes."""
    ours = connection.protocol.close_sent
    if connection.protocol.close_rcvd is None and ours is not None and ours.code in (1002, 1007, 1009):
        return End("protocol", int(ours.code))
    return End("closed", _code(connection))


def _code(connection: "ClientConnection") -> int:
    """With which the program closed; 0: it did not."""
    found = connection.protocol.close_rcvd
    return 0 if found is None else int(found.code)

"""One socket: a bounded queue, a sender, a receiver. It never waits for a slow reader and never buffers without end.

A queue that overflows is dropped; the client gets {"type":"resync"} and is closed: it opens again and registers without a
cursor. Frames from the client: register, ping, pong; anything else goes to the handler the app passed in.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from parlons.runtime.metrics import RESYNCS
from parlons.runtime.rights import Rights

QUEUE = 1024
"""Frames a client may be behind."""
LARGEST = 65536
"""Characters of a frame from a client."""
GONE = 4000
RESYNC = 4001
_PING = '{"type":"ping"}'
_PONG = '{"type":"pong"}'
_RESYNC = '{"type":"resync"}'
_WRONG = '{"type":"error","code":"invalid-message"}'

OnMessage = Callable[["Socket", dict[str, Any]], Awaitable[None]]


class Socket:
    """An open connection with its rights. `send` is a WebSocket's: called with one text frame, waits while it is full."""

    __slots__ = (
        "_limit", "_send", "_waiter", "foreground", "heard_at", "held", "opened_at", "overflowed", "queue", "registered",
        "rights", "sent_seq", "stamp",
    )  # fmt: skip

    def __init__(
        self, rights: Rights, send: Callable[[str], Awaitable[None]], *, now: float, limit: int = QUEUE
    ) -> None:
        self.rights = rights
        self.queue: deque[str] = deque()
        self.held: list[tuple[int, str]] | None = None
        """Events that arrive while the snapshot is made; None otherwise."""
        self.registered = False
        self.foreground = True
        """Whether the person has this screen before him, as far as it says so."""
        self.overflowed = False
        self.sent_seq = 0
        """The last sequence the client knows of."""
        self.stamp = 0
        self.opened_at = now
        self.heard_at = now
        """Loop time of the last sign of life; stands still once the stream is given up, so that a stuck client goes."""
        self._send = send
        self._limit = limit
        self._waiter: asyncio.Future[None] | None = None

    def offer(self, frame: str) -> None:
        """Queues a frame; never waits. Too many: everything queued is dropped for a resync."""
        queue = self.queue
        if len(queue) >= self._limit:
            self.overflow()
            return
        if self.overflowed:
            return
        queue.append(frame)
        waiter = self._waiter
        if waiter is not None:
            self._waiter = None
            if not waiter.done():
                waiter.set_result(None)

    def overflow(self) -> None:
        """Gives up on this client's stream: it shall open again and register without a cursor."""
        if not self.overflowed:
            self.queue.clear()
            self.offer(_RESYNC)
            self.overflowed = True
            RESYNCS.inc()

    async def pump(self) -> None:
        """Sends what is queued, for ever; returns once a resync was sent."""
        queue, send = self.queue, self._send
        loop = asyncio.get_running_loop()
        while True:
            while queue:
                await send(queue.popleft())
            if self.overflowed:
                return
            self._waiter = loop.create_future()
            await self._waiter

    def ping(self, seq: int) -> None:
        """A sign of life, and how far the journal is when nothing of it was for this client."""
        if self.registered and self.held is None and seq > self.sent_seq:
            self.sent_seq = seq
            self.offer(f'{{"type":"cursor","seq":{seq}}}')
        self.offer(_PING)


async def listen(
    websocket: WebSocket, socket: Socket, on_register: Callable[[Any], Awaitable[None]], on_message: OnMessage | None
) -> None:
    """Takes the client's frames until it goes."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            text = await websocket.receive_text()
        except (WebSocketDisconnect, KeyError):
            return
        if not socket.overflowed:
            socket.heard_at = loop.time()
        message = _decoded(text)
        match message:
            case {"type": "pong"}:
                pass
            case {"type": "ping"}:
                socket.offer(_PONG)
            case {"type": "register"}:
                await on_register(message.get("cursor"))
            case {"type": str()} if on_message is not None:
                await on_message(socket, message)
            case _:
                socket.offer(_WRONG)


def _decoded(text: str) -> Any:
    if len(text) > LARGEST:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None

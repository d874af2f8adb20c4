"""A program at the other end of a media stream, for tests: it holds every message it is told to the published shapes, and does
what the test says. A message that breaks them stands in `wrong`.
"""

import asyncio
import base64
import contextlib
import itertools
import json
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from parlons.testing.fake_sound import FRAME, Samples, tone
from parlons.voice.media.builtin.g711 import DECODED, ENCODED, MU_LAW
from parlons.voice.media.engine import Stream

Json = dict[str, Any]
_SHAPES = {
    "start": {"accountSid": str, "streamSid": str, "callSid": str, "tracks": list, "customParameters": dict, "mediaFormat": dict},
    "media": {"track": str, "chunk": str, "timestamp": str, "payload": str},
    "dtmf": {"track": str, "digit": str},
    "mark": {"name": str},
    "stop": {"accountSid": str, "callSid": str},
}  # fmt: skip
_FORMAT = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
ACCOUNT, CALL = "AC" + "1" * 32, "CA" + "2" * 32
_numbers = itertools.count(1)


class Program:
    """One stream's program; `connections` counts how often it was connected to."""

    def __init__(self) -> None:
        self.sid = f"MZ{next(_numbers):032x}"
        self.port = 0
        self.connections = 0
        self.messages: list[Json] = []
        """All but `media`."""
        self.wrong: list[str] = []
        self.headers: dict[str, str] = {}
        self.frames: dict[str, list[bytes]] = {"inbound": [], "outbound": []}
        self.over = asyncio.Event()
        """The socket is closed."""
        self.deaf = asyncio.Event()
        """Cleared: it reads nothing."""
        self.deaf.set()
        self.socket: ServerConnection | None = None
        self._heard = asyncio.Condition()
        self._count = 0
        self._chunks: dict[str, int] = {}

    def stream(self, **more: Any) -> Stream:
        """How an engine is told of it."""
        told = {
            "url": f"ws://127.0.0.1:{self.port}/calls", "address": "127.0.0.1", "sid": self.sid, "account_id": ACCOUNT,
            "call_id": CALL, "speaks": True,
        }  # fmt: skip
        return Stream(**{**told, **more})

    # what it was told ---------------------------------------------------------------------------------------------------

    async def message(self, event: str, count: int = 1) -> Json:
        """The `count`th message of this kind; waits for it."""

        def found() -> list[Json]:
            return [each for each in self.messages if each["event"] == event]

        async with self._heard, asyncio.timeout(20):
            await self._heard.wait_for(lambda: len(found()) >= count)
        return found()[count - 1]

    async def hears(self, ms: int, track: str = "inbound") -> Samples:
        """What is said from now on."""
        frames, count = self.frames[track], ms // 20
        begun = len(frames)
        async with self._heard, asyncio.timeout(20):
            await self._heard.wait_for(lambda: len(frames) >= begun + count)
        payload = b"".join(frames[begun : begun + count])
        return DECODED.take(np.frombuffer(payload, np.uint8))

    @property
    def keys(self) -> str:
        """Keys the caller pressed."""
        return "".join(each["dtmf"]["digit"] for each in self.messages if each["event"] == "dtmf")

    @property
    def marks(self) -> list[str]:
        """Marks that came back."""
        return [each["mark"]["name"] for each in self.messages if each["event"] == "mark"]

    # what it does -------------------------------------------------------------------------------------------------------

    async def sends(self, event: str, about: Any = None) -> None:
        """One message."""
        told: Json = {"event": event, "streamSid": self.sid}
        await self.sends_text(json.dumps(told if about is None else {**told, event: about}))

    async def sends_text(self, text: str | bytes) -> None:
        """Whatever it may be."""
        assert self.socket is not None
        await self.socket.send(text)

    async def says(self, frequency: float, ms: int, *, at_once: int = 20) -> None:
        """A tone, `at_once` milliseconds a message."""
        samples = tone((frequency,), ms)
        step = at_once * FRAME // 20
        for start in range(0, len(samples), step):
            sound = ENCODED[MU_LAW].take(samples[start : start + step].view(np.uint16)).tobytes()
            await self.sends("media", {"payload": base64.b64encode(sound).decode()})

    async def leaves(self, code: int = 1000) -> None:
        """It closes its socket."""
        assert self.socket is not None
        await self.socket.close(code)

    async def vanishes(self) -> None:
        """It is gone, without a word."""
        assert self.socket is not None
        self.socket.transport.abort()

    # the socket ---------------------------------------------------------------------------------------------------------

    async def serve(self, socket: ServerConnection) -> None:
        """One connection."""
        self.connections += 1
        self.socket = socket
        self.headers = dict(socket.request.headers.raw_items()) if socket.request is not None else {}
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self.deaf.wait()
                text = await socket.recv()
                async with self._heard:
                    self._take(json.loads(text))
                    self._heard.notify_all()
        self.over.set()

    def _take(self, message: Json) -> None:
        event = message["event"]
        if event == "media":
            media = message["media"]
            self.frames[media["track"]].append(base64.b64decode(media["payload"], validate=True))
        else:
            self.messages.append(message)
        self.wrong += [f"{message}: {each}" for each in self._misfits(event, message)]

    def _misfits(self, event: str, message: Json) -> Iterator[str]:
        if event == "connected":
            if message != {"event": "connected", "protocol": "Call", "version": "1.0.0"} or len(self.messages) > 1:
                yield "not as it has to be"
            return
        self._count += 1
        shape, about = _SHAPES.get(event), message.get(event)
        if shape is None or not isinstance(about, dict):
            yield "no such message"
            return
        if set(message) != {"event", "sequenceNumber", "streamSid", event}:
            yield "other words"
        if {name: type(value) for name, value in about.items()} != shape:
            yield "other words inside"
        if (message["sequenceNumber"], message["streamSid"]) != (str(self._count), self.sid):
            yield "not the next, or not of this stream"
        if event == "start" and (about["mediaFormat"] != _FORMAT or about["streamSid"] != self.sid or self._count != 1):
            yield "not as it has to be"
        if event == "media":
            yield from self._misfits_of_media(about)

    def _misfits_of_media(self, about: Json) -> Iterator[str]:
        chunk, before = int(about["chunk"]), self._chunks.get(about["track"], 0)
        self._chunks[about["track"]] = chunk
        if chunk <= before or int(about["timestamp"]) != (chunk - 1) * 20:
            yield "out of order"
        if len(base64.b64decode(about["payload"])) != FRAME:
            yield "not 20 ms"


@asynccontextmanager
async def program(tls: ssl.SSLContext | None = None) -> AsyncIterator[Program]:
    """It listens on a free port of this machine."""
    made = Program()
    async with serve(made.serve, "127.0.0.1", 0, ssl=tls) as server:
        made.port = port_of(server)
        yield made
        made.deaf.set()


def port_of(server: Server) -> int:
    """Where it listens."""
    return int(next(iter(server.sockets)).getsockname()[1])

"""The voice process's side of the socket: carries clients' calls to the engine and hands out its events.

It is the engine's only reader. Event numbers are shifted by `base`, which grows from life to life, so that a client that
comes back to another process can tell. A leg that rings while nobody reads events is refused in the end: every caller gets
a final answer, also with no web process there.
"""

import asyncio
import contextlib
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from parlons.kit.errors import Refusal
from parlons.runtime.log import log
from parlons.voice.media.config import EngineConfig
from parlons.voice.media.engine import MediaEngine
from parlons.voice.media.events import EngineEvent, EngineState, LegEnded, LegIncoming
from parlons.voice.media.log import EventLog
from parlons.voice.process.wire import (
    VERBS,
    Answer,
    Born,
    Call,
    End,
    Frame,
    Item,
    Refused,
    Stop,
    Verb,
    Welcome,
    encode,
    packed,
    read,
    short,
)

ORPHAN_SECONDS = 10.0
"""So long an incoming leg waits for somebody to read events."""
FLUSH_SECONDS = 1.0
BEARS_LEGS = ("dial", "connect_browser")


class EngineServer:
    """Serves one engine on a unix socket, to its owner only (mode 0600)."""

    def __init__(self, engine: MediaEngine, path: Path, *, base: int, orphan_seconds: float = ORPHAN_SECONDS) -> None:
        self.engine, self.path, self.base = engine, path, base
        self.boot = secrets.token_hex(8)
        self.attached: set[Connection] = set()
        """Connections of web processes that keep this process alive."""
        self.on_leave: Callable[[], Awaitable[bool]] = _stays
        """A web process leaves for good; whether this process ends at once."""
        self.legs: set[str] = set()
        """That live, as far as events and verbs told."""
        self._config = EngineConfig()
        self._refusing = False
        self.log = EventLog()
        self._orphan_seconds = orphan_seconds
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._pump: asyncio.Task[None] | None = None
        self._orphans: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Opens the socket."""
        self.path.unlink(missing_ok=True)
        with short(self.path) as name:
            mask = os.umask(0o177)
            try:
                self._server = await asyncio.start_unix_server(self._connected, name)
            finally:
                os.umask(mask)
        self._pump = asyncio.create_task(self._follow(), name="events of the engine")

    async def stop(self) -> None:
        """Closes every connection and the socket. The engine is not touched."""
        assert self._server is not None
        assert self._pump is not None
        self._server.close()
        await self._flush()
        for connection in list(self._connections):
            await connection.close()
        for task in [self._pump, *self._orphans]:
            task.cancel()
        await asyncio.gather(self._pump, *self._orphans, return_exceptions=True)
        await self._server.wait_closed()
        self.path.unlink(missing_ok=True)

    def welcome(self) -> Welcome:
        """For a client that comes."""
        port: int = getattr(self.engine, "sip_port", 0)
        return Welcome(self.boot, self.base, os.getpid(), self.engine.capabilities, port)

    async def state(self) -> EngineState:
        """The engine's state, its number shifted."""
        state = await self.engine.state()
        return msgspec.structs.replace(state, seq=state.seq + self.base)

    async def configure(self, config: EngineConfig) -> None:
        """A client's configuration."""
        self._config = config
        await self.engine.configure(_without_calls(config) if self._refusing else config)

    async def refuse_calls(self, refusing: bool) -> None:
        """New calls are refused (503) from now on, or no longer; those there go on."""
        self._refusing = refusing
        await self.configure(self._config)

    def born(self, leg_id: str) -> None:
        """A leg was made: whoever follows must know before it can be lost."""
        if leg_id not in self.legs:
            self.legs.add(leg_id)
            for connection in self._connections:
                connection.tell_born((leg_id,))

    async def _flush(self) -> None:
        """Whoever reads events gets the last ones, unless he is too slow."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FLUSH_SECONDS):
                seq = (await self.state()).seq
                while self.log.last_seq < seq > self.base or not self.log.caught_up:  # noqa: ASYNC110 (a second at most)
                    await asyncio.sleep(0.005)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(self, reader, writer)
        self._connections.add(connection)
        try:
            await connection.serve()
        finally:
            self._connections.discard(connection)
            self.attached.discard(connection)
            await connection.close()

    async def _follow(self) -> None:
        async for event in self.engine.events(0):
            if isinstance(event, LegIncoming):
                self.born(event.leg_id)
                self._watch(event.leg_id)
            elif isinstance(event, LegEnded):
                self.legs.discard(event.leg_id)
            self.log.add(msgspec.structs.replace(event, seq=event.seq + self.base))

    def _watch(self, leg_id: str) -> None:
        if self.log.read_by_nobody:
            task = asyncio.create_task(self._refuse_orphan(leg_id), name="a call nobody is there for")
            self._orphans.add(task)
            task.add_done_callback(self._orphans.discard)

    async def _refuse_orphan(self, leg_id: str) -> None:
        await asyncio.sleep(self._orphan_seconds)
        if self.log.read_by_nobody and leg_id in self.legs:
            log.warning("voice.nobody_there")
            with contextlib.suppress(Refusal):
                await self.engine.reject(leg_id, status=503, text="Service unavailable")


class Connection:
    """One client."""

    def __init__(self, server: EngineServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server, self._reader, self._writer = server, reader, writer
        self._work: dict[int, asyncio.Task[None]] = {}
        self._follows: set[int] = set()
        """Event streams of this client."""

    async def serve(self) -> None:
        """Reads until the client goes."""
        try:
            while (frame := await read(self._reader)) is not None:
                match frame:
                    case Call(number, verb, arguments):
                        task = asyncio.create_task(self._carry_out(number, verb, arguments), name=f"voice {verb}")
                        self._work[number] = task
                        task.add_done_callback(lambda _, number=number: self._work.pop(number, None))  # type: ignore[misc]
                    case Stop(number) if (working := self._work.get(number)) is not None:
                        working.cancel()
        except ValueError:
            log.warning("voice.frame_unreadable")

    async def close(self) -> None:
        """Ends what it does for this client, and the connection."""
        working = list(self._work.values())
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        self._writer.close()
        with contextlib.suppress(ConnectionError, OSError):
            await self._writer.wait_closed()

    def tell_born(self, leg_ids: tuple[str, ...]) -> None:
        """To this client's event streams."""
        for number in self._follows:
            self._writer.write(encode(Born(number, leg_ids)))

    async def _send(self, frame: Frame) -> None:
        self._writer.write(encode(frame))
        await self._writer.drain()

    async def _carry_out(self, number: int, name: str, arguments: msgspec.Raw) -> None:
        try:
            if name in _CONTROL:
                result = await _CONTROL[name](self._server, self)
                await self._send(Answer(number, packed(result)))
            elif (verb := VERBS.get(name)) is None:
                await self._send(Refused(number, "voice-verb", "this engine knows no such verb"))
            else:
                await self._do(number, name, verb, arguments)
        except Refusal as refusal:
            await self._send(Refused(number, refusal.code, refusal.message))
        except msgspec.MsgspecError:
            await self._send(Refused(number, "invalid", "the arguments are not those of this verb"))
        except ConnectionError:
            pass
        except Exception:
            log.exception("voice.verb_failed", verb=name)
            with contextlib.suppress(ConnectionError):
                await self._send(Refused(number, "refused", "the engine failed at this"))

    async def _do(self, number: int, name: str, verb: Verb, arguments: msgspec.Raw) -> None:
        asked = msgspec.structs.asdict(msgspec.msgpack.decode(arguments, type=verb.arguments))
        if name == "events":
            await self._follow(number, asked["after_seq"])
        elif name == "tap":
            await self._stream(number, self._server.engine.tap(asked["leg_id"]))
        elif name == "state":
            await self._send(Answer(number, packed(await self._server.state())))
        elif name == "configure":
            await self._server.configure(asked["config"])
            await self._send(Answer(number, packed(None)))
        else:
            result = await getattr(self._server.engine, name)(**asked)
            if name in BEARS_LEGS:
                self._server.born(asked["leg_id"])
            await self._send(Answer(number, packed(result)))

    async def _follow(self, number: int, after_seq: int) -> None:
        reader = self._server.log.read(after_seq)
        self._follows.add(number)
        try:
            await self._send(Born(number, tuple(self._server.legs)))
            await self._stream(number, reader)
        finally:
            self._follows.discard(number)
            self._server.log.leave(reader)

    async def _stream(self, number: int, values: AsyncIterator[EngineEvent] | AsyncIterator[bytes]) -> None:
        try:
            async for value in values:
                await self._send(Item(number, packed(value)))
        finally:
            close: Any = getattr(values, "aclose", None)
            if close is not None:
                await close()
        await self._send(End(number))


def _without_calls(config: EngineConfig) -> EngineConfig:
    return msgspec.structs.replace(config, limits=msgspec.structs.replace(config.limits, calls=0))


async def _stays() -> bool:
    return False


async def _hello(server: EngineServer, _: Connection) -> Welcome:
    return server.welcome()


async def _attach(server: EngineServer, connection: Connection) -> Welcome:
    """As `hello`, and the process stays for this client's sake."""
    server.attached.add(connection)
    return server.welcome()


async def _leave(server: EngineServer, connection: Connection) -> bool:
    """The web process of this connection stops in good order; whether the voice process ends at once too."""
    server.attached.discard(connection)
    return not server.attached and await server.on_leave()


_CONTROL: dict[str, Callable[[EngineServer, Connection], Awaitable[Any]]] = {
    "process.hello": _hello,
    "process.attach": _attach,
    "process.leave": _leave,
}

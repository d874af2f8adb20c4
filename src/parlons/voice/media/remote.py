"""`RemoteEngine`: the engine of the voice process, as a web process sees it.

It connects by itself and again whenever the connection breaks. Meanwhile, and while there is no process, every verb is
refused with `EngineAway`; a verb whose answer was lost may be asked again, since every verb is repeatable. Events go on where
they stopped. Should the process have died, each leg it carried ends with LegEnded `lost`, before what the next process tells;
the last configuration is given to the next process by itself.
"""

import asyncio
import contextlib
import itertools
import math
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import msgspec

from parlons.kit.clock import Clock, wall_clock
from parlons.kit.errors import Invalid, Refusal, Unavailable
from parlons.runtime.log import log
from parlons.voice.media.config import EngineConfig
from parlons.voice.media.engine import Caller, CannotDo, Capabilities, NotThere, Sound, Stream, Target, Where
from parlons.voice.media.events import EngineEvent, EngineState, LegEnded
from parlons.voice.process.wire import (
    EVENT,
    VERBS,
    Answer,
    Born,
    Call,
    Frame,
    Item,
    Refused,
    Stop,
    Welcome,
    encode,
    packed,
    read,
    short,
)

PAUSES = (0.02, 0.05, 0.1, 0.2, 0.5)
"""Seconds between attempts to connect; the last one again and again."""


class EngineAway(Unavailable):
    """The voice process is not there now; calls in progress may go on. Try again."""

    code = "voice-away"


_REFUSALS: dict[str, type[Refusal]] = {kind.code: kind for kind in (NotThere, CannotDo, Invalid)}


class _Link:
    """One connection, as long as it holds."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.numbers = itertools.count(1)
        self.answers: dict[int, asyncio.Future[bytes]] = {}
        self.streams: dict[int, asyncio.Queue[Frame | None]] = {}

    async def ask(self, verb: str, arguments: Mapping[str, Any]) -> bytes:
        number = next(self.numbers)
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.answers[number] = answer
        try:
            self.writer.write(encode(Call(number, verb, packed(arguments))))
            return await answer
        finally:
            self.answers.pop(number, None)

    def open(self, verb: str, arguments: Mapping[str, Any]) -> "tuple[int, asyncio.Queue[Frame | None]]":
        number = next(self.numbers)
        queue = self.streams[number] = asyncio.Queue()
        self.writer.write(encode(Call(number, verb, packed(arguments))))
        return number, queue

    def shut(self, number: int) -> None:
        if self.streams.pop(number, None) is not None:
            self.writer.write(encode(Stop(number)))

    def take(self, frame: Frame) -> None:
        """A frame of the server."""
        answer = self.answers.get(frame.id)
        if frame.id in self.streams:
            self.streams[frame.id].put_nowait(frame)
        elif answer is not None and not answer.done():
            if isinstance(frame, Answer):
                answer.set_result(bytes(frame.result))
            elif isinstance(frame, Refused):
                answer.set_exception(_refusal(frame))

    def breaks(self) -> None:
        """Nothing more comes."""
        self.writer.close()
        for answer in self.answers.values():
            if not answer.done():
                answer.set_exception(EngineAway())
        for queue in self.streams.values():
            queue.put_nowait(None)


class RemoteEngine:
    """A `MediaEngine`. `async with` connects and disconnects; `connected` waits for the voice process."""

    def __init__(self, path: Path, *, clock: Clock = wall_clock) -> None:
        """`path`: the voice process's socket."""
        self._path, self.clock = path, clock
        self.link: _Link | None = None
        self._up = asyncio.Event()
        self.welcome: Welcome | None = None
        self._config: EngineConfig | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._stay_connected(), name="connection to the voice process")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    @property
    def is_up(self) -> bool:
        """Whether the voice process is reached now."""
        return self._up.is_set()

    async def connected(self, seconds: float = 30.0) -> Welcome:
        """Waits until the voice process is reached; raises EngineAway after `seconds`."""
        try:
            async with asyncio.timeout(None if seconds == math.inf else seconds):
                await self._up.wait()
        except TimeoutError:
            raise EngineAway from None
        assert self.welcome is not None
        return self.welcome

    # --- the connection ---

    async def _stay_connected(self) -> None:
        attempt = 0
        while True:
            try:
                with short(self._path) as name:
                    reader, writer = await asyncio.open_unix_connection(name)
            except OSError:
                await asyncio.sleep(PAUSES[min(attempt, len(PAUSES) - 1)])
                attempt += 1
                continue
            attempt = 0
            await self._use(reader, _Link(writer))

    async def _use(self, reader: asyncio.StreamReader, link: _Link) -> None:
        greeting = asyncio.create_task(self._greet(link), name="greeting the voice process")
        try:
            while (frame := await read(reader)) is not None:
                link.take(frame)
        except ValueError:
            log.warning("voice.frame_unreadable")
        finally:
            self._up.clear()
            self.link = None
            link.breaks()
            greeting.cancel()
            await asyncio.gather(greeting, return_exceptions=True)

    async def _greet(self, link: _Link) -> None:
        try:
            welcome = msgspec.msgpack.decode(await link.ask("process.hello", {}), type=Welcome)
            another = self.welcome is not None and self.welcome.boot != welcome.boot
            self.welcome = welcome
            if another and self._config is not None:
                await link.ask("configure", {"config": self._config})
        except Refusal:
            log.warning("voice.greeting_failed")
            link.writer.close()
            return
        self.link = link
        self._up.set()

    async def _ask(self, verb: str, **arguments: Any) -> Any:
        if self.link is None:
            raise EngineAway
        result = await self.link.ask(verb, arguments)
        return msgspec.msgpack.decode(result, type=VERBS[verb].result)

    # --- the Protocol ---

    @property
    def capabilities(self) -> Capabilities:
        return self.welcome.capabilities if self.welcome is not None else Capabilities()

    async def configure(self, config: EngineConfig) -> None:
        self._config = config
        await self._ask("configure", config=config)

    async def state(self) -> EngineState:
        found: EngineState = await self._ask("state")
        return found

    def events(self, after_seq: int) -> AsyncIterator[EngineEvent]:
        return RemoteEvents(self, after_seq)

    async def ring(self, leg_id: str, *, early_media: bool = False) -> None:
        await self._ask("ring", leg_id=leg_id, early_media=early_media)

    async def answer(self, leg_id: str) -> None:
        await self._ask("answer", leg_id=leg_id)

    async def reject(self, leg_id: str, *, status: int = 486, text: str = "") -> None:
        await self._ask("reject", leg_id=leg_id, status=status, text=text)

    async def dial(
        self, leg_id: str, target: Target, *, caller: Caller, timeout_ms: int = 60_000, headers: Mapping[str, str] = {}
    ) -> None:
        await self._ask(
            "dial", leg_id=leg_id, target=target, caller=caller, timeout_ms=timeout_ms, headers=dict(headers)
        )

    async def connect_browser(self, leg_id: str, offer_sdp: str) -> str:
        return str(await self._ask("connect_browser", leg_id=leg_id, offer_sdp=offer_sdp))

    async def hang_up(self, leg_id: str, *, text: str = "") -> None:
        await self._ask("hang_up", leg_id=leg_id, text=text)

    async def hold(self, leg_id: str, held: bool) -> None:
        await self._ask("hold", leg_id=leg_id, held=held)

    async def refer(self, leg_id: str, to: str, *, replaces_leg_id: str | None = None) -> None:
        await self._ask("refer", leg_id=leg_id, to=to, replaces_leg_id=replaces_leg_id)

    async def send_digits(self, leg_id: str, digits: str) -> None:
        await self._ask("send_digits", leg_id=leg_id, digits=digits)

    async def create_room(self, room_id: str) -> None:
        await self._ask("create_room", room_id=room_id)

    async def close_room(self, room_id: str) -> None:
        await self._ask("close_room", room_id=room_id)

    async def join(self, room_id: str, leg_id: str) -> None:
        await self._ask("join", room_id=room_id, leg_id=leg_id)

    async def leave(self, leg_id: str) -> None:
        await self._ask("leave", leg_id=leg_id)

    async def set_gain(self, room_id: str, from_leg_id: str, to_leg_id: str, gain: float) -> None:
        await self._ask("set_gain", room_id=room_id, from_leg_id=from_leg_id, to_leg_id=to_leg_id, gain=gain)

    async def play(
        self,
        play_id: str,
        where: Where,
        target_id: str,
        sounds: Sequence[Sound],
        *,
        loop: bool = False,
        stop_on_digit: bool = False,
    ) -> None:
        told = {"sounds": list(sounds), "loop": loop, "stop_on_digit": stop_on_digit}
        await self._ask("play", play_id=play_id, where=where, target_id=target_id, **told)

    async def stop_play(self, play_id: str) -> None:
        await self._ask("stop_play", play_id=play_id)

    async def gather(
        self,
        gather_id: str,
        leg_id: str,
        *,
        max_digits: int,
        terminator: str = "#",
        first_ms: int = 5_000,
        between_ms: int = 3_000,
    ) -> None:
        told = {"max_digits": max_digits, "terminator": terminator, "first_ms": first_ms, "between_ms": between_ms}
        await self._ask("gather", gather_id=gather_id, leg_id=leg_id, **told)

    async def stop_gather(self, gather_id: str) -> None:
        await self._ask("stop_gather", gather_id=gather_id)

    async def record(
        self,
        recording_id: str,
        room_id: str,
        path: str,
        *,
        left_leg_id: str | None = None,
        max_ms: int = 4 * 3_600_000,
        silence_ms: int = 0,
        silence_on_digit: bool = False,
    ) -> None:
        told = {"left_leg_id": left_leg_id, "max_ms": max_ms, "silence_ms": silence_ms}
        told |= {"silence_on_digit": silence_on_digit}
        await self._ask("record", recording_id=recording_id, room_id=room_id, path=path, **told)

    async def pause_recording(self, recording_id: str, paused: bool) -> None:
        await self._ask("pause_recording", recording_id=recording_id, paused=paused)

    async def stop_recording(self, recording_id: str) -> None:
        await self._ask("stop_recording", recording_id=recording_id)

    async def stream(self, stream_id: str, leg_id: str, stream: Stream) -> None:
        await self._ask("stream", stream_id=stream_id, leg_id=leg_id, stream=stream)

    async def stop_stream(self, stream_id: str) -> None:
        await self._ask("stop_stream", stream_id=stream_id)

    async def tap(self, leg_id: str) -> AsyncIterator[bytes]:
        if (link := self.link) is None:
            raise EngineAway
        number, queue = link.open("tap", {"leg_id": leg_id})
        try:
            while isinstance(frame := await queue.get(), Item | Refused):
                if isinstance(frame, Refused):
                    raise _refusal(frame)
                yield msgspec.msgpack.decode(frame.value, type=bytes)
        finally:
            link.shut(number)


class RemoteEvents:
    """Events over any number of connections and lives of the voice process; ends when another reader took over.

    It asks for them at once, not only when the first one is awaited: what lives now is known from here on."""

    def __init__(self, engine: RemoteEngine, seq: int) -> None:
        self._engine, self._seq = engine, seq
        self._legs: set[str] = set()
        self._lost: deque[LegEnded] = deque()
        self._boot = ""
        self._link: _Link | None = None
        self._number = 0
        self._queue: asyncio.Queue[Frame | None] = asyncio.Queue()
        self._over = False
        self._subscribe()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> EngineEvent:
        while not self._over:
            if self._lost:
                return self._lost.popleft()
            if self._link is None:
                await self._engine.connected(math.inf)
                self._subscribe()
                continue
            match await self._queue.get():
                case None:
                    self._link = None
                case Born(_, leg_ids):
                    self._legs.update(leg_ids)
                case Item(_, value):
                    return self._take(msgspec.msgpack.decode(value, type=EVENT))
                case _:
                    await self.aclose()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Reads no more."""
        self._over = True
        if self._link is not None:
            self._link.shut(self._number)

    def _subscribe(self) -> None:
        link, welcome = self._engine.link, self._engine.welcome
        if link is None or welcome is None:
            return
        if self._boot and self._boot != welcome.boot:
            self._lose(welcome.base)
        self._boot, self._link = welcome.boot, link
        self._number, self._queue = link.open("events", {"after_seq": self._seq})

    def _lose(self, base: int) -> None:
        """The process that carried the legs is gone. Their ends are numbered before the first event of the next one."""
        for number, leg_id in enumerate(sorted(self._legs), 1 - len(self._legs)):
            self._seq = max(self._seq + 1, base + number)
            self._lost.append(_lost(self._seq, self._engine.clock(), leg_id))
        self._legs.clear()

    def _take(self, event: EngineEvent) -> EngineEvent:
        self._seq = event.seq
        if isinstance(event, LegEnded):
            self._legs.discard(event.leg_id)
        return event


def _lost(seq: int, at: int, leg_id: str) -> LegEnded:
    text = "the voice process ended"
    return LegEnded(seq=seq, at=at, leg_id=leg_id, by="engine", cause="lost", status=0, text=text)


def _refusal(frame: Refused) -> Refusal:
    return _REFUSALS.get(frame.code, Refusal)(frame.message)

"""Programs that hear a call, and speak in it: their addresses are looked up and checked here, their sockets are the engine's.

The voice process looks up no name: it connects to the address that was checked, so a name that changes meanwhile gains nothing.
"""

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import quote

from parlons.kit.errors import Refusal
from parlons.kit.ids import STREAM
from parlons.runtime.log import log
from parlons.runtime.safe_http import check_headers
from parlons.voice.calls.model import Call
from parlons.voice.calls.script import Outcome, Program
from parlons.voice.media.engine import Stream
from parlons.voice.media.events import StreamEnded

if TYPE_CHECKING:
    from parlons.voice.calls.scripting import Scripting

LOOK_UP_SECONDS = 4.0
CONNECTED, LISTENING = "stream", "listen"
"""The second part of a stream's id: call/stream/key, call/listen/name/key."""


class Streaming:
    """Fulfils `script.Programs` for the calls of one workspace."""

    def __init__(self, scripting: "Scripting") -> None:
        self.scripting = scripting
        self.floor = scripting.floor

    async def connect(self, call_id: str, key: str, program: Program) -> None:
        """See `script.Programs`."""
        await self.scripting.answer(call_id)

        async def act(call: Call) -> None:
            why = await self._begin(call, f"{call.id}/{CONNECTED}/{key}", program, speaks=True)
            if why is not None:
                self.scripting.outcome(call, Outcome(key, "streamed", why=why))

        await self.scripting.asked(call_id, key, CONNECTED, act)

    async def listen(self, call_id: str, key: str, name: str, program: Program) -> None:
        """See `script.Programs`."""

        async def act(call: Call) -> None:
            await self._begin(call, f"{_listening(call, name)}{key}", program, speaks=False)

        await self.scripting.act(call_id, act)

    async def stop(self, call_id: str, name: str) -> None:
        """See `script.Programs`."""

        async def act(call: Call) -> None:
            async with self.floor.quietly():
                for stream_id in (await self.floor.engine.state()).stream_ids:
                    if stream_id.startswith(_listening(call, name)):
                        await self._stop(stream_id)

        await self.scripting.act(call_id, act)

    async def disconnect(self, call_id: str) -> None:
        """See `script.Programs`."""

        async def act(call: Call) -> None:
            self.let_go(call)

        await self.scripting.act(call_id, act)

    def let_go(self, call: Call) -> None:
        """Ends the program that the caller talks with, if there is one."""
        for key in [key for key, kind in call.outstanding.items() if kind == CONNECTED]:
            stream_id = f"{call.id}/{CONNECTED}/{key}"
            self.floor.post(call, lambda stream_id=stream_id: self._stop(stream_id))  # type: ignore[misc]

    async def _stop(self, stream_id: str) -> None:
        async with self.floor.quietly():
            await self.floor.engine.stop_stream(stream_id)

    async def ended(self, call: Call, event: StreamEnded) -> None:
        """What the engine tells."""
        _, which, key = event.stream_id.split("/", 2)
        log.info("call.stream_ended", call_id=call.id, which=which, why=event.why, code=event.code)
        if which == CONNECTED:
            self.scripting.outcome(call, Outcome(key, "streamed", why=event.why, given=event.said))

    async def _begin(self, call: Call, stream_id: str, program: Program, *, speaks: bool) -> str | None:
        """Why it did not begin."""
        floor = self.floor
        try:
            check_headers(program.headers)
            async with asyncio.timeout(LOOK_UP_SECONDS):
                address, _ = await floor.socket_address(program.url)
            asked = Stream(
                program.url, address, floor.fresh(STREAM), call.tenant_id, call.id, program.tracks, speaks, program.parameters,
                program.headers,
            )  # fmt: skip
            await floor.engine.stream(stream_id, call.leg_id, asked)
        except TimeoutError:
            return "no-answer"
        except Refusal as refusal:
            log.info("call.not_streamed", call_id=call.id, code=refusal.code)
            return refusal.code
        return None


def _listening(call: Call, name: str) -> str:
    """What the ids of listeners of this name begin with."""
    return f"{call.id}/{LISTENING}/{quote(name, safe='')}/"

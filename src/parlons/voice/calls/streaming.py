"""Programs that hear a call, and speak in it: their addresses are looked up and checked here, their sockets are the engine's.

The voice process looks up no name: it connects to the address that was checked, so a name that changes meanwhile gains nothing.
"""

import asyncio
from collections.abc import Callable

from parlons.kit.errors import Refusal
from parlons.kit.ids import STREAM
from parlons.runtime.log import log
from parlons.voice.calls.floor import Floor
from parlons.voice.calls.model import Call
from parlons.voice.calls.script import Outcome, Program
from parlons.voice.media.engine import Stream
from parlons.voice.media.events import StreamEnded

LOOK_UP_SECONDS = 4.0
CONNECTED, LISTENING = "stream", "listen"
"""The middle of a stream's id: call/which/key."""


class Streaming:
    """Begins and ends streams of calls. `outcome`: told of a call's connected program."""

    def __init__(self, floor: Floor, outcome: Callable[[Call, Outcome], None]) -> None:
        self.floor, self._outcome = floor, outcome

    async def connect(self, call: Call, key: str, program: Program) -> None:
        """The caller talks with a program."""
        why = await self._begin(call, f"{call.id}/{CONNECTED}/{key}", program, speaks=True)
        if why is not None:
            self._outcome(call, Outcome(key, "streamed", why=why))

    async def listen(self, call: Call, name: str, program: Program) -> None:
        """A program hears the call."""
        await self._begin(call, f"{call.id}/{LISTENING}/{name}", program, speaks=False)

    async def stop(self, call: Call, which: str, key: str) -> None:
        """Ends one, if it is there."""
        async with self.floor.quietly():
            await self.floor.engine.stop_stream(f"{call.id}/{which}/{key}")

    async def ended(self, call: Call, event: StreamEnded) -> None:
        """What the engine tells."""
        _, which, key = event.stream_id.split("/", 2)
        log.info("call.stream_ended", call_id=call.id, which=which, why=event.why, code=event.code)
        if which == CONNECTED:
            self._outcome(call, Outcome(key, "streamed", why=event.why, given=event.said))

    async def _begin(self, call: Call, stream_id: str, program: Program, *, speaks: bool) -> str | None:
        """Why it did not begin."""
        floor = self.floor
        try:
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

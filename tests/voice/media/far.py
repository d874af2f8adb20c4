"""Far sides of the built-in engine for tests: a SIP agent of their own on its own port, each call with a raw RTP phone.

`BuiltinDriver` makes them what the contract suite of media engines asks for.
"""

import asyncio
import contextlib
import itertools
import re
from collections.abc import AsyncIterator
from pathlib import Path

from parlons.testing.engine_scene import FarView
from parlons.testing.fake_sound import Samples
from parlons.testing.stream_program import Program, program
from parlons.voice.media.builtin.engine import BuiltinEngine
from parlons.voice.media.config import EngineConfig, Trunk
from parlons.voice.media.engine import Caller, NotThere, Target, UriTarget
from parlons.voice.sip.agent import SipAgent
from parlons.voice.sip.model import Call, Incoming
from tests.voice.media.rtp_phone import RtpPhone

CODECS = {"PCMU": (0, 8000), "PCMA": (8, 8000), "G722": (9, 8000), "OPUS": (111, 48000)}
TRUNKS = (Trunk(id="TK1", host="127.0.0.1", options_seconds=0),)
TRUNK = EngineConfig(trunks=TRUNKS)


def description(port: int, codec: str, event: int | None, direction: str = "sendrecv", version: int = 1) -> str:
    """SDP as a simple phone writes it."""
    number, clock = CODECS[codec]
    formats = f"{number} {event}" if event else f"{number}"
    name = "opus/48000/2" if codec == "OPUS" else f"{codec}/{clock}"
    lines = [
        "v=0",
        f"o=far 1 {version} IN IP4 127.0.0.1",
        "s=-",
        "c=IN IP4 127.0.0.1",
        "t=0 0",
        f"m=audio {port} RTP/AVP {formats}",
        f"a=rtpmap:{number} {name}",
    ]
    if event:
        lines += [f"a=rtpmap:{event} telephone-event/8000", f"a=fmtp:{event} 0-15"]
    return "\r\n".join([*lines, f"a={direction}", ""])


class FarSide:
    """A person with a phone: his dialog, his sound."""

    def __init__(self, sips: "FarSips", name: str, codec: str, event: int | None) -> None:
        self.sips, self.name = sips, name
        self.rtp = RtpPhone(codec=codec, number=CODECS[codec][0], event=event)
        self.call: Call | None = None
        self.view = FarView()
        self.version = 1

    @property
    def sdp(self) -> str:
        return description(self.rtp.port, self.rtp.codec, self.rtp.event, version=self.version)

    def listens_to(self, text: str) -> None:
        """Their SDP: where to send, whether we are held."""
        host = re.search(r"c=IN IP4 (\S+)", text)
        port = re.search(r"m=audio (\d+)", text)
        assert host
        assert port
        self.rtp.target = (host[1], int(port[1]))
        self.view.held = "a=sendonly" in text or "a=inactive" in text

    # engine_scene.Far

    async def rings(self) -> None:
        assert self.call
        self.call.ring()

    async def answers(self) -> None:
        assert self.call
        self.call.accept(self.sdp)

    async def refuses(self, status: int) -> None:
        assert self.call
        self.call.reject(status)

    async def hangs_up(self) -> None:
        assert self.call
        self.call.end()

    async def presses(self, digits: str) -> None:
        self.rtp.presses(digits)
        await self.rtp.frames(10 * len(digits) + 2)

    async def holds(self, held: bool) -> None:
        assert self.call
        self.version += 1
        direction = "sendonly" if held else "sendrecv"
        text = description(self.rtp.port, self.rtp.codec, self.rtp.event, direction, self.version)
        answer = await self.call.reinvite(text)
        assert answer
        self.listens_to(answer)

    async def refers(self, to: str) -> None:
        assert self.call
        await self.call.refer(to)

    async def says(self, frequency: float | None) -> None:
        self.rtp.frequency = frequency

    async def hears(self, ms: int) -> Samples:
        return await self.rtp.hears(ms)

    def sees(self) -> FarView:
        self.view.digits = self.rtp.digits
        return self.view


class FarSips:
    """The far sides' SIP agent; fulfils `model.Listener`."""

    def __init__(self) -> None:
        self.agent = SipAgent(TRUNK, self)
        self.by_leg: dict[str, FarSide] = {}
        self.waiting: dict[str, FarSide] = {}
        """Who can be called, by user part."""
        self._count = itertools.count(1)

    async def person(self, codec: str = "PCMU", event: int | None = 101) -> tuple[Target, FarSide]:
        """Somebody who can be dialled."""
        name = f"person{next(self._count)}"
        far = self.waiting[name] = FarSide(self, name, codec, event)
        await far.rtp.start()
        return UriTarget(f"sip:{name}@127.0.0.1:{self.agent.port}"), far

    async def calls(
        self,
        port: int,
        *,
        codec: str = "PCMU",
        event: int | None = 101,
        from_number: str = "+33612345678",
        to_number: str = "+33155500000",
        sdp: str | None = None,
    ) -> FarSide:
        """Somebody calls the engine; `sdp` replaces the offer."""
        far = FarSide(self, f"caller{next(self._count)}", codec, event)
        await far.rtp.start()
        self.by_leg[far.name] = far
        target = UriTarget(f"sip:{to_number}@127.0.0.1:{port}")
        offer = far.sdp if sdp is None else sdp
        far.call = await self.agent.dial(far.name, target, Caller(from_number), offer, 60_000, {})
        return far

    async def stop(self) -> None:
        await self.agent.stop()
        for far in [*self.by_leg.values(), *self.waiting.values()]:
            await far.rtp.stop()

    # model.Listener

    def on_incoming(self, incoming: Incoming) -> None:
        far = self.waiting.pop(incoming.to_number.removeprefix("+"), None) or self.waiting.pop(incoming.to_number)
        self.by_leg[incoming.call.leg_id] = far
        far.call = incoming.call
        far.view.calls += 1
        far.view.from_number = incoming.from_number
        far.view.header = next((v for k, v in incoming.headers.items() if k.lower() == "x-test"), "")
        if incoming.offer is not None:
            far.listens_to(incoming.offer)

    def on_progress(self, call: Call, status: int, sdp: str | None) -> None:
        far = self.by_leg[call.leg_id]
        far.view.ringing = far.view.ringing or status >= 180
        if sdp is not None:
            far.listens_to(sdp)

    def on_answered(self, call: Call, sdp: str | None) -> None:
        far = self.by_leg[call.leg_id]
        far.view.talking = True
        if sdp is not None:
            far.listens_to(sdp)

    def on_late_answer(self, call: Call, sdp: str) -> None:
        self.by_leg[call.leg_id].listens_to(sdp)

    def on_reinvite(self, call: Call, sdp: str | None) -> str | None:
        far = self.by_leg[call.leg_id]
        if sdp is None:
            return far.sdp
        far.listens_to(sdp)
        far.version += 1
        direction = {"sendonly": "recvonly", "inactive": "inactive"}.get(_direction(sdp), "sendrecv")
        return description(far.rtp.port, far.rtp.codec, far.rtp.event, direction, far.version)

    def on_ended(self, call: Call, *, by: str, cause: str, status: int, text: str) -> None:
        far = self.by_leg.get(call.leg_id)
        if far is not None:
            far.view.ended, far.view.talking = status, False

    def on_referred(self, call: Call, to: str, replaces: Call | None) -> None:
        self.by_leg[call.leg_id].view.referred_to = to

    def on_refer_result(self, call: Call, status: int) -> None:
        pass

    def on_info_digit(self, call: Call, digit: str) -> None:
        pass

    def on_phone(self, username: str, registered: bool) -> None:
        pass

    def on_trunk(self, trunk_id: str, up: bool, text: str) -> None:
        pass


def _direction(text: str) -> str:
    found = re.search(r"a=(sendonly|recvonly|inactive|sendrecv)", text)
    return found[1] if found else "sendrecv"


class BuiltinDriver:
    """Fulfils `engine_scene.Driver`."""

    def __init__(self, folder: Path, engine: BuiltinEngine, sips: FarSips) -> None:
        self.folder, self.engine, self.sips = folder, engine, sips

    async def calls(
        self, *, from_number: str = "+33612345678", to_number: str = "+33155500000", **more: str
    ) -> FarSide:
        return await self.sips.calls(self.engine.sip_port, from_number=from_number, to_number=to_number, **more)

    async def person(self) -> tuple[Target, FarSide]:
        return await self.sips.person()

    async def registers(self, username: str, password: str) -> None:
        raise NotThere("no phone registers here")

    async def browser(self) -> object:
        raise NotThere("no browser here")

    def program(self) -> contextlib.AbstractAsyncContextManager[Program]:
        return program()

    async def passes(self, ms: int) -> None:
        await asyncio.sleep(max(ms, 20) / 1000)

    async def changes(self) -> None:
        await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def builtin(folder: Path) -> AsyncIterator[BuiltinDriver]:
    """The engine and its far sides."""
    engine, sips = BuiltinEngine(TRUNK), FarSips()
    await engine.start()
    await sips.agent.start()
    try:
        yield BuiltinDriver(folder, engine, sips)
    finally:
        await sips.stop()
        await engine.stop()

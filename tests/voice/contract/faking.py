"""The fake engine as a driver of the contract suite: its far sides are its own methods, its time is virtual."""

import contextlib
import itertools
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np

from parlons.testing.engine_scene import STEP_MS, FarView
from parlons.testing.fake_engine import FakeEngine
from parlons.testing.fake_parts import FakeStream
from parlons.testing.fake_sound import Samples, frames_of, tone
from parlons.voice.media.engine import Stream, Target, UriTarget
from parlons.voice.media.events import Event, LegEnded


class FakeFar:
    """A far side: of a leg that came, or of a target to be dialled."""

    def __init__(self, fake: FakeEngine, *, leg_id: str = "", target: Target | None = None) -> None:
        self.fake, self._leg_id, self._target = fake, leg_id, target

    @property
    def leg_id(self) -> str:
        return self._leg_id or next(d.leg_id for d in self.fake.dialled if d.target == self._target)

    async def rings(self) -> None:
        self.fake.far_rings(self.leg_id)

    async def answers(self) -> None:
        self.fake.far_answers(self.leg_id)

    async def refuses(self, status: int) -> None:
        self.fake.far_refuses(self.leg_id, status)

    async def hangs_up(self) -> None:
        if self.sees().referred_to:
            self.fake.refer_ends(self.leg_id, 200)
        self.fake.far_hangs_up(self.leg_id)

    async def presses(self, digits: str) -> None:
        self.fake.presses(self.leg_id, digits)

    async def holds(self, held: bool) -> None:
        self.fake.far_holds(self.leg_id, held)

    async def refers(self, to: str) -> None:
        self.fake.far_refers(self.leg_id, to)

    async def says(self, frequency: float) -> None:
        self.fake.says(self.leg_id, frequency)

    async def hears(self, ms: int) -> Samples:
        return await self.fake.heard(self.leg_id, ms)

    def sees(self) -> FarView:
        view = FarView()
        if self._target is not None:
            mine = [d for d in self.fake.dialled if d.target == self._target]
            view.calls = len(mine)
            if not mine:
                return view
            view.from_number, view.header = mine[0].caller.number, mine[0].headers.get("X-Test", "")
        ended: list[Event] = [e for e in self.fake.happened if isinstance(e, LegEnded) and e.leg_id == self.leg_id]
        view.ended = next((e.status for e in ended if isinstance(e, LegEnded)), None)
        leg = self.fake.legs.get(self.leg_id)
        if leg is not None:
            view.ringing, view.talking = leg.state in ("ringing", "early"), leg.state == "talking"
            view.held, view.digits = leg.held, leg.digits_sent
        asked = [a for verb, a in self.fake.asked if verb == "refer" and a["leg_id"] == self.leg_id]
        view.referred_to = asked[-1]["to"] if asked else ""
        return view


class FakeBrowser:
    """A browser whose leg is found by the offer it made."""

    count = 0

    def __init__(self, fake: FakeEngine) -> None:
        self.fake = fake
        FakeBrowser.count += 1
        self._offer = f"v=0\r\ns={FakeBrowser.count}\r\n"

    @property
    def leg_id(self) -> str:
        asked = [a for verb, a in self.fake.asked if verb == "connect_browser" and a["offer_sdp"] == self._offer]
        return str(asked[-1]["leg_id"])

    async def offer(self) -> str:
        return self._offer

    async def takes(self, answer: str) -> None:
        assert answer.startswith("v=0")

    async def vanishes(self) -> None:
        self.fake.browser_leaves(self.leg_id)

    async def says(self, frequency: float) -> None:
        self.fake.says(self.leg_id, frequency)

    async def hears(self, ms: int) -> Samples:
        return await self.fake.heard(self.leg_id, ms)

    async def presses(self, digits: str) -> None:
        self.fake.presses(self.leg_id, digits, how="channel")


class FakeProgram:
    """A program at the fake's side of a stream."""

    numbers = itertools.count(1)

    def __init__(self, fake: FakeEngine) -> None:
        self.fake, self._sid = fake, f"MZ{next(self.numbers)}"
        self._known: FakeStream | None = None

    @property
    def _stream(self) -> FakeStream:
        if self._known is None:
            self._known = next(each for each in self.fake.streams.values() if each.stream.sid == self._sid)
        return self._known

    def stream(self, **more: Any) -> Stream:
        told = {
            "url": "wss://example.org",
            "address": "192.0.2.1",
            "sid": self._sid,
            "account_id": "AC",
            "call_id": "CA",
        }
        return Stream(**{**told, "speaks": True, **more})

    async def hears(self, ms: int) -> Samples:
        begun = len(self._stream.heard)
        await self.fake.passes(ms)
        return np.concatenate(self._stream.heard[begun:])

    async def says(self, frequency: float, ms: int) -> None:
        self._stream.says.extend(frames_of(tone((frequency,), ms)))

    async def sends(self, event: str, about: Any = None) -> None:
        match event:
            case "mark":
                self._stream.says.append(about["name"])
            case "clear":
                self._stream.clear()
            case "done":
                self.fake.end_stream(self._stream.stream_id, "done", said=json.dumps(about))

    @property
    def marks(self) -> list[str]:
        return self._stream.marks

    @property
    def keys(self) -> str:
        return self._stream.keys


class FakeDriver:
    """See the module's first line."""

    def __init__(self, folder: Path, fake: FakeEngine | None = None) -> None:
        self.fake = fake or FakeEngine()
        self.engine, self.folder = self.fake, folder
        self._people = 0

    async def calls(self, *, from_number: str, to_number: str) -> FakeFar:
        return FakeFar(self.fake, leg_id=await self.fake.incoming(from_number=from_number, to_number=to_number))

    async def person(self) -> tuple[Target, FakeFar]:
        self._people += 1
        target = UriTarget(f"sip:{self._people}@example.org")
        return target, FakeFar(self.fake, target=target)

    async def registers(self, username: str, password: str) -> None:
        if (username, password) in {(phone.username, phone.password) for phone in self.fake.config.phones}:
            self.fake.registers(username)

    async def browser(self) -> FakeBrowser:
        return FakeBrowser(self.fake)

    @contextlib.asynccontextmanager
    async def program(self) -> AsyncIterator[FakeProgram]:
        yield FakeProgram(self.fake)

    async def passes(self, ms: int) -> None:
        await self.fake.passes(max(ms, STEP_MS))

    async def changes(self) -> None:
        await self.fake.passes(STEP_MS)

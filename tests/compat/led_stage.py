"""Calls led by programs without a network: the telephone of its own tests, on the fake engine, with call XML as its script."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import msgspec

from parlons.compat import led_store
from parlons.compat.fetching import Fetching
from parlons.compat.led import Hook, Led
from parlons.compat.programs import Around, CallPrograms
from parlons.kit.ids import CALL, new_id
from parlons.runtime.db import Database
from parlons.runtime.files import Files
from parlons.runtime.safe_http import Allowed, SafeHttp, allowed
from parlons.testing.fake_engine import FakeEngine
from parlons.voice.calls.prompts import Prompts
from parlons.voice.calls.voice import Wish
from tests.conftest import StillClock
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.voice.calls.conftest import NUMBER, Centre, Menu, furnish, open_centre


@dataclass
class Stage:
    """A process that carries calls which programs lead."""

    centre: Centre
    programs: CallPrograms
    legs: dict[str, str] = field(default_factory=dict)
    """Of the calls placed here: the leg."""

    async def wish(self, verb: str, **values: Any) -> dict[str, Any]:
        """What a request of the API wishes."""
        wish = Wish("script", values.get("call_id", ""), None, None, {"verb": verb, **values})
        return await self.centre.telephone.act(WORKSPACE, wish)

    async def call(self, number: str, inside: str) -> Led:
        """Somebody is called, answers, and is led by a document."""
        led = Led(
            new_id(CALL, self.centre.clock()), TENANT, WORKSPACE, "outbound-api", number, NUMBER, "queued",
            self.centre.clock(), Hook(xml=f"<Response>{inside}</Response>"),
        )  # fmt: skip
        await self.wish("create", call_id=led.id, led=msgspec.to_builtins(led), timeout=30)
        return await self.answered(led)

    async def answered(self, led: Led) -> Led:
        """Who was called last answers."""
        await self.settled()
        self.legs[led.id] = self.centre.engine.dialled[-1].leg_id
        self.centre.engine.far_answers(self.legs[led.id])
        await self.centre.until(lambda: self.led(led).status == "in-progress")
        await self.settled()
        return self.led(led)

    def led(self, led: Led) -> Led:
        """The call as this process has it."""
        return self.programs.led[led.id]

    async def row(self, call_id: str) -> Led:
        """The call as whoever asks for it is shown it."""
        async with self.centre.db.transaction(TENANT) as tx:
            found = await led_store.find(tx, call_id)
        assert found is not None
        return found.led

    async def settled(self) -> None:
        """Nothing is under way."""
        await self.centre.idle()

    def hears(self, led: Led) -> dict[str, float]:
        """Whom a call hears, by number, and how loud."""
        names = {leg_id: call_id for call_id, leg_id in self.legs.items()}
        heard = self.centre.engine.hears(self.legs[led.id])
        return {self.programs.led[names[leg_id]].to: gain for leg_id, gain in heard.items() if gain}


@contextlib.asynccontextmanager
async def stage(
    database: Database, clock: StillClock, folder: Path, engine: FakeEngine, *, after: Stage | None = None
) -> AsyncIterator[Stage]:
    """A process; `after`: the one from which it takes the calls over."""
    if after is None:
        await furnish(database, 1)
    http = SafeHttp(allowed(["127.0.0.1"]))
    fetching = Fetching(database, http, Prompts(database, Files(folder / "files"), folder))
    around = Around(database, cast(Any, None), fetching, clock, "https://here.example", Allowed())
    programs = CallPrograms(around, cast(Any, Menu(database)), TENANT, WORKSPACE)
    name = "first" if after is None else "second"
    opened = open_centre(
        database, clock, folder, engine, cast(Any, programs), name=name, prepare=after is None
    )  # fmt: skip
    async with opened as centre:
        around.dispatch = centre.dispatch
        made = Stage(centre, programs, {} if after is None else dict(after.legs))
        await made.settled()
        yield made

"""Text messages pass the contract of channels: over a bind of SMPP to a real centre (smpp34)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from parlons.channels.model import Account, Event, HookRequest
from parlons.channels.plugin import Channel, Tools
from parlons.channels.sms import coding, parts
from parlons.channels.sms.channel import open_channel
from parlons.channels.sms.settings import Settings
from parlons.kit.clock import wall_clock
from parlons.runtime.safe_http import SafeHttp
from parlons.testing.channel_scene import Can, Got, Trouble, Written
from parlons.testing.channel_suite import CASES, run
from tests.channels.sms.centre import Centre, centre, report, write
from tests.channels.sms.conftest import Kept, account

NUMBERS = {"claire": "33612345678", "bob": "33698765432"}
ANSWERS: dict[str, int] = {"busy": 0x58, "refuses": 0x0B}


@dataclass
class SmsScene:
    """The far end: customers' telephones behind a centre."""

    channel: Channel
    account: Account
    there: Centre
    kept: Kept = field(default_factory=Kept)
    can: Can = field(default_factory=lambda: Can(frozenset({"busy", "refuses", "breaks", "away"}), receipts=True))
    bind: Any = None
    running: asyncio.Task[None] | None = None
    breaking: asyncio.Task[None] | None = None
    taken: list[Any] = field(default_factory=list)

    async def begin(self) -> None:
        """Bound."""
        self.running = asyncio.create_task(self.channel.run(self.account, self.kept))  # type: ignore[attr-defined]
        self.bind = await self.there.bound()
        async with asyncio.timeout(60):
            while await self.kept.states.get() is not None:
                pass

    async def end(self) -> None:
        """No longer."""
        if self.running is not None:
            self.running.cancel()
            await asyncio.gather(self.running, return_exceptions=True)
            self.running = None

    async def request(self, written: Written) -> HookRequest | None:
        return None

    async def writes(self, written: Written) -> Sequence[Event]:
        assert (await write(self.bind, written.text, source=NUMBERS[written.who])).is_success
        return self._heard()

    async def address_of(self, who: str) -> str:
        return f"+{NUMBERS[who]}"

    async def got(self) -> list[Got]:
        while not self.there.submitted.empty():
            self.taken.append(self.there.submitted.get_nowait())
        found = []
        for event in self.taken:
            octets = parts.opened(event.short_message)[1] if event.esm_class & parts.UDHI else event.short_message
            found.append(Got(f"+{event.destination_addr}", coding.decode(octets, event.data_coding) or ""))
        return found

    async def trouble(self, kind: Trouble | None) -> None:
        self.there.statuses = [ANSWERS[kind]] * 9 if kind in ANSWERS else []
        self.there.by_hand = kind == "breaks"
        if kind == "breaks":
            self.breaking = asyncio.create_task(self._break())
            return
        if self.breaking is not None:  # the sender knows of the end before who keeps the connection does
            await self.breaking
            self.breaking = None
        if kind == "away" or self.running is None or self.running.done():
            await self.end()
            if kind is None:
                await self.begin()

    async def _break(self) -> None:
        """Takes a message, and is gone before it answers."""
        event, running = await self.there.next(), self.running
        assert running is not None
        self.taken.append(event)  # kept: an event that is let go of is refused
        await self.bind.unbind()
        await asyncio.wait([running])

    async def receipt(self, provider_id: str, state: Literal["delivered", "failed"]) -> Sequence[Event]:
        event = await self.there.next()
        assert (
            await report(self.bind, event, provider_id, "DELIVRD" if state == "delivered" else "UNDELIV")
        ).is_success
        return self._heard()

    def _heard(self) -> list[Event]:
        found = []
        while not self.kept.events.empty():
            found.append(self.kept.events.get_nowait())
        return found


@pytest.fixture
async def scene() -> AsyncIterator[SmsScene]:
    async with centre() as there, SafeHttp() as http:
        settings = Settings(host="127.0.0.1", port=there.port, system_id="shop")
        made = SmsScene(open_channel(Tools(http, wall_clock)), account(settings), there)
        await made.begin()
        try:
            yield made
        finally:
            with contextlib.suppress(Exception):
                await made.end()


@pytest.mark.parametrize("case", CASES)
async def test_text_messages_keep_the_contract(case: str, scene: SmsScene) -> None:
    if not await run(case, scene):
        pytest.skip("SMPP has no hooks, no files and no idempotency keys")

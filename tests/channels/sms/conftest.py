"""A channel of this process with one account, and an inbox that keeps what it is given."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from parlons.channels.model import Account, Event, Outgoing
from parlons.channels.plugin import Tools
from parlons.channels.sms.channel import Sms
from parlons.channels.sms.settings import Settings
from parlons.kit.errors import Unavailable
from parlons.runtime.safe_http import SafeHttp, allowed
from tests.channels.sms.centre import Centre, centre
from tests.conftest import StillClock


@dataclass
class Kept:
    """An inbox: events in the order they were taken, the last position; `down` makes it refuse."""

    events: asyncio.Queue[Event] = field(default_factory=asyncio.Queue)
    kept: dict[str, Any] = field(default_factory=dict)
    states: asyncio.Queue[str | None] = field(default_factory=asyncio.Queue)
    down: int = 0

    async def take(self, events: Sequence[Event], *, position: Mapping[str, Any] | None = None) -> None:
        if self.down:
            self.down -= 1
            raise Unavailable
        if position is not None:
            self.kept = dict(position)
        for event in events:
            self.events.put_nowait(event)

    async def position(self) -> dict[str, Any]:
        return self.kept

    def connected(self, *, problem: str | None = None) -> None:
        self.states.put_nowait(problem)

    async def next(self) -> Any:
        async with asyncio.timeout(60):
            return await self.events.get()


@dataclass
class Line:
    """The channel and its account, bound."""

    channel: Sms
    account: Account
    inbox: Kept
    running: asyncio.Task[None] | None = None

    async def bind(self) -> None:
        """Runs until bound, or raises what `run` raised."""
        self.running = asyncio.create_task(self.channel.run(self.account, self.inbox))
        stated = asyncio.create_task(self.inbox.states.get())
        await asyncio.wait({self.running, stated}, return_when=asyncio.FIRST_COMPLETED, timeout=60)
        if not stated.done() or stated.result() is not None:
            stated.cancel()
            await self.running

    async def stop(self) -> None:
        if self.running is not None:
            self.running.cancel()
            await asyncio.gather(self.running, return_exceptions=True)

    async def send(self, text: str, to: str = "+33612345678", key: str = "DL1") -> Any:
        """Hand one text to the channel."""
        return await self.channel.send(self.account, outgoing(text, to, key))

    def setting(self, **values: Any) -> None:
        """Other settings from now on."""
        self.account = replace(self.account, settings=self.account.settings.model_copy(update=values))


def outgoing(text: str, to: str = "+33612345678", key: str = "DL1") -> Outgoing:
    return Outgoing(key=key, message_id="IM1", conversation_id="CH1", to=to, text=text)


def account(settings: Settings, **more: Any) -> Account:
    return Account(
        id="CA1", tenant_id="AC1", workspace_id="WS1", firm_id="FI1", channel="sms", key="main",
        address="+33755000000", settings=settings, secrets={"password": "secret", "token": "t0ken"}, **more,
    )  # fmt: skip


@pytest.fixture
async def http() -> AsyncIterator[SafeHttp]:
    async with SafeHttp(allowed(["127.0.0.1"])) as made:
        yield made


@pytest.fixture
async def smsc() -> AsyncIterator[Centre]:
    async with centre() as made:
        yield made


@pytest.fixture
async def line(smsc: Centre, http: SafeHttp, clock: StillClock) -> AsyncIterator[Line]:
    """An account bound to the centre by nobody yet: `line.bind()` does."""
    settings = Settings(host="127.0.0.1", port=smsc.port, system_id="shop")
    made = Line(Sms(Tools(http, clock)), account(settings), Kept())
    try:
        yield made
    finally:
        with contextlib.suppress(Exception):
            await made.stop()

"""An hour in which the far side does not take our messages, by three kinds of wire, on a moved clock: a mail server, a gateway of
text messages, the graph of pages and numbers. Nothing is lost, nothing doubled, and the agent sees what happens: until when it
is tried again, and in the end why it failed."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from parlons.accounts.bootstrap import Installation, bootstrap
from parlons.channels import sending
from parlons.channels.accounts import AccountRow, new_account_id, put_account
from parlons.channels.model import Incoming, Sender
from parlons.channels.post import Post, open_post
from parlons.conversations import deliveries
from parlons.conversations.messages import add_message
from parlons.conversations.model import Author, Message
from parlons.kit.clock import to_iso
from parlons.kit.ids import new_id
from parlons.reception.handler import Reception
from parlons.reception.model import EntryPoint
from parlons.reception.points import put_entry_points
from parlons.runtime.db import Database
from parlons.runtime.files import Files
from parlons.runtime.safe_http import SafeHttp, allowed
from parlons.simulator.providers.graph import ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN, Graph
from parlons.simulator.providers.numbers import Number
from parlons.simulator.providers.wire import Trouble, served
from tests.channels.email.servers import sink
from tests.conftest import StillClock

MINUTE = 60_000
PERSON = "33612345678"


@dataclass
class Far:
    """The other side of one wire. Each kind of trouble: how it is made, and the code that the agent is told in words."""

    channel: str
    address: str
    settings: dict[str, Any]
    secrets: dict[str, str]
    sender: Sender
    arrived: Callable[[], list[str]]
    """Texts that came to the customer."""
    later: list[tuple[Callable[[], None], str]]
    """What passes."""
    never: tuple[Callable[[], None], str]
    """A refusal for good."""
    doubtful: tuple[Callable[[], None], str]
    """An answer after which nobody can say whether it left."""
    well: Callable[[], None]
    """No trouble any more."""


@contextlib.asynccontextmanager
async def _mail() -> AsyncIterator[Far]:
    async with sink() as server:
        port = server.port

        def says(step: str, answer: str) -> Callable[[], None]:
            return lambda: server.answers.update({"rcpt": [], "data": [], step: [answer]})

        def cut() -> None:
            server.cut_after_data = True

        def well() -> None:
            server.answers.clear()
            server.cut_after_data = False

        settings = {"receive": "none", "smtp_host": "127.0.0.1", "smtp_port": port, "smtp_safety": "none"}
        person = Sender("claire@client.example", "email", "claire@client.example", True)
        yield Far(
            "email", "shop@delmas.example", settings, {}, person,
            lambda: [str(mail.get_payload()).strip() for mail in server.messages()],
            [(says("rcpt", "452 4.2.2 mailbox full, try later"), "mailbox-full"),
             (says("data", "451 4.3.0 local error"), "refused"),
             (says("rcpt", "421 4.4.5 too busy"), "unreachable")],
            (says("rcpt", "552 5.2.2 <claire@client.example> mailbox full"), "mailbox-full"), (cut, "connection-lost"), well,
        )  # fmt: skip


@dataclass
class Gateway:
    """Takes texts unless it is told another status."""

    status: int = 202
    texts: list[str] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        body = (await request.body()).decode()
        if self.status == 202 or self.status == 500:  # a 500 after which it went out all the same
            self.texts.append(body)
        return PlainTextResponse("0: Accepted", self.status)

    def says(self, status: int) -> Callable[[], None]:
        return lambda: setattr(self, "status", status)


@contextlib.asynccontextmanager
async def _texts() -> AsyncIterator[Far]:
    there = Gateway()
    async with served(Starlette(routes=[Route("/send", there.take, methods=["POST"])])) as url:
        settings = {"transport": "http", "url": f"{url}/send", "username": "shop"}
        yield Far(
            "sms", "+33755000000", settings, {"token": "t0ken", "password": "p"},
            Sender(f"+{PERSON}", "phone", f"+{PERSON}", True), lambda: there.texts,
            [(there.says(503), "provider-busy"), (there.says(429), "provider-busy"), (there.says(403), "token-refused")],
            (there.says(400), "refused-by-provider"), (there.says(500), "provider-failed"), there.says(202),
        )  # fmt: skip


@contextlib.asynccontextmanager
async def _graph() -> AsyncIterator[Far]:
    there = Graph()
    async with served(there.app) as url:
        there.url = url
        number = Number(there)
        number.open.add(PERSON)

        def says(status: int, code: int | None, words: str = "") -> Callable[[], None]:
            body = {"error": {"code": code, "message": words}} if code is not None else None

            def trouble() -> None:
                there.troubles.clear()
                there.troubles.append(Trouble(status, body))

            return trouble

        def arrived() -> list[str]:
            return [one["text"]["body"] for one in number.heard.get(PERSON, [])]

        secrets = {"access_token": ACCESS_TOKEN, "app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN}
        yield Far(
            "whatsapp", number.id, {"api_url": url}, secrets, Sender(PERSON, "phone", f"+{PERSON}", True), arrived,
            [(says(500, 2, "Service temporarily unavailable"), "provider-busy"), (says(429, 130429, "Rate"), "too-fast"),
             (says(503, None), "provider-busy")],
            (says(400, 131026, "Message undeliverable"), "unknown-recipient"), (says(502, None), "provider-failed"),
            there.troubles.clear,
        )  # fmt: skip
    await there.close()


WIRES = {"email": _mail, "sms": _texts, "whatsapp": _graph}


@dataclass
class Firm:
    """Who answers."""

    db: Database
    clock: StillClock
    home: Installation
    post: Post
    far: Far
    account_id: str
    conversation_id: str = ""

    async def answers(self, text: str) -> Message:
        author = Author("agent", "US1", "Inès")
        async with self.db.transaction(self.home.tenant_id) as tx:
            return await add_message(tx, self.conversation_id, direction="out", author=author, text=text)

    async def told(self, message: Message) -> dict[str, Any]:
        """What the agent is shown of its way out."""
        async with self.db.system() as tx:
            found = await tx.fetch_one("SELECT delivery FROM messages WHERE id = :id", {"id": message.id})
        assert found is not None
        return dict(found["delivery"])

    async def tries(self) -> int:
        return await self.post.sender.run_due()


@pytest.fixture(params=WIRES)
async def firm(
    request: pytest.FixtureRequest, database: Database, clock: StillClock, tmp_path: Path
) -> AsyncIterator[Firm]:
    """One account, and a customer who has written."""
    home = await bootstrap(database, now=clock())
    async with WIRES[request.param]() as far, SafeHttp(allowed(["127.0.0.0/8"])) as http:
        post = open_post(
            database, http=http, files=Files(tmp_path / "files"), handler=Reception(), secret=b"s" * 32,
            public_url="https://desk.example",
        )  # fmt: skip
        row = AccountRow(
            new_account_id(clock()), home.workspace_id, home.firm_id, far.channel, "main", "Main", far.address,
            far.settings, far.secrets,
        )  # fmt: skip
        point = EntryPoint(
            new_id("EP", clock()),
            home.workspace_id,
            far.channel,
            far.address,
            home.firm_id,
            workflow_id="WW" + "1" * 32,
        )
        async with database.transaction(home.tenant_id) as tx:
            await put_account(tx, row)
            await put_entry_points(tx, [point])
        await post.accounts.refresh(now=True)
        account = await post.accounts.by_id(row.id)
        assert account is not None
        await post.receiver.take_all(account, [Incoming("in-1", far.sender, "Bonjour", subject="Vela 3")])
        found = Firm(database, clock, home, post, far, row.id)
        async with database.system() as tx:
            (first,) = await tx.fetch_all("SELECT conversation_id FROM messages")
        found.conversation_id = str(first["conversation_id"])
        yield found


async def test_an_hour_of_trouble_is_seen_and_then_all_leaves_once_and_in_order(firm: Firm) -> None:
    asked = firm.clock()
    first, second = await firm.answers("un"), await firm.answers("deux")
    for minute in range(60):
        trouble, code = firm.far.later[minute % len(firm.far.later)]
        trouble()
        if await firm.tries():
            told = await firm.told(first)
            assert (told["state"], told["code"]) == ("queued", code)
            assert told["until"] == to_iso(asked + sending.GIVE_UP)
        firm.clock.advance(MINUTE)
    assert (await firm.told(second))["state"] == "queued", "it waits for the one before it"
    assert firm.far.arrived() == []
    firm.far.well()
    firm.clock.advance(sending.LONGEST_PAUSE)
    while await firm.tries():
        pass
    assert firm.far.arrived() == ["un", "deux"]
    told = await firm.told(first)
    assert (told["state"] in ("sent", "delivered"), told["code"], told["until"]) == (True, "", None)
    firm.clock.advance(60 * MINUTE)
    assert await firm.tries() == 0


async def test_after_a_day_it_has_failed_with_the_last_reason_and_goes_when_asked_again(firm: Firm) -> None:
    message = await firm.answers("un")
    trouble, code = firm.far.later[0]
    for _ in range(26):
        trouble()
        await firm.tries()
        firm.clock.advance(60 * MINUTE)
    told = await firm.told(message)
    assert (told["state"], told["code"], told["until"]) == ("failed", code, None)
    assert told["reason"]
    assert "client.example" not in told["reason"]
    firm.far.well()
    async with firm.db.transaction(firm.home.tenant_id) as tx:
        await deliveries.again(tx, firm.conversation_id, message.id)
    await firm.tries()
    assert firm.far.arrived() == ["un"]


async def test_a_refusal_for_good_is_told_at_once_and_holds_up_nothing(firm: Firm) -> None:
    refuse, code = firm.far.never
    first = await firm.answers("un")
    refuse()
    await firm.tries()
    told = await firm.told(first)
    assert (told["state"], told["code"], told["until"]) == ("failed", code, None)
    firm.far.well()
    await firm.answers("deux")
    await firm.tries()
    assert firm.far.arrived() == ["deux"]


async def test_what_may_have_left_is_not_sent_twice_by_itself(firm: Firm) -> None:
    doubt, code = firm.far.doubtful
    message = await firm.answers("un")
    doubt()
    await firm.tries()
    told = await firm.told(message)
    assert (told["state"], told["code"]) == ("unsure", code)
    before = firm.far.arrived()
    firm.far.well()
    for _ in range(3):
        firm.clock.advance(60 * MINUTE)
        assert await firm.tries() == 0
    assert firm.far.arrived() == before

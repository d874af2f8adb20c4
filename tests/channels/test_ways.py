"""The ways by which a customer can be written to, over HTTP: what is offered, what is refused before it is kept, what leaves."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from parlons.accounts import http as accounts_http
from parlons.accounts.bootstrap import Installation, bootstrap
from parlons.accounts.model import Principal, Role
from parlons.channels import http
from parlons.channels.accounts import AccountRow, new_account_id, put_account
from parlons.channels.model import ALL_MEDIA, Account, Capabilities, Incoming, Outgoing, Sender, Sent, Template
from parlons.channels.plugin import Failed, Secret, TryLater
from parlons.channels.post import Post, open_post
from parlons.conversations import http_files, http_messages
from parlons.conversations.commands import assign, close, end_contact, locked, open_conversation, start_leg
from parlons.customers import consent
from parlons.customers.commands import find_or_create_by_address, identify
from parlons.reception.handler import Reception
from parlons.runtime.db import Database
from parlons.runtime.files import Files
from parlons.runtime.http import install_problems
from parlons.runtime.remembered import Remembered
from parlons.runtime.safe_http import SafeHttp, allowed
from tests.conftest import StillClock

HOUR = 3_600_000
PNG = b"\x89PNG\r\n\x1a\n...."
MAIL, NUMBER = "claire@example.org", "+33612345678"


class NoSettings(BaseModel):
    """None."""


class Letters:
    """Carries what a mailbox carries."""

    name: ClassVar[str] = "letters"
    settings: ClassVar[type[BaseModel]] = NoSettings
    secrets: ClassVar[tuple[Secret, ...]] = ()
    kind = "email"
    able = Capabilities(rich=True, subject=True, copies=True, media=ALL_MEDIA, media_bytes=1000)

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self.breaks: Exception | None = None

    def address(self, text: str) -> str:
        return text

    def capabilities(self, account: Account) -> Capabilities:
        return self.able

    def reach(self, account: Account, kind: str, value: str) -> str | None:
        return value if kind == self.kind else None

    async def send(self, account: Account, message: Outgoing) -> Sent:
        if self.breaks is not None:
            raise self.breaks
        self.sent.append(message)
        return Sent((message.key,))


class Windowed(Letters):
    """Free answers for a day after the customer wrote, templates at any time; no subject, no files."""

    name: ClassVar[str] = "windowed"
    kind = "phone"
    able = Capabilities(text=20, reply_window=timedelta(hours=24), templates=True, starts=False)

    async def templates(self, account: Account) -> Sequence[Template]:
        if self.breaks is not None:
            raise self.breaks
        return [
            Template("ready", "fr", "Bonjour {{1}}, votre {{2}} est prête.", 2),
            Template("again", "fr", "Toujours là ?"),
        ]


class Page(Letters):
    """Answers only who has written, for a day; no templates."""

    name: ClassVar[str] = "page"
    kind = "external"
    able = Capabilities(reply_window=timedelta(hours=24), starts=False)


@dataclass
class Desk:
    """Sofia at the desk, with Claire's conversation in hand."""

    client: httpx.AsyncClient
    db: Database
    clock: StillClock
    post: Post
    home: Installation
    callers: list[Principal]
    id: str
    customer_id: str
    accounts: dict[str, str]
    keys: int = 0

    async def ways(self) -> dict[str, dict[str, Any]]:
        found = (await self.client.get(f"/conversations/{self.id}/ways")).json()["items"]
        return {way["channel"]: way for way in found}

    async def sends(self, channel: str, **more: Any) -> httpx.Response:
        self.keys += 1
        to = {"letters": MAIL, "windowed": NUMBER}.get(channel, "")
        body = {"channel": channel, "account_id": self.accounts.get(channel), "to": to, "client_id": f"c{self.keys}"}
        return await self.client.post(f"/conversations/{self.id}/messages", json=body | more)

    async def code(self, channel: str, **more: Any) -> str:
        answer = await self.sends(channel, **more)
        assert answer.status_code >= 400, answer.text
        return str(answer.json()["code"])

    async def claire_writes(self, text: str = "Bonjour") -> None:
        account = await self.post.accounts.by_id(self.accounts["windowed"])
        assert account is not None
        self.keys += 1
        sender = Sender(NUMBER, "phone", NUMBER, verified=True)
        await self.post.receiver.take_all(account, [Incoming(f"in{self.keys}", sender, text)])

    async def messages(self) -> list[dict[str, Any]]:
        async with self.db.transaction(self.home.tenant_id) as tx:
            rows = await tx.fetch_all("SELECT text, channel, content, delivery FROM messages ORDER BY number")
        return [dict(row) for row in rows]


@pytest.fixture
async def desk(
    database: Database, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Desk]:
    home, files = await bootstrap(database, now=clock()), Files(tmp_path / "files")
    channels: dict[str, Any] = {"letters": Letters(), "windowed": Windowed(), "page": Page()}
    ids = {name: new_account_id(clock()) for name in channels}
    async with database.transaction(home.tenant_id) as tx:
        for name, account_id in ids.items():
            await put_account(
                tx, AccountRow(account_id, home.workspace_id, home.firm_id, name, name, "", f"our-{name}")
            )
        claire = await find_or_create_by_address(
            tx, workspace_id=home.workspace_id, firm_id=home.firm_id, kind="webchat", value="V1", verified=True
        )
        for kind, value in (("email", MAIL), ("phone", NUMBER)):
            await identify(tx, claire.id, kind=kind, value=value, verified=True)
        opened = await open_conversation(
            tx,
            workspace_id=home.workspace_id,
            firm_id=home.firm_id,
            customer_id=claire.id,
            channel="webchat",
            address="V1",
        )
        await assign(tx, opened.id, user_id="US1", worker_id="WK1", name="Sofia")
    callers = [Principal(home.tenant_id, home.workspace_id, Role.AGENT, user_id="US1", worker_id="WK1", name="Sofia")]

    async def caller(*_: Any) -> Principal:
        return callers[-1]

    monkeypatch.setattr(accounts_http, "caller", caller)
    async with SafeHttp(allowed([])) as outside:
        post = open_post(
            database, http=outside, files=files, handler=Reception(), secret=b"s" * 32, public_url="", channels=channels
        )
        app = FastAPI()
        for router in (http.router, http_messages.router, http_files.router):
            app.include_router(router)
        install_problems(app)
        app.state.db, app.state.clock, app.state.files, app.state.post = database, clock, files, post
        app.state.letters = post.ways
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test") as client:
            yield Desk(client, database, clock, post, home, callers, opened.id, claire.id, ids)


async def test_ways_say_what_each_can_carry(desk: Desk) -> None:
    ways = await desk.ways()
    assert list(ways) == ["webchat", "letters", "windowed"]
    assert ways["letters"]["to"] == MAIL
    assert ways["letters"]["from"] == "our-letters"
    assert ways["letters"]["capabilities"]["subject"] is True
    assert ways["letters"]["capabilities"]["media"] == ["*/*"]
    assert ways["windowed"]["open_until"].startswith("1970-")
    await desk.claire_writes()
    window = (await desk.ways())["windowed"]
    assert window["refusal"] is None
    assert window["open_until"].startswith("2026-")


async def test_another_channel_is_the_same_conversation_in_the_same_hands(desk: Desk) -> None:
    answer = await desk.sends(
        "letters", text="Bonjour Claire", subject=" Votre Vela ", cc=["garage@example.org"],
        html="<p>Bonjour <b>Claire</b><script>x</script></p>",
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    assert answer.json()["delivery"]["state"] == "queued"
    assert await desk.post.sender.run_due() == 1
    (sent,) = desk.post.channels["letters"].sent  # type: ignore[attr-defined]
    assert (sent.to, sent.subject, sent.cc) == (MAIL, "Votre Vela", ("garage@example.org",))
    assert sent.html == "<p>Bonjour <b>Claire</b></p>"
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        now = await locked(tx, desk.id)
    assert (now.channel, now.assigned_user_id) == ("letters", "US1")
    back = await desk.sends("webchat", text="Et par le chat")
    assert back.status_code == 201
    assert back.json()["delivery"] is None
    assert await desk.post.sender.run_due() == 0


async def test_a_message_is_sent_once_however_often_it_is_asked_for(desk: Desk) -> None:
    first = await desk.sends("letters", text="Bonjour", client_id="same")
    again = await desk.sends("letters", text="Bonjour", client_id="same")
    assert first.json()["id"] == again.json()["id"]
    assert await desk.post.sender.run_due() == 1


@pytest.mark.parametrize(
    ("channel", "more", "code"),
    [
        ("windowed", {"text": "x" * 21}, "text-too-long-for-channel"),
        ("windowed", {"text": "x", "subject": "Devis"}, "channel-cannot"),
        ("windowed", {"text": "x", "cc": ["a@x.fr"]}, "channel-cannot"),
        ("letters", {"text": "x", "cc": ["a@x.fr\nBcc: b@y.fr"]}, "channel-cannot"),
        ("letters", {"text": "x", "template": {"name": "ready", "language": "fr"}}, "channel-cannot"),
        ("letters", {"text": "x", "to": "somebody@else.example"}, "not-this-way"),
        ("letters", {"text": "x", "account_id": "CC0"}, "not-this-way"),
        ("nowhere", {"text": "x"}, "not-this-way"),
    ],
)
async def test_what_a_way_cannot_carry_is_refused_and_not_kept(
    desk: Desk, channel: str, more: dict[str, Any], code: str
) -> None:
    await desk.claire_writes()
    before = len(await desk.messages())
    assert await desk.code(channel, **more) == code
    assert len(await desk.messages()) == before


async def test_files_that_a_way_does_not_take_are_refused(desk: Desk) -> None:
    await desk.claire_writes()
    file = (await desk.client.post("/files", files={"file": ("a.png", PNG)})).json()["id"]
    assert await desk.code("windowed", text="x", attachment_ids=[file]) == "channel-cannot"
    large = (await desk.client.post("/files", files={"file": ("b.png", PNG + b"x" * 1000)})).json()["id"]
    assert await desk.code("letters", text="x", attachment_ids=[large]) == "text-too-long-for-channel"
    sent = await desk.sends("letters", text="x", attachment_ids=[file])
    assert sent.status_code == 201


async def test_after_the_window_only_a_template_goes(desk: Desk) -> None:
    await desk.claire_writes()
    assert (await desk.sends("windowed", text="Bonjour")).status_code == 201
    desk.clock.advance(25 * HOUR)
    assert await desk.code("windowed", text="Encore") == "reply-window-closed"
    path = f"/channels/{desk.accounts['windowed']}/templates"
    listed = (await desk.client.get(path)).json()["items"]
    assert [(one["name"], one["values"]) for one in listed] == [("ready", 2), ("again", 0)]
    chosen = {"name": "ready", "language": "fr", "values": ["Claire"]}
    assert await desk.code("windowed", template=chosen) == "channel-cannot"
    desk.post.channels["windowed"].able = Capabilities(  # type: ignore[attr-defined]
        text=100, reply_window=timedelta(hours=24), templates=True, starts=False
    )
    answer = await desk.sends("windowed", template=chosen | {"values": ["Claire", "Vela"]})
    assert answer.json()["text"] == "Bonjour Claire, votre Vela est prête."
    await desk.post.sender.run_due()
    last = desk.post.channels["windowed"].sent[-1]  # type: ignore[attr-defined]
    assert (last.template.name, last.template.values) == ("ready", ("Claire", "Vela"))
    desk.post.channels["windowed"].breaks = TryLater("provider-busy")  # type: ignore[attr-defined]
    assert (await desk.client.get(path)).json()["code"] == "templates-away"


async def test_who_asked_for_silence_is_not_written_to(desk: Desk) -> None:
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        await consent.opt_out(
            tx, firm_id=desk.home.firm_id, kind="email", value=MAIL, customer_id=desk.customer_id, channel="letters",
            word="STOP", message_id="IM1",
        )  # fmt: skip
    assert (await desk.ways())["letters"]["refusal"] == "opted-out"
    assert await desk.code("letters", text="Bonjour") == "opted-out"


async def test_what_failed_is_sent_again_when_a_person_says_so(desk: Desk) -> None:
    letters: Any = desk.post.channels["letters"]
    letters.breaks = Failed("mailbox-full")
    message = (await desk.sends("letters", text="Bonjour")).json()
    path = f"/conversations/{desk.id}/messages/{message['id']}/again"
    assert (await desk.client.post(path)).json()["code"] == "not-to-send-again"
    await desk.post.sender.run_due()
    assert (await desk.messages())[-1]["delivery"]["code"] == "mailbox-full"
    letters.breaks = None
    answer = await desk.client.post(path)
    assert answer.json()["delivery"]["state"] == "queued", answer.text
    await desk.post.sender.run_due()
    assert [one.text for one in letters.sent] == ["Bonjour"]
    desk.callers.append(
        Principal(desk.home.tenant_id, desk.home.workspace_id, Role.AGENT, user_id="US2", worker_id="WK2")
    )
    assert (await desk.client.post(path)).status_code in (403, 404)


async def test_an_agent_writes_first_and_waits_for_the_answer(desk: Desk) -> None:
    listed = (await desk.client.get(f"/customers/{desk.customer_id}/ways")).json()["items"]
    assert [way["channel"] for way in listed] == ["letters"]
    body = {
        "customer_id": desk.customer_id, "channel": "letters", "account_id": desk.accounts["letters"], "to": MAIL,
        "text": "Votre voiture est prête.", "subject": "Vela", "client_id": "n1",
    }  # fmt: skip
    headers = {"Idempotency-Key": "n1"}
    first = await desk.client.post("/conversations", json=body, headers=headers)
    again = await desk.client.post("/conversations", json=body, headers=headers)
    assert first.status_code == 201, first.text
    assert first.json() == again.json()
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        made = await locked(tx, first.json()["conversation"]["id"])
    assert (made.status, made.previous_user_id, made.subject, made.channel) == ("parked", "US1", "Vela", "letters")
    assert await desk.post.sender.run_due() == 1
    shut = await desk.client.post(
        "/conversations", json=body | {"channel": "windowed", "to": NUMBER, "client_id": "n2"}
    )
    assert shut.json()["code"] == "not-this-way"
    desk.callers.append(Principal("AC2", "WS2", Role.AGENT, user_id="US9", worker_id="WK9"))
    assert (await desk.client.post("/conversations", json=body | {"client_id": "n3"})).status_code == 404
    assert (await desk.client.get(f"/customers/{desk.customer_id}/ways")).status_code == 404
    assert (await desk.client.get(f"/conversations/{desk.id}/ways")).status_code == 404


async def test_an_agent_writes_to_an_address_nobody_knew(desk: Desk) -> None:
    new = "claire@work.example"
    body = {"customer_id": desk.customer_id, "account_id": desk.accounts["letters"], "to": new, "text": "Bonjour"}
    refused = await desk.client.post("/conversations", json=body | {"client_id": "a1"})
    assert refused.json()["code"] == "not-this-way"
    wrong = await desk.client.post("/conversations", json=body | {"client_id": "a2", "claim": True, "to": "claire@"})
    assert wrong.json()["code"] == "not-this-way"
    his = await desk.client.post("/conversations", json=body | {"client_id": "a3", "claim": True})
    assert his.json()["conversation"]["customer"]["id"] == desk.customer_id
    ways = (await desk.client.get(f"/customers/{desk.customer_id}/ways")).json()["items"]
    assert {(way["channel"], way["to"]) for way in ways} == {("letters", MAIL), ("letters", new)}
    other = body | {"client_id": "a4", "customer_id": None, "to": "garage@parts.example"}
    somebody = await desk.client.post("/conversations", json=other)
    assert somebody.json()["conversation"]["customer"]["id"] != desk.customer_id
    await desk.post.sender.run_due()
    letters: Any = desk.post.channels["letters"]
    assert sorted(one.to for one in letters.sent) == [new, "garage@parts.example"], "two matters, in no order"


async def test_who_wrote_in_another_matter_can_be_answered_in_this_one(desk: Desk) -> None:
    """A new conversation of somebody known by his messages alone was without any way, although he had just written."""
    account = await desk.post.accounts.by_id(desk.accounts["page"])
    assert account is not None
    luc = Sender("page:luc", "external", "page:luc", verified=True, name="Luc")
    await desk.post.receiver.take_all(account, [Incoming("p1", luc, "Bonjour")])
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        (row,) = await tx.fetch_all("SELECT id, customer_id FROM conversations WHERE channel = 'page'")
        await close(tx, row["id"], by="system")
        opened = await open_conversation(
            tx, workspace_id=desk.home.workspace_id, firm_id=desk.home.firm_id, customer_id=row["customer_id"],
            channel="voice", address="+33612340000",
        )  # fmt: skip
        await assign(tx, opened.id, user_id="US1", worker_id="WK1", name="Sofia")
    desk.id = opened.id
    (way,) = (await desk.ways()).values()
    assert (way["channel"], way["to"], way["refusal"]) == ("page", "page:luc", None)
    answer = await desk.sends("page", to="page:luc", text="Je vous rappelle")
    assert answer.status_code == 201, answer.text
    assert await desk.post.sender.run_due() == 1
    (sent,) = desk.post.channels["page"].sent  # type: ignore[attr-defined]
    assert sent.to == "page:luc"
    desk.clock.advance(25 * HOUR)
    assert await desk.code("page", to="page:luc", text="Toujours là ?") == "reply-window-closed"


async def test_accounts_read_before_a_change_do_not_come_back_after_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two looked at once: who began before the change ended last, and the new account was gone for a moment."""
    accounts, real = desk.post.accounts, desk.db.system
    read, gate = asyncio.Event(), asyncio.Event()

    @contextlib.asynccontextmanager
    async def slow() -> AsyncIterator[Any]:
        first = not read.is_set()
        async with real() as tx:
            yield tx
        if first:
            read.set()
            await gate.wait()

    monkeypatch.setattr(desk.db, "system", slow)
    before = asyncio.create_task(accounts.refresh(now=True))
    await read.wait()
    row = AccountRow(
        new_account_id(desk.clock()), desk.home.workspace_id, desk.home.firm_id, "page", "new", "New", "our-new"
    )
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        await put_account(tx, row)
    after = asyncio.create_task(accounts.refresh(now=True))
    await asyncio.wait({after}, timeout=0.5)
    gate.set()
    await asyncio.gather(before, after)
    assert await accounts.by_id(row.id) is not None


async def test_an_account_is_known_as_soon_as_the_change_is_heard(desk: Desk) -> None:
    accounts, remembered = desk.post.accounts, Remembered(desk.clock, "configuration.applied")
    desk.db.remembered = remembered
    row = AccountRow(
        new_account_id(desk.clock()), desk.home.workspace_id, desk.home.firm_id, "page", "new", "New", "our-new"
    )
    assert await accounts.by_id(row.id) is None
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        await put_account(tx, row)
    assert await accounts.by_id(row.id) is None, "not read again within the moment"
    remembered.forget()
    assert await accounts.by_id(row.id) is not None


async def test_during_and_after_a_call_one_writes_beside_it(desk: Desk) -> None:
    home = desk.home
    async with desk.db.transaction(home.tenant_id) as tx:
        called = await open_conversation(
            tx, workspace_id=home.workspace_id, firm_id=home.firm_id, customer_id=desk.customer_id, channel="voice",
            address=NUMBER,
        )  # fmt: skip
        await assign(tx, called.id, user_id="US1", worker_id="WK1", name="Sofia")
    chat, desk.id = desk.id, called.id
    assert list(await desk.ways()) == ["letters", "windowed"]
    assert (await desk.sends("letters", text="Your offer")).status_code == 201
    async with desk.db.transaction(home.tenant_id) as tx:
        await start_leg(tx, await locked(tx, called.id), "webchat", "V1")
    assert (await desk.sends("webchat", text="And here")).status_code == 201
    async with desk.db.transaction(home.tenant_id) as tx:
        now = await end_contact(tx, called.id, by="system")
    assert (now.channel, now.account_id) == ("voice", None), "it stays a call's"
    after = await desk.sends("letters", text="And the address")
    assert after.status_code == 201, after.text
    assert await desk.code("voice", text="To nobody") == "not-this-way"
    assert await desk.post.sender.run_due() == 2
    assert [one.text for one in desk.post.channels["letters"].sent] == ["Your offer", "And the address"]  # type: ignore[attr-defined]
    async with desk.db.transaction(home.tenant_id) as tx:
        await end_contact(tx, chat, by="agent")
    desk.id = chat
    assert await desk.code("letters", text="Too late") == "contact-ended", "a chat that has ended has ended"

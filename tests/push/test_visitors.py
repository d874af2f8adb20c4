"""Visitors who accepted are told on a real database and a real wire: when, what is said, when not, and how it ends."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, get_args

import httpx
import pytest
from fastapi import FastAPI

from parlons.accounts.model import Principal, Role
from parlons.channels.accounts import AccountRow, put_account
from parlons.channels.model import Account, Outgoing
from parlons.channels.plugin import Failed, TryLater
from parlons.channels.post import Post, open_post
from parlons.channels.push import events
from parlons.channels.push import http as push_http
from parlons.channels.push.quiet import seconds_of_quiet
from parlons.channels.webchat import http, room
from parlons.channels.webchat.widgets import put_widget
from parlons.conversations.messages import add_message
from parlons.conversations.model import Author
from parlons.customers import consent
from parlons.customers.commands import find_or_create_by_address
from parlons.customers.queries import customer
from parlons.dispatch.dispatch import Dispatch
from parlons.kit.ids import new_id
from parlons.push.answers import Answers
from parlons.reception.handler import Reception
from parlons.reception.model import EntryPoint
from parlons.reception.points import put_entry_points
from parlons.runtime import journal
from parlons.runtime.db import Database
from parlons.runtime.files import Files
from parlons.runtime.http import install_problems
from parlons.runtime.hub import Hub
from parlons.runtime.rights import VISITOR, Rights
from parlons.runtime.safe_http import SafeHttp, allowed
from parlons.runtime.socket import Socket
from parlons.testing.channel_scene import letter
from tests.channels.conftest import SHOP, Visitor
from tests.conftest import StillClock
from tests.dispatch import floor
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.push.push_service import PushService, push_service

FIRM = "FI" + "1" * 32
KEY = Principal(tenant_id=TENANT, workspace_id=WORKSPACE, role=Role.ADMINISTRATOR, key_id="SK1")


@dataclass
class Scene:
    """Delmas's site, a visitor's browser on it, and who tells."""

    db: Database
    app: FastAPI
    post: Post
    hub: Hub
    service: PushService
    answers: Answers
    claire: Visitor

    @property
    def given(self) -> dict[str, Any]:
        subscription = {**self.service.subscription, "language": "fr", "time_zone": "Europe/Paris"}
        return {**subscription, "page": f"{SHOP}/cars/vela-3?secret=1#x"}

    async def accepts(self) -> None:
        answer = await self.claire.call("POST", "/push", self.given)
        assert answer.status_code == 204, answer.text

    async def visitor(self) -> Any:
        async with self.db.system() as tx:
            (row,) = await tx.fetch_all("SELECT * FROM visitors")
        return row

    async def account(self) -> Account:
        (one,) = await self.post.accounts.of_tenant(TENANT)
        return one

    async def set_up(self, **settings: Any) -> None:
        async with self.db.transaction(TENANT) as tx:
            await put_account(
                tx,
                AccountRow(
                    "CA" + "1" * 32, WORKSPACE, FIRM, "push", "site", "Site", "delmas",
                    {"quiet_begins": "", "quiet_ends": "", **settings},
                ),
            )  # fmt: skip
        await self.post.accounts.refresh(now=True)

    async def answered(self, text: str = "Elle part ce soir.") -> None:
        visitor = await self.visitor()
        async with self.db.transaction(TENANT) as tx:
            bot = Author("bot", None, "Assistant")
            await add_message(tx, visitor["conversation_id"], direction="out", author=bot, text=text)

    async def told(self) -> dict[str, Any]:
        return await self.service.next()

    async def heard(self) -> None:
        """Everything that is in the journal was looked at, and what was begun has ended."""
        end = monotonic() + 20
        while True:
            async with self.db.system() as tx:
                seq = await journal.last_seq(await tx.raw(), WORKSPACE)
                waiting = await tx.scalar("SELECT count(*) FROM outbox")
            telling = [task for task in asyncio.all_tasks() if task.get_name() == "push to a visitor"]
            if not waiting and not telling and self.answers.seq >= seq:
                return
            assert monotonic() < end
            await asyncio.sleep(0.01)

    def page(self, conversation_id: str, *, foreground: bool) -> Socket:
        """His page, connected."""
        rights = Rights(TENANT, WORKSPACE, VISITOR, firm_ids=frozenset({FIRM}))
        socket = Socket(rights, _nowhere, now=0.0)
        socket.foreground, socket.registered = foreground, True
        self.hub.watch(socket, conversation_id)
        return socket


def said(to: str, conversation_id: str) -> Outgoing:
    """A message by push."""
    return replace(letter(to, "Votre commande part ce soir."), conversation_id=conversation_id)


async def _nowhere(_frame: str) -> None:
    """A page that takes everything."""


@pytest.fixture
async def scene(database: Database, clock: StillClock, tmp_path: Path) -> AsyncIterator[Scene]:
    """Claire has written on the site; nobody was asked yet whether he wants to be told."""
    dispatch = Dispatch(database, clock=clock, name="first")
    await floor.prepare(dispatch, floor.worker(1, "sales"))
    async with database.transaction(TENANT) as tx:
        point = EntryPoint(new_id("EP", clock()), WORKSPACE, "webchat", "delmas", FIRM, workflow_id=floor.WORKFLOW)
        await put_entry_points(tx, [point])
        await put_widget(
            tx, workspace_id=WORKSPACE, firm_id=FIRM, key="delmas", name="Delmas Automobiles", origins=[SHOP],
            identity_secret="shared",
        )  # fmt: skip
    app = FastAPI()
    install_problems(app)
    app.include_router(http.router, prefix="/api/v1")
    app.include_router(push_http.router, prefix="/api/v1")
    hub, handler, files = Hub(clock=clock), Reception(), Files(tmp_path / "files")
    async with push_service() as service, SafeHttp(allowed(["127.0.0.0/8"])) as outside:
        post = open_post(
            database, http=outside, files=files, handler=handler, secret=b"s" * 32, public_url="https://desk.example",
            hub=hub,
        )  # fmt: skip
        state = app.state
        state.db, state.clock, state.hub, state.handler, state.files, state.post = (
            database, clock, hub, handler, files, post,
        )  # fmt: skip
        answers = Answers(dispatch, post, TENANT, WORKSPACE)
        following = asyncio.create_task(answers.follow())
        async with asyncio.timeout(20):
            await answers.following.wait()
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://chat.example/api/v1/webchat/delmas",
            headers={"Origin": SHOP},
        )
        claire = await Visitor(client).begin()
        made = Scene(database, app, post, hub, service, answers, claire)
        await made.set_up()
        await claire.write("Où en est ma voiture ?")
        yield made
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await room.close(app)
        await client.aclose()
    await dispatch.close()


async def test_who_accepted_is_told_of_an_answer_and_not_what_it_says(scene: Scene) -> None:
    offered = (await scene.claire.call("GET", "/push")).json()
    assert offered["available"]
    assert len(offered["public_key"]) == 87
    await scene.answered("un")
    await scene.heard()
    await scene.accepts()
    await scene.accepts()
    await scene.answered("Votre numéro de dossier est 4970")
    told = await scene.told()
    visitor = await scene.visitor()
    assert told == {
        "tag": visitor["conversation_id"],
        "title": "Delmas Automobiles",
        "body": "Vous avez une réponse. Appuyez pour la lire.",
        "lang": "fr",
        "url": f"{SHOP}/cars/vela-3#parlons",
    }
    await scene.heard()
    assert len(scene.service.taken) == 1


async def test_an_account_may_show_what_was_written(scene: Scene) -> None:
    await scene.set_up(show_text=True)
    await scene.accepts()
    await scene.answered("Elle part ce soir.")
    assert (await scene.told())["body"] == "Elle part ce soir."


async def test_who_looks_or_wants_quiet_is_not_told(scene: Scene) -> None:
    await scene.set_up(show_text=True)
    await scene.accepts()
    conversation_id = (await scene.visitor())["conversation_id"]
    page = scene.page(conversation_id, foreground=False)
    await scene.answered("un")
    assert (await scene.told())["body"] == "un"
    page.foreground = True
    await scene.answered("deux")
    await scene.heard()
    await scene.set_up(show_text=True, quiet_begins="00:00", quiet_ends="23:59")
    await scene.answered("trois")
    await scene.heard()
    await scene.set_up(show_text=True)
    page.foreground = False
    await scene.answered("quatre")
    assert (await scene.told())["body"] == "quatre"
    await scene.heard()
    assert len(scene.service.taken) == 2


async def test_without_an_account_nobody_is_asked_or_told(scene: Scene) -> None:
    async with scene.db.system() as tx:
        await tx.execute("DELETE FROM channel_accounts")
    await scene.post.accounts.refresh(now=True)
    assert not (await scene.claire.call("GET", "/push")).json()["available"]
    answer = await scene.claire.call("POST", "/push", scene.given)
    assert (answer.status_code, answer.json()["code"]) == (404, "no-push")


@pytest.mark.parametrize("status", [404, 410])
async def test_an_ended_subscription_is_forgotten_with_its_proof(scene: Scene, status: int) -> None:
    await scene.accepts()
    scene.service.status = status
    visitor, account = await scene.visitor(), await scene.account()
    name = f"{visitor['id']}.{visitor['customer_id'][-8:]}"
    with pytest.raises(Failed) as failed:
        await scene.post.telling.send(account, said(name, visitor["conversation_id"]))
    assert failed.value.code == "subscription-ended"
    async with scene.db.system() as tx:
        (row,) = await tx.fetch_all("SELECT * FROM visitor_pushes")
    assert (row["ended_by"], row["address"], row["secret"], row["address_hash"]) == ("gone", None, None, None)
    async with scene.db.transaction(TENANT) as tx:
        assert await consent.opted_out(tx, firm_id=FIRM, kind="external", value=f"push:delmas:{name}")
    scene.service.status = 201
    await scene.accepts()
    async with scene.db.transaction(TENANT) as tx:
        assert not await consent.opted_out(tx, firm_id=FIRM, kind="external", value=f"push:delmas:{name}")


async def test_who_takes_it_back_is_told_no_more(scene: Scene) -> None:
    await scene.accepts()
    assert (await scene.claire.call("DELETE", "/push")).status_code == 204
    assert (await scene.claire.call("DELETE", "/push")).status_code == 204
    await scene.answered()
    await scene.heard()
    assert not scene.service.taken


async def test_a_message_by_push_reaches_the_customer_and_opens_in_his_chat(scene: Scene) -> None:
    await scene.accepts()
    visitor = await scene.visitor()
    async with scene.db.transaction(TENANT) as tx:
        (way,) = await scene.post.ways.to_customer(tx, visitor["customer_id"], FIRM)
        known = await customer(tx, visitor["customer_id"])
        assert known is not None
        assert known.reach() is None, "a browser is no address to read out"
    assert (way.way.channel, way.capabilities.media, way.refusal) == ("push", frozenset(), None)
    account = await scene.account()
    assert way.way.address is not None
    other = said(way.way.address, "CH" + "9" * 32)
    with pytest.raises(TryLater) as later:
        await scene.post.telling.send(account, other)
    assert later.value.code == "in-a-chat"
    async with scene.db.system() as tx:
        await tx.execute("UPDATE conversations SET status = 'closed', closed_at = now()")
    assert (await scene.post.telling.send(account, other)).ids == (other.key,)
    told = await scene.told()
    assert (told["tag"], told["body"]) == (other.key, "Il y a du nouveau pour vous. Appuyez pour lire.")
    assert "commande" not in json.dumps(told)
    assert (await scene.visitor())["conversation_id"] == other.conversation_id
    await scene.set_up(quiet_begins="00:00", quiet_ends="23:59")
    with pytest.raises(TryLater) as quiet:
        await scene.post.telling.send(await scene.account(), other)
    assert quiet.value.code == "quiet-hours"
    assert quiet.value.after


async def test_the_next_customer_in_the_same_browser_hears_nothing_of_the_one_before(scene: Scene) -> None:
    await scene.accepts()
    before = await scene.visitor()
    old = f"{before['id']}.{before['customer_id'][-8:]}"
    async with scene.db.transaction(TENANT) as tx:
        await find_or_create_by_address(
            tx, workspace_id=WORKSPACE, firm_id=FIRM, kind="external", value="claire-1", verified=True
        )
    await scene.claire.log_in("claire-1")
    assert (await scene.visitor())["customer_id"] != before["customer_id"]
    await scene.claire.write("C'est moi")
    await scene.accepts()
    with pytest.raises(Failed):
        await scene.post.telling.send(await scene.account(), said(old, before["conversation_id"]))
    assert not scene.service.taken


async def test_a_page_elsewhere_or_a_plain_address_is_not_taken(scene: Scene) -> None:
    answer = await scene.claire.call("POST", "/push", {**scene.given, "address": "http://push.example/1"})
    assert (answer.status_code, answer.json()["code"]) == (422, "push-address-invalid")
    await scene.claire.call("POST", "/push", {**scene.given, "page": "https://evil.example/x"})
    async with scene.db.system() as tx:
        (row,) = await tx.fetch_all("SELECT page FROM visitor_pushes")
    assert row["page"] == f"{SHOP}/"


@pytest.mark.parametrize(
    ("hours", "at", "seconds"),
    [
        (("", ""), "23:00", 0),
        (("21:00", "08:00"), "20:59", 0),
        (("21:00", "08:00"), "23:00", 9 * 3600),
        (("21:00", "08:00"), "07:00", 3600),
        (("12:00", "14:00"), "13:30", 1800),
        (("12:00", "12:00"), "12:00", 0),
    ],
)
def test_quiet_hours_end_by_the_visitors_clock(hours: tuple[str, str], at: str, seconds: int) -> None:
    hour, minute = at.split(":")
    now = datetime(2026, 1, 15, int(hour), int(minute), tzinfo=UTC)
    assert seconds_of_quiet(*hours, now, "UTC") == seconds
    if hours == ("21:00", "08:00") and at == "20:59":
        assert seconds_of_quiet(*hours, now, "Europe/Paris") > 0


async def test_a_program_sends_news_once_to_who_accepted(scene: Scene) -> None:
    await scene.set_up(show_text=True)
    await scene.accepts()
    customer_id = (await scene.visitor())["customer_id"]
    async with scene.db.system() as tx:
        await tx.execute("UPDATE conversations SET status = 'closed', closed_at = now()")
    scene.app.include_router(events.router, prefix="/api/v1")
    scene.app.dependency_overrides[get_args(events.Serving)[1].dependency] = lambda: KEY
    body = {"event": "order-sent", "text": "Votre commande part ce soir."}
    path = f"http://chat.example/api/v1/customers/{customer_id}/push"
    headers = {"Idempotency-Key": "order-4711"}
    answers = [await scene.claire.call("POST", path, body, headers=headers) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201], answers[0].text
    assert answers[0].json() == answers[1].json()
    message = answers[0].json()["message"]
    assert (message["channel"], message["notice"]) == ("push", {"code": "news", "event": "order-sent"})
    assert await scene.post.sender.run_due() == 1
    told = await scene.told()
    assert told["body"] == body["text"]
    await scene.claire.call("DELETE", "/push")
    refused = await scene.claire.call("POST", path, body, headers={"Idempotency-Key": "order-4712"})
    assert (refused.status_code, refused.json()["code"]) == (409, "push-not-accepted")

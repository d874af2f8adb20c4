"""Who left the page before he read an answer is sent it by his next proven channel, once; nobody else is."""

from dataclasses import replace
from typing import Any

import pytest

from parlons.channels.accounts import AccountRow, put_account
from parlons.channels.post import Post, open_post
from parlons.channels.webchat.away import Away
from parlons.channels.webchat.widgets import put_widget
from parlons.conversations.commands import close, left_site
from parlons.conversations.messages import add_message, mark_read
from parlons.conversations.model import Author
from parlons.customers import consent
from parlons.customers.commands import identify, update_customer
from parlons.kit.clock import Millis, from_datetime
from parlons.runtime.jobs import Job
from parlons.runtime.journal import Entry
from parlons.runtime.safe_http import SafeHttp
from tests.channels.conftest import PAGE, Site

NUMBER, MAIL = "+33612009915", "noor@away.example"
BOT = Author("bot", None, "Assistant")


class Scene:
    """Noor has written in the chat and has left; she has proven a number and a mailbox."""

    def __init__(self, site: Site, post: Post) -> None:
        self.site, self.post, self.away = site, post, Away(post.ways)

    async def begin(self, minutes: int | None = 15) -> None:
        home = self.site.home
        async with self.site.db.transaction(home.tenant_id) as tx:
            await put_widget(
                tx, workspace_id=home.workspace_id, firm_id=home.firm_id, key="delmas", name="Delmas",
                origins=["https://shop.example"], away_minutes=minutes,
            )  # fmt: skip
            row = AccountRow("CA" + "1" * 32, home.workspace_id, home.firm_id, "sms", "sms", "SMS", "+33755004100",
                             {"host": "127.0.0.1", "port": 9, "system_id": "x"}, {"password": "x"})  # fmt: skip
            await put_account(tx, row)
            mail = {"name": "Delmas", "receive": "smtp", "listen": "127.0.0.1:9", "smtp_host": "127.0.0.1", "smtp_port": 9,
                    "smtp_safety": "none", "believe": "everybody"}  # fmt: skip
            await put_account(
                tx, replace(row, id="CA" + "2" * 32, channel="email", key="mail", address="a@d.example", settings=mail)
            )
        await self.post.accounts.refresh(now=True)
        noor = await self.site.browser().begin(page=PAGE)
        await noor.write("Quand ouvrez-vous ?")
        async with self.site.db.transaction(home.tenant_id) as tx:
            for kind, value in (("phone", NUMBER), ("email", MAIL)):
                await identify(tx, (await self.visitor())["customer_id"], kind=kind, value=value, verified=True)

    async def visitor(self) -> Any:
        (row,) = await self.site.rows("visitors")
        return row

    async def answered(self, text: str = "À neuf heures.") -> dict[str, Any]:
        """What the bot says; the reader hears of it."""
        visitor = await self.visitor()
        async with self.site.db.transaction(self.site.home.tenant_id) as tx:
            message = await add_message(tx, visitor["conversation_id"], direction="out", author=BOT, text=text)
            told = {"conversation_id": message.conversation_id, "direction": "out", "channel": "webchat"}
            data = {"message": {**told, "author": {"kind": "bot"}}}
            await self.away.heard(tx, Entry("event", "message.added", 0, data))
        return {"id": message.id, **told}

    async def leaves(self) -> None:
        visitor = await self.visitor()
        async with self.site.db.transaction(self.site.home.tenant_id) as tx:
            await left_site(tx, customer_id=visitor["customer_id"], visitor_id=visitor["id"])

    async def time_is_over(self) -> list[Any]:
        """Every clock has run; what was sent elsewhere."""
        for row in await self.site.rows("jobs", "kind = 'webchat.away'"):
            job = Job(row["id"], row["tenant_id"], row["kind"], row["payload"], Millis(0), 1, 1)
            async with self.site.db.transaction(self.site.home.tenant_id) as tx:
                await self.away.carry(tx, job)
        return await self.site.rows("messages", "notice->>'code' = 'away'")


@pytest.fixture
async def scene(site: Site) -> Any:
    """With the accounts of a firm."""
    async with SafeHttp() as http:
        post = open_post(
            site.db, http=http, files=site.app.state.files, handler=site.app.state.handler, secret=b"s" * 32,
            public_url="https://desk.example",
        )  # fmt: skip
        yield Scene(site, post)


async def test_an_unread_answer_follows_once_by_text_message(scene: Scene) -> None:
    await scene.begin()
    await scene.answered()
    await scene.answered("Samedi aussi.")
    (clock,) = await scene.site.rows("jobs", "kind = 'webchat.away'")
    assert from_datetime(clock["run_at"]) - scene.site.clock() == 15 * 60_000
    await scene.leaves()
    (sent,) = await scene.time_is_over()
    assert (sent["channel"], sent["text"], sent["content"]["to"]) == ("sms", "À neuf heures.\n\nSamedi aussi.", NUMBER)
    (sent,) = await scene.time_is_over()
    (delivery,) = await scene.site.rows("deliveries")
    assert delivery["address"] == NUMBER


async def test_the_channel_he_prefers_comes_first(scene: Scene) -> None:
    await scene.begin()
    visitor = await scene.visitor()
    async with scene.site.db.transaction(scene.site.home.tenant_id) as tx:
        await update_customer(tx, visitor["customer_id"], attributes={"preferred_channel": "email"})
    await scene.answered()
    await scene.leaves()
    (sent,) = await scene.time_is_over()
    assert (sent["channel"], sent["content"]["to"]) == ("email", MAIL)


async def test_a_closed_conversation_stays_closed(scene: Scene) -> None:
    await scene.begin()
    said = await scene.answered()
    await scene.leaves()
    async with scene.site.db.transaction(scene.site.home.tenant_id) as tx:
        await close(tx, said["conversation_id"], by="agent")
    assert len(await scene.time_is_over()) == 1
    assert await scene.site.count("conversations", "status = 'closed'") == 1


@pytest.mark.parametrize("why", ["reads", "stays", "stop", "never"])
async def test_who_read_or_is_there_or_wants_none_is_left_alone(scene: Scene, why: str) -> None:
    await scene.begin(None if why == "never" else 15)
    said = await scene.answered()
    home = scene.site.home
    if why != "stays":
        await scene.leaves()
    async with scene.site.db.transaction(home.tenant_id) as tx:
        if why == "reads":
            await mark_read(tx, said["conversation_id"], by="customer", message_id=said["id"])
        customer_id = (await scene.visitor())["customer_id"]
        for kind, value in (("phone", NUMBER), ("email", MAIL)) if why == "stop" else ():
            await consent.opt_out(
                tx, firm_id=home.firm_id, kind=kind, value=value, customer_id=customer_id, channel="sms", word="STOP",
                message_id="",
            )  # fmt: skip
    assert not await scene.time_is_over()

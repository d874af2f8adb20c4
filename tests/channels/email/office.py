"""A firm's mailbox seen from all its ends: the customer's, the mail servers', the agent's."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from sqlalchemy import RowMapping

from parlons.accounts.bootstrap import Installation
from parlons.channels.accounts import AccountRow, new_account_id, put_account
from parlons.channels.email import incoming
from parlons.channels.email.settings import Settings
from parlons.channels.model import Account
from parlons.channels.owning import AccountInbox
from parlons.channels.post import Post
from parlons.conversations.messages import add_message
from parlons.conversations.model import Author, Message
from parlons.runtime.db import Database
from tests.channels.email.servers import PASSWORD, Sink
from tests.conftest import StillClock

SHOP = "shop@delmas.example"


def account(**settings: Any) -> Account:
    """A mailbox without anything behind it."""
    return Account("CA1", "T", "W", "F", "email", "shop", SHOP, Settings(**settings))


def letter(text: str = "Bonjour", **headers: str) -> bytes:
    """A simple mail."""
    mail = EmailMessage()
    plain = {"From": "Claire Rousseau <claire@client.example>", "To": SHOP, "Subject": "Vela 3", **headers}
    for name, value in plain.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def report(sent: bytes, status: str) -> bytes:
    """What a mail system writes about a mail we sent: its report, and the headers of that mail."""
    head = sent.partition(b"\r\n\r\n")[0].decode().replace("\r\n", "\n")
    lines = [
        "From: MAILER-DAEMON@mx.example", f"To: {SHOP}", "Subject: Undelivered Mail Returned to Sender",
        "Message-ID: <report@mx.example>", "Auto-Submitted: auto-replied", "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', "",
        "--b", "Content-Type: text/plain", "", "I'm sorry to have to inform you ...",
        "--b", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example", "",
        "Final-Recipient: rfc822; somebody", status, "",
        "--b", "Content-Type: text/rfc822-headers", "", head, "--b--", "",
    ]  # fmt: skip
    return "\n".join(lines).encode()


@dataclass
class Office:
    """The firm."""

    db: Database
    clock: StillClock
    home: Installation
    post: Post
    server: Sink
    stack: contextlib.AsyncExitStack
    account_id: str = ""
    running: "asyncio.Task[None] | None" = None

    async def configure(
        self, *, address: str = SHOP, key: str = "shop", secrets: dict[str, str] | None = None, **more: Any
    ) -> Account:
        """The mailbox with these settings; the same again changes it."""
        settings = {
            "smtp_host": "127.0.0.1",
            "smtp_port": self.server.port,
            "smtp_safety": "none",
            "name": "Delmas",
            **more,
        }
        self.account_id = self.account_id or new_account_id(self.clock())
        row = AccountRow(self.account_id, self.home.workspace_id, self.home.firm_id, "email", key, "Shop", address, settings,
                         {"password": PASSWORD, **(secrets or {})})  # fmt: skip
        async with self.db.transaction(self.home.tenant_id) as tx:
            await put_account(tx, row)
        await self.post.accounts.refresh(now=True)
        return await self.account()

    async def account(self) -> Account:
        found = await self.post.accounts.by_id(self.account_id)
        assert found is not None
        return found

    async def comes(self, raw: bytes) -> str:
        """A mail is taken; the id of its conversation."""
        account = await self.account()
        events = incoming.read(account, raw)
        await self.post.receiver.take_all(account, events)
        (event,) = events
        rows = await self.rows(
            "SELECT conversation_id FROM channel_received WHERE provider_id = :id", id=getattr(event, "id", "")
        )
        return str(rows[0]["conversation_id"]) if rows else ""

    async def inbox(self) -> AccountInbox:
        return AccountInbox(self.post.owner, await self.account())

    async def answers(self, conversation_id: str, text: str = "Bien sûr", **more: Any) -> Message:
        """An agent answers; what is due is sent."""
        async with self.db.transaction(self.home.tenant_id) as tx:
            message = await add_message(
                tx, conversation_id, direction="out", author=Author("agent", "US1", "Inès"), text=text, **more
            )
        await self.post.sender.run_due()
        return message

    async def delivery(self, message: Message) -> dict[str, Any]:
        row = (await self.rows("SELECT delivery FROM messages WHERE id = :id", id=message.id))[0]
        return dict(row["delivery"])

    async def rows(self, statement: str, **values: Any) -> list[RowMapping]:
        async with self.db.system() as tx:
            return await tx.fetch_all(statement, values)

    async def messages(self, conversation_id: str) -> list[RowMapping]:
        return await self.rows("SELECT * FROM messages WHERE conversation_id = :id ORDER BY number", id=conversation_id)

    async def until(
        self, done: Callable[[list[RowMapping]], bool], statement: str = "SELECT * FROM messages ORDER BY at, number"
    ) -> list[RowMapping]:
        """Waits for the database to say so."""
        async with asyncio.timeout(60):
            while not done(found := await self.rows(statement)):
                if self.running is not None and self.running.done():
                    self.running.result()
                await asyncio.sleep(0.02)
        return found

    async def runs(self, inbox: Any = None) -> "asyncio.Task[None]":
        """The channel receives, until the test ends."""
        channel: Any = self.post.channels["email"]
        taking = inbox or await self.inbox()
        task: asyncio.Task[None] = asyncio.create_task(channel.run(await self.account(), taking))

        self.running = task

        async def end() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        self.stack.push_async_callback(end)
        return task

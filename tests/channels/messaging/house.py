"""A whole centre around channel accounts: database, router, reception, hooks on a real port, sender, connections and jobs; on the
other side the stand-ins of the services. One agent, who takes what is offered and answers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from sqlalchemy import RowMapping

from parlons.accounts.bootstrap import Installation, bootstrap
from parlons.channels import hooks
from parlons.channels.accounts import AccountRow, new_account_id, put_account
from parlons.channels.model import Account
from parlons.channels.post import Post, open_post
from parlons.conversations.attachments import UPLOAD
from parlons.conversations.messages import add_message
from parlons.conversations.model import Author, Message
from parlons.dispatch.dispatch import Dispatch
from parlons.kit.clock import wall_clock
from parlons.kit.ids import new_id
from parlons.reception import outcomes
from parlons.reception.handler import Reception
from parlons.reception.model import EntryPoint
from parlons.reception.points import put_entry_points
from parlons.routing import commands as c
from parlons.runtime.db import Database
from parlons.runtime.files import Files
from parlons.runtime.http import install_problems
from parlons.runtime.jobs import Worker
from parlons.runtime.safe_http import SafeHttp, allowed
from parlons.simulator.providers.wire import served
from tests.dispatch import floor

PATIENCE = 60.0
SOFIA = Author("agent", "US" + "1" * 32, "Sofia Lenoir")


@dataclass
class House:
    """The centre, and what is said in it."""

    db: Database
    dispatch: Dispatch
    home: Installation
    files: Files
    post: Post
    url: str
    """Where providers call us."""
    app: FastAPI
    tasks: list["asyncio.Task[Any]"] = field(default_factory=list)

    async def account(
        self, channel: str, address: str, settings: dict[str, Any], secrets: dict[str, str], key: str = "shop"
    ) -> Account:
        """A new account, and who answers for it."""
        row = AccountRow(
            new_account_id(wall_clock()), self.home.workspace_id, self.home.firm_id, channel, key, "Shop", address,
            settings, secrets,
        )  # fmt: skip
        point = EntryPoint(
            new_id("EP", wall_clock()), self.home.workspace_id, channel, address, self.home.firm_id,
            workflow_id=floor.WORKFLOW, attributes={"topic": "sales"},
        )  # fmt: skip
        async with self.db.transaction(self.home.tenant_id) as tx:
            await put_account(tx, row)
            await put_entry_points(tx, [point])
        await self.post.accounts.refresh(now=True)
        found = await self.post.accounts.by_id(row.id)
        assert found is not None
        return found

    def hook(self, account: Account) -> str:
        """Where the provider calls for this account."""
        return f"{self.url}/hooks/{account.channel}/{account.key}"

    async def row(self, query: str, holds: Callable[[Any], bool] = lambda _: True, **values: Any) -> RowMapping:
        """The row, as soon as there is one that `holds`."""
        row = None
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    async with self.db.system() as tx:
                        row = await tx.fetch_one(query, values)
                    if row is not None and holds(row):
                        return row
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"still {dict(row) if row else None} for {query}") from None

    async def rows(self, query: str, **values: Any) -> list[RowMapping]:
        async with self.db.system() as tx:
            return await tx.fetch_all(query, values)

    async def said(self, text: str) -> RowMapping:
        """The customer's message with this text, as soon as it is kept."""
        return await self.row("SELECT * FROM messages WHERE text = :text AND direction = 'in'", text=text)

    async def takes(self, conversation_id: str) -> None:
        """Sofia is offered the conversation and takes it."""
        query = "SELECT r.id FROM reservations r JOIN conversations c ON c.lead_task_id = r.task_id WHERE c.id = :id"
        offer = await self.row(query + " AND r.status = 'pending'", id=conversation_id)
        await self.dispatch.send(self.home.workspace_id, c.AcceptReservation(offer["id"]))
        await self.row(
            "SELECT * FROM conversations WHERE id = :id", lambda row: row["assigned_worker_id"], id=conversation_id
        )

    async def answers(self, conversation_id: str, text: str, *files: tuple[str, str, bytes], **content: Any) -> Message:
        """Sofia answers, with files: name, type, bytes."""
        async with self.db.transaction(self.home.tenant_id) as tx:
            given = [
                await self.files.put(tx, self.home.tenant_id, None, UPLOAD, str(SOFIA.id), name, kind, body)
                for name, kind, body in files
            ]
            return await add_message(
                tx, conversation_id, direction="out", author=SOFIA, text=text, attachment_ids=given,
                content=content or None,
            )  # fmt: skip

    async def came_to(self, message: Message, *states: str) -> dict[str, Any]:
        """How far the message has come on its way out, as soon as it is one of `states`."""
        query = "SELECT delivery FROM messages WHERE id = :id"
        row = await self.row(query, lambda found: (found["delivery"] or {}).get("state") in states, id=message.id)
        return dict(row["delivery"])

    async def attachment(self, message_id: str) -> tuple[dict[str, Any], bytes]:
        """The first file of a message with its bytes, as soon as it is there."""
        row = await self.row("SELECT * FROM messages WHERE id = :id", lambda found: found["attachments"], id=message_id)
        async with self.db.transaction(self.home.tenant_id) as tx:
            _, body = await self.files.open(tx, row["attachments"][0]["id"])
        return dict(row["attachments"][0]), body


@contextlib.asynccontextmanager
async def living(dsn: str, folder: Path) -> AsyncIterator[House]:
    """From database to listening port, everything running."""
    db = await Database.open(dsn, pool_size=10)
    home = await bootstrap(db, now=wall_clock())
    dispatch, files, app = Dispatch(db, name="house"), Files(folder), FastAPI()
    await dispatch.open(home.workspace_id, home.tenant_id)
    await dispatch.ready(home.workspace_id, as_owner=True)
    for command in (floor.CONFIGURATION, floor.worker(1, "sales", "support", capacity=20)):
        await dispatch.send(home.workspace_id, command)
    install_problems(app)
    app.router.routes.append(hooks.route())
    async with SafeHttp(allowed(["127.0.0.1"])) as http, served(app) as url:
        post = open_post(db, http=http, files=files, handler=Reception(), secret=b"s" * 32, public_url=url)
        app.state.post = post
        made = House(db, dispatch, home, files, post, url, app)
        made.tasks = [
            asyncio.create_task(post.owner.run()),
            asyncio.create_task(Worker(db, post.handlers()).run()),
            asyncio.create_task(outcomes.reader(dispatch.tail(home.workspace_id), home.tenant_id).run()),
        ]
        try:
            yield made
        finally:
            for task in made.tasks:
                task.cancel()
            await asyncio.gather(*made.tasks, return_exceptions=True)
    await dispatch.close()
    await db.close()

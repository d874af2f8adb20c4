"""A shop that answers text messages: database, router with one seller, reception, the channels' whole engine."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy import RowMapping

from parlons.accounts.bootstrap import Installation, bootstrap
from parlons.channels.accounts import AccountRow, new_account_id, put_account
from parlons.channels.post import Post, open_post
from parlons.conversations.messages import add_message
from parlons.conversations.model import Author, Message
from parlons.dispatch.dispatch import Dispatch
from parlons.kit.clock import wall_clock
from parlons.kit.ids import new_id
from parlons.reception.handler import Reception
from parlons.reception.model import EntryPoint
from parlons.reception.points import put_entry_points
from parlons.routing import commands as routing
from parlons.runtime.db import Database
from parlons.runtime.files import Files
from parlons.runtime.safe_http import SafeHttp, allowed
from tests.channels.engine.desk import served
from tests.dispatch import floor

NUMBER = "+33755000000"


@dataclass
class Shop:
    """The shop, seen from its database."""

    db: Database
    home: Installation
    post: Post
    dispatch: Dispatch
    port: int = 0

    async def rows(self, statement: str, **values: Any) -> list[RowMapping]:
        async with self.db.system() as tx:
            return await tx.fetch_all(statement, values)

    async def until(self, statement: str, **values: Any) -> RowMapping:
        """The first row of a query, once there is one."""
        async with asyncio.timeout(60):
            while not (found := await self.rows(statement, **values)):  # noqa: ASYNC110 - what another process would see
                await asyncio.sleep(0.02)
        return found[0]

    def entry_point(self, channel: str, address: str) -> EntryPoint:
        """What answers an address: the sellers."""
        return EntryPoint(
            new_id("EP", wall_clock()), self.home.workspace_id, channel, address, self.home.firm_id,
            workflow_id=floor.WORKFLOW, attributes={"topic": "sales"},
        )  # fmt: skip

    async def account(self, settings: dict[str, Any], *, key: str = "main", address: str = NUMBER) -> str:
        """A sender of the shop, from now on; its id."""
        row = AccountRow(
            new_account_id(wall_clock()), self.home.workspace_id, self.home.firm_id, "sms", key, "Shop", address,
            settings, {"password": "secret", "token": "t0ken"},
        )  # fmt: skip
        async with self.db.transaction(self.home.tenant_id) as tx:
            await put_account(tx, row)
            await put_entry_points(tx, [self.entry_point("sms", address)])
        return row.id

    async def connected(self, account_id: str) -> None:
        """Once its connection stands."""
        async with asyncio.timeout(60):
            while (found := self.post.owner.standing.get(account_id)) is None or found.problem:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def said(self, text: str) -> str:
        """Once a customer's message is kept; the id of its conversation."""
        query = "SELECT conversation_id FROM messages WHERE direction = 'in' AND text = :text"
        return str((await self.until(query, text=text))["conversation_id"])

    async def answers(self, conversation_id: str, text: str) -> Message:
        """The seller answers."""
        async with self.db.transaction(self.home.tenant_id) as tx:
            return await add_message(
                tx, conversation_id, direction="out", author=Author("agent", "US1", "Nadia"), text=text
            )

    async def stands(self, message: Message, state: str) -> dict[str, Any]:
        """Once this message has come so far; its delivery as screens see it."""
        query = "SELECT delivery FROM messages WHERE id = :id AND delivery->>'state' = :state"
        return dict((await self.until(query, id=message.id, state=state))["delivery"])


@contextlib.asynccontextmanager
async def shop(dsn: str, files: Path) -> AsyncIterator[Shop]:
    """The shop, open."""
    db = await Database.open(dsn, pool_size=8)
    home = await bootstrap(db, now=wall_clock())
    dispatch = Dispatch(db, name="shop")
    await dispatch.open(home.workspace_id, home.tenant_id)
    await dispatch.ready(home.workspace_id, as_owner=True)
    for command in (
        floor.CONFIGURATION,
        routing.PutWorker(floor.worker_id(1), "Nadia", SKILLS, {"chat": 9}, floor.READY),
    ):
        await dispatch.send(home.workspace_id, command)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    async with SafeHttp(allowed(["127.0.0.1"])) as http:
        post = open_post(
            db,
            http=http,
            files=Files(files),
            handler=Reception(),
            secret=b"s" * 32,
            public_url=f"http://127.0.0.1:{port}",
        )
        owner = asyncio.create_task(post.owner.run())
        async with _listening(post, listening):
            yield Shop(db, home, post, dispatch, port)
        owner.cancel()
        await asyncio.gather(owner, return_exceptions=True)
    await dispatch.close()
    await db.close()


SKILLS = {"skills": ["sales"], "languages": ["fr", "en"]}


@contextlib.asynccontextmanager
async def _listening(post: Post, listening: socket.socket) -> AsyncIterator[None]:
    server = uvicorn.Server(uvicorn.Config(served(post), log_config=None, lifespan="off", timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:  # noqa: ASYNC110 - uvicorn tells only by this flag
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await serving

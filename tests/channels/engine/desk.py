"""A firm with one channel account on a real database, reception behind it, and another side that is called for real over HTTP."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import uvicorn
from fastapi import FastAPI
from sqlalchemy import RowMapping
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parlons.accounts.bootstrap import Installation
from parlons.channels import hooks
from parlons.channels.accounts import AccountRow, new_account_id, put_account
from parlons.channels.model import Account
from parlons.channels.post import Post
from parlons.channels.webhook.channel import signature
from parlons.conversations.messages import add_message
from parlons.conversations.model import Author, Message
from parlons.runtime.db import Database
from parlons.runtime.http import install_problems
from parlons.runtime.jobs import Worker
from tests.conftest import StillClock

KEY = "the other side's key"
ADDRESS = "partner"


@dataclass
class OtherSide:
    """What takes our messages; `answers` are given in turn, then 200."""

    port: int
    got: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answers: list[Response | Callable[[], Awaitable[Response]]] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        self.got.append(orjson.loads(await request.body()))
        self.headers.append(dict(request.headers))
        if not self.answers:
            return Response(status_code=200)
        answer = self.answers.pop(0)
        return answer if isinstance(answer, Response) else await answer()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/in"

    @property
    def texts(self) -> list[str]:
        return [one["text"] for one in self.got]


@contextlib.asynccontextmanager
async def other_side() -> AsyncIterator[OtherSide]:
    """A web server of its own."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    there = OtherSide(listening.getsockname()[1])
    app = FastAPI(routes=[Route("/in", there.take, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    try:
        yield there
    finally:
        server.should_exit = True
        await task
        listening.close()


@dataclass
class Desk:
    """The firm, seen from both ends."""

    db: Database
    clock: StillClock
    home: Installation
    post: Post
    account: Account
    there: OtherSide
    client: httpx.AsyncClient
    serial: int = 0

    async def comes(
        self, *events: dict[str, Any], key: str = KEY, at: int | None = None, **headers: str
    ) -> httpx.Response:
        """The other side calls the hook."""
        body = orjson.dumps(list(events))
        stamp = str((at or self.clock()) // 1000)
        signed = {
            "webhook-id": "h1",
            "webhook-timestamp": stamp,
            "webhook-signature": signature(key, "h1", stamp, body),
        }
        return await self.client.post("/hooks/webhook/shop", content=body, headers=signed | headers)

    def words(self, text: str = "Bonjour", who: str = "claire", **more: Any) -> dict[str, Any]:
        """A message of a customer."""
        self.serial += 1
        sender = {"id": who, "name": who.title(), "language": "fr"}
        return {"type": "message", "id": f"m{self.serial}", "from": sender, "text": text, **more}

    async def says(self, text: str = "Bonjour", **more: Any) -> str:
        """A customer writes; the id of his conversation."""
        event = self.words(text, **more)
        answer = await self.comes(event)
        assert answer.status_code == 204, answer.text
        row = (await self.rows("SELECT conversation_id FROM channel_received WHERE provider_id = :id", id=event["id"]))[
            0
        ]
        return str(row["conversation_id"])

    async def answers(self, conversation_id: str, text: str = "Oui ?", **more: Any) -> Message:
        """An agent answers."""
        async with self.db.transaction(self.home.tenant_id) as tx:
            return await add_message(
                tx, conversation_id, direction="out", author=Author("agent", "US1", "Nadia"), text=text, **more
            )

    async def delivery(self, message_id: str) -> dict[str, Any]:
        """What screens know of its way out."""
        row = (await self.rows("SELECT delivery FROM messages WHERE id = :id", id=message_id))[0]
        return dict(row["delivery"])

    async def rows(self, statement: str, **values: Any) -> list[RowMapping]:
        async with self.db.system() as tx:
            return await tx.fetch_all(statement, values)

    async def messages(self, conversation_id: str) -> list[RowMapping]:
        return await self.rows("SELECT * FROM messages WHERE conversation_id = :id ORDER BY number", id=conversation_id)

    async def jobs(self) -> int:
        """Carry out what is planned."""
        return await Worker(self.db, self.post.handlers()).run_due()


async def put(desk_db: Database, home: Installation, clock: StillClock, url: str, **more: Any) -> str:
    """One account of the generic channel; its id."""
    row = AccountRow(
        new_account_id(clock()), home.workspace_id, home.firm_id, "webhook", more.pop("key", "shop"), "Shop",
        more.pop("address", ADDRESS), {"url": url, "receipts": True, **more.pop("settings", {})}, {"key": KEY}, **more,
    )  # fmt: skip
    async with desk_db.transaction(home.tenant_id) as tx:
        await put_account(tx, row)
    return row.id


def served(post: Post) -> FastAPI:
    """An application with the hooks alone."""
    app = FastAPI()
    install_problems(app)
    app.state.post = post
    app.router.routes.append(hooks.route())
    return app


__all__ = ["ADDRESS", "KEY", "Desk", "OtherSide", "Path", "other_side", "put", "served"]

"""A widget of a firm on a real database, with reception behind it; routing itself is elsewhere."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy import RowMapping

from parlons.accounts.bootstrap import Installation, bootstrap
from parlons.channels.webchat import http, room
from parlons.channels.webchat.model import Widget
from parlons.channels.webchat.tokens import identity_signature
from parlons.channels.webchat.widgets import put_widget
from parlons.kit.ids import new_id
from parlons.reception.handler import Reception
from parlons.reception.model import EntryPoint
from parlons.reception.points import put_entry_points
from parlons.runtime.db import Database
from parlons.runtime.files import Files
from parlons.runtime.http import install_problems
from parlons.runtime.hub import Hub
from tests.conftest import StillClock

SHOP = "https://shop.example"
_serial = count()
PAGE = {"path": "/cars/vela-3?token=secret", "title": "Vela 3", "product": {"name": "Vela 3", "sku": "vela-3"}}


@dataclass
class Visitor:
    """A browser on the shop's page; remembers what the server gave it."""

    client: httpx.AsyncClient
    token: str = ""

    async def call(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return await self.client.request(method, path, json=body, headers=headers | more.pop("headers", {}), **more)

    async def begin(self, consent: str = "writing", **more: Any) -> "Visitor":
        answer = await self.call("POST", "/visits", {"consent": consent, "language": "fr", **more})
        assert answer.status_code == 201, answer.text
        self.token = answer.json()["visitor_token"]
        return self

    async def log_in(self, user_id: str) -> "Visitor":
        """The site vouches for this user."""
        body = {"user_id": user_id, "email": "", "signature": identity_signature("shared", user_id, "")}
        answer = await self.call("POST", "/identity", body)
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["visitor_token"]
        return self

    async def write(self, text: str = "Bonjour", **more: Any) -> httpx.Response:
        body = {"client_id": f"c{next(_serial)}", "text": text, "language": "fr", "page": PAGE, **more}
        return await self.call("POST", "/messages", body)


@dataclass
class Site:
    """The firm's widget and the app that serves it."""

    app: FastAPI
    db: Database
    clock: StillClock
    home: Installation
    widget: Widget
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def browser(self, origin: str | None = SHOP, key: str = "delmas") -> Visitor:
        """A fresh browser on a page of `origin`."""
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url=f"http://chat.example/api/v1/webchat/{key}",
            headers={"Origin": origin} if origin else {},
        )
        self.clients.append(client)
        return Visitor(client)

    async def rows(self, table: str, where: str = "true") -> list[RowMapping]:
        async with self.db.system() as tx:
            return await tx.fetch_all(sa.text(f"SELECT * FROM {table} WHERE {where}"))

    async def count(self, table: str, where: str = "true") -> int:
        return len(await self.rows(table, where))


@pytest.fixture
async def site(database: Database, clock: StillClock, tmp_path: Path) -> AsyncIterator[Site]:
    """Delmas's widget, open at all hours."""
    home = await bootstrap(database, now=clock())
    async with database.transaction(home.tenant_id) as tx:
        point = EntryPoint(
            new_id("EP", clock()), home.workspace_id, "webchat", "delmas", home.firm_id, workflow_id="WW" + "1" * 32
        )
        await put_entry_points(tx, [point])
        widget, _ = await put_widget(
            tx,
            workspace_id=home.workspace_id,
            firm_id=home.firm_id,
            key="delmas",
            name="Delmas Automobiles",
            origins=[SHOP, "https://*.delmas.example"],
            texts={"fr": {"greeting": "Bonjour !"}},
            reply_seconds=60,
            identity_secret="shared",
        )
    app = FastAPI()
    install_problems(app)
    app.include_router(http.router, prefix="/api/v1")
    state = app.state
    state.db, state.clock, state.hub, state.handler = database, clock, Hub(clock=clock), Reception()
    state.files = Files(tmp_path / "files")
    made = Site(app, database, clock, home, widget)
    yield made
    await room.close(app)
    for client in made.clients:
        await client.aclose()

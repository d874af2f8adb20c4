"""A firm with the generic channel, its customers' pages over the same database, and who serves them."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from parlons.accounts import http as accounts_http
from parlons.accounts.model import Principal, Role
from parlons.appointments.model import Settings
from parlons.appointments.offering import set_settings
from parlons.customers import commands as customers
from parlons.kit.clock import from_datetime
from parlons.kit.ids import new_id
from parlons.portal import http, page_http
from parlons.portal.calls import handlers
from parlons.portal.links import open_links
from parlons.reception.handler import Reception
from parlons.reception.model import EntryPoint
from parlons.reception.points import put_entry_points
from parlons.runtime.edge import Edge
from parlons.runtime.http import install_problems
from parlons.runtime.jobs import Worker
from parlons.runtime.safe_http import SafeHttp
from parlons.runtime.signed_ids import SignedLinks
from tests.channels.engine.conftest import desk, there
from tests.channels.engine.desk import Desk

__all__ = ["desk", "there"]
MONDAY = from_datetime(datetime(2026, 11, 23, 6, tzinfo=UTC))
HOUR, DAY = 3_600_000, 86_400_000
FORM = re.compile(r'<form method="post" action="([^"]+)">(.*?)</form>', re.S)
FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@dataclass
class Portal:
    """The pages, and what a test does with them."""

    desk: Desk
    links: SignedLinks
    client: httpx.AsyncClient
    agent: Principal
    conversation_id: str = ""
    customer_id: str = ""
    path: str = ""

    async def comes(self, who: str = "claire", **more: Any) -> None:
        """Somebody writes and gets a link."""
        self.conversation_id = await self.desk.says(who=who, **more)
        query = "SELECT customer_id FROM conversations WHERE id = :id"
        self.customer_id = str((await self.desk.rows(query, id=self.conversation_id))[0]["customer_id"])
        self.path = await self.link()

    async def link(self, customer_id: str = "", **more: Any) -> str:
        """The path of a new link."""
        made = await self.call("POST", f"/api/v1/customers/{customer_id or self.customer_id}/page-links", more, 201)
        return str(made["url"]).removeprefix("https://desk.example")

    async def call(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = await self.client.request(method, path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def look(self, path: str = "", status: int = 200) -> str:
        """A page of his."""
        answer = await self.client.get(f"{self.path}{path}")
        assert answer.status_code == status, answer.text
        return answer.text

    async def form(self, act: str, at: str = "", number: int = 0) -> dict[str, str]:
        """The hidden fields of a form as the page has them."""
        found = [fields for action, fields in FORM.findall(await self.look(at)) if action == f"{self.path}/{act}"]
        return dict(FIELD.findall(found[number]))

    async def send(self, act: str, form: dict[str, str], status: int = 303) -> str:
        """A form is sent; the page that comes of it."""
        answer = await self.client.post(f"{self.path}/{act}", data=form)
        assert answer.status_code == status, answer.text
        if status != 303:
            return answer.text
        return (await self.client.get(answer.headers["location"])).text

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        return list(await self.desk.rows(statement, **values))

    async def takes(self, **more: Any) -> None:
        """The firm takes appointments."""
        home = self.desk.home
        async with self.desk.db.transaction(home.tenant_id) as tx:
            await set_settings(tx, home.principal, home.firm_id, Settings(**more), None)

    async def numbered(self, number: str = "+33612345678") -> None:
        """His number is known, and the firm calls back."""
        home = self.desk.home
        point = EntryPoint(
            new_id("EP", self.desk.clock()), home.workspace_id, "voice", "+33199000000", home.firm_id,
            workflow_id="WW" + "1" * 32, task_channel="voice",
        )  # fmt: skip
        async with self.desk.db.transaction(home.tenant_id) as tx:
            await put_entry_points(tx, [point])
            await customers.identify(tx, self.customer_id, kind="phone", value=number, verified=True)

    async def later(self, milliseconds: int) -> None:
        """Time goes by, and what is planned is carried out."""
        self.desk.clock.advance(milliseconds)
        await Worker(self.desk.db, handlers()).run_due()


@pytest.fixture
async def portal(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Portal]:
    desk.clock.now = MONDAY
    home, links = desk.home, open_links(b"s" * 32, "https://desk.example/")
    agent = Principal(home.tenant_id, home.workspace_id, Role.SUPERVISOR, user_id="US1", worker_id="WK1", name="Lea")
    app = FastAPI()
    install_problems(app)
    app.include_router(http.router, prefix="/api/v1")
    app.router.routes.extend(page_http.routes())
    app.add_middleware(Edge)
    state = app.state
    state.db, state.clock, state.page_links, state.handler = desk.db, desk.clock, links, Reception()
    state.letters, state.queues_of, state.offered_to = desk.post.ways, lambda _: frozenset(), lambda _: frozenset()

    async def caller(*_: Any) -> Principal:
        return agent

    monkeypatch.setattr(accounts_http, "caller", caller)
    async with (
        SafeHttp() as state.outside,
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://desk.example") as client,
    ):
        yield Portal(desk, links, client, agent)

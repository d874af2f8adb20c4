"""A firm whose customers also stand in a customer system of its own: the stand-in, the room, a desk that serves them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from parlons.accounts.model import Principal, Role
from parlons.conversations import commands as conversations
from parlons.crm import hooks, http
from parlons.crm.fields import Field
from parlons.crm.loading import put_lookup
from parlons.crm.model import LookupRow
from parlons.crm.opening import Crm, open_crm
from parlons.customers import commands as customers
from parlons.customers import queries
from parlons.customers.model import Customer
from parlons.kit.ids import LOOKUP, new_id
from parlons.runtime.http import install_problems
from parlons.runtime.jobs import Worker
from parlons.runtime.journal import Entry
from parlons.runtime.safe_http import SafeHttp, allowed
from parlons.simulator.providers.crm.shop import TOKEN, Shop
from parlons.simulator.providers.wire import served
from tests.channels.engine.conftest import desk, there
from tests.channels.engine.desk import Desk

__all__ = ["desk", "there"]
FIELDS = (
    Field("name", {"en": "Name"}, "name", True),
    Field("email", {}, "email", True),
    Field("phone", {}, "phone", True),
    Field("tier", {"fr": "Niveau"}, "attributes.tier", True),
    Field("owner", {}, "", False),
)


@dataclass
class Firm:
    """The firm, seen by an agent."""

    desk: Desk
    shop: Shop
    crm: Crm
    client: httpx.AsyncClient
    lookup: LookupRow
    keys: list[int] = field(default_factory=lambda: [0])

    async def put(self, **more: Any) -> None:
        """The system is configured otherwise."""
        values = {name: getattr(self.lookup, name) for name in LookupRow.__dataclass_fields__} | more
        self.lookup = LookupRow(**values)
        async with self.desk.db.transaction(self.desk.home.tenant_id) as tx:
            await put_lookup(tx, self.lookup)

    async def comes(self, who: str, mail: str | None = None) -> tuple[str, str]:
        """Somebody writes, and has an address: (conversation, customer)."""
        conversation_id = await self.desk.says(who=who)
        row = (await self.desk.rows("SELECT customer_id FROM conversations WHERE id = :id", id=conversation_id))[0]
        if mail is not None:
            async with self.desk.db.transaction(self.desk.home.tenant_id) as tx:
                await customers.identify(tx, row["customer_id"], kind="email", value=mail, verified=True)
        return conversation_id, row["customer_id"]

    async def ends(self, conversation_id: str) -> None:
        """Its contact ends, and is read twice."""
        async with self.desk.db.transaction(self.desk.home.tenant_id) as tx:
            await conversations.close(tx, conversation_id, by="agent")
        entry = Entry("event", "conversation.closed", self.desk.clock(), {"conversation": {"id": conversation_id}})
        for _ in range(2):
            async with self.desk.db.transaction(self.desk.home.tenant_id) as tx:
                await self.crm.contacts.note(tx, entry)

    async def work(self, milliseconds: int = 0) -> None:
        """Time goes by, and what is planned is carried out."""
        self.desk.clock.advance(milliseconds)
        await Worker(self.desk.db, self.crm.handlers()).run_due()

    async def customer(self, customer_id: str) -> Customer:
        async with self.desk.db.transaction(self.desk.home.tenant_id) as tx:
            found = await queries.customer(tx, customer_id)
        assert found is not None
        return found

    async def call(self, method: str, path: str, body: Any = None, *, status: int = 202) -> Any:
        """A request of the agent."""
        self.keys[0] += 1
        headers = {"Idempotency-Key": f"k{self.keys[0]}"} if method == "POST" else {}
        answer = await self.client.request(method, f"/api/v1{path}", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def seen(self, customer_id: str, *, fresh: bool = True) -> Any:
        """What the panel shows of the one system."""
        query = "?fresh=true" if fresh else ""
        (one,) = (await self.call("GET", f"/customers/{customer_id}/records{query}", status=200))["items"]
        return one

    def at(self, customer_id: str) -> str:
        """The address of his record."""
        return f"/customers/{customer_id}/records/{self.lookup.id}"

    async def states(self) -> list[str]:
        rows = await self.desk.rows("SELECT state FROM record_writes ORDER BY id")
        return [row["state"] for row in rows]


@pytest.fixture
async def firm(desk: Desk) -> AsyncIterator[Firm]:
    """One agent, one system."""
    home, shop = desk.home, Shop()
    shop.books.clock = lambda: desk.clock() / 1000
    agent = Principal(
        home.tenant_id, home.workspace_id, Role.ADMINISTRATOR, user_id="US1", worker_id="WK1", name="Nadia"
    )
    app = FastAPI()
    install_problems(app)
    app.include_router(http.router, prefix="/api/v1")
    app.router.routes.append(hooks.route())
    app.state.db, app.state.clock = desk.db, desk.clock

    @app.middleware("http")
    async def as_agent(request: Any, go_on: Any) -> Any:
        request.state.principal = agent
        return await go_on(request)

    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.example")
    async with served(shop.app) as url, SafeHttp(allowed(["127.0.0.0/8"])) as outside, client:
        crm = app.state.crm = open_crm(desk.db, outside, desk.clock, "https://desk.example")
        settings = {"url": url, "items": "items", "changed": "/customers?since={since}", "link": f"{url}/page/{{id}}"}
        row = LookupRow(
            new_id(LOOKUP, desk.clock()), home.workspace_id, None, "Shop", "rest", settings=settings,
            secrets={"token": TOKEN, "hook": "hook-secret"}, fields=FIELDS,
            pop_url="https://crm.example/search?mail={{ customer.email }}&name={{ customer.name }}",
        )  # fmt: skip
        found = Firm(desk, shop, crm, client, row)
        await found.put()
        yield found

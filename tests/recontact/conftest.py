"""A firm whose customers leave before an answer: the generic channel, rules, and a lead who looks at the list."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from parlons.accounts.model import Principal, Role
from parlons.conversations import commands as conversations
from parlons.customers import commands as customers
from parlons.kit.ids import new_id
from parlons.outbound.feeding import Outbound
from parlons.outbound.leaving import Leaving
from parlons.recontact import http, noting
from parlons.recontact.loading import put_rules
from parlons.recontact.model import Rule
from parlons.recontact.reaching import Reaching
from parlons.runtime.http import install_problems
from parlons.runtime.jobs import Worker
from parlons.runtime.journal import Entry
from tests.channels.engine.conftest import desk, there
from tests.channels.engine.desk import Desk

__all__ = ["desk", "there"]
QUEUE = "WQ" + "1" * 32
TEXTS = {"fr": "Vous avez attendu {{ customer.attributes.waited_minutes }} min. Que pouvons-nous faire ?"}


@dataclass
class Left:
    """Those who left, seen by a lead."""

    desk: Desk
    outbound: Outbound
    client: httpx.AsyncClient
    lead: Principal
    keys: Iterator[int] = field(default_factory=lambda: iter(range(1_000_000)))

    async def rule(self, **more: Any) -> Rule:
        """One rule of all firms."""
        name = more.pop("name", "All")
        values: dict[str, Any] = {"texts": TEXTS, "zone": "UTC", "after_minutes": 10, **more}
        one = Rule(new_id("RR", self.desk.clock()), self.desk.home.workspace_id, None, name, **values)
        async with self.desk.db.transaction(self.desk.home.tenant_id) as tx:
            await put_rules(tx, [one])
        return one

    async def leaves(
        self, who: str = "claire", *, cancel: str = "hangup", waited: int = 180, by: str = "customer", **more: Any
    ) -> str:
        """Somebody writes, waits in a queue, and his task ends so; the id of his conversation."""
        desk, tenant = self.desk, self.desk.home.tenant_id
        conversation_id = await desk.says(who=who)
        row = (await desk.rows("SELECT * FROM conversations WHERE id = :id", id=conversation_id))[0]
        task_id = row["lead_task_id"]
        async with desk.db.transaction(tenant) as tx:
            if cancel == "closed" and by == "agent":
                await conversations.close(tx, conversation_id, by="agent")
            elif cancel == "closed":
                await conversations.customer_left(tx, conversation_id)
            else:
                await conversations.set_not_served(tx, conversation_id, "canceled", task_id=task_id)
        data = {"task_id": task_id, "conversation_id": conversation_id, "queue_id": QUEUE, "reason": cancel,
                "waited_ms": waited * 1000, "in_queue_ms": waited * 1000, **more}  # fmt: skip
        for _ in range(2):  # a reader that died before it wrote down where it stands reads again
            async with desk.db.transaction(tenant) as tx:
                await noting.carry(tx, Entry("transition", "task.canceled", desk.clock(), data))
        return conversation_id

    async def call(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        """A request of the lead."""
        headers = {"Idempotency-Key": f"k{next(self.keys)}"} if method == "POST" else {}
        answer = await self.client.request(method, f"/api/v1/leavers{path}", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def listed(self, query: str = "") -> list[Any]:
        """The list."""
        return list((await self.call("GET", query))["items"])

    async def one(self) -> Any:
        """The only one who left."""
        (found,) = await self.listed()
        return found

    async def later(self, minutes: float = 0) -> None:
        """Time goes by; what is planned is carried out, and the channels send."""
        self.desk.clock.advance(round(minutes * 60_000))
        await Worker(self.desk.db, Reaching(self.outbound).handlers()).run_due()
        await self.desk.post.sender.run_due()

    async def numbered(self, number: str, who: str = "claire") -> None:
        """His telephone number is known."""
        query = "SELECT customer_id FROM addresses WHERE value = :value"
        row = (await self.desk.rows(query, value=f"webhook:partner:{who}"))[0]
        async with self.desk.db.transaction(self.desk.home.tenant_id) as tx:
            await customers.identify(tx, row["customer_id"], kind="phone", value=number, verified=True)


@pytest.fixture
async def left(desk: Desk) -> AsyncIterator[Left]:
    """The list over the same database, at noon of a working day."""
    desk.clock.advance(-desk.clock() % 86_400_000 + 12 * 3_600_000)
    home = desk.home
    outbound = Outbound(desk.db, desk.post, Leaving(b"s" * 32, "https://desk.example"))
    lead = Principal(home.tenant_id, home.workspace_id, Role.SUPERVISOR, user_id="US1", worker_id="WK1", name="Lea")
    app = FastAPI()
    install_problems(app)
    app.include_router(http.router, prefix="/api/v1")
    app.state.db, app.state.outbound, app.state.clock = desk.db, outbound, desk.clock

    @app.middleware("http")
    async def as_lead(request: Any, go_on: Any) -> Any:
        request.state.principal = lead
        return await go_on(request)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.example") as client:
        yield Left(desk, outbound, client, lead)

"""A firm with the generic channel, known customers who wrote by it, and a lead who sends to many of them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from parlons.accounts.model import Principal, Role
from parlons.outbound import http, leaving, one_http
from parlons.outbound.feeding import Outbound
from parlons.outbound.leaving import Leaving
from parlons.runtime.http import install_problems
from tests.channels.engine.conftest import desk, there
from tests.channels.engine.desk import Desk

__all__ = ["desk", "there"]
_CUSTOMERS = """
INSERT INTO customers (id, tenant_id, workspace_id, firm_id, name, language, attributes, created_at, updated_at)
SELECT 'CU' || lpad(n::text, 32, '0'), :tenant, :workspace, :firm, 'Claire ' || n, CASE WHEN n % 2 = 0 THEN 'fr' ELSE 'en' END,
       CAST(:attributes AS jsonb), now(), now() FROM generate_series(CAST(:since AS int) + 1, CAST(:since AS int) + :many) AS n
"""
_ADDRESSES = """
INSERT INTO addresses (id, tenant_id, firm_id, customer_id, kind, value, verified, created_at)
SELECT 'AD' || lpad(n::text, 32, '0'), :tenant, :firm, 'CU' || lpad(n::text, 32, '0'), 'external', 'webhook:partner:p' || n, true,
       now() FROM generate_series(CAST(:since AS int) + 1, CAST(:since AS int) + :many) AS n
"""


@dataclass
class Campaign:
    """Sends of the firm, seen by a lead and by the other side."""

    desk: Desk
    outbound: Outbound
    client: httpx.AsyncClient
    known: int = 0
    keys: Iterator[int] = field(default_factory=lambda: iter(range(1_000_000)))

    async def people(self, many: int, attributes: str = "{}") -> None:
        """That many more customers who wrote by the channel once."""
        home = self.desk.home
        values = {"tenant": home.tenant_id, "workspace": home.workspace_id, "firm": home.firm_id, "many": many}
        async with self.desk.db.system() as tx:
            await tx.execute(_CUSTOMERS, {**values, "since": self.known, "attributes": attributes})
            await tx.execute(_ADDRESSES, {**values, "since": self.known})
        self.known += many

    async def call(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        """A request of the lead."""
        headers = {"Idempotency-Key": f"k{next(self.keys)}"} if method == "POST" else {}
        answer = await self.client.request(method, f"/api/v1/sends{path}", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def draft(self, **more: Any) -> str:
        """A send to everybody of the firm; its id."""
        texts = {"en": {"text": "Hello {{ customer.first_name }}"}, "fr": {"text": "Bonjour {{ customer.first_name }}"}}
        body = {
            "name": "Spring",
            "account_id": self.desk.account.id,
            "texts": texts,
            "segment": {},
            "purpose": "service",
        }
        return str((await self.call("POST", "", {**body, **more}, status=201))["id"])

    async def begun(self, **more: Any) -> str:
        """A send that was started; its id."""
        send_id = await self.draft(**more)
        await self.call("POST", f"/{send_id}/start")
        return send_id

    async def report(self, send_id: str) -> dict[str, Any]:
        """Its figures."""
        return dict((await self.call("GET", f"/{send_id}"))["report"])

    async def through(self) -> None:
        """Feed and send until nothing is due."""
        while await self.outbound.round() or await self.desk.post.sender.run_due():
            pass


@pytest.fixture
async def campaign(desk: Desk) -> AsyncIterator[Campaign]:
    """The lead's API over the same database."""
    outbound = Outbound(desk.db, desk.post, Leaving(b"s" * 32, "https://desk.example"))
    home = desk.home
    lead = Principal(home.tenant_id, home.workspace_id, Role.SUPERVISOR, user_id="US1", name="Lea")
    app = FastAPI()
    install_problems(app)
    app.include_router(http.router, prefix="/api/v1")
    app.include_router(one_http.router, prefix="/api/v1")
    app.router.routes.append(leaving.route())
    app.state.db, app.state.outbound, app.state.clock = desk.db, outbound, desk.clock

    @app.middleware("http")
    async def as_lead(request: Any, go_on: Any) -> Any:
        request.state.principal = lead
        return await go_on(request)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.example") as client:
        yield Campaign(desk, outbound, client)


class Counted:
    """Statements that went to the database."""

    many = 0


@contextmanager
def counted(db: Any) -> Iterator[Counted]:
    """Counts statements of all pools, those of the driver too where it is asked through SQLAlchemy."""
    found = Counted()

    def count(*_: Any) -> None:
        found.many += 1

    engines = [engine.sync_engine for engine in db._engines.values()]
    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", count)
    try:
        yield found
    finally:
        for engine in engines:
            sa.event.remove(engine, "before_cursor_execute", count)

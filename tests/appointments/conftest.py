"""The routes of the room on a real database: two firms of one tenant, open on weekdays, and a caller that can be changed."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import FastAPI

from parlons.accounts import http as accounts_http
from parlons.accounts.model import Principal, Role
from parlons.accounts.store import firms, hours
from parlons.appointments import http
from parlons.customers import commands as customers
from parlons.kit.clock import from_datetime, to_datetime
from parlons.runtime.db import Database
from parlons.runtime.http import install_problems
from parlons.runtime.safe_http import SafeHttp, allowed
from tests.conftest import NOON, StillClock

TENANT, WORKSPACE = "AC1", "WS1"
CHIEF = Principal(TENANT, WORKSPACE, Role.ADMINISTRATOR, user_id="US8", name="Ada")
SOFIA = Principal(TENANT, WORKSPACE, Role.AGENT, user_id="US1", worker_id="WK1", name="Sofia")
OF_OTHER = Principal(TENANT, WORKSPACE, Role.AGENT, user_id="US7", name="Other", firm_ids=frozenset({"FI2"}))
STRANGER = Principal("AC2", "WS2", Role.AGENT, user_id="US6", name="Stranger")
PARIS = ZoneInfo("Europe/Paris")
MONDAY = from_datetime(datetime(2026, 11, 23, 6, tzinfo=UTC))
"""7:00 in Paris."""


def at(text: str) -> str:
    """A time of November 2026 in Paris, such as `24T09:30`."""
    return f"2026-11-{text}:00+01:00"


@dataclass
class Room:
    """What a test does here."""

    client: httpx.AsyncClient
    db: Database
    clock: StillClock
    who: dict[str, Principal]
    serial: Iterator[int] = field(default_factory=lambda: iter(range(1_000_000)))

    async def call(
        self, method: str, path: str, as_: Principal = SOFIA, status: int = 200, key: str = "", **json: Any
    ) -> Any:
        self.who["is"] = as_
        headers = {"Idempotency-Key": key} if key else {}
        answer = await self.client.request(
            method, path, json=json or ({} if method == "POST" else None), headers=headers
        )
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def opens(self, firm_id: str = "FI1", **more: Any) -> Any:
        """The firm takes appointments."""
        return await self.call("PUT", f"/appointment-settings/{firm_id}", CHIEF, **{"horizon_days": 14, **more})

    async def customer(self, firm_id: str = "FI1") -> str:
        """Somebody new."""
        async with self.db.transaction(TENANT) as tx:
            made = await customers.find_or_create_by_address(
                tx, workspace_id=WORKSPACE, firm_id=firm_id, kind="email",
                value=f"c{next(self.serial)}@example.fr", verified=True, name="Claire",
            )  # fmt: skip
        return made.id

    async def free(self, since: str = "24T00:00", until: str = "25T00:00", status: int = 200, **more: str) -> Any:
        """Local times that are free."""
        query = httpx.QueryParams({"firm_id": "FI1", "since": at(since), "until": at(until), **more})
        found = await self.call("GET", f"/appointments/slots?{query}", status=status)
        if status != 200:
            return found["code"]
        return [
            datetime.fromisoformat(one["starts_at"]).astimezone(PARIS).strftime("%dT%H:%M") for one in found["items"]
        ]

    async def book(self, customer_id: str, when: str = "24T09:00", **more: Any) -> Any:
        return await self.call(
            "POST", "/appointments", **{"status": 201, "customer_id": customer_id, "starts_at": at(when), **more}
        )

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        async with self.db.system() as tx:
            return list(await tx.fetch_all(statement, values))


@pytest.fixture
async def room(database: Database, clock: StillClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Room]:
    clock.now = MONDAY
    app, who = FastAPI(), {"is": SOFIA}
    app.include_router(http.router)
    install_problems(app)

    async def caller(*_: Any) -> Principal:
        return who["is"]

    monkeypatch.setattr(accounts_http, "caller", caller)
    week = {day: ["09:00-12:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    async with database.transaction(TENANT) as tx:
        for firm_id in ("FI1", "FI2"):
            mine = {"id": f"HO{firm_id}", "tenant_id": TENANT, "firm_id": firm_id, "name": "Usual"}
            row = {"id": firm_id, "tenant_id": TENANT, "name": f"Atelier {firm_id}", "languages": ["fr"]}
            await tx.execute(firms.insert().values(created_at=to_datetime(NOON), **row, hours_id=mine["id"]))
            await tx.execute(hours.insert().values(**mine, zone="Europe/Paris", week=week))
    async with (
        SafeHttp(allowed(["127.0.0.0/8"])) as outside,
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test") as client,
    ):
        app.state.db, app.state.clock, app.state.outside = database, clock, outside
        yield Room(client, database, clock, who)

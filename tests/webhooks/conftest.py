"""A workspace whose webhooks are kept over HTTP, an address outside that is told, and the worker that tells it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI, Request

from parlons.accounts.bootstrap import bootstrap
from parlons.accounts.model import Principal, Role
from parlons.app.webhooks import tell_switched_off
from parlons.kit.clock import wall_clock
from parlons.runtime.conditional import Conditional
from parlons.runtime.db import Database
from parlons.runtime.http import install_problems
from parlons.runtime.jobs import Worker
from parlons.runtime.safe_http import Allowed, SafeHttp, allowed
from parlons.webhooks import http
from parlons.webhooks.delivering import Deliverer
from tests.conftest import StillClock
from tests.runtime.addresses import Outsider, outsider
from tests.runtime.addresses import Request as Asked

Json = dict[str, Any]


async def until(true: Callable[[], Awaitable[Any]]) -> None:
    """Returns when it is so: of what others write, only the database tells."""
    async with asyncio.timeout(120):
        while not await true():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@dataclass
class Settings:
    """As far as the room's routes ask for it."""

    http_allow: Allowed


@dataclass
class Scene:
    """One workspace; `client` is the administrator."""

    db: Database
    clock: StillClock
    principal: Principal
    client: httpx.AsyncClient
    worker: Worker
    outside: Outsider
    asked: asyncio.Queue[Asked] = field(default_factory=asyncio.Queue)
    keys: int = 0

    async def call(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        """A request of the administrator's."""
        self.keys += 1
        headers = {"Idempotency-Key": f"k{self.keys}"} if method == "POST" else {}
        answer = await self.client.request(method, f"/api/v1{path}", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def webhook(self, name: str = "Orders", **more: Any) -> Json:
        """A new one, with its secret, of all events."""
        body = {"name": name, "url": self.outside.url(f"/{name}"), **more}
        return cast(Json, await self.call("POST", "/webhooks", body, status=201))

    async def tried(self, one: Json) -> Json:
        """A test message is planned and sent; how it stands in the log."""
        await self.call("POST", f"/webhooks/{one['id']}/test", status=202)
        await self.worker.run_due()
        return (await self.log(one))[0]

    async def log(self, one: Json, query: str = "") -> list[Json]:
        """The newest first."""
        return list((await self.call("GET", f"/webhooks/{one['id']}/deliveries{query}"))["items"])

    async def state(self, one: Json) -> str:
        """How the webhook stands."""
        items = (await self.call("GET", "/webhooks"))["items"]
        return str(next(each["state"] for each in items if each["id"] == one["id"]))


@pytest.fixture
async def scene(database: Database, clock: StillClock) -> AsyncIterator[Scene]:
    """At the present time: verifiers compare it."""
    clock.now = wall_clock()
    home = (await bootstrap(database, now=clock())).principal
    async with database.transaction(home.tenant_id) as tx:
        user_id = await tx.scalar("SELECT id FROM users")
    principal = Principal(home.tenant_id, home.workspace_id, Role.ADMINISTRATOR, user_id=user_id)
    app = FastAPI()
    install_problems(app)
    app.include_router(http.router, prefix="/api/v1")
    allow = allowed(["127.0.0.1"])
    app.add_middleware(Conditional, prefix="/api/v1", routers=[http.router])
    app.state.db, app.state.clock, app.state.settings = database, clock, Settings(allow)

    @app.middleware("http")
    async def as_administrator(request: Request, go_on: Any) -> Any:
        request.state.principal = principal
        return await go_on(request)

    transport = httpx.ASGITransport(app)
    async with (
        SafeHttp(allow) as out,
        outsider() as outside,
        httpx.AsyncClient(transport=transport, base_url="http://desk.example") as client,
    ):
        worker = Worker(database, Deliverer(database, out, tell_switched_off, draw=lambda: 0.5).handlers())
        found = Scene(database, clock, principal, client, worker, outside)
        answer = outside.answer
        outside.answer = lambda asked: (found.asked.put_nowait(asked), answer(asked))[1]
        yield found

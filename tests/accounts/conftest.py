"""The routes of accounts on a real database, without the rest of the app."""

from dataclasses import dataclass, field

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from parlons.accounts import http, http_admin, http_people
from parlons.accounts.agents import Agent
from parlons.accounts.bootstrap import Installation, bootstrap
from parlons.kit.errors import Refusal
from parlons.runtime.db import Database, Tx
from tests.conftest import StillClock


@dataclass
class Office:
    """An installation with its app; `agents` holds what was told to the router."""

    app: FastAPI
    db: Database
    clock: StillClock
    installation: Installation
    agents: list[Agent] = field(default_factory=list)
    firm_uses: list[str] = field(default_factory=list)
    """What other rooms are said to have of a firm."""
    queues: dict[str, str | None] = field(default_factory=dict)
    """The firm of each queue there is."""

    def browser(self) -> httpx.AsyncClient:
        """A fresh browser: no cookie yet, and the header our own screens send."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://office.test/api/v1",
            headers={"X-Parlons": "1"},
        )

    async def signed_in(self, token: str | None = None) -> httpx.AsyncClient:
        """A browser signed in by a one-time link: the administrator's, unless another token is given."""
        browser = self.browser()
        answer = await browser.post("/session/link", json={"token": token or self.installation.invitation})
        assert answer.status_code == 200, answer.text
        return browser


async def _refused(_: Request, refusal: Exception) -> JSONResponse:
    assert isinstance(refusal, Refusal)
    return JSONResponse({"code": refusal.code, "detail": refusal.message, **refusal.details}, refusal.status)


@pytest.fixture
async def office(database: Database, clock: StillClock) -> Office:
    """A first start."""
    app = FastAPI()
    app.include_router(http.router, prefix="/api/v1")
    app.include_router(http_admin.router, prefix="/api/v1")
    app.include_router(http_people.router, prefix="/api/v1")
    app.add_exception_handler(Refusal, _refused)
    made = Office(app, database, clock, await bootstrap(database, now=clock()))

    async def sync(tx: Tx, agent: Agent) -> None:
        made.agents.append(agent)

    async def uses(tx: Tx, firm_id: str) -> list[str]:
        return made.firm_uses

    async def queues(tx: Tx, workspace_id: str) -> dict[str, str | None]:
        return made.queues

    app.state.known_queues = queues
    app.state.db, app.state.clock, app.state.sync_agent, app.state.firm_uses = database, clock, sync, uses
    return made

"""The routes of the room and the public pages on a real database, with a caller that can be changed, and two firms."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from parlons.accounts import http as accounts_http
from parlons.accounts.model import Principal, Role
from parlons.accounts.store import firms
from parlons.app.help_contacts import contacts_of
from parlons.kit.clock import to_datetime
from parlons.kit.errors import Unauthenticated
from parlons.knowledge import files_http, http, offering_http, page_http
from parlons.knowledge.meaning import Meaning
from parlons.runtime.db import Database
from parlons.runtime.edge import Edge
from parlons.runtime.files import Files
from parlons.runtime.http import install_problems
from tests.conftest import NOON, StillClock

TENANT, WORKSPACE = "AC1", "WS1"
HEAD = Principal(TENANT, WORKSPACE, Role.SUPERVISOR, user_id="US9", name="Rachel Kim")
CHIEF = Principal(TENANT, WORKSPACE, Role.ADMINISTRATOR, user_id="US8", name="Ada")
SOFIA = Principal(TENANT, WORKSPACE, Role.AGENT, user_id="US1", worker_id="WK1", name="Sofia Marin")
OF_OTHER = Principal(TENANT, WORKSPACE, Role.SUPERVISOR, user_id="US7", name="Other", firm_ids=frozenset({"FI2"}))
STRANGER = Principal("AC2", "WS2", Role.SUPERVISOR, user_id="US6", name="Stranger")
MOVING = {
    "firm_id": "FI1",
    "language": "fr",
    "audience": "public",
    "title": "Déménager : changer d’adresse",
    "summary": "Prévenez-nous dix jours avant.",
    "html": "<h2>Comment faire</h2><p>Ouvrez votre <b>espace client</b>, puis choisissez la facture à envoyer ailleurs.</p>",
}


@dataclass
class Room:
    """What a test does here."""

    app: FastAPI
    client: httpx.AsyncClient
    db: Database
    clock: StillClock
    who: dict[str, Principal | None]
    """Who calls; None: nobody who is signed in."""

    async def call(self, method: str, path: str, as_: Principal = HEAD, status: int = 200, **json: Any) -> Any:
        self.who["is"] = as_
        answer = await self.client.request(method, path, json=json or None)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def write(self, **change: Any) -> Any:
        return await self.call("POST", "/articles", HEAD, 201, **{**MOVING, **change})

    async def act(self, article: Any, act: str, **more: Any) -> Any:
        return await self.call("POST", f"/articles/{article['id']}/act", act=act, version=article["version"], **more)

    async def published(self, **change: Any) -> Any:
        return await self.act(await self.write(**change), "publish")

    async def found(self, q: str, language: str = "fr", as_: Principal = SOFIA, **more: str) -> Any:
        self.who["is"] = as_
        answer = await self.client.get("/articles/search", params={"q": q, "language": language, **more})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def titles(self, q: str, language: str = "fr", **more: Any) -> list[str]:
        return [one["title"] for one in (await self.found(q, language, **more))["items"]]


@pytest.fixture
async def room(
    database: Database, clock: StillClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[Room]:
    app, who = FastAPI(), {"is": HEAD}
    app.include_router(http.router)
    app.include_router(files_http.router)
    app.include_router(offering_http.router)
    app.router.routes.extend([*page_http.routes(), files_http.route()])
    install_problems(app)
    app.add_middleware(Edge)
    app.state.db, app.state.clock, app.state.help_contacts = database, clock, contacts_of
    app.state.meaning = Meaning(database, None)
    app.state.files = Files(tmp_path / "files")

    async def caller(*_: Any) -> Principal:
        if who["is"] is None:
            raise Unauthenticated
        return who["is"]

    monkeypatch.setattr(accounts_http, "caller", caller)
    for tenant, firm_id, name in ((TENANT, "FI1", "Atelier Nord"), (TENANT, "FI2", "Other"), ("AC2", "FI3", "Far")):
        async with database.transaction(tenant) as tx:
            row = {"id": firm_id, "tenant_id": tenant, "name": name, "languages": ["fr"]}
            await tx.execute(firms.insert().values(created_at=to_datetime(NOON), **row))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test") as client:
        yield Room(app, client, database, clock, who)

"""A key's pace counts requests by either API, and is told in the shape of the one that was asked."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from parlons.accounts import http as accounts
from parlons.accounts.bootstrap import bootstrap
from parlons.accounts.keys import KeyWanted, create_key
from parlons.accounts.model import Scope
from parlons.compat.face import Face
from parlons.runtime.db import Database
from parlons.runtime.edge import Edge
from parlons.runtime.http import install_problems
from tests.conftest import StillClock


@pytest.fixture
async def program(database: Database, clock: StillClock) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a key that may call three times a minute."""
    installation = await bootstrap(database, now=clock())
    wanted = KeyWanted("Programs", frozenset({Scope.READ}), per_minute=3)
    async with database.transaction(installation.tenant_id) as tx:
        key, secret = await create_key(tx, installation.principal, wanted, queues=lambda _: None, now=clock())
    app = FastAPI()
    install_problems(app)
    app.include_router(accounts.router, prefix="/api/v1")
    app.state.db, app.state.clock = database, clock
    app.add_middleware(Face)
    app.add_middleware(Edge)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test", auth=(key["id"], secret)) as client:
        client.headers["X-Secret"] = secret
        yield client


async def test_both_apis_count(program: httpx.AsyncClient, clock: StillClock) -> None:
    bearer = {"Authorization": f"Bearer {program.headers['X-Secret']}"}
    assert (await program.get("/api/v1/no-such-thing", auth=None)).status_code == 404
    answers = [await program.get("/_taskrouter/v1/Nothing") for _ in range(4)]
    assert [each.status_code for each in answers] == [404, 404, 404, 429]
    assert answers[0].headers["ratelimit"] == '"minute";r=2;t=20'
    late = answers[3]
    assert (late.json()["code"], late.headers["retry-after"]) == (20429, "20")
    assert set(late.json()) == {"code", "message", "more_info", "status"}
    native = await program.get("/api/v1/me", headers=bearer, auth=None)
    assert (native.status_code, native.json()["code"]) == (429, "key-too-fast")
    clock.advance(20_000)
    assert (await program.get("/_taskrouter/v1/Nothing")).status_code == 404

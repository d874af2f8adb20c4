"""Reception over HTTP: notices of an agent who was away, and asking once more for a conversation nobody served."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from parlons.accounts import http as accounts_http
from parlons.accounts.model import Principal, Role
from parlons.conversations.commands import close, set_not_served
from parlons.dispatch.dispatch import Dispatch
from parlons.reception import http, notices
from parlons.runtime.db import Database
from parlons.runtime.http import install_problems
from tests.conftest import StillClock
from tests.dispatch import floor
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.reception.conftest import Front, furnish

SOFIA = Principal(TENANT, WORKSPACE, Role.AGENT, user_id="US1", worker_id=floor.worker_id(1))


@pytest.fixture
async def front(database: Database, clock: StillClock) -> Front:
    """Without a router: what was asked for stays on the road."""
    await furnish(database)
    return Front(database, Dispatch(database, clock=clock), clock)


@pytest.fixture
async def desk(front: Front, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """Sofia's."""
    app = FastAPI()
    app.include_router(http.router, prefix="/api/v1")
    install_problems(app)
    app.state.db, app.state.clock = front.db, front.clock

    async def caller(*_: Any) -> Principal:
        return SOFIA

    monkeypatch.setattr(accounts_http, "caller", caller)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test/api/v1") as client:
        yield client


async def test_notices_are_kept_until_seen(front: Front, desk: httpx.AsyncClient) -> None:
    async with front.db.transaction(TENANT) as tx:
        for user_id, notice_id in (("US1", "NO1"), ("US1", "NO1"), ("US2", "NO2")):
            await notices.add_notice(
                tx, notice_id=notice_id, workspace_id=WORKSPACE, user_id=user_id, kind=notices.RETURNED, data={}
            )
    (told,) = (await desk.get("/notices")).json()["items"]
    assert (told["id"], told["kind"]) == ("NO1", "conversation-returned")
    assert (await desk.post("/notices/NO2/seen")).status_code == 204
    assert (await desk.post("/notices/NO1/seen")).status_code == 204
    assert (await desk.get("/notices")).json()["items"] == []
    async with front.db.system() as tx:
        assert await tx.scalar("SELECT count(*) FROM notices WHERE seen_at IS NULL") == 1
    for days, kept in ((notices.SEEN_DAYS, ["NO1", "NO2"]), (1, ["NO2"])):
        front.clock.advance(days * 86_400_000)
        await notices.forget_old_notices(front.db)
        async with front.db.system() as tx:
            assert [row["id"] for row in await tx.fetch_all("SELECT id FROM notices ORDER BY id")] == kept
    async with front.db.system() as tx:
        assert await tx.scalar("SELECT count(*) FROM outbox WHERE type = 'notice.added'") == 2


async def test_a_conversation_nobody_served_is_asked_for_again(front: Front, desk: httpx.AsyncClient) -> None:
    await front.writes()
    await front.act(set_not_served, "expired")
    again = (await desk.post(f"/conversations/{front.ids['V1']}/serve")).json()
    assert again["not_served_reason"] is None
    assert again["lead_task_id"] is not None
    twice = (await desk.post(f"/conversations/{front.ids['V1']}/serve")).json()
    assert twice["lead_task_id"] == again["lead_task_id"]
    async with front.db.system() as tx:
        assert await tx.scalar("SELECT count(*) FROM commands") == 2
    await front.act(close, by="agent")
    refused = await desk.post(f"/conversations/{front.ids['V1']}/serve")
    assert (refused.status_code, refused.json()["code"]) == (409, "conversation-closed")
    unknown = await desk.post("/conversations/CH0/serve")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-conversation")

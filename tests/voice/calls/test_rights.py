"""Who may place a call in which conversation, and see which numbers: each person his firms' only."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from parlons.accounts import http as accounts_http
from parlons.accounts.model import Principal, Role
from parlons.conversations import commands as conversations
from parlons.customers import commands as customers
from parlons.runtime.db import Database
from parlons.runtime.http import install_problems
from parlons.voice.calls import http
from parlons.voice.calls.voice import Wish
from tests.conftest import StillClock
from tests.dispatch.floor import TENANT, WORKSPACE

NORTH, SOUTH = "FI" + "1" * 32, "FI" + "2" * 32


class Voice:
    """Notes what was wished."""

    def __init__(self) -> None:
        self.wishes: list[Wish] = []

    async def act(self, _workspace_id: str, wish: Wish) -> Any:
        self.wishes.append(wish)
        raise http.VoiceOff


@pytest.fixture
async def desk(
    database: Database, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[SimpleNamespace]:
    app, voice = FastAPI(), Voice()
    install_problems(app)
    app.include_router(http.router)
    app.state.db, app.state.clock, app.state.voice = database, clock, voice

    async def caller(*_: Any) -> Principal:
        return Principal(TENANT, WORKSPACE, Role.AGENT, user_id="US1", worker_id="WK1", firm_ids=frozenset({NORTH}))

    monkeypatch.setattr(accounts_http, "caller", caller)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test") as client:
        yield SimpleNamespace(client=client, voice=voice)


async def conversation(database: Database, firm_id: str) -> str:
    async with database.transaction(TENANT) as tx:
        customer = await customers.find_or_create_by_address(
            tx, workspace_id=WORKSPACE, firm_id=firm_id, kind="phone", value="+33612345678", verified=True, name="",
            language="fr",
        )  # fmt: skip
        opened = await conversations.open_conversation(
            tx, workspace_id=WORKSPACE, firm_id=firm_id, customer_id=customer.id, channel="voice", address=None,
            language="fr",
        )  # fmt: skip
    return str(opened.id)


async def test_a_call_joins_no_conversation_of_another_firm(desk: SimpleNamespace, database: Database) -> None:
    body = {"to": "+33699999999", "conversation_id": await conversation(database, SOUTH)}
    answer = await desk.client.post("/calls", json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-conversation")
    assert not desk.voice.wishes


async def test_a_call_joins_his_own_firms_and_shows_its_numbers(desk: SimpleNamespace, database: Database) -> None:
    mine = await conversation(database, NORTH)
    await desk.client.post("/calls", json={"to": "+33699999999", "conversation_id": mine})
    (wish,) = desk.voice.wishes
    assert (wish.values["conversation_id"], wish.values["firm_ids"]) == (mine, [NORTH])

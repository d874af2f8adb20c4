"""Routing tried before it serves: who belongs to a queue, which rule a task meets, whom each step asks."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from parlons.accounts import http, http_admin
from parlons.accounts.bootstrap import bootstrap
from parlons.app import tryout_http
from parlons.app.agents import firm_uses, sync_agent
from parlons.app.configuration import http as configuration_http
from parlons.dispatch import http as dispatch_http
from parlons.dispatch.dispatch import Dispatch
from parlons.runtime.db import Database
from parlons.runtime.http import install_problems
from tests.conftest import StillClock

FILE = """
workspace: {default_activity: Ready}
activities: [{name: Offline}, {name: Ready, available: true}]
task_channels: [{name: chat}]
queues: [{name: Sales, workers: "skills HAS 'sales'"}, {name: All}]
users:
  - {email: anna@firm.test, name: Anna, attributes: {skills: [sales], levels: {sales: 3}, languages: [fr]}, channels: {chat: 2}}
  - {email: bob@firm.test, name: Bob, attributes: {skills: [sales], levels: {sales: 8}, languages: [fr]}, channels: {chat: 2}}
  - {email: cleo@firm.test, name: Cleo, attributes: {skills: [care], languages: [en]}, channels: {chat: 0}}
"""
WORKFLOW: dict[str, Any] = {
    "name": "Chats",
    "filters": [
        {
            "name": "French",
            "when": "language == 'fr' AND topic != 'care'",
            "targets": [
                {"queue": "All", "known_worker": "task.known", "timeout_seconds": 20},
                {
                    "queue": "Sales",
                    "expression": "task.language IN worker.languages",
                    "order_by": "worker.levels.sales DESC",
                },
            ],
        }
    ],
    "default_queue": "All",
}


class Centre:
    """Three people, two queues, and an administrator's browser."""

    def __init__(self, browser: httpx.AsyncClient, names: dict[str, str]) -> None:
        self.browser, self.names = browser, names

    def people(self, asked: list[dict[str, Any]]) -> list[str]:
        """By name, those who are not ready in brackets."""
        return [self.names[one["worker_id"]] if one["ready"] else f"({self.names[one['worker_id']]})" for one in asked]

    async def ask(self, path: str, status: int = 200, /, **body: Any) -> Any:
        """An answer."""
        answer = await self.browser.post(path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture
async def centre(database: Database, clock: StillClock) -> AsyncIterator[Centre]:
    """Everybody is reachable and ready."""
    installation = await bootstrap(database, now=clock())
    dispatch = Dispatch(database, clock=clock)
    await dispatch.open(installation.workspace_id, installation.tenant_id)
    await dispatch.ready(installation.workspace_id, as_owner=True)
    app = FastAPI()
    install_problems(app)
    for router in (http.router, http_admin.router, configuration_http.router, dispatch_http.router, tryout_http.router):
        app.include_router(router, prefix="/api/v1")
    app.state.db, app.state.clock, app.state.dispatch = database, clock, dispatch
    app.state.sync_agent, app.state.firm_uses = sync_agent(dispatch), firm_uses
    transport = httpx.ASGITransport(app)
    address = "http://centre.test/api/v1"
    async with httpx.AsyncClient(transport=transport, base_url=address, headers={"X-Parlons": "1"}) as browser:
        assert (await browser.post("/session/link", json={"token": installation.invitation})).status_code == 200
        assert (await browser.post("/configuration", content=FILE)).status_code == 200
        workers = (await browser.get("/workers")).json()["items"]
        ready = next(one["id"] for one in (await browser.get("/activities")).json()["items"] if one["name"] == "Ready")
        for one in workers:
            set_to = await browser.put(f"/workers/{one['id']}/activity", json={"activity_id": ready})
            assert set_to.status_code == 200, set_to.text
        yield Centre(browser, {one["id"]: one["name"] for one in workers})
    await dispatch.close()


async def test_who_would_serve_a_queue(centre: Centre) -> None:
    found = await centre.ask("/queues/try", workers="skills HAS 'sales'")
    assert sorted(centre.people(found["workers"])) == ["Anna", "Bob"]
    found = await centre.ask("/queues/try", workers="1 == 1", channel="chat")
    assert sorted(centre.people(found["workers"])) == ["(Cleo)", "Anna", "Bob"]
    assert (await centre.ask("/queues/try", workers=" "))["workers"] == []


async def test_which_rule_wins_and_whom_it_asks(centre: Centre) -> None:
    bob = next(key for key, name in centre.names.items() if name == "Bob")
    task = {"language": "fr", "known": bob}
    found = await centre.ask("/workflows/try", workflow=WORKFLOW, attributes=task)
    assert (found["filter"], found["passed"]) == (0, [])
    assert [centre.people(step["workers"]) for step in found["steps"]] == [["Bob"], ["Bob", "Anna"]]
    assert [step["seconds"] for step in found["steps"]] == [20, None]
    found = await centre.ask("/workflows/try", workflow=WORKFLOW, attributes={"language": "fr", "topic": "care"})
    assert (found["filter"], found["passed"]) == (-1, [{"filter": 0, "false": ["topic != 'care'"]}])
    assert sorted(centre.people(found["steps"][0]["workers"])) == ["(Cleo)", "Anna", "Bob"]
    found = await centre.ask("/workflows/try", workflow=WORKFLOW | {"default_queue": None}, attributes={})
    assert (found["filter"], found["steps"]) == (None, [])


async def test_a_step_that_nobody_is_ready_for_is_skipped(centre: Centre) -> None:
    targets = [
        {"queue": "All", "expression": "worker.skills HAS 'care'", "skip_if": "workers.available > 0"},
        {"queue": "Sales", "skip_if": "1 == 1"},
    ]
    workflow = WORKFLOW | {"filters": [{"name": "Any", "when": "1 == 1", "targets": targets}]}
    found = await centre.ask("/workflows/try", workflow=workflow)
    assert [step["skipped"] for step in found["steps"]] == [True, False]


async def test_what_cannot_be_tried_is_refused_with_its_reason(centre: Centre) -> None:
    assert (await centre.ask("/queues/try", 422, workers="skills ="))["code"] == "invalid-expression"
    assert (await centre.ask("/queues/try", 404, workers="1==1", channel="fax"))["code"] == "unknown-task-channel"
    unknown = WORKFLOW | {"default_queue": "Nowhere"}
    assert (await centre.ask("/workflows/try", 422, workflow=unknown))["code"] == "unknown-queue-name"
    wrong = WORKFLOW | {"filters": [WORKFLOW["filters"][0] | {"when": "language"}]}
    assert (await centre.ask("/workflows/try", 422, workflow=wrong))["code"] == "invalid-workflow"

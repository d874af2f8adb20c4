"""Configuration over HTTP: for administrators, with faults as data and links shown once."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from parlons.accounts import http, http_admin, http_people
from parlons.accounts.bootstrap import bootstrap
from parlons.app.agents import firm_uses, known_queues, sync_agent
from parlons.app.configuration import http as configuration_http
from parlons.dispatch.dispatch import Dispatch
from parlons.routing.commands import CancelTask, CreateTask, SetActivity, Tick
from parlons.runtime.db import Database
from parlons.runtime.http import install_problems
from tests.conftest import StillClock

FILE = """
workspace: {default_activity: Offline}
activities: [{name: Offline}]
queues: [{name: Sales}]
users: [{email: sofia@firm.test, name: Sofia, attributes: {skills: [sales]}}]
"""


@pytest.fixture
async def browser(database: Database, clock: StillClock) -> AsyncIterator[httpx.AsyncClient]:
    """The administrator's, signed in."""
    installation = await bootstrap(database, now=clock())
    dispatch = Dispatch(database, clock=clock)
    await dispatch.open(installation.workspace_id, installation.tenant_id)
    await dispatch.ready(installation.workspace_id, as_owner=True)
    app = FastAPI()
    install_problems(app)
    for router in (http.router, http_admin.router, http_people.router, configuration_http.router):
        app.include_router(router, prefix="/api/v1")
    app.state.db, app.state.clock, app.state.dispatch = database, clock, dispatch
    app.state.sync_agent, app.state.firm_uses = sync_agent(dispatch), firm_uses
    app.state.known_queues = known_queues
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://centre.test/api/v1", headers={"X-Parlons": "1"}
    ) as opened:
        assert (await opened.post("/session/link", json={"token": installation.invitation})).status_code == 200
        yield opened
    await dispatch.close()


async def test_apply_and_export(browser: httpx.AsyncClient) -> None:
    tried = (await browser.post("/configuration", params={"dry_run": True}, content=FILE)).json()
    assert tried["dry_run"]
    assert tried["links"] == {}
    applied = (await browser.post("/configuration", content=FILE)).json()
    assert {(change["act"], change["kind"]) for change in applied["changes"]} >= {("add", "queue"), ("add", "user")}
    assert applied["links"]["sofia@firm.test"].startswith("http://centre.test/app/link#")
    exported = await browser.get("/configuration")
    assert exported.headers["content-type"].startswith("application/yaml")
    again = (await browser.post("/configuration", content=exported.text, params={"prune": True})).json()
    assert again["changes"] == []


async def test_faults_are_data(browser: httpx.AsyncClient) -> None:
    refused = await browser.post("/configuration", content=FILE.replace("Sales", "Sales, ordr: LIFO"))
    assert refused.status_code == 422
    problem = refused.json()
    assert problem["code"] == "invalid-configuration-file"
    (fault,) = problem["details"]["faults"]
    assert (fault["line"], fault["column"], fault["remedy"]) == (4, 24, "Did you mean order?")


async def test_agents_may_not(browser: httpx.AsyncClient) -> None:
    applied = (await browser.post("/configuration", content=FILE)).json()
    token = applied["links"]["sofia@firm.test"].partition("#")[2]
    await browser.post("/session/link", json={"token": token})
    assert (await browser.get("/configuration")).status_code == 403
    assert (await browser.post("/configuration", content=FILE)).status_code == 403


async def test_a_user_added_by_the_api_becomes_a_worker_and_a_second_of_that_name_is_refused(
    browser: httpx.AsyncClient,
) -> None:
    await browser.post("/configuration", content=FILE)
    theo = {"email": "theo@firm.test", "name": "Theo", "role": "agent", "channels": {"chat": 2}}
    assert (await browser.post("/users", json=theo)).status_code == 201
    renamed = {**theo, "name": "Sofia", "email": "sofie@firm.test"}
    assert (await browser.post("/users", json=renamed)).json()["code"] == "agent-name-taken"
    assert "sofie@firm.test" not in (await browser.get("/configuration")).text
    again = await browser.post(
        "/configuration", content="users: [{email: theo@firm.test, name: Theo, channels: {chat: 2}}]"
    )
    assert again.json()["changes"] == []


async def test_an_agent_with_open_work_and_a_firm_with_a_queue_stay(browser: httpx.AsyncClient) -> None:
    file = FILE.replace(
        "[{name: Sales}]", "[{name: Sales, firm: North}]\nworkflows: [{name: All, default_queue: Sales}]"
    )
    file = (
        file.replace("[{name: Offline}]", "[{name: Offline}, {name: Ready, available: true}]")
        + "firms: [{name: North}]"
    )
    assert (await browser.post("/configuration", content=file)).status_code == 200
    firms = (await browser.get("/firms")).json()["items"]
    north = next(firm["id"] for firm in firms if firm["name"] == "North")
    assert (await browser.delete(f"/firms/{north}")).json()["details"] == {"used": ["queues"]}
    sofia = next(user for user in (await browser.get("/users")).json()["items"] if user["name"] == "Sofia")
    dispatch: Dispatch = browser._transport.app.state.dispatch  # type: ignore[attr-defined]
    state = dispatch.state(sofia["workspace_id"])
    ready = next(activity.id for activity in state.activities.values() if activity.available)
    await dispatch.send(sofia["workspace_id"], SetActivity(sofia["worker_id"], ready))
    await dispatch.send(sofia["workspace_id"], CreateTask("WT" + "1" * 32, {}, channel="chat"))
    assert (await browser.delete(f"/users/{sofia['id']}")).json()["code"] == "agent-busy"
    await dispatch.send(sofia["workspace_id"], CancelTask("WT" + "1" * 32))
    assert (await browser.delete(f"/users/{sofia['id']}")).status_code == 204
    await dispatch.send(sofia["workspace_id"], Tick())
    assert state.workers == {}


async def test_a_file_that_would_strand_waiting_tasks_asks_for_their_number(browser: httpx.AsyncClient) -> None:
    file = FILE.replace("{name: Sales}", "{name: Sales, workers: skills HAS 'sales'}, {name: Other}")
    file += "workflows: [{name: All, default_queue: Sales}]"
    assert (await browser.post("/configuration", content=file)).status_code == 200
    dispatch: Dispatch = browser._transport.app.state.dispatch  # type: ignore[attr-defined]
    workspace = (await browser.get("/users")).json()["items"][0]["workspace_id"]
    for number in range(2):
        await dispatch.send(workspace, CreateTask(f"WT{number:032x}", {}, channel="chat"))
    kept = "queues: [{name: Sales, order: LIFO}]"
    assert (await browser.post("/configuration", content=kept)).json()["effects"]["tasks"]["stranded_total"] == 0
    lost = "queues: [{name: Sales, workers: skills HAS 'nothing'}]"
    tried = (await browser.post("/configuration", params={"dry_run": True}, content=lost)).json()
    assert tried["effects"]["tasks"]["stranded"] == [{"queue": "Sales", "count": 2}]
    assert "2 waiting tasks of Sales would find nobody" in tried["text"]
    assert "--accept-stranded 2" in tried["text"]
    for accepted in ({}, {"accept_stranded": 1}):
        refused = await browser.post("/configuration", params=accepted, content=lost)
        assert (refused.status_code, refused.json()["code"]) == (409, "would-strand")
        assert refused.json()["details"]["stranded"] == 2
    assert "nothing" not in (await browser.get("/configuration")).text
    moved = "workflows: [{name: All, default_queue: Other}]"
    tried = (await browser.post("/configuration", params={"dry_run": True}, content=moved)).json()
    assert "2 waiting tasks would go from Sales to Other" in tried["text"]
    done = await browser.post("/configuration", params={"accept_stranded": 2}, content=lost)
    assert done.status_code == 200
    assert "nothing" in (await browser.get("/configuration")).text

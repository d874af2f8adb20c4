"""Settings over HTTP: one thing at a time, with versions, effects on what waits, history and undo, drafts."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from parlons.accounts import http
from parlons.accounts.bootstrap import bootstrap
from parlons.app.configuration import http as configuration_http
from parlons.app.configuration import settings_http
from parlons.dispatch.dispatch import Dispatch
from parlons.routing.commands import CreateTask
from parlons.runtime.db import Database
from parlons.runtime.http import install_problems
from tests.conftest import StillClock

FILE = """
workspace: {default_activity: Offline}
activities: [{name: Offline}, {name: Ready, available: true}]
firms:
- name: North
  hours: {Usual: {zone: Europe/Paris, week: {mon-fri: ["09:00-18:00"]}}}
queues:
- {name: Sales, firm: North, workers: skills HAS "sales"}
- {name: Service}
workflows:
- {name: All, filters: [{name: sold, when: topic == "sales", targets: [{queue: Sales}]}], default_queue: Service}
flows:
- name: Front
  start: offer
  steps: {offer: {do: queue, queue: Sales}}
users:
- {email: sofia@firm.test, name: Sofia, attributes: {skills: [sales]}}
"""
ANY = {"If-Match": "*"}


@dataclass(slots=True)
class Centre:
    """A signed-in administrator and the router behind."""

    browser: httpx.AsyncClient
    dispatch: Dispatch
    workspace_id: str

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.browser.get(f"/settings{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def put(self, path: str, thing: Any, headers: Any = ANY, **params: Any) -> httpx.Response:
        return await self.browser.put(f"/settings/{path}", json=thing, headers=headers, params=params)

    async def done(self, path: str, thing: Any, headers: Any = ANY, **params: Any) -> Any:
        answer = await self.put(path, thing, headers, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def text(self) -> str:
        return (await self.browser.get("/configuration")).text


@pytest.fixture
async def centre(database: Database, clock: StillClock) -> AsyncIterator[Centre]:
    installation = await bootstrap(database, now=clock())
    dispatch = Dispatch(database, clock=clock)
    await dispatch.open(installation.workspace_id, installation.tenant_id)
    await dispatch.ready(installation.workspace_id, as_owner=True)
    app = FastAPI()
    install_problems(app)
    for router in (http.router, configuration_http.router, settings_http.router):
        app.include_router(router, prefix="/api/v1")
    app.state.db, app.state.clock, app.state.dispatch = database, clock, dispatch
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://centre.test/api/v1", headers={"X-Parlons": "1"}
    ) as browser:
        assert (await browser.post("/session/link", json={"token": installation.invitation})).status_code == 200
        applied = await browser.post("/configuration", content=FILE)
        assert applied.status_code == 200, applied.text
        yield Centre(browser, dispatch, installation.workspace_id)
    await dispatch.close()


async def test_what_is_read_can_be_written_back_and_changes_nothing(centre: Centre) -> None:
    settings = await centre.get("")
    before = await centre.text()
    for kind, things in settings["things"].items():
        for name, each in things.items():
            answer = await centre.done(f"{kind}/{name}", each["thing"], {"If-Match": each["etag"]})
            assert answer["changes"] == [], (kind, name)
            assert answer["etag"] == each["etag"]
    assert await centre.text() == before


async def test_every_kind_has_a_schema_whose_fields_are_those_of_the_things(centre: Centre) -> None:
    kinds = (await centre.get("/schema"))["kinds"]
    settings = await centre.get("")
    for kind, things in settings["things"].items():
        for each in things.values():
            assert set(each["thing"]) == set(kinds[kind]["properties"]), kind


async def test_two_who_change_the_same_thing(centre: Centre) -> None:
    seen = await centre.get("/queue/Sales")
    assert (await centre.put("queue/Sales", {"name": "Sales"}, {})).json()["code"] == "version-missing"
    first = await centre.done("queue/Sales", {"name": "Sales", "order": "LIFO"}, {"If-Match": seen["etag"]})
    late = await centre.put("queue/Sales", {"name": "Sales", "max_reserved": 3}, {"If-Match": seen["etag"]})
    assert late.status_code == 412
    problem = late.json()
    assert problem["code"] == "changed-meanwhile"
    assert problem["details"]["revision"] == first["revision"]
    assert {"by", "at"} <= problem["details"].keys()
    assert (await centre.get("/queue/Sales"))["thing"]["max_reserved"] == 1


async def test_faults_name_the_field_and_the_place_in_its_text(centre: Centre) -> None:
    async def faults(path: str, thing: Any) -> Any:
        answer = await centre.put(path, thing)
        assert answer.status_code == 422, answer.text
        return [(each["path"], each["line"], each["column"]) for each in answer.json()["details"]["faults"]]

    assert await faults("queue/Sales", {"name": "Sales", "workers": 'skills HAS\n"sales" AN'}) == [("workers", 2, 9)]
    assert await faults("queue/New", {"name": "New", "firm": "Nowhere"}) == [("firm", 0, 0)]
    assert await faults("queue/New", {"name": "New", "voice": {"retention_days": -1}}) == [
        ("voice.retention_days", 0, 0)
    ]
    week = {"firm": "North", "name": "Usual", "zone": "Europe/Paris", "week": {"mon": ["9-25"]}}
    assert await faults("hours/North / Usual", week) == [("week.mon", 0, 0)]
    workflow = {"name": "All", "filters": [{"name": "x", "when": "a ==", "targets": [{"queue": "Sales"}]}]}
    assert [each[0] for each in await faults("workflow/All", workflow)] == ["filters[1].when"]
    assert await faults("queue/New", {"name": "New", "attributes": {"deep": 2**80}}) == [("attributes.deep", 0, 0)]
    assert (await centre.put("queue/New", {"name": "N\0"})).status_code == 422


async def test_a_rename_keeps_what_refers_to_it(centre: Centre) -> None:
    sales = (await centre.get("/queue/Sales"))["thing"]
    answer = await centre.done("queue/Sales", {**sales, "name": "Ventes"})
    assert {(each["kind"], each["name"], tuple(each["diff"])) for each in answer["changes"]} == {
        ("queue", "Ventes", ("name",)),
        ("flow", "Front", ("steps",)),
    }
    things = (await centre.get(""))["things"]
    assert things["workflow"]["All"]["thing"]["filters"][0]["targets"][0]["queue"] == "Ventes"
    assert things["flow"]["Front"]["thing"]["steps"]["offer"]["queue"] == "Ventes"
    firm = await centre.done("firm/North", {"name": "Nord"})
    assert [each["kind"] for each in firm["changes"]] == ["firm"]
    things = (await centre.get(""))["things"]
    assert things["queue"]["Ventes"]["thing"]["firm"] == "Nord"
    assert things["firm"]["Nord"]["thing"]["usual_hours"] == "Usual"
    hours = things["hours"]["Nord / Usual"]["thing"]
    await centre.done("hours/Nord / Usual", {**hours, "name": "Weekdays"})
    assert (await centre.get("/firm/Nord"))["thing"]["usual_hours"] == "Weekdays"
    taken = await centre.put("queue/Ventes", {"name": "Service"})
    assert taken.json()["code"] == "name-taken"
    await centre.done("user/sofia@firm.test", {"email": "sofia@nord.test", "name": "Sofia"})
    assert "sofia@nord.test" in await centre.text()


async def test_what_is_in_use_is_not_removed_and_says_where(centre: Centre) -> None:
    refused = await centre.browser.delete("/settings/queue/Sales", headers=ANY)
    assert refused.json()["code"] == "still-in-use"
    assert refused.json()["details"]["used"] == [
        {"kind": "workflow", "name": "All", "path": "filters[1].targets[1].queue"},
        {"kind": "flow", "name": "Front", "path": "steps.offer.queue"},
    ]
    assert (await centre.browser.delete("/settings/firm/North", headers=ANY)).json()["code"] == "still-in-use"
    assert (await centre.browser.delete("/settings/workspace/workspace", headers=ANY)).json()["code"] == "not-removable"
    last = next(
        iter(name for name, each in (await centre.get(""))["things"]["user"].items() if "firm.test" not in name)
    )
    assert (await centre.browser.delete(f"/settings/user/{last}", headers=ANY)).status_code == 422
    assert (await centre.browser.delete("/settings/flow/Front", headers=ANY)).status_code == 200
    assert "Front" not in await centre.text()


async def test_a_change_that_would_strand_waiting_tasks_asks_for_their_number(centre: Centre) -> None:
    for number in range(3):
        task = CreateTask(f"WT{number:032x}", {"topic": "sales"}, channel="chat")
        await centre.dispatch.send(centre.workspace_id, task)
    wanted = {"name": "Sales", "workers": 'skills HAS "nothing"'}
    tried = await centre.done("queue/Sales", wanted, dry_run=True)
    assert tried["effects"]["tasks"] == {
        "waiting": 3,
        "moved": [],
        "stranded": [{"queue": "Sales", "count": 3}],
        "ended": 0,
        "stranded_total": 3,
    }
    (queue,) = tried["effects"]["queues"]
    assert (queue["name"], queue["before"], queue["after"], queue["left"]) == ("Sales", 1, 0, ["Sofia"])
    refused = await centre.put("queue/Sales", wanted)
    assert (refused.status_code, refused.json()["code"]) == (409, "would-strand")
    assert refused.json()["details"]["stranded"] == 3
    assert (await centre.put("queue/Sales", wanted, accept_stranded=2)).status_code == 409
    moved = {"name": "All", "filters": [], "default_queue": "Service"}
    tasks = (await centre.done("workflow/All", moved, dry_run=True))["effects"]["tasks"]
    assert (tasks["moved"], tasks["stranded_total"]) == ([{"from": "Sales", "to": "Service", "count": 3}], 0)
    gone = await centre.browser.delete("/settings/user/sofia@firm.test", headers=ANY)
    assert gone.json()["code"] == "would-strand"
    await centre.done("queue/Sales", wanted, accept_stranded=3)
    assert (await centre.get("/queue/Sales"))["thing"]["workers"] == 'skills HAS "nothing"'


async def test_history_says_who_and_what_and_takes_it_back(centre: Centre) -> None:
    before = await centre.text()
    sales = (await centre.get("/queue/Sales"))["thing"]
    first = await centre.done("queue/Sales", {**sales, "name": "Ventes", "order": "LIFO"})
    second = await centre.done("queue/Ventes", {"name": "Ventes", "wrap_up_seconds": 30})
    (newest, older, *_) = (await centre.get("/revisions", kind="queue"))["items"]
    assert (newest["id"], older["id"]) == (second["revision"], first["revision"])
    assert newest["road"] == "screen"
    assert older["changes"][0]["fields"] == ["name", "order"]
    assert [each["id"] for each in (await centre.get("/revisions", kind="queue", name="Ventes"))["items"]] == [
        second["revision"],
        first["revision"],
    ]
    whole = await centre.get(f"/revisions/{first['revision']}")
    assert whole["changes"][0]["diff"]["order"] == ["FIFO", "LIFO"]
    assert "order: LIFO" in whole["changes"][0]["after"]
    third = await centre.done("queue/Ventes", {"name": "Ventes", "order": "FIFO"})
    refused = await centre.browser.post(f"/settings/revisions/{first['revision']}/undo")
    assert refused.json()["code"] == "changed-since"
    assert refused.json()["details"]["later"]["id"] == third["revision"]
    for revision in (third["revision"], second["revision"], first["revision"]):
        tried = await centre.browser.post(f"/settings/revisions/{revision}/undo", params={"dry_run": True})
        assert tried.json()["revision"] is None
        undone = await centre.browser.post(f"/settings/revisions/{revision}/undo")
        assert undone.status_code == 200, undone.text
    assert await centre.text() == before


async def test_a_new_thing_and_a_removed_one_are_taken_back(centre: Centre) -> None:
    before = await centre.text()
    made = await centre.done("firm/South", {"name": "South"}, {})
    hours = {"firm": "South", "name": "Days", "zone": "Europe/Paris", "week": {"mon": ["09:00-12:00"]}}
    added = await centre.done("hours/South / Days", hours, {})
    full = await centre.text()
    removed = (await centre.browser.delete("/settings/firm/South", headers=ANY)).json()
    assert await centre.text() == before
    assert (await centre.browser.post(f"/settings/revisions/{removed['revision']}/undo")).status_code == 200
    assert await centre.text() == full
    for revision in (added["revision"], made["revision"]):
        undone = await centre.browser.post(f"/settings/revisions/{revision}/undo")
        assert undone.status_code == 200, undone.text
    assert await centre.text() == before


async def test_secrets_are_written_and_never_read(centre: Centre) -> None:
    trunk = {"name": "Carrier", "host": "sip.example.net", "password": {"value": "s3cret-word"}}
    made = await centre.done("trunk/Carrier", trunk, {})
    first = await centre.get("/trunk/Carrier")
    assert first["thing"]["password"] == {"known": True}
    kept = await centre.done("trunk/Carrier", first["thing"] | {"port": 5070})
    assert list(kept["changes"][0]["diff"]) == ["port"]
    other = await centre.done("trunk/Carrier", {"name": "Carrier", "password": {"value": "another"}})
    assert other["changes"][0]["diff"] == {"password": ["…", "… (changed)"]}
    told = [await centre.text(), str(await centre.get("")), str(await centre.get("/revisions"))]
    told += [str(await centre.get(f"/revisions/{each['revision']}")) for each in (made, kept, other)]
    assert not any("s3cret" in text or "another" in text for text in told)


async def test_drafts_wait_beside_what_is_valid(centre: Centre) -> None:
    seen = await centre.get("/queue/Sales")
    draft = {"etag": seen["etag"], "thing": {**seen["thing"], "order": "sideways"}}
    assert (await centre.browser.put("/settings/drafts/queue/Sales", json=draft)).status_code == 204
    secret = {"thing": {"name": "C", "host": "h", "password": {"value": "s3cret"}}}
    assert (await centre.browser.put("/settings/drafts/trunk/C", json=secret)).status_code == 204
    mine = (await centre.get("/drafts"))["items"]
    assert [(each["kind"], each["name"]) for each in mine] == [("queue", "Sales"), ("trunk", "C")]
    assert "s3cret" not in str(mine)
    assert (await centre.get("/queue/Sales"))["etag"] == seen["etag"]
    checked = await centre.put("queue/Sales", mine[0]["thing"], {"If-Match": mine[0]["etag"]}, dry_run=True)
    assert checked.json()["details"]["faults"][0]["path"] == "order"
    await centre.done("queue/Sales", {**mine[0]["thing"], "order": "LIFO"}, {"If-Match": mine[0]["etag"]})
    assert [each["kind"] for each in (await centre.get("/drafts"))["items"]] == ["trunk"]
    assert (await centre.browser.delete("/settings/drafts/trunk/C")).status_code == 204
    assert (await centre.get("/drafts"))["items"] == []


async def test_a_file_from_a_newer_version_and_unknown_parts_are_refused(centre: Centre) -> None:
    newer = await centre.browser.post("/configuration", content="parlons: 2\nqueues: []")
    assert newer.status_code == 422
    (fault,) = newer.json()["details"]["faults"]
    assert fault["path"] == "parlons"
    assert "newer" in fault["message"]
    assert (await centre.browser.get("/settings/queue/Nowhere")).json()["code"] == "unknown-setting"
    assert (await centre.browser.get("/settings/spoon/Sales")).status_code == 404
    assert (await centre.put("workspace/workspace", {"max_moves": 7})).status_code == 200


async def test_agents_may_not(centre: Centre) -> None:
    made = await centre.done("user/theo@firm.test", {"email": "theo@firm.test", "name": "Theo"}, {})
    token = made["links"]["theo@firm.test"].partition("#")[2]
    await centre.browser.post("/session/link", json={"token": token})
    for path in ("", "/schema", "/revisions", "/drafts", "/queue/Sales", "/text/queue/Sales"):
        assert (await centre.browser.get(f"/settings{path}")).status_code == 403, path
    assert (await centre.put("queue/Sales", {"name": "Sales"})).status_code == 403

"""Versions and trials over HTTP: kept, compared, put back, tried, ended by one of two; what somebody else changed is refused."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from parlons.accounts import http, http_admin, http_people
from parlons.accounts.bootstrap import bootstrap
from parlons.app import flow_builder_http, flow_drafts_http, flow_examples_http, flow_hearing_http, flow_trials_http
from parlons.app.agents import firm_uses, known_queues, sync_agent
from parlons.app.configuration import http as configuration_http
from parlons.app.configuration import settings_http
from parlons.dispatch.dispatch import Dispatch
from parlons.runtime.db import Database
from parlons.runtime.http import install_problems
from tests.conftest import StillClock

FILE = """
workspace: {default_activity: Offline}
activities: [{name: Offline}]
firms: [{name: North}]
queues: [{name: Sales}, {name: Spare}]
workflows: [{name: All, default_queue: Sales}]
flows:
- name: Front
  firm: North
  start: hello
  steps:
    hello: {do: say, text: Welcome, next: offer}
    offer: {do: queue, queue: Sales}
"""
SHORT = "name: Front\nstart: offer\nsteps:\n  offer: {do: queue, queue: Spare}\n"
Json = dict[str, Any]


@pytest.fixture
async def browser(database: Database, clock: StillClock) -> AsyncIterator[httpx.AsyncClient]:
    """The administrator's, with one flow."""
    installation = await bootstrap(database, now=clock())
    dispatch = Dispatch(database, clock=clock)
    await dispatch.open(installation.workspace_id, installation.tenant_id)
    await dispatch.ready(installation.workspace_id, as_owner=True)
    app = FastAPI()
    install_problems(app)
    rooms = (
        http, http_admin, http_people, configuration_http, settings_http, flow_builder_http, flow_hearing_http,
        flow_drafts_http, flow_trials_http, flow_examples_http,
    )  # fmt: skip
    for room in rooms:
        app.include_router(room.router, prefix="/api/v1")
    app.state.db, app.state.clock, app.state.dispatch = database, clock, dispatch
    app.state.transcription = None
    app.state.sync_agent, app.state.firm_uses, app.state.known_queues = sync_agent(dispatch), firm_uses, known_queues
    transport, headers = httpx.ASGITransport(app), {"X-Parlons": "1"}
    async with httpx.AsyncClient(transport=transport, base_url="http://c.test/api/v1", headers=headers) as opened:
        assert (await opened.post("/session/link", json={"token": installation.invitation})).status_code == 200
        assert (await opened.post("/configuration", content=FILE)).status_code == 200
        yield opened
    await dispatch.close()


async def front(browser: httpx.AsyncClient) -> Json:
    """The flow as it stands."""
    (found,) = (await browser.get("/flows")).json()["items"]
    assert (await browser.get(f"/flows/{found['id']}")).json() == found
    return dict(found)


async def kept(browser: httpx.AsyncClient, text: str = SHORT) -> tuple[Json, int]:
    """The flow, and the number of a text kept beside it."""
    flow = await front(browser)
    answer = await browser.post(f"/flows/{flow['id']}/versions", json={"text": text, "note": "No greeting"})
    assert answer.status_code == 201, answer.text
    return flow, int(answer.json()["version"])


async def tried(browser: httpx.AsyncClient, **headers: str) -> tuple[str, Json]:
    """Where the flow is, and a trial of the short text."""
    flow, version = await kept(browser)
    place = f"/flows/{flow['id']}"
    seen = {"If-Match": (await front(browser))["etag"], **headers}
    answer = await browser.post(f"{place}/trials", json={"version": version, "percent": 10}, headers=seen)
    assert answer.status_code == 201, answer.text
    return place, dict(answer.json())


async def test_every_change_is_a_version_with_its_author(browser: httpx.AsyncClient, clock: StillClock) -> None:
    flow, version = await kept(browser)
    place = f"/flows/{flow['id']}"
    assert (flow["version"], version) == (1, 2)
    assert (await front(browser))["version"] == 1, "kept, not used"
    assert (await kept(browser))[1] == 2, "the same text is the same version"
    setting = (await browser.get("/settings/flow/Front")).json()
    changed = setting["thing"] | {"language": "fr"}
    assert (await browser.put("/settings/flow/Front", json=changed, headers={"If-Match": "*"})).status_code == 200
    page = (await browser.get(f"{place}/versions")).json()
    shown = [(each["version"], each["note"], each["live"], bool(each["author"])) for each in page["items"]]
    assert shown == [(3, "", True, True), (2, "No greeting", False, True), (1, "", False, True)]
    first = (await browser.get(f"{place}/versions", params={"limit": 1})).json()
    assert ([each["version"] for each in first["items"]], first["next"]) == ([3], 3)
    text = (await browser.get(f"{place}/versions/1")).json()["text"]
    assert "Welcome" in text
    lines = (await browser.get(f"{place}/difference", params={"before": 1, "after": 2})).json()["lines"]
    assert {line["change"] for line in lines} >= {"same", "changed", "removed"}
    assert [line["before"] for line in lines if line["before"] is not None] == text.splitlines()


async def test_back_to_a_version(browser: httpx.AsyncClient) -> None:
    flow, version = await kept(browser)
    place = f"/flows/{flow['id']}/versions/{version}/publish"
    assert (await browser.post(place)).json()["code"] == "version-missing"
    done = await browser.post(place, headers={"If-Match": flow["etag"]})
    assert (done.status_code, done.json()["version"]) == (200, version)
    late = await browser.post(place.replace("/2/", "/1/"), headers={"If-Match": flow["etag"]})
    assert (late.status_code, late.json()["code"]) == (412, "changed-meanwhile")
    exported = (await browser.get("/configuration")).text
    assert "queue: Spare" in exported
    assert "firm: North" in exported, "a version says nothing of the firm: it stays"
    back = await browser.post(place.replace("/2/", "/1/"), headers={"If-Match": done.json()["etag"]})
    assert back.json()["version"] == 1
    revisions = (await browser.get("/settings/revisions", params={"kind": "flow", "name": "Front"})).json()["items"]
    assert len(revisions) == 3, "going live stands in the history"


async def test_bad_input_has_its_code(browser: httpx.AsyncClient) -> None:
    flow, version = await kept(browser)
    place = f"/flows/{flow['id']}"
    for text in (
        "",
        "][",
        "- a\n- b",
        "name: Front\nstart: no\nsteps: {}",
        SHORT.replace("Spare", "Nowhere"),
        "\0",
        "{" * 500,
    ):
        answer = await browser.post(f"{place}/versions", json={"text": text})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid-configuration-file"), (text, answer.text)
    seen = {"If-Match": "*"}
    for body, code in (
        ({"version": 1, "percent": 10}, "nothing-to-try"),
        ({"version": 9, "percent": 10}, "unknown-version"),
        ({"version": version, "percent": 0}, "invalid"),
        ({"version": version, "percent": 100}, "invalid"),
        ({"version": 2**40, "percent": 5}, "invalid"),
    ):
        answer = await browser.post(f"{place}/trials", json=body, headers=seen)
        assert (answer.status_code // 100, answer.json()["code"]) == (4, code), answer.text
    for path in (
        "/flows/FW9",
        "/flows/FW9/versions",
        f"{place}/versions/9",
        f"{place}/trials/FT9",
        "/flows/FW9/trials",
    ):
        assert (await browser.get(path)).status_code == 404, path
    missing = await browser.post(f"{place}/trials", json={"version": version, "percent": 10})
    assert (missing.status_code, missing.json()["code"]) == (428, "version-missing")


async def test_a_trial_of_what_is_not_there_any_more_is_refused(browser: httpx.AsyncClient) -> None:
    flow, version = await kept(browser)
    assert (await browser.delete("/settings/queue/Spare", headers={"If-Match": "*"})).status_code == 200
    answer = await browser.post(
        f"/flows/{flow['id']}/trials", json={"version": version, "percent": 10}, headers={"If-Match": "*"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-configuration-file")


async def test_a_trial_begins_once_and_ends_once(browser: httpx.AsyncClient) -> None:
    place, trial = await tried(browser, **{"Idempotency-Key": "k1"})
    again = await browser.post(
        f"{place}/trials", json={"version": 2, "percent": 10}, headers={"Idempotency-Key": "k1", "If-Match": "*"}
    )
    assert again.json() == trial, "the same request again is the same trial"
    other = await browser.post(f"{place}/trials", json={"version": 2, "percent": 20}, headers={"If-Match": "*"})
    assert (other.status_code, other.json()["code"]) == (409, "trial-runs")
    here = f"{place}/trials/{trial['id']}"
    found = (await browser.get(here)).json()
    assert [(side["side"], side["version"], side["begun"]) for side in found["sides"]] == [
        ("base", 1, 0),
        ("trial", 2, 0),
    ]
    assert all(share["share"] is None for side in found["sides"] for share in side["shares"].values())
    assert not any(each["told"] for each in found["differences"].values())
    for _ in range(2):
        done = await browser.post(f"{here}/end", json={"how": "roll-back"})
        assert (done.status_code, done.json()["version"], done.json()["trial"]) == (200, 1, None)
    late = await browser.post(f"{here}/end", json={"how": "to-all"})
    assert (late.status_code, late.json()["code"]) == (409, "trial-over")
    assert late.json()["details"]["ending"] == "rolled-back"
    audit = [each["action"] for each in (await browser.get("/audit")).json()["items"]]
    assert {"flow.trial_started", "flow.trial_rolled_back"} <= set(audit)


async def test_given_to_all_is_a_change_like_any_other(browser: httpx.AsyncClient) -> None:
    place, trial = await tried(browser)
    here = f"{place}/trials/{trial['id']}"
    for _ in range(2):
        done = await browser.post(f"{here}/end", json={"how": "to-all"})
        assert (done.status_code, done.json()["version"], done.json()["trial"]) == (200, 2, None)
    (listed,) = (await browser.get(f"{place}/trials")).json()["items"]
    assert (listed["ending"], listed["base_version"], listed["trial_version"]) == ("to-all", 1, 2)
    assert "queue: Spare" in (await browser.get("/configuration")).text


async def test_a_file_that_is_applied_ends_a_trial_it_overtakes(browser: httpx.AsyncClient) -> None:
    place, _ = await tried(browser)
    assert (await browser.post("/configuration", content=FILE)).status_code == 200
    assert (await front(browser))["trial"] is not None, "a file that changes nothing ends nothing"
    assert (await browser.post("/configuration", content=FILE.replace("Welcome", "Hello"))).status_code == 200
    (listed,) = (await browser.get(f"{place}/trials")).json()["items"]
    assert listed["ending"] == "replaced"
    assert (await front(browser))["trial"] is None


async def test_two_requests_end_a_trial_at_the_same_moment(browser: httpx.AsyncClient) -> None:
    for _ in range(4):
        place, trial = await tried(browser)
        here = f"{place}/trials/{trial['id']}/end"
        answers = await asyncio.gather(
            *(browser.post(here, json={"how": how}) for how in ("to-all", "roll-back", "to-all", "roll-back"))
        )
        told = [(each.status_code, each.json().get("code")) for each in answers]
        listed = (await browser.get(f"{place}/trials/{trial['id']}")).json()["trial"]
        live = (await front(browser))["version"]
        won, lost = (told[0::2], told[1::2]) if listed["ending"] == "to-all" else (told[1::2], told[0::2])
        assert won == [(200, None)] * 2, told
        assert lost == [(409, "trial-over")] * 2, told
        assert live == (2 if listed["ending"] == "to-all" else 1)
        await browser.post(f"{place}/versions/1/publish", headers={"If-Match": "*"})


async def test_who_may_not_configure_sees_nothing_of_it(browser: httpx.AsyncClient) -> None:
    made = await browser.post("/keys", json={"name": "reader", "scopes": ["read"]})
    assert made.status_code == 201, made.text
    flow = await front(browser)
    headers = {"Authorization": f"Bearer {made.json()['secret']}"}
    async with httpx.AsyncClient(transport=browser._transport, base_url=browser.base_url, headers=headers) as reader:
        for path in ("", f"/{flow['id']}", f"/{flow['id']}/versions", f"/{flow['id']}/trials"):
            assert (await reader.get(f"/flows{path}")).status_code == 403
        ended = await reader.post(f"/flows/{flow['id']}/trials/FT1/end", json={"how": "to-all"})
        assert ended.status_code == 403

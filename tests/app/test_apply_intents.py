"""Intents in a configuration: round trip, faults at their place, a rename; their report, a text tried, and learning from one."""

from typing import Any

import httpx
import pytest

from parlons.app import intents_http
from parlons.app.configuration import settings_http
from parlons.app.configuration.apply import export
from parlons.app.configuration.text import InvalidConfigurationFile
from parlons.intents.loading import all_intents, state_of
from parlons.intents.misses import Miss, keep_miss
from parlons.intents.understanding import Understanding
from parlons.runtime.db import Database
from tests.app.test_apply import Centre, acts, centre
from tests.app.test_apply_http import browser
from tests.conftest import StillClock

__all__ = ["browser", "centre"]

FILE = """
workspace: {intent_threshold: 0.42}
intents:
- name: order_status
  phrases:
    en: [Where is my parcel?, " My order has not come ", Where is my parcel?, track my order]
    fr: [Où est mon colis ?]
- {name: prices, phrases: {en: [How much does it cost?, What is the price?, Is it expensive?]}}
- {name: nothing_yet}
"""


async def stored(centre: Centre) -> tuple[dict[str, Any], float | None, int]:
    async with centre.db.transaction(centre.installation.tenant_id) as tx:
        state = await state_of(tx, centre.installation.workspace_id)
        found = await all_intents(tx, centre.installation.workspace_id)
    return {one.name: one.phrases for one in found}, state.threshold, state.version


async def test_intents_and_the_threshold_round_trip(centre: Centre) -> None:
    await centre.apply(FILE)
    intents, threshold, version = await stored(centre)
    assert intents["order_status"]["en"] == ["Where is my parcel?", "My order has not come", "track my order"]
    assert (intents["nothing_yet"], threshold) == ({}, 0.42)
    again = await centre.apply(await export(centre.db, centre.principal), prune=True)
    assert again.plan.changes == []
    assert (await stored(centre))[2] == version, "nothing is built anew"
    changed = await centre.apply("intents: [{name: prices, phrases: {fr: [Combien ?]}}]")
    assert acts(changed) == {("change", "intent", "prices")}
    gone = await centre.apply("workspace: {intent_threshold: null}\nintents: []", prune=True)
    assert {("remove", "intent", "prices"), ("change", "workspace", "workspace")} <= acts(gone)
    after = await stored(centre)
    assert after[:2] == ({}, None)
    assert after[2] > version


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ("{name: Where is it}", "intents[1].name"),
        ("{name: a, phrases: {de: [Wo?]}}", "intents[1].phrases.de"),
        ("{name: a, phrases: {en: ['']}}", "intents[1].phrases.en[1]"),
        (f"{{name: a, phrases: {{en: [{'x' * 301}]}}}}", "intents[1].phrases.en[1]"),
        (f"{{name: a, phrases: {{en: {[str(n) for n in range(201)]}}}}}", "intents[1].phrases.en"),
    ],
)
async def test_a_wrong_intent_is_told_at_its_place(centre: Centre, wrong: str, path: str) -> None:
    with pytest.raises(InvalidConfigurationFile) as refused:
        await centre.apply(f"intents: [{wrong}]")
    assert path in [fault.path for fault in refused.value.faults]


@pytest.fixture
def desk(browser: httpx.AsyncClient) -> httpx.AsyncClient:
    """The administrator's, with the routes of intents."""
    app: Any = browser._transport.app  # type: ignore[attr-defined]
    for router in (settings_http.router, intents_http.router):
        app.include_router(router, prefix="/api/v1")
    app.state.understanding = Understanding(app.state.db, None)
    return browser


async def missed(desk: httpx.AsyncClient, clock: StillClock, *texts: str) -> None:
    db: Database = desk._transport.app.state.db  # type: ignore[attr-defined]
    async with db.system() as tx:
        (row,) = await tx.fetch_all("SELECT id, tenant_id FROM workspaces")
    for text in texts:
        clock.now += 1
        async with db.transaction(row["tenant_id"]) as tx:
            await keep_miss(tx, Miss(row["id"], "CH1", None, "en", text, "prices", 0.3, False))


async def test_the_report_and_a_text_that_is_tried(desk: httpx.AsyncClient) -> None:
    empty = (await desk.get("/intents/report")).json()
    assert (empty["phrases"], empty["curve"], empty["now"]) == (0, [], None)
    assert (await desk.post("/intents/try", json={"text": "hello"})).json()["ranking"] == []
    assert (await desk.post("/configuration", content=FILE)).status_code == 200
    told = (await desk.get("/intents/report")).json()
    assert (told["phrases"], told["looked_at"], told["threshold"], told["fixed"]) == (7, 7, 0.42, 0.42)
    assert told["intents"] == ["order_status", "prices"]
    assert told["now"]["understood"] + told["now"]["rejected"] + told["now"]["wrong"] == pytest.approx(1, abs=0.01)
    tried = (await desk.post("/intents/try", json={"text": "Where is my parcel now?"})).json()
    assert tried["intent"] == tried["ranking"][0]["intent"] == "order_status"
    assert tried["nearest"][0]["text"] == "Where is my parcel?"
    assert tried["language"] == "en"
    among = (await desk.post("/intents/try", json={"text": "Where is my parcel?", "among": ["prices"]})).json()
    assert [one["intent"] for one in among["ranking"]] == ["prices"]
    for wrong in ({"text": ""}, {"text": "x" * 501}, {"text": "a", "other": 1}):
        assert (await desk.post("/intents/try", json=wrong)).status_code == 422


async def test_a_text_that_was_not_understood_becomes_a_phrase(desk: httpx.AsyncClient, clock: StillClock) -> None:
    assert (await desk.post("/configuration", content=FILE)).status_code == 200
    await missed(desk, clock, "what do you charge", "What do you charge", "asdf")
    page = (await desk.get("/intents/misses?limit=2")).json()
    assert [one["text"] for one in page["items"]] == ["asdf", "What do you charge"]
    rest = (await desk.get(f"/intents/misses?before={page['next']}")).json()
    assert ([one["text"] for one in rest["items"]], rest["next"]) == (["what do you charge"], None)
    body = {"intent": "prices", "language": "en", "phrase": "What do you charge"}
    learnt = (await desk.post(f"/intents/misses/{page['items'][1]['id']}/learn", json=body)).json()
    assert (learnt["phrases"], learnt["cleared"]) == (4, 2)
    assert (await desk.post("/intents/try", json={"text": "what do you charge?"})).json()["intent"] == "prices"
    history = (await desk.get("/settings/revisions?kind=intent&name=prices")).json()
    assert history["items"][0]["id"] == learnt["revision"], "it can be undone"
    again = await desk.post(f"/intents/misses/{page['items'][1]['id']}/learn", json=body)
    assert (again.status_code, again.json()["code"]) == (404, "unknown-miss")
    left = page["items"][0]["id"]
    unknown = await desk.post(f"/intents/misses/{left}/learn", json={**body, "intent": "nowhere"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-setting")
    assert (await desk.delete(f"/intents/misses/{left}")).status_code == 204
    assert (await desk.get("/intents/misses")).json()["items"] == []
    assert (await desk.delete(f"/intents/misses/{left}")).json()["code"] == "unknown-miss"


USING = """
queues: [{name: Desk}]
flows:
- name: Front
  start: what
  steps:
    what:
      do: understand
      text: What?
      intents: {prices: {next: way, key: "3"}, order_status: {}}
      save: wish
      next: way
      failed: desk
    way: {do: branch, cases: [{when: "wish == 'prices' AND mood != \\"prices\\"", next: bye}], otherwise: desk}
    bye: {do: end, text: prices}
    desk: {do: queue, queue: Desk}
- {name: Other, start: a, steps: {a: {do: branch, cases: [{when: wish == 'prices', next: b}], otherwise: b}, b: {do: queue}}}
"""


async def test_an_intent_is_called_otherwise_in_the_flows_that_name_it(desk: httpx.AsyncClient) -> None:
    assert (await desk.post("/configuration", content=FILE)).status_code == 200
    assert (await desk.post("/configuration", content=USING)).status_code == 200
    used = await desk.delete("/settings/intent/prices", headers={"If-Match": "*"})
    assert used.json()["code"] == "still-in-use"
    assert used.json()["details"]["used"] == [{"kind": "flow", "name": "Front", "path": "steps.what.intents.prices"}]
    call = {"headers": {"If-Match": "*"}, "json": {"name": "costs"}}
    told = await desk.put("/settings/intent/prices?dry_run=true", **call)
    assert [(each["kind"], each["name"]) for each in told.json()["changes"]] == [("flow", "Front"), ("intent", "costs")]
    assert (await desk.put("/settings/intent/prices", **call)).status_code == 200
    steps = (await desk.get("/settings/flow/Front")).json()["thing"]["steps"]
    assert steps["what"]["intents"] == {"costs": {"next": "way", "key": "3"}, "order_status": {}}
    assert steps["way"]["cases"][0]["when"] == "wish == 'costs' AND mood != \"costs\""
    assert steps["bye"]["text"] == "prices"
    other = (await desk.get("/settings/flow/Other")).json()["thing"]["steps"]
    assert other["a"]["cases"][0]["when"] == "wish == 'prices'", "nothing is understood in that flow"

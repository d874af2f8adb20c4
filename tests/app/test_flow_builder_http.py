"""The picture of a flow over HTTP: the catalogue, a draft checked in both forms, a contact with it; what is no draft: refused."""

from typing import Any

import httpx

from tests.app.test_flow_trials_http import browser

__all__ = ["browser"]
Json = dict[str, Any]
DRAFT = """
name: Front
start: hello
steps:
  hello: {do: say, text: Welcome, next: menu, at: [40, 20]}
  menu: {do: ask, text: One or two, choices: {1: {next: agent}, 2: {next: agnet}}, failed: agent}
  agent: {do: queue, queue: Sales}
"""


async def asked(browser: httpx.AsyncClient, path: str, body: Json) -> Json:
    """What the route answers."""
    answer = await browser.post(f"/flows/{path}", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_the_catalogue_has_every_kind_and_the_names_of_the_workspace(browser: httpx.AsyncClient) -> None:
    found = (await browser.get("/flows/step-kinds")).json()
    kinds = {each["kind"]: each for each in found["kinds"]}
    assert {"say", "ask", "queue", "end"} <= set(kinds)
    assert kinds["ask"]["ways"] == ["choices.*.next", "yes", "no", "next", "no_input", "failed"]
    tries = next(each for each in kinds["ask"]["fields"] if each["name"] == "tries")
    assert tries == {"name": "tries", "type": "number", "group": "settings", "required": False, "null": False,
                     "default": 3, "whole": True, "minimum": 1, "maximum": 10}  # fmt: skip
    assert found["names"] == {"queue": ["Sales", "Spare"], "workflow": ["All"], "flow": ["Front"], "hours": [],
                              "firm": found["names"]["firm"]}  # fmt: skip
    assert "North" in found["names"]["firm"]


async def test_a_draft_is_checked_and_its_picture_is_the_same_draft(browser: httpx.AsyncClient) -> None:
    found = await asked(browser, "check", {"text": DRAFT})
    assert not found["valid"]
    (problem,) = found["problems"]
    assert (problem["code"], problem["step"], problem["port"]) == ("no-such-step", "menu", "choices.2.next")
    wanted = {"offer": "connect", "step": "menu", "path": ["choices", "2", "next"], "to": "agent"}
    assert problem["offers"][0] == wanted
    assert [node["at"] for node in found["picture"]["nodes"]] == [[40, 20], None, None]
    assert [edge["exists"] for edge in found["picture"]["edges"]] == [True, True, False, True]
    again = await asked(browser, "check", {"picture": found["picture"]})
    assert again["picture"] == found["picture"]
    assert [each["code"] for each in again["problems"]] == ["no-such-step"]
    nodes = found["picture"]["nodes"]
    nodes[1]["fields"]["choices"]["2"]["next"] = problem["offers"][0]["to"]
    assert (await asked(browser, "check", {"picture": found["picture"]}))["valid"]


async def test_what_goes_on_in_a_flow_is_asked_by_version_and_hours(browser: httpx.AsyncClient) -> None:
    (flow,) = (await browser.get("/flows")).json()["items"]
    found = (await browser.get(f"/flows/{flow['id']}/traffic")).json()
    assert (found["version"], found["edges"], found["here"]) == (1, [], {})
    assert (await browser.get(f"/flows/{flow['id']}/traffic?version=2&hours=1")).json()["version"] == 2
    assert (await browser.get("/flows/FW9/traffic")).json()["code"] == "unknown-flow"
    for query in ("hours=0", "hours=169", "version=0", "hours=x"):
        assert (await browser.get(f"/flows/{flow['id']}/traffic?{query}")).status_code == 422


async def test_a_queue_that_nobody_made_is_told(browser: httpx.AsyncClient) -> None:
    found = await asked(browser, "check", {"text": DRAFT.replace("agnet", "agent").replace("Sales", "Sale")})
    assert [(each["code"], each["offers"][0]["value"]) for each in found["problems"]] == [("no-such-name", "Sales")]


LITTLE: list[Json] = [
    {"text": ""}, {"text": "name: ["}, {"text": "- 1"}, {"text": "name: X\nsteps: 7"}, {"picture": {}},
    {"picture": {"header": {"steps": "no"}, "nodes": []}}, {"picture": {"nodes": [{"name": "a"}, {"name": "a"}]}},
    {"picture": {"nodes": [{"name": "", "kind": "say", "fields": {"text": 7, "next": ["a"]}}]}},
    {"picture": {"header": {"name": 5, "start": None, "languages": "fr"}, "nodes": [{"name": "x" * 4000, "raw": [1]}]}},
    {"text": "name: X\nstart: a\nsteps: {a: {do: say, text: " + "x" * 10_000 + "}}"},
]  # fmt: skip


async def test_however_little_there_is_of_a_draft_it_is_answered(browser: httpx.AsyncClient) -> None:
    for body in LITTLE:
        assert (await asked(browser, "check", body))["problems"], body
        assert (await asked(browser, "simulate", body))["problems"], body


async def test_a_story_is_told_with_its_times_and_ways(browser: httpx.AsyncClient) -> None:
    acts = [{"waits": 2}, {"presses": "1"}, {"nobody_free": True}]
    about = {"at": "2026-11-23T09:30:00Z", "language": "en", "acts": acts}
    found = await asked(browser, "simulate", {"text": DRAFT.replace("agnet", "agent"), **about})
    assert found["begun"]
    assert [(way["from"], way["port"], way["to"]) for way in found["path"]] == [
        (None, None, "hello"), ("hello", "next", "menu"), ("menu", "choices.1.next", "agent"), ("agent", None, None)
    ]  # fmt: skip
    assert [each["text"] for each in found["events"] if each["event"] == "said"] == ["Welcome", "One or two"]
    assert found["events"][0]["at"] == "2026-11-23T09:30:00.000Z"
    assert (found["ended"], found["falls"], found["cut"]) == ("unserved", False, False)
    waiting = await asked(browser, "simulate", {"text": DRAFT, **about, "acts": acts[:2]})
    assert (waiting["state"]["at"], waiting["state"]["queue"], waiting["ended"]) == ("queue", "Sales", None)


async def test_a_story_goes_on_in_the_flow_it_is_led_to(browser: httpx.AsyncClient) -> None:
    text = "name: New\nstart: a\nsteps: {a: {do: transfer, flow: Front, come_back: true, next: b}, b: {do: end}}"
    found = await asked(browser, "simulate", {"text": text})
    assert [(each["flow"], each["to"]) for each in found["path"]] == [
        ("New", "a"), ("Front", "hello"), ("Front", "offer")
    ]  # fmt: skip


NO_DRAFTS: list[Json] = [
    {}, {"text": "a", "picture": {}}, {"text": 7}, {"text": "a", "other": 1}, {"text": "x" * 1_000_001},
    {"picture": {"nodes": [{"name": "a", "at": [10**9, 0]}]}}, {"picture": {"nodes": [{"name": str(n)} for n in range(2_001)]}},
]  # fmt: skip


async def test_what_is_no_draft_is_refused(browser: httpx.AsyncClient) -> None:
    for body in NO_DRAFTS:
        for path in ("check", "simulate"):
            answer = await browser.post(f"/flows/{path}", json=body)
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), str(body)[:80]


async def test_what_is_deeper_than_any_flow_is_refused(browser: httpx.AsyncClient) -> None:
    deep: Any = "x"
    for _ in range(40):
        deep = {"a": deep}
    for body in ({"picture": {"header": {"variables": deep}}}, {"picture": {"nodes": [{"name": "a", "raw": deep}]}}):
        answer = await browser.post("/flows/check", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "draft-too-large")
    answer = await browser.post("/flows/simulate", json={"text": DRAFT, "variables": deep})
    assert (answer.status_code, answer.json()["code"]) == (422, "draft-too-large")


NOBODYS: list[Json] = [
    {"acts": [{}]}, {"acts": [{"says": "a", "presses": "1"}]}, {"acts": [{"presses": "abc"}]}, {"acts": [{"waits": "soon"}]},
    {"acts": [{"waits": -1}]}, {"acts": [{"waits": "400 d"}]}, {"acts": [{"says": "x" * 10_000}]}, {"at": "yesterday"},
    {"at": "9999-12-31T23:59:59Z"}, {"acts": [{"hangs_up": True}] * 201}, {"channel": ""}, {"http": {"a": {"status": 9_999}}},
]  # fmt: skip


async def test_what_nobody_can_do_is_refused(browser: httpx.AsyncClient) -> None:
    for about in NOBODYS:
        answer = await browser.post("/flows/simulate", json={"text": DRAFT, **about})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), str(about)[:80]

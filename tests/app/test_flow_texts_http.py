"""What people wrote of a flow stays theirs: comments and places of boxes through a publish, drafts of two machines and of two
authors."""

import httpx
import pytest

from tests.app.test_flow_trials_http import FILE, Json, browser, front

__all__ = ["browser"]

TEXT = """\
# The menu of the café.
name: Front  # as on the door
steps:   # in the order of the day
  offer: {do: queue, queue: Spare, at: [40, 120]}  # never Sales
  bye:
    do: end
    text: 'Bye'
start: offer
"""


async def published(browser: httpx.AsyncClient, text: str) -> Json:
    """The flow after everybody got this text."""
    flow = await front(browser)
    kept = await browser.post(f"/flows/{flow['id']}/versions", json={"text": text})
    assert kept.status_code == 201, kept.text
    place = f"/flows/{flow['id']}/versions/{kept.json()['version']}/publish"
    done = await browser.post(place, headers={"If-Match": flow["etag"]})
    assert done.status_code == 200, done.text
    return dict(done.json())


async def text_of(browser: httpx.AsyncClient, flow: Json) -> str:
    """What is live, as it is shown."""
    found = await browser.get(f"/flows/{flow['id']}/versions/{flow['version']}")
    return str(found.json()["text"])


async def test_a_text_is_published_as_it_was_written(browser: httpx.AsyncClient) -> None:
    flow = await published(browser, TEXT)
    assert (flow["version"], await text_of(browser, flow)) == (2, TEXT)
    other = TEXT.replace("[40, 120]", "[80, 120]")
    moved = await published(browser, other)
    assert (moved["version"], await text_of(browser, moved)) == (2, other), "a box that was moved makes no version"
    assert "at: [80, 120]" in (await browser.get("/configuration")).text
    said = TEXT.replace("as on the door", "as people say")
    assert (await text_of(browser, await published(browser, said)), moved["version"]) == (said, 2)
    assert "at: [40, 120]" in (await browser.get("/settings/text/flow/Front")).text
    again = await published(browser, "name: Else\nstart: offer\nsteps: {offer: {do: queue}}\n")
    assert again["version"] == 3
    assert (await text_of(browser, again)).startswith("name: Front\n"), "what is called otherwise is written anew"
    back = await browser.post(f"/flows/{flow['id']}/versions/2/publish", headers={"If-Match": again["etag"]})
    assert await text_of(browser, back.json()) == said


async def test_comments_stay_when_something_else_changes_the_words(browser: httpx.AsyncClient) -> None:
    await published(browser, TEXT)
    changed = {"name": "Reserve"}
    done = await browser.put("/settings/queue/Spare", json=changed, headers={"If-Match": "*"})
    assert done.status_code == 200, done.text
    flow = await front(browser)
    assert (flow["version"], await text_of(browser, flow)) == (3, TEXT.replace("Spare", "Reserve"))
    file = (await browser.get("/configuration")).text
    assert (await browser.post("/configuration", content=file.replace("[40, 120]", "[7, 8]"))).status_code == 200
    assert await text_of(browser, await front(browser)) == TEXT.replace("Spare", "Reserve").replace("40, 120", "7, 8")
    await browser.post("/configuration", content=FILE)
    steps = (await text_of(browser, await front(browser))).partition("steps:")[2]
    assert "#" not in steps, "other steps, other text"


@pytest.fixture
async def colleague(browser: httpx.AsyncClient) -> httpx.AsyncClient:
    """Another administrator's browser."""
    person = {"name": "Inès", "email": "ines@north.test", "role": "administrator"}
    made = await browser.post("/users", json=person)
    assert made.status_code == 201, made.text
    token = (await browser.post(f"/users/{made.json()['id']}/link")).json()["link"].partition("#")[2]
    transport, headers = browser._transport, {"X-Parlons": "1"}
    opened = httpx.AsyncClient(transport=transport, base_url=browser.base_url, headers=headers)
    assert (await opened.post("/session/link", json={"token": token})).status_code == 200
    return opened


async def test_a_draft_is_kept_for_each_author_and_seen_by_all(
    browser: httpx.AsyncClient, colleague: httpx.AsyncClient
) -> None:
    place = f"/flows/{(await front(browser))['id']}/drafts"
    assert (await browser.get(place)).json() == {"items": []}
    assert (await browser.get(f"{place}/me")).json()["code"] == "unknown-draft"
    (mine,) = (await browser.put(f"{place}/me", json={"text": "steps: [", "version": 1})).json()["items"]
    assert (mine["mine"], mine["version"], mine["text"]) == (True, 1, None)
    both = (await colleague.put(f"{place}/me", json={"text": "name: Hers", "version": 1})).json()["items"]
    assert {each["author"]: each["mine"] for each in both} == {"Inès": True, mine["author"]: False}
    seen = (await browser.get(f"{place}/{both[0]['user_id'] if both[0]['mine'] else both[1]['user_id']}")).json()
    assert (seen["author"], seen["text"], seen["mine"]) == ("Inès", "name: Hers", False)
    assert (await colleague.delete(f"{place}/me", headers={"If-Match": "1"})).json()["code"] == "draft-changed"
    assert (await colleague.delete(f"{place}/me", headers={"If-Match": seen["etag"]})).status_code == 204
    assert [each["mine"] for each in (await browser.get(place)).json()["items"]] == [True]
    hostile = await browser.put(
        f"{place}/me", json={"text": "a\x00b", "version": 1}, headers={"If-Match": mine["etag"]}
    )
    assert hostile.status_code == 422, hostile.text


async def test_two_machines_of_one_author_never_overwrite_each_other(browser: httpx.AsyncClient) -> None:
    place = f"/flows/{(await front(browser))['id']}/drafts/me"

    async def keeps(text: str, seen: str | None) -> Json:
        headers = {} if seen is None else {"If-Match": seen}
        return dict((await browser.put(place, json={"text": text, "version": 1}, headers=headers)).json())

    (first,) = (await keeps("one", None))["items"]
    (later,) = (await keeps("two", first["etag"]))["items"]
    for stale in (first["etag"], None):
        refused = await keeps("of the other machine", stale)
        assert (refused["code"], refused["details"]["etag"]) == ("draft-changed", later["etag"])
    assert (await browser.get(place)).json()["text"] == "two"
    assert "items" in await keeps("chosen", later["etag"])


async def test_a_flow_that_goes_takes_its_drafts_along(browser: httpx.AsyncClient) -> None:
    flow = await front(browser)
    assert (await browser.put(f"/flows/{flow['id']}/drafts/me", json={"text": "x", "version": 1})).status_code == 200
    assert (await browser.delete("/settings/flow/Front", headers={"If-Match": "*"})).status_code == 200
    assert (await browser.get(f"/flows/{flow['id']}/drafts")).json()["code"] == "unknown-flow"

"""Query parameters: what no route declares is refused everywhere in the API and nowhere beside it."""

import re

import httpx
import pytest

from parlons.app.main import API, create_app
from parlons.simulator.wire import Refused
from tests.app.conftest import Centre


async def test_every_route_refuses_what_it_does_not_know_and_tells_what_it_knows() -> None:
    app = create_app()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://parlons") as client:
        for path, operations in app.openapi()["paths"].items():
            for method, operation in operations.items():
                answer = await client.request(method, re.sub(r"\{[^}]+\}", "1", path), params={"lmit": "5"})
                refusal = answer.json()
                assert (answer.status_code, refusal["code"]) == (422, "unknown-parameter"), (method, path)
                declared = sorted(one["name"] for one in operation.get("parameters", []) if one["in"] == "query")
                assert refusal["details"] == {"unknown": ["lmit"], "known": declared}, (method, path)


async def test_what_filters_share_is_known(here: Centre) -> None:
    async with here.operator() as operator:
        await operator.get("/surveys/figures?by=queue&firm_id=FI1&channel=email")
        await operator.get("/leavers?state=waiting&state=failed&reason=form&limit=1")


@pytest.mark.parametrize(
    "path",
    ["/", "/app/", "/widget.js", "/health/live", "/metrics", f"{API}/openapi.json", "/help/nobody", "/survey/nobody"],
)
async def test_pages_take_what_others_hang_on_their_address(shared: Centre, path: str) -> None:
    async with httpx.AsyncClient(base_url=shared.server.url, timeout=60) as browser:
        plain = await browser.get(path)
        tracked = await browser.get(path, params={"utm_source": "letter", "fbclid": "x"})
    assert plain.status_code < 500
    assert tracked.status_code == plain.status_code


@pytest.mark.parametrize("path", ["/webchat/north/config?language=fr", "/webcall/calls/CL1?token=x"])
async def test_what_a_browser_asks_before_a_call_is_no_call(shared: Centre, path: str) -> None:
    async with httpx.AsyncClient(base_url=f"{shared.server.url}{API}") as browser:
        asked = await browser.options(path)
    assert asked.status_code == 204


FILTERS = (
    "/calls?state=lively",
    "/calls?conversation_id=CA1",
    "/recordings?call_id=CH1",
    "/recordings?conversation_id=%25",
    "/audit?actor=somebody",
    "/audit?action=User%20updated",
    "/audit?object_id=%27",
    "/audit.csv?action=*",
    "/settings/revisions?kind=queues",
    "/settings/revisions?actor=ann",
    "/users?role=nobody",
    "/hours?firm_id=WQ1",
    "/voice/status?firm_id=x",
    "/prompts?firm_id=x",
    "/reservations?worker_id=US1",
    "/single-messages?customer_id=x",
    "/appointments?customer_id=FI1",
    "/leavers?queue_id=FI1",
    "/leavers/figures?channel=E-mail",
    "/surveys/answers?survey_id=x",
    "/surveys/answers?channel=E-mail",
    "/surveys/figures?language=english",
    "/surveys/figures?user_id=WK1",
)


@pytest.mark.parametrize("path", FILTERS)
async def test_a_filter_takes_what_it_can_find_only(here: Centre, path: str) -> None:
    async with here.operator() as operator:
        with pytest.raises(Refused) as refused:
            await operator.get(path)
    assert (refused.value.status, refused.value.code) == (422, "invalid")


LISTS = {
    "after": ("/firms", "/keys", "/hours", "/users", "/single-messages", "/leavers"),
    "before": ("/audit", "/settings/revisions", "/intents/misses", "/tasks", "/calls"),
    "cursor": ("/customers", "/appointments", "/conversations?view=open", "/surveys/answers", "/articles", "/sends"),
}
BROKEN = ("", "zzz", "%00", "W10", "99999999999999999999.CH1", "999999999999999.CH1", "x" * 300, "W1tb" * 5000)


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, paths in LISTS.items() for path in paths])
async def test_a_broken_cursor_is_refused_by_one_code(here: Centre, name: str, path: str) -> None:
    async with here.operator() as operator:
        for broken in BROKEN:
            with pytest.raises(Refused) as refused:
                await operator.get(f"{path}{'&' if '?' in path else '?'}{name}={broken}")
            assert (refused.value.status, refused.value.code) == (422, "invalid-cursor"), broken


async def test_a_cursor_of_a_revision_that_never_was_is_refused(here: Centre) -> None:
    async with here.operator() as operator:
        newest = (await operator.get("/settings/revisions?limit=1"))["items"][0]["id"]
        await operator.get(f"/settings/revisions?before={newest}")
        with pytest.raises(Refused) as refused:
            await operator.get("/settings/revisions?before=RV0")
    assert refused.value.code == "invalid-cursor"


async def test_revisions_are_found_by_name_alone(here: Centre) -> None:
    async with here.operator() as operator:
        assert (await operator.get("/settings/revisions?name=Nobody"))["items"] == []

"""Query parameters: what no route declares is refused everywhere in the API and nowhere beside it."""

import re

import httpx
import pytest

from parlons.app.main import API, create_app
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

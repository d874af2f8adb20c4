"""A line is public: pages of any site may call it, and read why not."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from parlons.kit.errors import NotFound
from parlons.runtime.http import install_problems
from parlons.voice.calls import http_web

SHOP = {"Origin": "https://shop.example"}


class Voice:
    """Answers for one line."""

    async def line(self, line: str) -> dict[str, str]:
        if line != "delmas":
            raise NotFound
        return {"line": line, "firm_name": "Delmas Automobiles"}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    install_problems(app)
    app.include_router(http_web.router, prefix="/api/v1")
    app.state.voice, app.state.clock = Voice(), lambda: 0
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://centre.example") as opened:
        yield opened


async def test_a_page_of_another_site_reads_the_line(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/webcall/lines/delmas", headers=SHOP)
    assert answer.json()["firm_name"] == "Delmas Automobiles"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


async def test_it_reads_refusals_too(client: httpx.AsyncClient) -> None:
    unknown = await client.get("/api/v1/webcall/lines/nobody", headers=SHOP)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not-found")
    wrong = await client.post("/api/v1/webcall/delmas/calls", json={"offer_sdp": 5}, headers=SHOP)
    assert wrong.status_code == 422
    assert {one.headers["access-control-allow-origin"] for one in (unknown, wrong)} == {"*"}


async def test_what_a_browser_asks_first(client: httpx.AsyncClient) -> None:
    asked = {**SHOP, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    answer = await client.options("/api/v1/webcall/delmas/calls", headers=asked)
    assert answer.status_code == 204
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "Content-Type" in answer.headers["access-control-allow-headers"]


async def test_one_address_cannot_collect_credentials_of_servers(client: httpx.AsyncClient) -> None:
    answers = [await client.get("/api/v1/webcall/lines/delmas") for _ in range(http_web.LOOKS_PER_MINUTE + 1)]
    assert [one.status_code for one in answers[-2:]] == [200, 429]
    assert answers[-1].headers["access-control-allow-origin"] == "*"

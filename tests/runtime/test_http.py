"""HTTP: problems, once per key, size limit, headers, health; in process, over ASGI."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel

from parlons.kit.errors import Conflict, TooMany
from parlons.runtime import readers
from parlons.runtime.db import Database, Tx
from parlons.runtime.edge import Edge
from parlons.runtime.health import database_check, health_routes
from parlons.runtime.http import Once, forget_answers, install_problems

T = "ACaaaa"


class Wish(BaseModel):
    n: int


class Taken(Conflict):
    """Somebody else has it."""

    code = "taken"


def build(database: Database) -> FastAPI:
    app = FastAPI()
    install_problems(app)
    app.add_middleware(Edge, limits={"/big": 4096}, largest=1024)
    app.include_router(health_routes({"database": database_check(database)}))
    app.state.runs = 0

    @app.post("/wish")
    async def wish(body: Wish, once: Once) -> Response:
        async def act(tx: Tx) -> dict[str, Any]:
            app.state.runs += 1
            if body.n < 0:
                raise Taken(n=body.n)
            await readers.advance(tx, f"r{app.state.runs}", "WS", body.n)
            return {"run": app.state.runs}

        return await once.run(database, T, "US1", act, status=201)

    @app.get("/slow-down")
    async def slow_down() -> None:
        raise TooMany(retry_after_seconds=7)

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("Zoë's address")

    @app.get("/widget.js")
    async def widget() -> Response:
        return Response("x", headers={"Cross-Origin-Resource-Policy": "cross-origin"})

    @app.post("/big/echo")
    async def echo(request: Request) -> int:
        return len(await request.body())

    return app


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build(database))
    async with httpx.AsyncClient(transport=transport, base_url="http://parlons") as made:
        yield made


async def test_a_refusal_is_a_problem(client: httpx.AsyncClient) -> None:
    answer = await client.post("/wish", json={"n": -1})
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:parlons:problem:taken", "title": "Taken", "status": 409, "code": "taken",
        "detail": "Somebody else has it.", "details": {"n": -1},
    }  # fmt: skip


async def test_a_wrong_body_is_named_without_repeating_it(client: httpx.AsyncClient) -> None:
    answer = await client.post("/wish", json={"n": "my secret"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert answer.json()["details"]["errors"][0]["at"] == ["body", "n"]
    assert "secret" not in answer.text


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/plain"}])
async def test_a_body_that_is_not_called_json_is_told_the_header_it_needs(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await client.post("/wish", content=b'{"n": 1}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert "Content-Type: application/json" in answer.json()["detail"]
    broken = await client.post("/wish", content=b'{"n"', headers={"Content-Type": "application/json"})
    assert "Content-Type" not in broken.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "code"), [("GET", "/nowhere", "not-found"), ("PUT", "/wish", "method-not-allowed")]
)
async def test_http_errors_are_problems(client: httpx.AsyncClient, method: str, path: str, code: str) -> None:
    answer = await client.request(method, path)
    assert answer.json()["code"] == code


async def test_too_many_says_when_to_come_back(client: httpx.AsyncClient) -> None:
    assert (await client.get("/slow-down")).headers["retry-after"] == "7"


async def test_an_error_of_ours_names_its_request_and_tells_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.get("/broken", headers={"X-Request-Id": "request-0001"})
    assert answer.status_code == 500
    assert answer.json()["details"] == {"request_id": "request-0001"} == {"request_id": answer.headers["x-request-id"]}
    assert "Zoë" not in answer.text


async def test_a_double_click_takes_effect_once(client: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "k1"}
    first, second = await asyncio.gather(*(client.post("/wish", json={"n": 1}, headers=key) for _ in range(2)))
    assert first.json() == second.json() == {"run": 1}
    assert {first.status_code, second.status_code} == {201}
    assert [answer.headers.get("idempotent-replayed") for answer in (first, second)].count("true") == 1


async def test_a_key_belongs_to_one_wish(client: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "k1"}
    await client.post("/wish", json={"n": 1}, headers=key)
    assert (await client.post("/wish", json={"n": 2}, headers=key)).json()["code"] == "idempotency-key-reused"


async def test_a_refused_wish_may_be_tried_again_with_its_key(client: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "k1"}
    assert (await client.post("/wish", json={"n": -1}, headers=key)).json()["code"] == "taken"
    assert (await client.post("/wish", json={"n": 1}, headers=key)).status_code == 201


async def test_erased_answers_are_not_given_again(client: httpx.AsyncClient, database: Database) -> None:
    key = {"Idempotency-Key": "k1"}
    await client.post("/wish", json={"n": 1}, headers=key)
    async with database.transaction(T) as tx:
        await forget_answers(tx)
    assert (await client.post("/wish", json={"n": 1}, headers=key)).json()["code"] == "answer-forgotten"


async def test_a_large_body_is_refused_by_its_announcement_and_by_its_length(client: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"x" * 1000

    assert (await client.post("/wish", content=b"x" * 2000)).json()["code"] == "too-large"
    assert (await client.post("/big/echo", content=b"x" * 2000)).json() == 2000
    assert (await client.post("/big/echo", content=pieces())).json()["code"] == "too-large"


async def test_security_headers_unless_the_route_has_its_own(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nowhere")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await client.get("/widget.js")).headers["cross-origin-resource-policy"] == "cross-origin"


async def test_health_and_metrics(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/live")).json() == {"status": "live"}
    assert (await client.get("/health/ready")).json() == {"status": "ready", "missing": {}}
    text = (await client.get("/metrics")).text
    assert 'route="/health/ready"' in text
    assert "/nowhere" not in text

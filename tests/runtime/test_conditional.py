"""Conditional requests: read again only what changed, change only what was seen. Source: RFC 9110, 13.1."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Header, Response
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from parlons.kit.errors import Conflict
from parlons.runtime.conditional import Conditional, tag_of, versions_in
from parlons.runtime.http import install_problems

Json = dict[str, Any]


class Change(BaseModel):
    name: str | None = None
    version: int | None = None


def things() -> tuple[APIRouter, Json]:
    """Routes of one thing with a version, and the thing."""
    router, thing = APIRouter(), {"name": "one", "version": 3, "seen": 0}

    @router.get("/thing")
    async def read() -> Json:
        return thing

    @router.get("/things")
    async def listed() -> Json:
        return {"items": [thing]}

    @router.get("/stream")
    async def stream() -> Response:
        return StreamingResponse(iter([b"[1,", b"2]"]), media_type="application/json")

    @router.patch("/thing")
    async def change(body: Change) -> Json:
        if body.version is not None and body.version != thing["version"]:
            raise Conflict(version=thing["version"])
        if body.name == "taken":
            raise Conflict("The name is taken.")
        thing.update(name=body.name, version=thing["version"] + 1)
        return thing

    @router.delete("/thing")
    async def remove() -> Json:
        return {"removed": True}

    @router.put("/own")
    async def own(if_match: Annotated[str | None, Header()] = None) -> Json:
        return {"if_match": if_match}

    return router, thing


@pytest.fixture
async def client() -> AsyncIterator[tuple[httpx.AsyncClient, Json]]:
    router, thing = things()
    app = FastAPI()
    install_problems(app)
    app.include_router(router, prefix="/api")
    app.add_middleware(Conditional, prefix="/api", routers=[router])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test/api") as found:
        yield found, thing


async def test_what_has_not_changed_is_not_sent_again(client: tuple[httpx.AsyncClient, Json]) -> None:
    http, thing = client
    for path in ("/thing", "/things"):
        first = await http.get(path)
        tag = first.headers["etag"]
        assert (first.status_code, tag.startswith('"3-' if path == "/thing" else 'W/"')) == (200, True)
        for have in (tag, f'"other", {tag}', f"W/{tag}" if path == "/thing" else tag.removeprefix("W/"), "*"):
            same = await http.get(path, headers={"If-None-Match": have})
            assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag), have
        thing["seen"] += 1  # what the version does not count is in the tag too
        assert (await http.get(path, headers={"If-None-Match": tag})).status_code == 200
    parts = await http.get("/stream")
    assert (parts.json(), "etag" in parts.headers) == ([1, 2], False)


async def test_what_was_changed_since_is_refused(client: tuple[httpx.AsyncClient, Json]) -> None:
    http, thing = client
    tag = (await http.get("/thing")).headers["etag"]
    changed = await http.patch("/thing", json={"name": "two"}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["version"]) == (200, 4)
    for stale in (tag, f"W/{(await http.get('/thing')).headers['etag']}", '"nonsense"', "4", ""):
        late = await http.patch("/thing", json={"name": "three"}, headers={"If-Match": stale})
        assert (late.status_code, late.json()["code"], thing["name"]) == (412, "changed-meanwhile", "two"), stale
    for good in ('"9", "4-aa"', '"5", "1"', '"8" , "6", "7"', "*"):
        assert (await http.patch("/thing", json={"name": "n"}, headers={"If-Match": good})).status_code == 200, good
    body = {"name": "x", "version": 1}
    assert (await http.patch("/thing", json=body)).status_code == 409, "by the body it is as it was"


async def test_other_refusals_stay_what_they_are(client: tuple[httpx.AsyncClient, Json]) -> None:
    http, _ = client
    seen = {"If-Match": '"3"'}
    taken = await http.patch("/thing", json={"name": "taken"}, headers=seen)
    assert (taken.status_code, taken.json()["code"]) == (409, "conflict")
    assert (await http.patch("/thing", content=b"[1]", headers=seen)).status_code == 422
    assert (await http.patch("/thing", content=b"{", headers=seen)).status_code == 422
    assert (await http.patch("/nothing", json={}, headers=seen)).status_code == 404
    assert (await http.delete("/thing", headers=seen)).json()["code"] == "not-conditional"
    assert (await http.delete("/thing", headers={"If-Match": "*"})).status_code == 200
    assert (await http.put("/own", headers={"If-Match": "mine"})).json() == {"if_match": "mine"}


def test_tags() -> None:
    assert versions_in('"1", W/"2", "3-abc", "x", "4-"') == [1, 3]
    assert tag_of(b'{"a":{"version":3}}').startswith("W/")

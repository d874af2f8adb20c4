"""What a running server shows at its edges: health, figures, headers, the desk's pages, keys, counts of messages."""

import stat
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from parlons.app import web
from parlons.app.settings import secret_key
from parlons.runtime.edge import CSP, Edge
from tests.app.conftest import Centre
from tests.app.test_desk_socket import chat, end


async def _nobody() -> list[str]:
    return []


async def _panels() -> list[str]:
    return ["https://panel.example", "http://127.0.0.1:9"]


def _served(folder: Path, panels: web.Framed = _nobody, around: web.Framed = _nobody) -> httpx.AsyncClient:
    """A server of the built desk alone: what it frames and who frames it."""
    app = FastAPI()
    web.mount(app, folder, panels, around, demo=False)
    app.add_middleware(Edge)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test")


@pytest.fixture
def desk(tmp_path: Path) -> httpx.AsyncClient:
    """A server of the built desk alone."""
    built = tmp_path / "desk"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<title>Desk</title>")
    (built / "assets" / "app-1a2b.js").write_text("1")
    (built / "logo.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("secret")
    return _served(tmp_path)


async def test_every_path_of_the_desk_is_its_page(desk: httpx.AsyncClient) -> None:
    for path in ("/app", "/app/", "/app/link", "/app/chats/CH1", "/app/index.html"):
        page = await desk.get(path)
        assert (page.status_code, page.text) == (200, "<title>Desk</title>"), path
        assert page.headers["cache-control"] == "no-cache"
        assert page.headers["content-security-policy"] == CSP
    assert (await desk.get("/app/logo.svg")).text == "<svg/>"
    assert "immutable" in (await desk.get("/app/assets/app-1a2b.js")).headers["cache-control"]
    assert (await desk.get("/app/assets/gone.js")).status_code == 404
    assert (await desk.get("/app/..%2fsecret.txt")).text == "<title>Desk</title>", "nothing outside is served"
    assert (await desk.get("/app/%2e%2e/secret.txt")).text == "<title>Desk</title>"


async def test_the_desk_frames_the_panels_that_are_configured_and_nothing_else(tmp_path: Path) -> None:
    policy = await _policy(tmp_path, panels=_panels)
    assert policy == f"{CSP}; frame-src 'self' https://panel.example http://127.0.0.1:9"


async def _policy(folder: Path, **more: web.Framed) -> str:
    (folder / "desk").mkdir()
    (folder / "desk/index.html").write_text("<title>Desk</title>")
    async with _served(folder, **more) as browser:
        return (await browser.get("/app/")).headers["content-security-policy"]


async def test_only_pages_that_were_named_frame_the_desk(tmp_path: Path) -> None:
    policy = await _policy(tmp_path, around=_panels)
    assert policy == CSP.replace("frame-ancestors 'none'", "frame-ancestors https://panel.example http://127.0.0.1:9")


async def test_without_a_built_desk_it_says_how_to_build_it(tmp_path: Path) -> None:
    async with _served(tmp_path) as browser:
        answer = await browser.get("/app/")
    assert answer.status_code == 404
    assert "make dev" in answer.json()["detail"]


async def test_scripts_come_from_here_only_and_nobody_frames_the_desk() -> None:
    parts = dict(part.strip().partition(" ")[::2] for part in CSP.split(";"))
    assert parts["script-src"] == "'self'"
    assert parts["object-src"] == parts["base-uri"] == parts["frame-ancestors"] == "'none'"


async def test_health_and_figures(shared: Centre) -> None:
    async with httpx.AsyncClient(base_url=shared.server.url) as browser:
        assert (await browser.get("/health/live")).status_code == 200
        ready = await browser.get("/health/ready")
        assert (ready.status_code, ready.json().get("missing") or {}) == (200, {})
        figures = (await browser.get("/metrics")).text
        assert "parlons_" in figures
        assert "CH0" not in figures
        assert "@" not in figures, "figures name nobody"


async def test_every_answer_has_the_headers(shared: Centre) -> None:
    async with httpx.AsyncClient(base_url=shared.server.url) as browser:
        answers = [await browser.get(path) for path in ("/", "/app/", "/api/v1/me", "/api/v1/nothing", "/health/live")]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff", answer.url
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"]
        assert answer.headers["x-request-id"]
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers
    home, _, me, nothing, _ = answers
    assert (home.status_code, home.headers["location"]) == (307, "/app/")
    assert (me.status_code, me.headers["content-type"]) == (401, "application/problem+json")
    assert (nothing.status_code, nothing.json()["code"]) == (404, "not-found")
    assert me.headers["cache-control"] == "no-store"


async def test_only_the_owner_of_the_machine_reads_the_keys(shared: Centre) -> None:
    assert stat.S_IMODE((shared.data / "operator.key").stat().st_mode) == 0o600


def test_the_signing_key_is_made_once_and_read_by_its_owner_only(tmp_path: Path) -> None:
    key = secret_key(tmp_path / "data")
    assert len(key) == 32
    assert secret_key(tmp_path / "data") == key
    assert stat.S_IMODE((tmp_path / "data" / "secret.key").stat().st_mode) == 0o600


async def test_messages_are_counted_when_they_were_routed_and_answered(here: Centre) -> None:
    async with here.operator() as operator, here.at_desk("ada@north.example", activity="Available") as ada:
        before = (await operator.get("/statistics/messages"))["channels"]["webchat"]
        async with here.visitor() as unheard:
            await unheard.write("Personne ne lit")
            offer = await ada.offered()
            assert (await operator.get("/statistics/messages"))["channels"]["webchat"] == before, "not routed yet"
            await ada.accept(offer["id"])
            first = ada.screen["tasks"][offer["task_id"]]["conversation_id"]
            await ada.mine(first)
        second = await chat(here, ada, "north")
        after = (await operator.get("/statistics/messages"))["channels"]["webchat"]
        assert (after["in"] - before["in"], after["out"] - before["out"]) == (2, 1)
        await end(ada, first, offer["task_id"])
        await end(ada, *second)

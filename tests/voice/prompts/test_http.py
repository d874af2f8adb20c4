"""Prompts over HTTP, as the desk will call them: uploaded, listed, heard, replaced, removed; each person his firms' only."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from parlons.accounts import http as accounts_http
from parlons.accounts.model import Principal, Role
from parlons.runtime.db import Database
from parlons.runtime.files import Files
from parlons.runtime.http import install_problems
from parlons.voice.calls import prompts_http, prompts_music, prompts_shipped
from parlons.voice.calls.prompts import TONES, Prompts
from parlons.voice.calls.prompts_audio import read_wav, write_wav
from parlons.voice.calls.script import Words
from parlons.voice.media.engine import FileSound
from tests.conftest import StillClock

TENANT = "AC1"
BOSS = Principal(TENANT, "WS1", Role.ADMINISTRATOR)
NORTH = Principal(TENANT, "WS1", Role.SUPERVISOR, user_id="US1", firm_ids=frozenset({"FI1"}))
AGENT = Principal(TENANT, "WS1", Role.AGENT, user_id="US2", firm_ids=frozenset({"FI1"}))
SOUND = write_wav((np.sin(np.arange(8000) / 5) * 8000).astype(np.int16))


@dataclass
class Desk:
    """The app, with a caller that can be changed."""

    client: httpx.AsyncClient
    prompts: Prompts
    who: dict[str, Principal]

    async def put(self, name: str = "welcome", content: bytes = SOUND, **more: str) -> httpx.Response:
        return await self.client.post("/prompts", files={"file": ("a.wav", content)}, data={"name": name, **more})

    async def listed(self, **query: str) -> Any:
        return (await self.client.get("/prompts", params=query)).json()


def content_of(sound: FileSound) -> bytes:
    return Path(sound.path).read_bytes()


@pytest.fixture
async def desk(
    database: Database, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Desk]:
    app, who = FastAPI(), {"is": BOSS}
    app.include_router(prompts_http.router, prefix="/api/v1")
    install_problems(app)
    files = Files(tmp_path / "files")
    prompts = Prompts(database, files, tmp_path, recordings=tmp_path / "none", tracks=tmp_path / "none")
    app.state.db, app.state.clock, app.state.files, app.state.prompts = database, clock, files, prompts

    async def caller(*_: Any) -> Principal:
        return who["is"]

    monkeypatch.setattr(accounts_http, "caller", caller)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test/api/v1") as client:
        yield Desk(client, prompts, who)


async def test_a_recording_is_heard_at_once_and_gone_at_once(desk: Desk) -> None:
    words = [Words("Welcome", "en", "welcome")]
    assert await desk.prompts.sounds(TENANT, "FI1", words) == list(TONES)
    put = await desk.put(language="en", firm_id="FI1", words=" Welcome to the garage ")
    assert put.status_code == 201, put.text
    made = put.json()
    assert (made["firm_id"], made["language"], made["words"], made["seconds"]) == (
        "FI1",
        "en",
        "Welcome to the garage",
        1.0,
    )
    (heard,) = await desk.prompts.sounds(TENANT, "FI1", words)
    assert isinstance(heard, FileSound)
    audio = await desk.client.get(f"/prompts/{made['id']}/audio")
    assert audio.headers["content-type"] == "audio/wav"
    assert audio.content == content_of(heard)
    assert len(read_wav(audio.content)) == 8000
    again = (await desk.put(language="en", firm_id="FI1")).json()
    assert again["id"] == made["id"], "the same name and language is the same prompt"
    assert (await desk.client.delete(f"/prompts/{made['id']}")).status_code == 204
    assert await desk.prompts.sounds(TENANT, "FI1", words) == list(TONES)
    gone = await desk.client.get(f"/prompts/{made['id']}/audio")
    assert (gone.status_code, gone.json()["code"]) == (404, "unknown-prompt")


async def test_the_list_says_what_is_shipped_and_what_is_missing(desk: Desk) -> None:
    await desk.put(firm_id="FI1")
    await desk.put(firm_id="FI2")
    await desk.put(language="fr")
    listed = await desk.listed()
    assert [(one["firm_id"], one["language"]) for one in listed["items"]].count(("FI2", None)) == 1
    assert len(listed["items"]) == 3
    assert {one["name"] for one in listed["shipped"]} == set(prompts_shipped.SHIPPED)
    assert all(one["recorded"] == [] and set(one["words"]) == {"en", "fr"} for one in listed["shipped"])
    assert listed["missing_packages"] == [*prompts_shipped.PACKAGES.values(), prompts_music.PACKAGE]
    assert listed["speech"] is None
    mine = await desk.listed(firm_id="FI1")
    assert {one["firm_id"] for one in mine["items"]} == {"FI1", None}


async def test_each_sees_and_changes_his_firms_only(desk: Desk) -> None:
    other = (await desk.put(firm_id="FI2")).json()
    desk.who["is"] = NORTH
    assert (await desk.listed())["items"] == []
    for asked in (
        await desk.put(firm_id="FI2"),
        await desk.client.get(f"/prompts/{other['id']}/audio"),
        await desk.client.delete(f"/prompts/{other['id']}"),
    ):
        assert asked.status_code == 404
    assert (await desk.put(firm_id="FI1")).status_code == 201
    desk.who["is"] = AGENT
    for asked in (await desk.put(firm_id="FI1"), await desk.client.get("/prompts")):
        assert asked.status_code == 403


@pytest.mark.parametrize(
    ("name", "content", "more", "status", "code"),
    [
        ("Welcome", SOUND, {}, 422, "prompt-name-invalid"),
        ("welcome", SOUND, {"language": "de"}, 422, "prompt-language-invalid"),
        ("welcome", b"<html>", {}, 422, "prompt-not-audio"),
        ("welcome", write_wav(np.zeros(10, np.int16)), {}, 422, "prompt-too-short"),
        ("welcome", write_wav(np.zeros(8000 * 301, np.int16)), {}, 413, "prompt-too-long"),
    ],
)
async def test_refused(desk: Desk, name: str, content: bytes, more: dict[str, str], status: int, code: str) -> None:
    refused = await desk.put(name, content, **more)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert (await desk.listed())["items"] == []

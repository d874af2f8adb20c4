"""The simulator's microphone over HTTP: what understands speech is said, a sound becomes words, and what cannot is refused."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from parlons.ai.compatible.transcription import EndpointTranscription
from parlons.ai.transcription import LARGEST, TranscriptionSettings
from parlons.simulator.providers.models import Models
from parlons.simulator.providers.wire import served
from tests.ai.test_contract import TONE
from tests.app.test_flow_trials_http import browser

__all__ = ["browser"]


@pytest.fixture
async def models(browser: httpx.AsyncClient) -> AsyncIterator[Models]:
    """A model server that the process asks."""
    found = Models("sk-1")
    async with served(found.app) as base:
        endpoint = EndpointTranscription(TranscriptionSettings(url=f"{base}/v1", key="sk-1"))
        transport = browser._transport
        assert isinstance(transport, httpx.ASGITransport)
        assert isinstance(transport.app, FastAPI)
        transport.app.state.transcription = endpoint
        yield found
        await endpoint.close()


async def spoken(browser: httpx.AsyncClient, sound: bytes, **values: str) -> httpx.Response:
    """What the route answers."""
    return await browser.post("/flows/transcribe", files={"file": ("a.wav", sound)}, data={"language": "fr", **values})


async def test_where_nothing_understands_speech_it_is_said(browser: httpx.AsyncClient) -> None:
    found = (await browser.get("/flows/transcription")).json()
    assert found == {"provider": None, "languages": [], "local": False, "longest_seconds": 60}
    answer = await spoken(browser, TONE)
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing-hears")


async def test_what_is_said_becomes_words(browser: httpx.AsyncClient, models: Models) -> None:
    models.hears = " Un conseiller,\ns’il vous plaît "
    found = (await browser.get("/flows/transcription")).json()
    assert (found["provider"], found["languages"]) == ("endpoint/whisper-1", ["en", "fr"])
    answer = await spoken(browser, TONE, hints="Horaires\nUn conseiller")
    assert answer.json() == {"text": "Un conseiller, s’il vous plaît", "confidence": None}
    ((_, asked),) = models.asked
    assert (asked["file"], asked["language"], asked["prompt"]) == (TONE, "fr", "Horaires, Un conseiller")


async def test_what_cannot_become_words_is_refused(browser: httpx.AsyncClient, models: Models) -> None:
    refused = {
        b"": (422, "sound-empty"),
        b"ID3 an mp3": (422, "sound-not-wav"),
        b"R" * (LARGEST + 1): (413, "sound-too-long"),
    }
    for sound, (status, code) in refused.items():
        answer = await spoken(browser, sound)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    answer = await spoken(browser, TONE, language="xx")
    assert (answer.status_code, answer.json()["code"]) == (422, "language-not-heard")
    assert models.asked == []
    models.status = 503
    answer = await spoken(browser, TONE)
    assert (answer.status_code, answer.json()["code"]) == (503, "transcription-failed")

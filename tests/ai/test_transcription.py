"""Transcription: what is asked of an endpoint, what is not asked at all, and how long anybody waits."""

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

from parlons.ai.compatible.transcription import EndpointTranscription
from parlons.ai.transcription import (
    LONGEST_SECONDS,
    SoundTooLong,
    Transcript,
    TranscriptionFailed,
    TranscriptionSettings,
    read_sound,
    transcript_of,
)
from parlons.simulator.providers.models import Models
from parlons.simulator.providers.wire import served
from parlons.testing.provider_suite_transcription import wav_of
from tests.ai.test_contract import TONE


async def test_an_endpoint_is_asked_as_the_api_says() -> None:
    models = Models("sk-1")
    models.hears = " Où est\nmon colis ? "
    async with served(models.app) as base:
        endpoint = EndpointTranscription(TranscriptionSettings(url=f"{base}/v1/", key="sk-1", model="base"))
        found = await transcript_of(endpoint, TONE, "fr", ["colis", "facture"])
        assert found == Transcript("Où est mon colis ?")
        await transcript_of(endpoint, TONE, "en")
        await endpoint.close()
    form = {"model": "base", "response_format": "json", "file": TONE}
    assert models.asked == [
        ("/v1/audio/transcriptions", {**form, "language": "fr", "prompt": "colis, facture"}),
        ("/v1/audio/transcriptions", {**form, "language": "en"}),
    ]


class Never:
    """A provider that hangs, and counts who asks."""

    name, languages, local = "never", ("en",), True

    def __init__(self) -> None:
        self.asked = 0

    async def transcribe(self, wav: bytes, language: str, hints: Sequence[str]) -> Transcript:
        self.asked += 1
        await asyncio.Event().wait()
        raise AssertionError

    async def close(self) -> None:
        pass


async def test_nobody_waits_for_ever_and_nobody_asks_about_silence() -> None:
    never = Never()
    assert await transcript_of(never, wav_of(np.full(16_000, 150, np.int16)), "en") == Transcript("")
    assert never.asked == 0
    with pytest.raises(TranscriptionFailed, match=r"within 0\.05 seconds"):
        await transcript_of(never, TONE, "en", seconds=0.05)
    assert never.asked == 1


def test_the_loudest_sample_is_a_sound() -> None:
    sound = read_sound(wav_of(np.full(LONGEST_SECONDS * 8_000, -32_768, np.int16), 8_000))
    assert (len(sound.samples), sound.rate, sound.samples.min()) == (LONGEST_SECONDS * 8_000, 8_000, -32_768)
    with pytest.raises(SoundTooLong):
        read_sound(wav_of(np.full(LONGEST_SECONDS * 8_000 + 1, 1, np.int16), 8_000))

"""The contract of transcription: see `provider_suite`. Asked as callers ask, by `transcript_of`."""

import asyncio
import contextlib
import io
import re
import wave
from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager

import numpy as np
from numpy.typing import NDArray

from parlons.ai.transcription import (
    LARGEST,
    LONGEST_SECONDS,
    LanguageNotHeard,
    SoundEmpty,
    SoundNotWav,
    SoundTooLong,
    Transcript,
    Transcription,
    TranscriptionFailed,
    transcript_of,
)
from parlons.kit.errors import Refusal
from parlons.testing.provider_scene import Case, Said, Scene, Use, cases, opened

LANGUAGE = re.compile(r"[a-z]{2}")
GARBAGE = (
    b"RIFF",
    b"RIFF\x00\x00\x00\x00WAVE",
    b"ID3 an mp3",
    b"\xff\xfb\x90d" * 50,
    b"{}",
    b"\x00" * 3_000,
    b"OggS" * 9,
)


def _opened(scene: Scene) -> AbstractAsyncContextManager[Transcription]:
    return opened(scene.provider.transcription, scene.transcription)


@contextlib.asynccontextmanager
async def in_use(scene: Scene) -> AsyncIterator[Use]:
    """For what holds for every capability."""
    async with _opened(scene) as transcription:
        yield Use(lambda: _heard(transcription, scene), transcription.close, TranscriptionFailed)


def _said(scene: Scene) -> Said:
    assert scene.said is not None, "a scene of transcription has a sound in which something is said"
    return scene.said


async def _heard(transcription: Transcription, scene: Scene) -> Transcript:
    said = _said(scene)
    return await transcript_of(transcription, said.wav, said.language, [said.words])


def wav_of(samples: NDArray[np.int16], rate: int = 16_000, *, channels: int = 1, width: int = 2) -> bytes:
    """A WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(rate)
        sound.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()


def _noise(seconds: float, rate: int) -> NDArray[np.int16]:
    return np.random.default_rng(7).integers(-9_000, 9_000, int(seconds * rate), np.int16)


async def _refused(asked: Awaitable[Transcript], refusal: type[Refusal]) -> None:
    try:
        found = await asked
    except refusal:
        return
    raise AssertionError(f"{found} instead of {refusal.code}")


async def it_says_what_it_can(transcription: Transcription, scene: Scene) -> None:
    """A name and languages that stay the same."""
    assert scene.provider.transcription is not None
    again = scene.provider.transcription(scene.transcription)
    assert transcription.name
    assert transcription.languages
    assert all(LANGUAGE.fullmatch(each) for each in transcription.languages)
    assert transcription.local in (True, False)
    assert (again.name, again.languages) == (transcription.name, transcription.languages)
    await again.close()


async def it_hears_what_is_said(transcription: Transcription, scene: Scene) -> None:
    """As plain text, how sure it is between 0 and 1."""
    found = await _heard(transcription, scene)
    assert _said(scene).words.casefold() in found.text.casefold()
    assert found.text == " ".join(found.text.split())
    assert found.confidence is None or 0 <= found.confidence <= 1


async def hints_are_hints(transcription: Transcription, scene: Scene) -> None:
    """None, strange ones and many change no words and break nothing."""
    said = _said(scene)
    for hints in ([], ["", "«\x00»", "x" * 500], ["parcel"] * 200):
        found = await transcript_of(transcription, said.wav, said.language, hints)
        assert said.words.casefold() in found.text.casefold()


async def silence_says_nothing(transcription: Transcription, _: Scene) -> None:
    """However long it is."""
    for seconds in (0.01, 1, 20):
        silence = wav_of(np.zeros(int(seconds * 16_000), np.int16))
        assert (await transcript_of(transcription, silence, transcription.languages[0])).text == ""


async def garbage_is_refused(transcription: Transcription, _: Scene) -> None:
    """As no sound."""
    for body in GARBAGE:
        await _refused(transcript_of(transcription, body, transcription.languages[0]), SoundNotWav)


async def garbage_breaks_nothing(transcription: Transcription, scene: Scene) -> None:
    """Even where nobody looked at it first."""
    for body in GARBAGE:
        with contextlib.suppress(Refusal):
            await transcription.transcribe(body, transcription.languages[0], [])
    await _heard(transcription, scene)


async def nothing_at_all_is_refused(transcription: Transcription, _: Scene) -> None:
    """As empty."""
    for body in (b"", wav_of(np.zeros(0, np.int16))):
        await _refused(transcript_of(transcription, body, transcription.languages[0]), SoundEmpty)


async def too_much_is_refused(transcription: Transcription, _: Scene) -> None:
    """As too long."""
    long = wav_of(_noise(LONGEST_SECONDS + 1, 8_000), 8_000)
    for body in (long, b"R" * (LARGEST + 1)):
        await _refused(transcript_of(transcription, body, transcription.languages[0]), SoundTooLong)


async def other_forms_are_refused(transcription: Transcription, _: Scene) -> None:
    """Two channels, eight bits, a rate of its own."""
    noise = _noise(1, 16_000)
    for body in (wav_of(noise, channels=2), wav_of(noise, width=1), wav_of(noise, 4_000)):
        await _refused(transcript_of(transcription, body, transcription.languages[0]), SoundNotWav)


async def every_rate_is_heard(transcription: Transcription, _: Scene) -> None:
    """Noise of a telephone, of a browser, of a studio: words or none, no accident."""
    for rate in (8_000, 16_000, 22_050, 48_000):
        await transcript_of(transcription, wav_of(_noise(1, rate), rate), transcription.languages[0])


async def a_strange_language_is_refused(transcription: Transcription, scene: Scene) -> None:
    """Instead of heard as another."""
    for language in ("", "xx", "english", "../en"):
        await _refused(transcript_of(transcription, _said(scene).wav, language), LanguageNotHeard)


async def each_gets_his_own(transcription: Transcription, scene: Scene) -> None:
    """However many ask at once."""
    said, silence = _said(scene), wav_of(np.zeros(16_000, np.int16))
    found = await asyncio.gather(
        *(transcript_of(transcription, wav, said.language) for wav in (said.wav, silence, said.wav, silence))
    )
    assert [said.words.casefold() in each.text.casefold() for each in found] == [True, False, True, False]


CASES: dict[str, Case] = cases(_opened, (
    it_says_what_it_can,
    it_hears_what_is_said,
    hints_are_hints,
    silence_says_nothing,
    garbage_is_refused,
    garbage_breaks_nothing,
    nothing_at_all_is_refused,
    too_much_is_refused,
    other_forms_are_refused,
    every_rate_is_heard,
    a_strange_language_is_refused,
    each_gets_his_own,
))  # fmt: skip

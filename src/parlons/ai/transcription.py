"""`Transcription`: what is said in a WAV file becomes text. The product works without any provider.

Callers ask by `transcript_of`, never the provider itself: it looks at the sound first, so a provider is given a sound that
can be heard, in a language it knows, and is not asked about silence, in which such models hear words.
"""

import asyncio
import io
import wave
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from parlons.kit.errors import Invalid, TooLarge, Unavailable

LONGEST_SECONDS = 60
RATES = range(8_000, 48_001)
LARGEST = LONGEST_SECONDS * RATES[-1] * 2 + 4_096
"""Bytes of a file."""
SILENT = 200
"""Of 32,768: a sound that never gets louder holds no words."""
SECONDS = 45.0
"""A provider that needs longer is not waited for."""


class SoundNotWav(Invalid):
    """This is no WAV file that can be transcribed: PCM of 16 bits, one channel, 8 to 48 kHz."""

    code = "sound-not-wav"


class SoundEmpty(Invalid):
    """There is no sound in this file."""

    code = "sound-empty"


class SoundTooLong(TooLarge):
    """A sound that is transcribed lasts a minute at most."""

    code = "sound-too-long"


class LanguageNotHeard(Invalid):
    """The transcription provider does not know this language."""

    code = "language-not-heard"


class TranscriptionFailed(Unavailable):
    """The transcription provider gave no text."""

    code = "transcription-failed"


@dataclass(frozen=True, slots=True)
class TranscriptionSettings:
    """How a process understands what is said."""

    provider: str = "auto"
    """`auto` (the endpoint where `url` is given), `none`, or a provider's name."""
    url: str = ""
    """Base of an OpenAI-compatible API, such as http://127.0.0.1:8880/v1."""
    key: str = field(default="", repr=False)
    model: str = "whisper-1"


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said; no words: nothing."""

    text: str
    confidence: float | None = None
    """0 to 1, where the provider tells."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A WAV file that was read."""

    samples: NDArray[np.int16]
    rate: int


class Transcription(Protocol):
    """A speech-to-text provider, given whole utterances."""

    name: str
    languages: tuple[str, ...]
    local: bool
    """Whether the sound stays on this machine."""

    async def transcribe(self, wav: bytes, language: str, hints: Sequence[str]) -> Transcript:
        """`wav`: as `read_sound` takes it. `hints`: words that are likely. Never blocks the event loop; may be cancelled.
        Raises TranscriptionFailed."""
        ...

    async def close(self) -> None:
        """Frees what it holds; may be called again."""
        ...


def read_sound(wav: bytes) -> Sound:
    """The samples of a file. Raises SoundNotWav, SoundEmpty, SoundTooLong."""
    if len(wav) > LARGEST:
        raise SoundTooLong(limit_seconds=LONGEST_SECONDS)
    if not wav:
        raise SoundEmpty
    try:
        with wave.open(io.BytesIO(wav)) as file:
            form = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            data = file.readframes(file.getnframes())
    except (wave.Error, EOFError, ValueError, OverflowError) as error:
        raise SoundNotWav from error
    rate = form[2]
    if form != (1, 2, rate) or rate not in RATES:
        raise SoundNotWav
    samples = np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.int16)
    if not len(samples):
        raise SoundEmpty
    if len(samples) > LONGEST_SECONDS * rate:
        raise SoundTooLong(limit_seconds=LONGEST_SECONDS)
    return Sound(samples, rate)


async def transcript_of(
    provider: Transcription, wav: bytes, language: str, hints: Sequence[str] = (), *, seconds: float = SECONDS
) -> Transcript:
    """What is said in a file. Raises SoundNotWav, SoundEmpty, SoundTooLong, LanguageNotHeard, TranscriptionFailed."""
    sound = read_sound(wav)
    if language not in provider.languages:
        raise LanguageNotHeard(languages=list(provider.languages))
    if int(np.abs(sound.samples.astype(np.int32)).max()) <= SILENT:
        return Transcript("")
    try:
        async with asyncio.timeout(seconds):
            found = await provider.transcribe(wav, language, [each for each in hints if each.strip()])
    except TimeoutError as error:
        raise TranscriptionFailed(f"The transcription provider did not answer within {seconds:g} seconds.") from error
    return Transcript(" ".join(found.text.split()), found.confidence)

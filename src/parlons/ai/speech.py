"""`Speech`: text becomes a spoken WAV file. The product works without any provider.

Decides which provider a process uses (its settings, else what is on the machine); caching and conversion are the caller's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from parlons.kit.errors import Refusal, Unavailable

LONGEST = 2_000
"""Characters of one text."""


class SpeechFailed(Unavailable):
    """The text-to-speech provider gave no sound."""

    code = "speech-failed"


class UnknownSpeech(Refusal):
    """There is no text-to-speech provider of this name."""

    code = "unknown-speech"
    status = 500


@dataclass(frozen=True, slots=True)
class SpeechSettings:
    """How a process speaks."""

    provider: str = "auto"
    """`auto` (espeak where installed; the endpoint where `url` is given), `none`, `espeak` or `endpoint`."""
    url: str = ""
    """Base of an OpenAI-compatible API, such as http://127.0.0.1:8880/v1."""
    key: str = field(default="", repr=False)
    model: str = "tts-1"
    voices: Mapping[str, str] = field(default_factory=dict)
    """Voice by language; a provider's own default otherwise."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do."""

    languages: tuple[str, ...]
    natural: bool
    """Whether people take it for a person: else recorded prompts are preferred."""
    local: bool
    """Whether the text stays on this machine."""


class Speech(Protocol):
    """A text-to-speech provider."""

    name: str
    capabilities: Capabilities

    def voice(self, language: str) -> str:
        """The voice it takes for a language (`en`, `fr`): part of a cache's key."""
        ...

    async def speak(self, text: str, language: str) -> bytes:
        """A WAV file of any rate. Raises SpeechFailed."""
        ...


def speeches_of(settings: SpeechSettings) -> tuple["Speech", ...]:
    """The providers of a process, the first preferred; empty when there is none. Raises UnknownSpeech.

    Where an endpoint is used, espeak is kept for the time it does not answer, unless it is named alone."""
    from parlons.ai.compatible.speech import EndpointSpeech
    from parlons.ai.espeak.speech import EspeakSpeech

    local = (EspeakSpeech(settings),) if EspeakSpeech.installed() else ()
    match settings.provider:
        case "none":
            return ()
        case "endpoint":
            return (EndpointSpeech(settings),)
        case "espeak":
            return (EspeakSpeech(settings),)
        case "auto":
            return (EndpointSpeech(settings), *local) if settings.url else local
    raise UnknownSpeech(f"There is no text-to-speech provider {settings.provider!r}: auto, none, espeak or endpoint.")

"""`Speech`: text becomes a spoken WAV file. The product works without any provider.

Caching, conversion and the deadline are the caller's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from parlons.kit.errors import Unavailable

LONGEST = 2_000
"""Characters of one text."""


class SpeechFailed(Unavailable):
    """The text-to-speech provider gave no sound."""

    code = "speech-failed"


@dataclass(frozen=True, slots=True)
class SpeechSettings:
    """How a process speaks."""

    provider: str = "auto"
    """`auto` (the endpoint where `url` is given, and espeak where installed), `none`, or a provider's name."""
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
        """A WAV file of any rate. Never blocks the event loop; may be cancelled. Raises SpeechFailed."""
        ...

    async def close(self) -> None:
        """Frees what it holds; may be called again."""
        ...

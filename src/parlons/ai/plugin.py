"""The socket of AI providers: what a provider is, what it is given, and who calls what when.

A module of ours, or a function that an entry point of the group `parlons.providers` names, has `open_provider(tools)`. It is
called when the process starts, and says what the provider offers. What the settings name it for (PARLONS_TTS, PARLONS_STT,
PARLONS_EMBEDDINGS) is made once, at the start: what it lacks it says there, by the refusal its Protocol names, and let it load
and connect when it is first asked. It is then used by many tasks of one event loop at the same time. Each call may be
cancelled, for who asks sets the deadline, and raises nothing but that refusal. No text and no sound of a customer is logged
or put into a refusal.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from parlons.ai.embeddings import Embeddings, EmbeddingsSettings
from parlons.ai.speech import Speech, SpeechSettings
from parlons.ai.transcription import Transcription, TranscriptionSettings


@dataclass(frozen=True, slots=True)
class Tools:
    """What a provider is given when it is opened."""

    options: Mapping[str, str]
    """What its operator says beyond address, key and model: the variables PARLONS_PROVIDER_..., by what follows, in lower
    case."""


class Choice(Protocol):
    """What the settings of all capabilities have."""

    @property
    def provider(self) -> str:
        """`auto`, `none`, or a name."""
        ...

    @property
    def url(self) -> str:
        """Where the provider is, if that must be said."""
        ...


def never(_: Choice) -> bool:
    """Named only."""
    return False


@dataclass(frozen=True, slots=True)
class Provider:
    """Capabilities under one name; each is made of the settings of its kind."""

    name: str
    """As settings name it: lower-case letters, digits, underscores; the entry point's name."""
    speech: Callable[[SpeechSettings], Speech] | None = None
    transcription: Callable[[TranscriptionSettings], Transcription] | None = None
    embeddings: Callable[[EmbeddingsSettings], Embeddings] | None = None
    automatic: Callable[[Choice], bool] = never
    """Whether `auto` takes it on this machine, with these settings."""

"""The AI providers of a process: those that ship, named here and nowhere else, and those of third parties by entry point; and
which of them a process uses for what."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from parlons.ai.embeddings import Embeddings, EmbeddingsSettings
from parlons.ai.plugin import Choice, Provider, Tools
from parlons.ai.speech import Speech, SpeechSettings
from parlons.ai.transcription import Transcription, TranscriptionSettings
from parlons.kit.errors import Refusal
from parlons.runtime.plugins import opened

GROUP = "parlons.providers"
PROVIDERS = {
    "endpoint": "parlons.ai.compatible.provider",
    "espeak": "parlons.ai.espeak.provider",
    "local": "parlons.ai.local.provider",
}
"""By name: the module with the function `open_provider`. `auto` asks them in this order."""
Providers = Mapping[str, Provider]
S = TypeVar("S")
C = TypeVar("C")


class UnknownProvider(Refusal):
    """No AI provider of this name offers this."""

    code = "unknown-provider"
    status = 500


def open_providers(options: Mapping[str, str] | None = None) -> Providers:
    """Every provider, by name."""
    return opened(PROVIDERS, "open_provider", GROUP, Tools(options or {}))


def speeches_of(settings: SpeechSettings, providers: Providers) -> tuple[Speech, ...]:
    """What speaks, the first preferred: by `auto` others are kept for the time it does not answer. Raises UnknownProvider."""
    return tuple(make(settings) for make in _speaking(settings, providers))


def speaks(settings: SpeechSettings, providers: Providers) -> bool:
    """Whether anything would. Raises UnknownProvider."""
    return bool(_speaking(settings, providers))


def transcription_of(settings: TranscriptionSettings, providers: Providers) -> Transcription | None:
    """What understands speech; None: nothing does. Raises UnknownProvider."""
    found = _chosen("PARLONS_STT", settings, providers, lambda one: one.transcription)
    return found[0](settings) if found else None


def embeddings_of(settings: EmbeddingsSettings, providers: Providers) -> Embeddings | None:
    """What compares meanings; None: words alone. Raises UnknownProvider."""
    found = _chosen("PARLONS_EMBEDDINGS", settings, providers, lambda one: one.embeddings)
    return found[0](settings) if found else None


def _speaking(settings: SpeechSettings, providers: Providers) -> list[Callable[[SpeechSettings], Speech]]:
    return _chosen("PARLONS_TTS", settings, providers, lambda one: one.speech)


def _chosen(
    variable: str, settings: Choice, providers: Providers, offer: Callable[[Provider], Callable[[S], C] | None]
) -> list[Callable[[S], C]]:
    """What those offer that the settings name."""
    able = {name: make for name, one in providers.items() if (make := offer(one)) is not None}
    if settings.provider == "none":
        return []
    if settings.provider == "auto":
        return [make for name, make in able.items() if providers[name].automatic(settings)]
    if settings.provider not in able:
        known = ", ".join(["auto", "none", *able])
        raise UnknownProvider(
            f"{variable} is {settings.provider!r}, which no provider here offers; there are: {known}."
        )
    return [able[settings.provider]]

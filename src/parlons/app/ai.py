"""The AI providers of a process: opened before anything else, so that a wrong name is said at once, and closed at its end."""

from dataclasses import dataclass

from parlons.ai.embeddings import Embeddings
from parlons.ai.registry import embeddings_of, open_providers, speeches_of, transcription_of
from parlons.ai.speech import Speech
from parlons.ai.transcription import Transcription
from parlons.app.settings import Settings
from parlons.runtime.lifetime import Lifetime


@dataclass(frozen=True, slots=True)
class Ai:
    """What the process uses. Nothing is loaded before it is first asked."""

    speeches: tuple[Speech, ...]
    transcription: Transcription | None
    embeddings: Embeddings | None


def open_ai(settings: Settings, life: Lifetime) -> Ai:
    """By the settings. Raises UnknownProvider."""
    providers = open_providers(settings.provider_options)
    found = Ai(
        speeches_of(settings.speech, providers),
        transcription_of(settings.transcription, providers),
        embeddings_of(settings.embeddings, providers),
    )
    for one in (*found.speeches, found.transcription, found.embeddings):
        if one is not None:
            life.at_end("AI provider", one.close)
    return found

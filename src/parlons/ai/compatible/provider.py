"""What an OpenAI-compatible endpoint offers: everything, each where an address is given for it."""

from parlons.ai.compatible.embeddings import EndpointEmbeddings
from parlons.ai.compatible.speech import EndpointSpeech
from parlons.ai.compatible.transcription import EndpointTranscription
from parlons.ai.plugin import Provider, Tools


def open_provider(tools: Tools) -> Provider:
    """The provider `endpoint`."""
    return Provider(
        "endpoint",
        speech=EndpointSpeech,
        transcription=EndpointTranscription,
        embeddings=EndpointEmbeddings,
        automatic=lambda settings: bool(settings.url),
    )

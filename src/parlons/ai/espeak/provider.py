"""What espeak-ng offers: it speaks, wherever it is installed."""

from parlons.ai.espeak.speech import EspeakSpeech
from parlons.ai.plugin import Provider, Tools


def open_provider(tools: Tools) -> Provider:
    """The provider `espeak`."""
    return Provider("espeak", speech=EspeakSpeech, automatic=lambda _: EspeakSpeech.installed())

"""Speech by an OpenAI-compatible endpoint: POST {url}/audio/speech, answered with a WAV file.

Source: OpenAI API reference, "Create speech".
"""

from parlons.ai.compatible.calls import Calls
from parlons.ai.speech import LONGEST, Capabilities, SpeechFailed, SpeechSettings

LARGEST = 32_000_000
_DEFAULT_VOICE = "alloy"


class EndpointSpeech:
    """See the module."""

    name = "endpoint"
    capabilities = Capabilities(languages=("en", "fr"), natural=True, local=False)

    def __init__(self, settings: SpeechSettings) -> None:
        self._calls = Calls("PARLONS_TTS_URL", settings.url, settings.key, "text-to-speech", SpeechFailed)
        self._settings = settings

    def voice(self, language: str) -> str:
        """Model and voice for a language."""
        return f"{self._settings.model}/{self._settings.voices.get(language, _DEFAULT_VOICE)}"

    async def speak(self, text: str, language: str) -> bytes:
        """A WAV file of the endpoint's rate. Raises SpeechFailed."""
        voice = self._settings.voices.get(language, _DEFAULT_VOICE)
        body = {"model": self._settings.model, "voice": voice, "input": text[:LONGEST], "response_format": "wav"}
        answer = await self._calls.post("/audio/speech", json=body)
        if len(answer.content) > LARGEST or answer.content[:4] != b"RIFF":
            raise SpeechFailed("The text-to-speech endpoint sent no WAV file.")
        return answer.content

    async def close(self) -> None:
        """Ends its connections."""
        await self._calls.close()

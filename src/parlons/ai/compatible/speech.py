"""Speech by an OpenAI-compatible endpoint: POST {url}/audio/speech, answered with a WAV file.

The address comes from whoever runs the process, so private ones are welcome: a model server beside us is the usual case.
Source: OpenAI API reference, "Create speech".
"""

import httpx

from parlons.ai.speech import LONGEST, Capabilities, SpeechFailed, SpeechSettings

SECONDS = 30
LARGEST = 32_000_000
_DEFAULT_VOICE = "alloy"


class EndpointSpeech:
    """See the module."""

    name = "endpoint"
    capabilities = Capabilities(languages=("en", "fr"), natural=True, local=False)

    def __init__(self, settings: SpeechSettings, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        if not settings.url.startswith(("http://", "https://")):
            raise SpeechFailed("PARLONS_TTS_URL must begin with http:// or https://.")
        self._settings, self._transport = settings, transport

    def voice(self, language: str) -> str:
        """Model and voice for a language."""
        return f"{self._settings.model}/{self._settings.voices.get(language, _DEFAULT_VOICE)}"

    async def speak(self, text: str, language: str) -> bytes:
        """A WAV file of the endpoint's rate. Raises SpeechFailed."""
        voice = self._settings.voices.get(language, _DEFAULT_VOICE)
        body = {
            "model": self._settings.model,
            "voice": voice,
            "input": text[:LONGEST],
            "response_format": "wav",
        }
        headers = {"Authorization": f"Bearer {self._settings.key}"} if self._settings.key else {}
        try:
            async with httpx.AsyncClient(timeout=SECONDS, transport=self._transport) as client:
                answer = await client.post(f"{self._settings.url.rstrip('/')}/audio/speech", json=body, headers=headers)
        except httpx.HTTPError as error:
            raise SpeechFailed(f"The text-to-speech endpoint does not answer ({type(error).__name__}).") from error
        if not answer.is_success:
            raise SpeechFailed(f"The text-to-speech endpoint answered {answer.status_code}.")
        if len(answer.content) > LARGEST or answer.content[:4] != b"RIFF":
            raise SpeechFailed("The text-to-speech endpoint sent no WAV file.")
        return answer.content

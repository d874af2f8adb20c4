"""Transcription by an OpenAI-compatible endpoint: POST {url}/audio/transcriptions, a form with the file.

Source: OpenAI API reference, "Create transcription": `json` is the one answer that every such server gives; it has no confidence.
"""

from collections.abc import Sequence

from parlons.ai.compatible.calls import Calls
from parlons.ai.transcription import Transcript, TranscriptionFailed, TranscriptionSettings


class EndpointTranscription:
    """See the module."""

    languages: tuple[str, ...] = ("en", "fr")
    local = False

    def __init__(self, settings: TranscriptionSettings) -> None:
        self._calls = Calls("PARLONS_STT_URL", settings.url, settings.key, "transcription", TranscriptionFailed)
        self.name = f"endpoint/{settings.model}"
        self._model = settings.model

    async def transcribe(self, wav: bytes, language: str, hints: Sequence[str]) -> Transcript:
        """See `Transcription`."""
        form = {"model": self._model, "language": language, "response_format": "json"}
        if hints:
            form["prompt"] = ", ".join(hints)
        answer = await self._calls.post(
            "/audio/transcriptions", data=form, files={"file": ("sound.wav", wav, "audio/wav")}
        )
        try:
            text = answer.json()["text"]
        except (ValueError, KeyError, TypeError) as error:
            raise TranscriptionFailed("The transcription endpoint sent no text.") from error
        if not isinstance(text, str):
            raise TranscriptionFailed("The transcription endpoint sent no text.")
        return Transcript(text)

    async def close(self) -> None:
        """Ends its connections."""
        await self._calls.close()

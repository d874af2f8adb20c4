"""Text-to-speech: the provider of a process, espeak-ng as it is, an endpoint over real HTTP, and what they do when it goes
wrong."""

import json
import shutil
import socket
import threading
import wave
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import pytest

from parlons.ai.compatible.speech import EndpointSpeech
from parlons.ai.espeak import speech as espeak
from parlons.ai.registry import UnknownProvider, open_providers, speaks, speeches_of
from parlons.ai.speech import SpeechFailed, SpeechSettings

espeak_only = pytest.mark.skipif(not espeak.EspeakSpeech.installed(), reason="Debian's espeak-ng is not installed here")


class Endpoint(ThreadingHTTPServer):
    """A speech endpoint as model servers are: it keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str | None, dict[str, str]]] = []
        self.answer, self.status = b"RIFFsome WAVE", 200


class Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, self.headers["Authorization"], body))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def settings(endpoint: Endpoint, **more: str) -> SpeechSettings:
    return SpeechSettings(url=f"http://127.0.0.1:{endpoint.server_port}/v1", voices={"fr": "siwis"}, **more)


async def test_an_endpoint_is_asked_as_the_api_says(endpoint: Endpoint) -> None:
    speech = EndpointSpeech(settings(endpoint, key="sk-1", model="kokoro"))
    assert await speech.speak("Bonjour", "fr") == endpoint.answer
    assert await speech.speak("Hello", "en") == endpoint.answer
    assert endpoint.asked == [
        (
            "/v1/audio/speech",
            "Bearer sk-1",
            {"model": "kokoro", "voice": voice, "input": text, "response_format": "wav"},
        )
        for voice, text in (("siwis", "Bonjour"), ("alloy", "Hello"))
    ]
    assert speech.voice("fr") != speech.voice("en")
    assert "sk-1" not in repr(settings(endpoint, key="sk-1"))


async def test_an_endpoint_that_refuses_or_sends_something_else(endpoint: Endpoint) -> None:
    speech = EndpointSpeech(settings(endpoint))
    endpoint.status = 500
    with pytest.raises(SpeechFailed, match="answered 500"):
        await speech.speak("Hello", "en")
    endpoint.status, endpoint.answer = 200, b"ID3 an mp3"
    with pytest.raises(SpeechFailed, match="no WAV"):
        await speech.speak("Hello", "en")


async def test_an_endpoint_that_is_away() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        speech = EndpointSpeech(SpeechSettings(url=f"http://127.0.0.1:{unused.getsockname()[1]}/v1"))
        with pytest.raises(SpeechFailed, match="does not answer"):
            await speech.speak("Hello", "en")


def test_which_provider_a_process_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    def names(provider: str = "auto", url: str = "") -> list[str]:
        asked = SpeechSettings(provider=provider, url=url)
        found = speeches_of(asked, open_providers())
        assert speaks(asked, open_providers()) == bool(found)
        return [one.name for one in found]

    url = "http://127.0.0.1:1/v1"
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert (names(), names(url=url)) == ([], ["endpoint"])
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/espeak-ng")
    assert (names(), names(url=url)) == (["espeak"], ["endpoint", "espeak"])
    assert (names("endpoint", url), names("none", url)) == (["endpoint"], [])
    for strange in ("parrot", "local"):
        with pytest.raises(UnknownProvider, match="auto, none, endpoint, espeak"):
            names(strange)


@espeak_only
async def test_espeak_speaks_both_languages() -> None:
    speech = espeak.EspeakSpeech(SpeechSettings())
    lengths = []
    for language, text in (("en", "-v is no option here; good evening"), ("fr", "Bonsoir à tous, ça va être à vous")):
        with wave.open(BytesIO(await speech.speak(text, language))) as file:
            assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
            lengths.append(file.getnframes() / file.getframerate())
    assert all(0.8 < length < 8 for length in lengths)


@espeak_only
async def test_espeak_with_an_unknown_voice() -> None:
    with pytest.raises(SpeechFailed):
        await espeak.EspeakSpeech(SpeechSettings(voices={"en": "nobody"})).speak("Hello", "en")


async def test_espeak_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak, "PROGRAM", "espeak-of-nowhere")
    with pytest.raises(SpeechFailed, match="install Debian's package"):
        await espeak.EspeakSpeech(SpeechSettings()).speak("Hello", "en")

"""A stand-in for a model server with the OpenAI-compatible API: it speaks in tones, hears what it is told, and takes letters
for the meaning of a text.

Source: OpenAI API reference, "Create speech", "Create transcription", "Create embeddings".
"""

import asyncio
import io
import math
import struct
import wave
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from parlons.simulator.providers.wire import read_form

RATE = 24_000
_LETTER_MS, _COLUMNS = 20, 64


class Models:
    """The server. `key`: what callers must prove."""

    def __init__(self, key: str = "") -> None:
        self.hears = "Hello"
        """What is said in every sound that comes."""
        self.asked: list[tuple[str, dict[str, Any]]] = []
        """Path and values of each request; of a file its bytes."""
        self.status = 200
        self.answer: bytes | None = None
        """What is answered instead."""
        self.awake = asyncio.Event()
        """While it is not set, nothing is answered."""
        self.awake.set()
        self._key = key
        routes = {"/audio/speech": self._speech, "/audio/transcriptions": self._text, "/embeddings": self._vectors}
        self.app = Starlette(routes=[Route(f"/v1{path}", work, methods=["POST"]) for path, work in routes.items()])

    async def _speech(self, request: Request) -> Response:
        body = await request.json()
        return await self._answer(request, body, lambda: Response(_tones(body["input"]), media_type="audio/wav"))

    async def _text(self, request: Request) -> Response:
        values, files = await read_form(request)
        sound = files["file"].content
        if sound[:4] != b"RIFF":
            return JSONResponse({"error": {"message": "not a sound"}}, 400)
        return await self._answer(request, {**values, "file": sound}, lambda: JSONResponse({"text": self.hears}))

    async def _vectors(self, request: Request) -> Response:
        body = await request.json()
        rows = [{"index": at, "embedding": _letters(text)} for at, text in enumerate(body["input"])]
        return await self._answer(request, body, lambda: JSONResponse({"data": rows[::-1]}))

    async def _answer(self, request: Request, values: dict[str, Any], made: Any) -> Response:
        self.asked.append((request.url.path, values))
        await self.awake.wait()
        if self._key and request.headers.get("authorization") != f"Bearer {self._key}":
            return JSONResponse({"error": {"message": "who are you?"}}, 401)
        if self.status != 200 or self.answer is not None:
            return Response(self.answer or b"", self.status)
        answer: Response = made()
        return answer


def _tones(text: str) -> bytes:
    """A tone for each letter."""
    samples: list[int] = []
    for letter in text or " ":
        turn = 2 * math.pi * (300 + ord(letter) % 64 * 10) / RATE
        samples += [int(9_000 * math.sin(turn * at)) for at in range(RATE * _LETTER_MS // 1000)]
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return file.getvalue()


def _letters(text: str) -> list[float]:
    """How often each letter is there; a text without letters has a meaning too."""
    row = [0.0] * _COLUMNS
    for letter in text:
        row[ord(letter) % _COLUMNS] += 1.0
    return row

"""A push service of our own: takes what the server sends for one browser and opens it with that browser's keys (RFC 8291)."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from os import urandom
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


@dataclass
class PushService:
    """Listens on this machine; `status` is what it answers."""

    status: int = 201
    taken: list[dict[str, str]] = field(default_factory=list)
    """Headers of each call, in order."""
    address: str = ""
    _key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    _secret: bytes = field(default_factory=lambda: urandom(16))
    _read: "asyncio.Queue[dict[str, Any]]" = field(default_factory=asyncio.Queue)

    @property
    def subscription(self) -> dict[str, str]:
        """What the browser gives the desk."""
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"address": self.address, "public_key": _text(point), "secret": _text(self._secret)}

    async def next(self) -> dict[str, Any]:
        """The next message as the browser reads it."""
        async with asyncio.timeout(20):
            return await self._read.get()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One call."""
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.taken.append(headers)
        if self.status < 300:
            plain = http_ece.decrypt(body, private_key=self._key, auth_secret=self._secret, version="aes128gcm")
            self._read.put_nowait(json.loads(plain))
        writer.write(f"HTTP/1.1 {self.status} -\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        writer.close()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@asynccontextmanager
async def push_service() -> AsyncIterator[PushService]:
    """One, for the length of a test."""
    service = PushService()
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0)
    service.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/to/one-browser"
    async with server:
        yield service

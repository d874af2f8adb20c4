"""What programs and their callers are in tests: addresses that answer call XML, and telephones whose sound is looked at."""

import asyncio
import contextlib
import io
import random
import socket
import wave
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np

from parlons.simulator.sip import Address
from parlons.simulator.sound import Line, mu_law


def free_udp_port() -> int:
    """A port nobody has, below those the system hands out by itself: it stays free until it is used."""
    while True:
        port = random.randint(10_000, 30_000)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found, contextlib.suppress(OSError):
            found.bind(("127.0.0.1", port))
            return port


def tone(hertz: int, seconds: float = 1.0) -> bytes:
    """A WAV file."""
    at = np.arange(int(8000 * seconds)) / 8000
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes((8000 * np.sin(2 * np.pi * hertz * at)).astype("<i2").tobytes())
    return made.getvalue()


class Ear(Line):
    """A telephone's sound, with what it heard."""

    def __init__(self) -> None:
        super().__init__()
        self.sound = bytearray()
        self.speaking: asyncio.Task[None] | None = None
        self.where: Address | None = None
        """Where the other side listens."""

    async def open(self) -> None:
        """See `Line`."""
        await super().open()
        assert self._transport is not None
        protocol: Any = self._transport.get_protocol()

        def received(data: bytes, _addr: Address) -> None:
            if data[1] & 0x7F == 0:
                self.sound += data[12:]

        protocol.datagram_received = received

    async def hears(self, hertz: int) -> None:
        """Returns when half a second of what was heard lately is this tone."""
        async with asyncio.timeout(60):
            while not self.rings_with(hertz):
                await self.listens()

    async def hears_nothing_of(self, hertz: int, seconds: float = 1.0) -> None:
        """Listens for a while, from now on; fails when the tone is in it."""
        self.sound.clear()
        while len(self.sound) < 8000 * seconds:
            await self.listens()
        assert not self.rings_with(hertz, seconds)

    async def hears_no_more_of(self, hertz: int) -> None:
        """Returns when a whole second is without the tone: what was said before it ended may still be on its way."""
        async with asyncio.timeout(60):
            while True:
                self.sound.clear()
                while len(self.sound) < 8000:
                    await self.listens()
                if not self.rings_with(hertz, 1.0):
                    return

    async def speaks(self, hertz: int) -> None:
        """Sends a tone from now on, whatever else happens."""
        sound = mu_law((8000 * np.sin(2 * np.pi * hertz * np.arange(8000) / 8000)).astype(np.int16))

        async def speak() -> None:
            assert self.where is not None
            while True:
                await self.say(sound, self.where)

        self.speaking = asyncio.create_task(speak())

    def close(self) -> None:
        """See `Line`."""
        if self.speaking is not None:
            self.speaking.cancel()
        super().close()

    async def listens(self) -> None:
        """Goes on sending silence, as telephones do."""
        assert self.where is not None
        if self.speaking is not None:
            await asyncio.sleep(0.1)
        else:
            await self.listen(0.1, self.where)

    def rings_with(self, hertz: int, seconds: float = 0.5) -> bool:
        """Whether the last stretch is mostly this tone."""
        coded = np.frombuffer(bytes(self.sound[-int(8000 * seconds) :]), np.uint8).astype(np.int32)
        if len(coded) < 2000:
            return False
        value = ~coded & 0xFF
        size = (((value & 0x0F) << 3) + 0x84 << ((value & 0x70) >> 4)) - 0x84
        pcm = np.where(value & 0x80, -size, size).astype(np.float64)
        power = np.abs(np.fft.rfft(pcm * np.hanning(len(pcm)))) ** 2
        place = round(hertz * len(pcm) / 8000)
        return float(power[max(0, place - 3) : place + 4].sum()) > 0.2 * float(power.sum()) > 1e9


@dataclass(frozen=True)
class Asked:
    """A request that came."""

    method: str
    target: str
    form: dict[str, str]
    signature: str


class Program:
    """A program's addresses, on a port of their own."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.url = ""
        self._said: dict[str, bytes] = {"/tone.wav": tone(1000)}
        self._news = asyncio.Condition()
        self._seen: dict[str, int] = {}
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    def says(self, path: str, inside: str) -> None:
        """What an address answers."""
        self._said[path] = f'<?xml version="1.0" encoding="UTF-8"?><Response>{inside}</Response>'.encode()

    def answers(self, path: str, body: bytes) -> None:
        """The same, with any body."""
        self._said[path] = body

    async def next(self, path: str) -> Asked:
        """The next request at an address that was not looked at yet."""
        seen = self._seen.get(path, 0)
        async with asyncio.timeout(60), self._news:
            await self._news.wait_for(lambda: len(self._at(path)) > seen)
        self._seen[path] = seen + 1
        return self._at(path)[seen]

    def _at(self, path: str) -> list[Asked]:
        return [one for one in self.asked if urlsplit(one.target).path == path]

    async def __aenter__(self) -> "Program":
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing of a request that is under way outlives the test."""
        self._server.close()
        for writer in self._open.values():
            writer.close()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = writer
        try:
            await self._one(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()
            del self._open[task]

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = [line.split(": ", 1) for line in head.split("\r\n")[1:] if line]
        named = {name.lower(): value for name, value in lines}
        method, target = head.split(" ")[:2]
        text = (await reader.readexactly(int(named.get("content-length", 0)))).decode()
        text = text if method == "POST" else urlsplit(target).query
        path = urlsplit(target).path
        if path != "/tone.wav":
            form = dict(parse_qsl(text, keep_blank_values=True))
            self.asked.append(Asked(method, target, form, named.get("x-twilio-signature", "")))
        body = self._said.get(path, b"")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        async with self._news:
            self._news.notify_all()

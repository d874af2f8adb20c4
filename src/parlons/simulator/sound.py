"""The sound of practice people on the telephone: mu-law over RTP (RFC 3551), keys as RFC 4733 events, words by espeak-ng.

Where espeak-ng is not installed they hum in the rhythm of speech; nobody needs to understand a practice customer.
"""

import asyncio
import contextlib
import io
import random
import shutil
import struct
import wave
from functools import lru_cache

import numpy as np

from parlons.simulator.sip import Address

FRAME = 160
RATE = 8000
_KEYS = "0123456789*#ABCD"


def mu_law(pcm: np.ndarray) -> bytes:
    """16-bit PCM to G.711 mu-law."""
    sample = np.clip(pcm.astype(np.int32), -32635, 32635)
    sign = np.where(sample < 0, 0x80, 0)
    level = np.abs(sample) + 132
    exponent = np.clip(np.floor(np.log2(level)).astype(np.int32) - 7, 0, 7)
    mantissa = (level >> (exponent + 3)) & 0x0F
    return bytes((~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8))


async def speech(text: str, language: str) -> bytes:
    """Words as mu-law at 8 kHz."""
    if shutil.which("espeak-ng"):
        process = await asyncio.create_subprocess_exec(
            "espeak-ng", "-v", language, "-s", "165", "--stdout", "--", text,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        said, _ = await process.communicate()
        if process.returncode == 0 and said:
            return mu_law(_at_8000(said))
    return hum(len(text) / 15)


def hum(seconds: float) -> bytes:
    """Voiced syllables of no language."""
    return _hum(max(1, round(seconds * 4)))


@lru_cache(maxsize=32)
def _hum(syllables: int) -> bytes:
    chance = random.Random(syllables)
    parts = []
    for _ in range(syllables):
        at = np.arange(int(RATE * chance.uniform(0.12, 0.25))) / RATE
        pitch = chance.uniform(110, 190)
        voice = sum(np.sin(2 * np.pi * pitch * n * at) / n for n in range(1, 8))
        parts += [voice * np.hanning(len(at)) * 5000, np.zeros(int(RATE * chance.uniform(0.02, 0.12)))]
    return mu_law(np.concatenate(parts))


def _at_8000(wav: bytes) -> np.ndarray:
    with contextlib.suppress(wave.Error), wave.open(io.BytesIO(wav)) as file:
        rate = file.getframerate()
        # A stream's header cannot know its length: what is there counts.
        pcm = np.frombuffer(file.readframes(len(wav) // 2), np.int16).astype(np.float64)
        wanted = np.arange(0, len(pcm), rate / RATE)
        smooth = np.convolve(pcm, np.ones(3) / 3, "same") if rate > RATE else pcm
        return np.interp(wanted, np.arange(len(pcm)), smooth).astype(np.int16)
    return np.zeros(FRAME, np.int16)


class Line:
    """An RTP socket: says what it is given, hears how much comes back."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self._host = host
        self._transport: asyncio.DatagramTransport | None = None
        self._sequence, self._stamp = random.randrange(1 << 15), random.randrange(1 << 31)
        self._source = random.randrange(1 << 32)
        self.port = 0
        self.heard = 0
        """Packets received."""

    async def open(self) -> None:
        """Opens the socket."""
        line = self

        class Wire(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, _addr: Address) -> None:
                line.heard += 1

        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(Wire, local_addr=(self._host, 0))
        self.port = self._transport.get_extra_info("sockname")[1]

    async def say(self, sound: bytes, where: Address) -> None:
        """Sends mu-law in real time."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        for number, start in enumerate(range(0, len(sound), FRAME)):
            self._send(0, sound[start : start + FRAME].ljust(FRAME, b"\xff"), where)
            self._stamp += FRAME
            await asyncio.sleep(max(0.0, begun + (number + 1) * 0.02 - loop.time()))

    async def listen(self, seconds: float, where: Address) -> None:
        """Is silent for a while, as a telephone is: it goes on sending."""
        await self.say(b"\xff" * int(seconds * RATE), where)

    async def press(self, digits: str, where: Address) -> None:
        """Presses keys, 160 ms each."""
        for digit in digits:
            event = _KEYS.index(digit)
            stamp = self._stamp
            for number in range(1, 9):
                self._packet(101, struct.pack("!BBH", event, 10, number * FRAME), stamp, where, marker=number == 1)
                await asyncio.sleep(0.02)
            for _ in range(3):
                self._packet(101, struct.pack("!BBH", event, 0x80 | 10, 8 * FRAME), stamp, where)
            self._stamp += 9 * FRAME
            await self.listen(0.1, where)

    def close(self) -> None:
        """Closes the socket."""
        if self._transport is not None:
            self._transport.close()

    def _send(self, kind: int, payload: bytes, where: Address) -> None:
        self._packet(kind, payload, self._stamp, where)

    def _packet(self, kind: int, payload: bytes, stamp: int, where: Address, *, marker: bool = False) -> None:
        self._sequence = (self._sequence + 1) & 0xFFFF
        head = struct.pack(
            "!BBHII", 0x80, (0x80 if marker else 0) | kind, self._sequence, stamp & 0xFFFFFFFF, self._source
        )
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(head + payload, where)

"""A telephone's sound side for tests: raw RTP on a socket of its own, a tone spoken every 20 ms, everything heard kept."""

import asyncio
import contextlib
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from aiortp.codecs.g711 import PcmaCodec, PcmuCodec
from numpy.typing import NDArray

from parlons.voice.media.builtin.codecs import G722Codec, OpusCodec

Samples = NDArray[np.int16]
RATE, FRAME = 8000, 160
EVENTS = "0123456789*#ABCD"


def make_codec(name: str) -> object:
    """By its rtpmap name."""
    return {"PCMU": PcmuCodec, "PCMA": PcmaCodec, "G722": G722Codec, "OPUS": OpusCodec}[name]()


@dataclass
class Packet:
    """An RTP packet as it came."""

    kind: int
    marker: bool
    number: int
    stamp: int
    ssrc: int
    payload: bytes
    at: float


@dataclass
class RtpPhone(asyncio.DatagramProtocol):
    """Sends to `target`; `packets` and `heard` grow while it listens."""

    codec: str = "PCMU"
    number: int = 0
    """Payload type of sound."""
    event: int | None = 101
    """Payload type of keys; None: not negotiated."""
    target: tuple[str, int] | None = None
    frequency: float | None = None
    speaks: bool = True
    """False: sends nothing at all."""
    packets: list[Packet] = field(default_factory=list)
    heard: list[Samples] = field(default_factory=list)
    digits: str = ""
    lost: set[int] = field(default_factory=set)
    """Sequence numbers it does not send although they count."""
    delay: Callable[[int], float] | None = None
    """Seconds by which a packet (its sequence number) goes out later."""
    sent: int = 0

    async def start(self) -> "RtpPhone":
        """Opens the socket and begins to speak."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.port: int = self._transport.get_extra_info("sockname")[1]
        self._spoke = asyncio.Condition()
        self._coder = make_codec(self.codec)
        self._ears = make_codec(self.codec)
        self._ssrc = self.port * 7919
        self._sample = 0
        self._keys: list[tuple[str, int]] = []
        self._event_stamp: int | None = None
        self._task = asyncio.create_task(self._speak())
        return self

    async def stop(self) -> None:
        """Closes everything."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._transport.close()
        await asyncio.sleep(0)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        kind = data[1] & 0x7F
        if 64 <= kind <= 95:
            return  # RTCP
        _, _, number, stamp, ssrc = struct.unpack_from("!BBHII", data)
        payload = data[12:]
        at = asyncio.get_running_loop().time()
        self.packets.append(Packet(kind, bool(data[1] & 0x80), number, stamp, ssrc, payload, at))
        if kind == self.event:
            if stamp != self._event_stamp:
                self.digits += EVENTS[payload[0]]
                self._event_stamp = stamp
        elif kind == self.number:
            decoded = self._ears.decode(payload)  # type: ignore[attr-defined]
            self.heard.append(np.frombuffer(decoded, np.int16) if isinstance(decoded, bytes) else decoded)

    def presses(self, digits: str) -> None:
        """Keys, 100 ms each and 60 ms apart: as events, or as tones where there are none."""
        for digit in digits:
            self._keys.append((digit, 0))

    async def hears(self, ms: int) -> Samples:
        """What comes in the next `ms`."""
        self.heard.clear()
        await self.frames(ms // 20)
        return np.concatenate(self.heard) if self.heard else np.zeros(0, np.int16)

    async def frames(self, count: int) -> None:
        """Waits for so many frames of its own clock."""
        until = self.sent + count
        async with self._spoke:
            await self._spoke.wait_for(lambda: self.sent >= until)

    def frame(self) -> Samples:
        """The next 20 ms it says."""
        at = (self._sample + np.arange(FRAME)) / RATE
        if self.frequency is None:
            return np.zeros(FRAME, np.int16)
        return (10_000 * np.sin(2 * np.pi * self.frequency * at)).astype(np.int16)

    def _send(self, kind: int, payload: bytes, *, stamp: int, marker: bool = False) -> None:
        number = self.sent & 0xFFFF
        self.sent += 1
        if self.target is not None and self.speaks and number not in self.lost:
            flags = kind | (0x80 if marker else 0)
            packet = struct.pack("!BBHII", 0x80, flags, number, stamp, self._ssrc) + payload
            later = self.delay(number) if self.delay else 0.0
            asyncio.get_running_loop().call_later(later, self._transport.sendto, packet, self.target)

    async def _speak(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            async with self._spoke:
                self._tick()
                self._spoke.notify_all()
            due += 0.02
            await asyncio.sleep(max(0.0, due - loop.time()))

    def _tick(self) -> None:
        scale = 6 if self.codec == "OPUS" else 1
        stamp = self._sample * scale & 0xFFFFFFFF
        frame = self.frame()
        if self._keys:
            digit, at = self._keys[0]
            self._keys[0] = (digit, at + 1)
            if at == 7:
                self._keys.pop(0)
            if at < 5 and self.event is not None:
                event = struct.pack("!BBH", EVENTS.index(digit), 0x8A if at == 4 else 0x0A, (at + 1) * FRAME)
                start = (self._sample - at * FRAME) * scale & 0xFFFFFFFF
                for _ in range(3 if at == 4 else 1):
                    self._send(self.event, event, stamp=start, marker=at == 0)
                self._sample += FRAME
                return
            if at < 5:
                frame = _key(digit, self._sample)
            elif self.event is None:
                frame = np.zeros(FRAME, np.int16)
        payload = self._coder.encode(frame if self.codec in ("G722", "OPUS") else frame.tobytes())  # type: ignore[attr-defined]
        if payload:
            self._send(self.number, payload, stamp=stamp)
        self._sample += FRAME


def _key(digit: str, sample: int) -> Samples:
    row, column = divmod("123A456B789C*0#D".index(digit), 4)
    at = (sample + np.arange(FRAME)) / RATE
    low, high = (697, 770, 852, 941)[row], (1209, 1336, 1477, 1633)[column]
    return (7_000 * (np.sin(2 * np.pi * low * at) + np.sin(2 * np.pi * high * at))).astype(np.int16)

"""A browser-like far side without a browser: an `RTCPeerConnection` of aiortc that speaks a tone and keeps what it hears.

Unlike the leg under test it uses the library's own receivers and senders, so both ends do not share their mistakes.
"""

import asyncio
import contextlib
import fractions
from collections.abc import AsyncIterator

import av
import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

from parlons.testing.fake_sound import FRAME, RATE, Samples, tone


class Voice(MediaStreamTrack):
    """A microphone with a tone in it, or nothing."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.frequency: float | None = None
        self._sample = 0
        self._start = asyncio.get_running_loop().time()

    async def recv(self) -> av.AudioFrame:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0, self._start + self._sample / RATE - loop.time()))
        silent = np.zeros(FRAME, np.int16)
        sound = silent if self.frequency is None else tone((self.frequency,), 20, start=self._sample)
        frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._sample, fractions.Fraction(1, RATE)
        self._sample += FRAME
        return frame


class Peer:
    """Fulfils `engine_scene.Browser`."""

    def __init__(self, *, codec: str = "PCMU", channel: bool = True, servers: tuple[RTCIceServer, ...] = ()) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(list(servers)))
        self.voice = Voice()
        sender = self.connection.addTransceiver(self.voice, "sendrecv")
        codecs = RTCRtpReceiver.getCapabilities("audio").codecs
        sender.setCodecPreferences([c for c in codecs if c.name == codec])
        self.channel = self.connection.createDataChannel("digits") if channel else None
        self._heard: list[Samples] = []
        self._listening: asyncio.Task[None] | None = None
        self._opened = asyncio.Event()
        if self.channel is not None:
            self.channel.on("open", self._opened.set)

        @self.connection.on("track")
        def track(track: MediaStreamTrack) -> None:
            self._listening = asyncio.create_task(self._listen(track))

    async def _listen(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                self._heard.append(frame.to_ndarray().reshape(-1)[:: frame.sample_rate // RATE])

    async def offer(self) -> str:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def takes(self, answer: str) -> None:
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def vanishes(self) -> None:
        """No goodbye: its sockets are gone."""
        for transceiver in self.connection.getTransceivers():
            for protocol in transceiver.sender.transport.transport._connection._protocols:
                protocol.transport.abort()

    async def says(self, frequency: float) -> None:
        self.voice.frequency = frequency

    async def hears(self, ms: int) -> Samples:
        self._heard.clear()
        await asyncio.sleep(ms / 1000)
        return np.concatenate([np.zeros(0, np.int16), *self._heard])

    async def presses(self, digits: str) -> None:
        assert self.channel is not None
        await asyncio.wait_for(self._opened.wait(), 20)
        self.channel.send(digits)

    async def close(self) -> None:
        await self.connection.close()
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)


@contextlib.asynccontextmanager
async def peers() -> AsyncIterator[list[Peer]]:
    """A list; whoever stands in it at the end is closed."""
    made: list[Peer] = []
    try:
        yield made
    finally:
        for peer in made:
            await peer.close()

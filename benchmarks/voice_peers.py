"""Browser-like far sides: peer connections of aiortc which send mu-law and note when packets come, in a process of their own."""

import asyncio
import fractions
import os
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import av
import numpy as np
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription

WARM = 3
FRAME = 0.02


@dataclass
class Came:
    """What came back to all of them."""

    late_p99_ms: float
    """By how much more than 20 ms a packet came after the one before it."""
    gap_ms: float
    part: float
    """Of the packets that were due."""


class Hum(MediaStreamTrack):
    """A tone, made once."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._sound = (8_000 * np.sin(np.arange(160) * 2 * np.pi * 0.05)).astype(np.int16).reshape(1, -1)
        self._count, self._began = 0, time.monotonic()

    async def recv(self) -> av.AudioFrame:
        """The next 20 ms, in time."""
        self._count += 1
        await asyncio.sleep(max(0.0, self._began + self._count * FRAME - time.monotonic()))
        frame = av.AudioFrame.from_ndarray(self._sound, format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 8000, self._count * 160, fractions.Fraction(1, 8000)
        return frame


class Peer:
    """One of them."""

    def __init__(self) -> None:
        self.connection = RTCPeerConnection()
        self.came: list[float] = []
        self.listening = False
        self.connected = asyncio.Event()
        self.connection.on("connectionstatechange", self._changed)
        sender = self.connection.addTransceiver(Hum(), "sendrecv")
        known = RTCRtpReceiver.getCapabilities("audio")
        assert known is not None
        sender.setCodecPreferences([codec for codec in known.codecs if codec.name == "PCMU"])
        taken = sender.receiver._handle_rtp_packet

        async def noted(packet: Any, arrival_time_ms: int) -> None:
            """As the library does, and noted."""
            if self.listening:
                self.came.append(time.monotonic())
            await taken(packet, arrival_time_ms)

        sender.receiver._handle_rtp_packet = noted  # type: ignore[method-assign]

    def _changed(self) -> None:
        if self.connection.connectionState == "connected":
            self.connected.set()

    async def offer(self) -> str:
        """Its offer, candidates in it."""
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return str(self.connection.localDescription.sdp)


def peers_process(pipe: Connection, core: int, legs: int, seconds: float) -> None:
    """Sends its offers, is given answers, is told to begin, gives `Came`."""
    os.sched_setaffinity(0, {core})
    asyncio.run(_peers(pipe, legs, seconds))


async def _peers(pipe: Connection, legs: int, seconds: float) -> None:
    peers = [Peer() for _ in range(legs)]
    pipe.send([await peer.offer() for peer in peers])
    answers = await asyncio.to_thread(pipe.recv)
    await asyncio.gather(
        *(
            peer.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
            for peer, answer in zip(peers, answers, strict=True)
        )
    )
    await asyncio.wait_for(asyncio.gather(*(peer.connected.wait() for peer in peers)), 60)
    pipe.send("connected")
    await asyncio.to_thread(pipe.recv)
    await asyncio.sleep(WARM)
    for peer in peers:
        peer.listening = True
    await asyncio.sleep(seconds - WARM)
    between = np.concatenate([np.diff(peer.came) for peer in peers if len(peer.came) > 1] or [np.array([9.0])])
    count = sum(len(peer.came) for peer in peers)
    late = np.maximum(0.0, between - FRAME) * 1000
    pipe.send(
        Came(float(np.percentile(late, 99)), float(between.max()) * 1000, count / (legs * (seconds - WARM) / FRAME))
    )
    await asyncio.gather(*(peer.connection.close() for peer in peers), return_exceptions=True)

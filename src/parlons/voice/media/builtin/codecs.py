"""Codecs of legs that are not G.711: G.722 (RFC 3551 4.5.2) and Opus (RFC 7587), each from and to 8,000 Hz mono.

Rooms are narrow-band, so a wide-band leg pays for conversion and gains nothing: `sdp` prefers G.711 where both know it.
"""

from typing import Protocol

import av
import numpy as np
from G722 import G722  # type: ignore[import-not-found]

from parlons.voice.media.builtin.legs import FRAME, RATE, Frame


class FrameCodec(Protocol):
    """One direction each of one leg; both keep state from frame to frame."""

    ticks: int
    """RTP timestamp units of a 20 ms frame."""

    def decode(self, payload: bytes) -> Frame:
        """Samples of a payload, as many as it holds (none for garbage)."""
        ...

    def encode(self, frame: Frame) -> bytes:
        """The payload of one frame; empty while the encoder fills up."""
        ...


class G722Codec:
    """64 kbit/s; the library converts to 8,000 Hz itself. Its RTP clock is 8,000 although it samples at 16,000."""

    ticks = FRAME

    def __init__(self) -> None:
        self._encoder, self._decoder = G722(RATE, 64_000), G722(RATE, 64_000)

    def decode(self, payload: bytes) -> Frame:
        """Two samples of 16,000 Hz a byte, given as one of 8,000."""
        return np.frombuffer(self._decoder.decode(payload), np.int16)

    def encode(self, frame: Frame) -> bytes:
        """160 bytes."""
        return bytes(self._encoder.encode(frame))


class OpusCodec:
    """Opus, sent at 8,000 Hz mono 24 kbit/s, received at whatever the far side sends."""

    ticks = 960

    def __init__(self) -> None:
        self._decoder = av.CodecContext.create("libopus", "r")
        self._decoder.layout = "mono"
        self._decoder.sample_rate = 48_000
        self._narrow = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        self._encoder = av.CodecContext.create("libopus", "w")
        self._encoder.format = "s16"
        self._encoder.layout = "mono"
        self._encoder.sample_rate = RATE
        self._encoder.bit_rate = 24_000
        self._encoder.options = {"application": "voip", "frame_duration": "20"}

    def decode(self, payload: bytes) -> Frame:
        """Whole packets only; one that does not decode is silence."""
        try:
            frames = self._decoder.decode(av.Packet(payload))
        except av.FFmpegError:
            return np.zeros(0, np.int16)
        narrow = [part.to_ndarray()[0] for frame in frames for part in self._narrow.resample(frame)]
        return np.concatenate(narrow) if narrow else np.zeros(0, np.int16)

    def encode(self, frame: Frame) -> bytes:
        """One packet a frame."""
        sound = av.AudioFrame.from_ndarray(frame.reshape(1, -1), format="s16", layout="mono")
        sound.sample_rate = RATE
        return b"".join(bytes(packet) for packet in self._encoder.encode(sound))


def codec_named(name: str) -> FrameCodec:
    """A fresh codec: G722 or OPUS."""
    return G722Codec() if name == "G722" else OpusCodec()

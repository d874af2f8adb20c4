"""Sounds to be played, as 8,000 Hz frames: files decoded once and shared by every call, tones and silence computed once.

Files are mono WAV, PCM16, of 8, 16, 24 or 48 kHz; the wider ones are brought to 8 kHz through a low-pass filter. Reading happens
in a thread: the tick waits for no disk.
"""

import asyncio
import wave
from collections import OrderedDict
from pathlib import Path

import numpy as np

from parlons.voice.media.builtin.legs import FRAME, RATE, Frame
from parlons.voice.media.engine import FileSound, SilenceSound, Sound, ToneSound

_KEPT = 64 * 1024 * 1024
"""Bytes of decoded sound kept ready; beyond it the one that was longest unused goes."""
_LONGEST = 30 * 60 * RATE
"""Samples read of a file."""
_TONE_PEAK = 32768 * 10 ** (-13 / 20) * np.sqrt(2)
"""Peak of a sine at -13 dBFS (of mean square)."""
_TAPS = 48
"""Length of the low-pass filter per step of reduction."""


class Unreadable(Exception):
    """There is no such file, or it is no WAV file of the kinds we play."""


class Sounds:
    """Decoded sounds by what they are; a file that changed on disk is read again."""

    def __init__(self) -> None:
        self._ready: OrderedDict[object, Frame] = OrderedDict()
        self._bytes = 0

    async def load(self, sounds: tuple[Sound, ...]) -> list[Frame]:
        """Each sound as an array whose length is a multiple of 160. Raises Unreadable."""
        return [await self._one(sound) for sound in sounds]

    async def _one(self, sound: Sound) -> Frame:
        if isinstance(sound, SilenceSound):
            return np.broadcast_to(np.zeros(1, np.int16), (_length(sound.ms),))
        key: object = sound
        if isinstance(sound, FileSound):
            key = await asyncio.to_thread(_state_of, sound.path)
        ready = self._ready.get(key)
        if ready is None:
            ready = tone(sound) if isinstance(sound, ToneSound) else await asyncio.to_thread(read, sound.path)
            self._keep(key, ready)
        else:
            self._ready.move_to_end(key)
        return ready

    def _keep(self, key: object, sound: Frame) -> None:
        if key not in self._ready:
            self._ready[key] = sound
            self._bytes += sound.nbytes
        while self._bytes > _KEPT and len(self._ready) > 1:
            self._bytes -= self._ready.popitem(last=False)[1].nbytes


def _state_of(path: str) -> tuple[str, int, int]:
    try:
        state = Path(path).stat()
    except OSError as error:
        raise Unreadable from error
    return path, state.st_mtime_ns, state.st_size


def read(path: str) -> Frame:
    """A file as frames. Raises Unreadable."""
    try:
        with wave.open(path, "rb") as file:
            rate, width, channels = file.getframerate(), file.getsampwidth(), file.getnchannels()
            if width != 2 or channels != 1 or rate not in (8_000, 16_000, 24_000, 48_000):
                raise Unreadable
            data = file.readframes(_LONGEST * rate // RATE)
    except (OSError, EOFError, wave.Error) as error:
        raise Unreadable from error
    return _whole(narrowed(np.frombuffer(data[: len(data) // 2 * 2], "<i2"), rate // RATE))


def narrowed(samples: Frame, step: int) -> Frame:
    """Every `step`th sample of what is left below 3.6 kHz (windowed sinc)."""
    if step == 1 or not len(samples):
        return samples.astype(np.int16)
    at = np.arange(-_TAPS * step // 2, _TAPS * step // 2 + 1)
    shape = np.sinc(at * 0.9 / step) * np.hamming(len(at))
    filtered = np.convolve(samples.astype(np.float32), shape / shape.sum(), mode="same")[::step]
    return np.clip(filtered, -32768, 32767).astype(np.int16)


def tone(sound: ToneSound) -> Frame:
    """Sines mixed; -13 dBFS in all."""
    at = np.arange(sound.ms * RATE // 1000) / RATE
    waves = [np.sin(2 * np.pi * frequency * at) for frequency in sound.frequencies]
    peak = _TONE_PEAK / np.sqrt(max(1, len(waves)))
    mixed = np.clip(sum(waves, np.zeros(len(at))) * peak, -32768, 32767)
    return _whole(mixed.astype(np.int16))


def _length(ms: int) -> int:
    return -(-ms * RATE // 1000 // FRAME) * FRAME


def _whole(samples: Frame) -> Frame:
    """Filled up with silence to whole frames."""
    return np.pad(samples, (0, -len(samples) % FRAME))

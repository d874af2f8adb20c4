"""Sound for the fake engine and the contract suite: tones made, files read, tones found again in what was heard.

Samples are int16 mono at 8,000 Hz; a frame is 160 of them.
"""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from parlons.voice.media.engine import FileSound, SilenceSound, Sound, ToneSound

RATE = 8000
FRAME = 160
FRAME_MS = 20
LEVEL = 10_000
"""Peak of a tone: about -13 dBFS as RMS, as `ToneSound` promises."""

Samples = NDArray[np.int16]
QUIET: Samples = np.zeros(FRAME, np.int16)


def tone(frequencies: tuple[float, ...], ms: int, *, start: int = 0) -> Samples:
    """Sines mixed; `start` is the first sample's number, so that frames made one by one fit together."""
    at = (start + np.arange(ms * RATE // 1000)) / RATE
    sines = [np.sin(2 * np.pi * f * at) for f in frequencies]
    return np.asarray(LEVEL * sum(sines) / max(1, len(sines)) * np.ones_like(at), np.int16)


def samples_of(sound: Sound) -> Samples | None:
    """A sound's samples; None when its file cannot be read."""
    match sound:
        case ToneSound(frequencies, ms):
            return tone(frequencies, ms)
        case SilenceSound(ms):
            return np.zeros(ms * RATE // 1000, np.int16)
        case FileSound(path):
            return _file(Path(path))


def _file(path: Path) -> Samples | None:
    try:
        with wave.open(str(path), "rb") as file:
            if file.getnchannels() != 1 or file.getsampwidth() != 2:
                return None
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
            step = file.getframerate() // RATE
    except (OSError, EOFError, wave.Error):
        return None
    return samples[:: max(1, step)]


def frames_of(samples: Samples) -> list[Samples]:
    """Whole frames, the last one filled up with silence."""
    padded = np.concatenate([samples, np.zeros(-len(samples) % FRAME, np.int16)])
    return list(padded.reshape(-1, FRAME))


def write_wav(path: Path, samples: NDArray[np.int16], rate: int = RATE) -> None:
    """A WAV file of `samples`: shape `(n,)` is mono, `(n, 2)` stereo."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())


def read_wav(path: Path) -> Samples:
    """A WAV file's samples, shape `(n, channels)`."""
    with wave.open(str(path), "rb") as file:
        data = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)
        return data.reshape(-1, file.getnchannels())


def loudness(samples: NDArray[np.int16], frequency: float) -> float:
    """How loud a tone is in what was heard: its amplitude (as `LEVEL`), 0 when there is nothing."""
    if not len(samples):
        return 0.0
    turns = np.exp(-2j * np.pi * frequency * np.arange(len(samples)) / RATE)
    return float(2 * abs(np.dot(samples.astype(np.float64), turns)) / len(samples))


def hears_tone(samples: NDArray[np.int16], frequency: float) -> bool:
    """Whether a tone is in what was heard, at a tenth of its full loudness or more."""
    return loudness(samples, frequency) >= LEVEL / 10

"""Sound files as the engine wants them: whatever WAV somebody brings, checked and turned into 8 kHz mono 16-bit. Pure.

Reads PCM of 8 to 32 bits, 32-bit float, A-law and mu-law, 1 or 2 channels, 8 to 96 kHz. Sources: Microsoft's RIFF WAVE
(1991) with WAVE_FORMAT_EXTENSIBLE, ITU-T G.711; resampling by a windowed sinc (Oppenheim and Schafer, 4.6).
"""

import math
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parlons.kit.errors import Invalid, TooLarge

Samples = NDArray[np.int16]
RATE = 8_000
MAX_BYTES = 32_000_000
MAX_SECONDS, MIN_SECONDS = 300, 0.1
_PCM, _FLOAT, _ALAW, _MULAW, _EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
_DEPTHS = {_PCM: (8, 16, 24, 32), _FLOAT: (32,), _ALAW: (8,), _MULAW: (8,)}


class PromptNotAudio(Invalid):
    """This is not a WAV file that can be played: PCM, float or G.711, one or two channels, 8 to 96 kHz."""

    code = "prompt-not-audio"


class PromptTooLong(TooLarge):
    """A prompt has at most five minutes and 32 MB."""

    code = "prompt-too-long"


class PromptTooShort(Invalid):
    """A prompt has at least a tenth of a second of sound."""

    code = "prompt-too-short"


@dataclass(frozen=True, slots=True)
class _Form:
    kind: int
    channels: int
    rate: int
    bits: int


def read_wav(content: bytes) -> Samples:
    """The sound as 8 kHz mono. Raises PromptNotAudio, PromptTooLong, PromptTooShort."""
    if len(content) > MAX_BYTES:
        raise PromptTooLong(limit_bytes=MAX_BYTES, limit_seconds=MAX_SECONDS)
    form, data = _chunks(content)
    width = form.channels * form.bits // 8
    frames = len(data) // width
    if frames > MAX_SECONDS * form.rate:
        raise PromptTooLong(limit_bytes=MAX_BYTES, limit_seconds=MAX_SECONDS)
    if frames < MIN_SECONDS * form.rate:
        raise PromptTooShort
    sound = _decoded(form, data[: frames * width]).reshape(frames, form.channels).mean(axis=1)
    return _to_int16(resampled(sound, form.rate, RATE))


def write_wav(samples: Samples) -> bytes:
    """A WAV file of 8 kHz mono 16-bit samples."""
    body = samples.astype("<i2").tobytes()
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(body), b"WAVE", b"fmt ", 16, _PCM, 1, RATE, RATE * 2, 2, 16,
                       b"data", len(body))  # fmt: skip
    return head + body


def resampled(sound: NDArray[np.float64], rate: int, wanted: int) -> NDArray[np.float64]:
    """`sound` at another rate, what is above half of the lower rate filtered away. Polyphase: one kernel a phase."""
    if rate == wanted or not len(sound):
        return sound
    common = math.gcd(rate, wanted)
    up, down = wanted // common, rate // common
    cutoff = min(1.0, wanted / rate) * 0.94
    half = math.ceil(16 / cutoff)
    padded = np.concatenate([np.zeros(half), sound, np.zeros(half + down + 1)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    result = np.zeros(len(sound) * up // down)
    for phase in range(min(up, len(result))):
        whole, part = divmod(phase * down, up)
        distance = np.arange(-half, half + 1) - part / up
        kernel = cutoff * np.sinc(cutoff * distance) * (0.5 + 0.5 * np.cos(np.pi * np.clip(distance / half, -1, 1)))
        out = result[phase::up]
        out[:] = windows[whole::down][: len(out)] @ kernel
    return result


def _to_int16(sound: NDArray[np.float64]) -> Samples:
    return np.clip(np.round(sound * 32767), -32768, 32767).astype(np.int16)


def _chunks(content: bytes) -> tuple[_Form, bytes]:
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise PromptNotAudio
    at, form = 12, None
    while at + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, at)
        body = content[at + 8 : at + 8 + size]
        if name == b"fmt ":
            form = _form(body)
        elif name == b"data" and form is not None:
            return form, body  # a stream's size may say 2**32-1: then it goes to the end
        at += 8 + size + size % 2
    raise PromptNotAudio


def _form(body: bytes) -> _Form:
    if len(body) < 16:
        raise PromptNotAudio
    kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if kind == _EXTENSIBLE and len(body) >= 26:
        (kind,) = struct.unpack_from("<H", body, 24)
    if bits not in _DEPTHS.get(kind, ()) or channels not in (1, 2) or not 8_000 <= rate <= 96_000:
        raise PromptNotAudio
    return _Form(kind, channels, rate, bits)


def _decoded(form: _Form, data: bytes) -> NDArray[np.float64]:
    raw: NDArray[Any]
    match form.kind, form.bits:
        case 1, 8:
            return (np.frombuffer(data, np.uint8) - 128.0) / 128
        case 1, 16:
            return np.frombuffer(data, "<i2") / 32768.0
        case 1, 24:
            raw = np.frombuffer(data, np.uint8).reshape(-1, 3)
            wide = np.zeros((len(raw), 4), np.uint8)
            wide[:, 1:] = raw
            return np.frombuffer(wide.tobytes(), "<i4") / 2147483648.0
        case 1, _:
            return np.frombuffer(data, "<i4") / 2147483648.0
        case 3, _:
            return np.clip(np.nan_to_num(np.frombuffer(data, "<f4").astype(np.float64)), -1, 1)
        case 6, _:
            return _alaw(np.frombuffer(data, np.uint8))
        case _:
            return _mulaw(np.frombuffer(data, np.uint8))


def _mulaw(coded: NDArray[np.uint8]) -> NDArray[np.float64]:
    value = (~coded).astype(np.int32)
    size = (((value & 0x0F) << 3) + 0x84 << ((value & 0x70) >> 4)) - 0x84
    return np.where(value & 0x80, -size, size) / 32768.0


def _alaw(coded: NDArray[np.uint8]) -> NDArray[np.float64]:
    value = (coded ^ 0x55).astype(np.int32)
    exponent, size = (value & 0x70) >> 4, ((value & 0x0F) << 4) + 8
    size = np.where(exponent > 0, (size + 0x100) << np.maximum(exponent - 1, 0), size)
    return np.where(value & 0x80, size, -size) / 32768.0

"""Any WAV becomes 8 kHz mono: tones keep their pitch and loudness, what the telephone cannot carry is filtered, bad files
are refused by code."""

import struct
import wave
from io import BytesIO

import numpy as np
import pytest

from parlons.kit.errors import Refusal
from parlons.voice.calls import prompts_audio as audio
from parlons.voice.calls.prompts_music import generated


def tone(frequency: float, rate: int, seconds: float = 1.0, loud: float = 0.5) -> np.ndarray:
    return loud * np.sin(2 * np.pi * frequency * np.arange(int(rate * seconds)) / rate)


def wav(body: bytes, *, rate: int, kind: int = 1, channels: int = 1, bits: int = 16, size: int | None = None) -> bytes:
    head = struct.pack("<HHIIHH", kind, channels, rate, rate * channels * bits // 8, channels * bits // 8, bits)
    length = len(body) if size is None else size
    return (
        b"RIFF\xff\xff\xff\xffWAVE"
        + b"fmt "
        + struct.pack("<I", 16)
        + head
        + b"data"
        + struct.pack("<I", length)
        + body
    )


def int16(sound: np.ndarray) -> bytes:
    return (sound * 32767).astype("<i2").tobytes()


def peak_of(samples: np.ndarray) -> tuple[float, float]:
    """(Hz, share of full scale) of the loudest sine in the middle of the sound."""
    middle = samples[len(samples) // 4 : -len(samples) // 4].astype(float) / 32768
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    return spectrum.argmax() * audio.RATE / len(middle), spectrum.max() * 4 / len(middle)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000])
def test_a_tone_keeps_pitch_and_loudness(rate: int) -> None:
    samples = audio.read_wav(wav(int16(tone(1000, rate)), rate=rate))
    hertz, loud = peak_of(samples)
    assert len(samples) == pytest.approx(audio.RATE, abs=2)
    assert hertz == pytest.approx(1000, abs=3)
    assert loud == pytest.approx(0.5, rel=0.03)


def test_what_is_above_four_kilohertz_does_not_fold_back() -> None:
    samples = audio.read_wav(wav(int16(tone(6000, 48_000)), rate=48_000))
    assert np.abs(samples[500:-500]).max() < 32768 * 0.005


def test_two_channels_become_one() -> None:
    left, right = tone(1000, 8000), np.zeros(8000)
    samples = audio.read_wav(wav(int16(np.stack([left, right], 1).ravel()), rate=8000, channels=2))
    assert peak_of(samples)[1] == pytest.approx(0.25, rel=0.05)


def test_every_coding() -> None:
    sound = tone(700, 8000)
    wide = (sound * (2**31 - 1)).astype("<i4")
    for body, kind, bits in (
        ((sound * 127 + 128).astype(np.uint8).tobytes(), 1, 8),
        (wide.view(np.uint8).reshape(-1, 4)[:, 1:].tobytes(), 1, 24),
        (wide.tobytes(), 1, 32),
        (sound.astype("<f4").tobytes(), 3, 32),
    ):
        hertz, loud = peak_of(audio.read_wav(wav(body, rate=8000, kind=kind, bits=bits)))
        assert hertz == pytest.approx(700, abs=3)
        assert loud == pytest.approx(0.5, rel=0.03)


def test_g711_against_its_tables() -> None:
    """Values of ITU-T G.711, tables 1a and 2a, at 16 bits: the ends, the middle, both signs."""
    for kind, known in ((7, {0x00: -32124, 0x7F: 0, 0x80: 32124, 0xFF: 0, 0xF0: 120, 0x70: -120}),
                        (6, {0xD5: 8, 0x55: -8, 0x2A: -32256, 0xAA: 32256, 0x80: 5504})):  # fmt: skip
        body = b"".join(bytes([code]) * 1000 for code in known)
        samples = audio.read_wav(wav(body, rate=8000, kind=kind, bits=8))
        assert [int(one) for one in samples[500::1000]] == pytest.approx(list(known.values()), abs=2)


def test_a_stream_without_a_length_is_read_to_its_end() -> None:
    assert len(audio.read_wav(wav(int16(tone(500, 8000)), rate=8000, size=0xFFFFFFFF))) == 8000


def test_what_we_write_others_read() -> None:
    samples = audio.read_wav(wav(int16(tone(1000, 8000)), rate=8000))
    with wave.open(BytesIO(audio.write_wav(samples))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        assert file.readframes(8000) == samples.tobytes()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "prompt-not-audio"),
        (b"ID3\x04 an mp3", "prompt-not-audio"),
        (b"RIFF\x00\x00\x00\x00WAVE", "prompt-not-audio"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt \x04\x00\x00\x00abcd", "prompt-not-audio"),
        (wav(bytes(8000), rate=8000, kind=0x11), "prompt-not-audio"),
        (wav(bytes(8000), rate=8000, channels=6), "prompt-not-audio"),
        (wav(bytes(8000), rate=4000), "prompt-not-audio"),
        (wav(bytes(8000), rate=8000, bits=0), "prompt-not-audio"),
        (wav(bytes(1000), rate=8000), "prompt-too-short"),
        (wav(bytes(2 * 8000 * 301), rate=8000), "prompt-too-long"),
        (bytes(audio.MAX_BYTES + 1), "prompt-too-long"),
    ],
)
def test_refusals(content: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        audio.read_wav(content)
    assert refused.value.code == code


def test_our_own_music_is_quiet_and_loops_without_a_click() -> None:
    loop = generated().astype(int)
    assert 45 < len(loop) / audio.RATE < 60
    assert 0.1 < np.abs(loop).max() / 32768 < 0.2
    steps = np.abs(np.diff(loop))
    assert abs(loop[0] - loop[-1]) <= steps.max(), "the seam is no larger a step than those inside"
    each_second = np.abs(loop[: len(loop) // 8000 * 8000].reshape(-1, 8000)).max(axis=1)
    assert each_second.min() > 300, "it never falls silent: a waiting caller must not think the line is dead"

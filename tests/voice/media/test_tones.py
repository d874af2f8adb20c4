"""Keys heard as sound: all sixteen, loud and soft, uneven, in noise; nothing heard in speech, music and other tones."""

import numpy as np
import pytest
from numpy.typing import NDArray

from parlons.voice.media.builtin.dtmf import KEYS, TONES
from parlons.voice.media.builtin.tones import ToneEar, keys_in

RATE, FRAME = 8000, 160


def heard(samples: NDArray[np.float64]) -> str:
    """The keys an ear finds."""
    ear, keys = ToneEar(), ""
    for at in range(0, len(samples) - FRAME + 1, FRAME):
        frame = np.clip(samples[at : at + FRAME], -32768, 32767).astype(np.int16)
        keys += ear.note(keys_in(ear.window(frame)[None])[0]) or ""
    return keys


def key(digit: str, ms: int, level: float = 6_000, twist: float = 1.0, drift: float = 1.0) -> NDArray[np.float64]:
    at = np.arange(ms * RATE // 1000) / RATE
    low, high = TONES[digit]
    wave = np.sin(2 * np.pi * low * drift * at) + twist * np.sin(2 * np.pi * high * drift * at)
    return np.asarray(level * wave, np.float64)


def quiet(ms: int) -> NDArray[np.float64]:
    return np.zeros(ms * RATE // 1000)


@pytest.mark.parametrize("level", [1_000, 6_000, 15_000])
@pytest.mark.parametrize("offset", [0, 37, 110])
def test_every_key_once(level: float, offset: int) -> None:
    parts = [np.zeros(offset)]
    for digit in KEYS:
        parts += [key(digit, 80, level), quiet(80)]
    assert heard(np.concatenate(parts)) == KEYS


def test_a_key_pressed_twice_is_two_keys_and_a_long_one_is_one() -> None:
    sound = np.concatenate([key("5", 80), quiet(70), key("5", 80), quiet(80), key("5", 2_000), quiet(100)])
    assert heard(sound) == "555"


@pytest.mark.parametrize("twist", [0.5, 0.7, 1.6])
@pytest.mark.parametrize("drift", [0.985, 1.015])
def test_uneven_and_drifted_keys(twist: float, drift: float) -> None:
    sound = np.concatenate([part for digit in "147*" for part in (key(digit, 100, 5_000, twist, drift), quiet(80))])
    assert heard(sound) == "147*"


def test_keys_in_noise() -> None:
    rng = np.random.default_rng(3)
    sound = np.concatenate([part for digit in "0123456789" for part in (key(digit, 100), quiet(80))])
    assert heard(sound + rng.normal(0, 600, len(sound))) == "0123456789"


def test_too_short_or_too_faint_is_no_key() -> None:
    assert heard(np.concatenate([quiet(200), key("7", 20), quiet(200)])) == ""
    assert heard(np.concatenate([quiet(200), key("7", 200, 80), quiet(200)])) == ""


def test_a_voice_is_no_key() -> None:
    """A sung voice: harmonics of a gliding pitch, formed by two resonances, with syllables."""
    rng = np.random.default_rng(11)
    at = np.arange(60 * RATE) / RATE
    pitch = 140 + 60 * np.sin(2 * np.pi * 0.37 * at) + 25 * np.sin(2 * np.pi * 2.3 * at)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    first, second = 600 + 250 * np.sin(2 * np.pi * 0.9 * at), 1_300 + 350 * np.sin(2 * np.pi * 0.61 * at)
    voice = np.zeros(len(at))
    for n in range(1, 22):
        f = n * pitch
        loud = np.exp(-(((f - first) / 130) ** 2)) + 0.7 * np.exp(-(((f - second) / 160) ** 2))
        voice += loud * np.sin(n * phase)
    voice *= 7_000 * (0.55 + 0.45 * np.sin(2 * np.pi * 3.7 * at))
    assert heard(voice + rng.normal(0, 60, len(at))) == ""


@pytest.mark.parametrize("pair", [(440, 480), (350, 440), (400, 450), (941, 941), (697, 770), (1209, 1336), (425, 425)])
def test_tones_of_the_network_are_no_keys(pair: tuple[float, float]) -> None:
    at = np.arange(2 * RATE) / RATE
    assert heard(6_000 * (np.sin(2 * np.pi * pair[0] * at) + np.sin(2 * np.pi * pair[1] * at))) == ""

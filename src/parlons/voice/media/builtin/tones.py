"""Keys heard as sound (ITU-T Q.23, Q.24), for legs without telephone events: Goertzel's sums, many legs at once.

A window is 40 ms, moved by 20. A key needs three windows that agree (70 ms of tone and more); three that hear none end it. Speech
is told from a key by what is left beside the two tones and by their second harmonics, which a key has not.
"""

import numpy as np
from numpy.typing import NDArray

from parlons.voice.media.builtin.legs import FRAME, RATE, Frame

_LOW = (697, 770, 852, 941)
_HIGH = (1209, 1336, 1477, 1633)
_KEYS = ("123A", "456B", "789C", "*0#D")
_WINDOW = 2 * FRAME
_WINDOWS = 3
"""In a row, for a key and for its end."""
_LEAST = 2e5
"""Mean square of a window below which nothing is looked for: about -37 dBFS."""
_PART = 0.8
"""Of all energy, what the two tones must hold."""
_TWIST = 10.0
"""One tone may be this many times as strong as the other (10 dB)."""
_HARMONIC = 0.1
"""A tone's second harmonic may have this part of it."""


def _basis() -> NDArray[np.complex64]:
    """Columns: each tone a little low, as it should be and a little high (1.5 % off is still the key), then the tones' doubles;
    a sine of amplitude 1 in a column gives 1."""
    at = np.arange(_WINDOW)[:, None] / RATE
    shape = np.hanning(_WINDOW + 2)[1:-1, None]
    tones = np.array([*_LOW, *_HIGH])
    waves = np.exp(-2j * np.pi * np.concatenate([tones * 0.988, tones, tones * 1.012, tones * 2]) * at)
    return np.asarray(waves * shape * (2 / shape.sum()), np.complex64)


_BASIS = _basis()


def keys_in(windows: NDArray[np.float32]) -> list[str]:
    """The key in each window of shape (n, 320), or an empty text."""
    power = (np.abs(windows @ _BASIS) ** 2 / 2).reshape(-1, 4, 8)
    total = np.mean(windows**2, axis=1)
    tones, doubles = power[:, :3].max(axis=1), power[:, 3]
    row, column = tones[:, :4].argmax(axis=1), tones[:, 4:].argmax(axis=1)
    each = np.arange(len(windows))
    a, b = tones[each, row], tones[each, 4 + column]
    double = np.maximum(doubles[each, row] / (a + 1), doubles[each, 4 + column] / (b + 1))
    found = (total > _LEAST) & (a + b > _PART * total) & (a < _TWIST * b) & (b < _TWIST * a) & (double < _HARMONIC)
    return [_KEYS[r][c] if f else "" for r, c, f in zip(row, column, found, strict=True)]


class ToneEar:
    """What one leg's windows amount to."""

    __slots__ = ("_before", "_key", "_last", "_misses", "_same")

    def __init__(self) -> None:
        self._last: NDArray[np.float32] = np.zeros(FRAME, np.float32)
        self._before = ""
        self._key = ""
        self._misses = self._same = 0

    def window(self, frame: Frame) -> NDArray[np.float32]:
        """The last frame and this one."""
        now = frame.astype(np.float32)
        whole = np.concatenate([self._last, now])
        self._last = now
        return whole

    def note(self, key: str) -> str | None:
        """A window's key (or none); the key that begins with it."""
        begins = None
        self._same = self._same + 1 if key and key == self._before else 1
        if key and self._same >= _WINDOWS and key != self._key:
            self._key, begins = key, key
        self._misses = self._misses + 1 if not key else 0
        if self._misses >= _WINDOWS:
            self._key = ""
        self._before = key
        return begins

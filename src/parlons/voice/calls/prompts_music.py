"""Music on hold: what Debian's package brings, else a quiet loop of our own. Pure but for looking into the folder.

Our own is generated, so nobody's rights are in it: sixteen bars of soft bell-like chords, I vi IV V in C and its relatives,
72 beats a minute, each note a decaying sum of partials (additive synthesis), faded so that its end meets its beginning.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from parlons.voice.calls.prompts_audio import RATE, Samples

MOH = Path("/usr/share/asterisk/moh")
PACKAGE = "asterisk-moh-opsound-wav"
_BEAT = 60 / 72
_CHORDS = ((60, 64, 67, 71), (57, 60, 64, 67), (53, 57, 60, 64), (55, 59, 62, 65), (60, 64, 67, 74), (52, 55, 59, 64),
           (53, 57, 60, 67), (55, 60, 62, 67))  # fmt: skip
"""MIDI notes of each chord; two bars each."""
_MELODY = (0, 2, 3, 1, 2, 0, 3, 2)
_PEAK = 0.16


def packaged(folder: Path = MOH) -> list[Path]:
    """The tracks Debian's package installed, in their order; empty without it."""
    return sorted(folder.glob("*.wav")) if folder.is_dir() else []


def generated() -> Samples:
    """About 53 seconds of 8 kHz mono, which loops without a click and peaks at -16 dBFS."""
    total = int(len(_CHORDS) * 8 * _BEAT * RATE)
    sound = np.zeros(total)
    for number, chord in enumerate(_CHORDS):
        start = number * 8 * _BEAT
        for voice, note in enumerate(chord):
            _strike(sound, start + voice * 0.06, note - 12 * (voice == 0), 5.0, 0.55)
        for beat in range(8):
            _strike(sound, start + beat * _BEAT, chord[_MELODY[(beat + number) % 8]] + 12, 1.6, 0.4)
    loop: Samples = np.round(sound / np.abs(sound).max() * _PEAK * 32767).astype(np.int16)
    return loop


def _strike(sound: NDArray[np.float64], at: float, note: int, seconds: float, loud: float) -> None:
    """Adds one note; what rings past the end goes on at the beginning."""
    time = np.arange(int(seconds * 1.6 * RATE)) / RATE
    base = 440 * 2 ** ((note - 69) / 12)
    tone = sum(
        share * np.sin(2 * np.pi * base * partial * time) * np.exp(-time * (1.5 + partial) / seconds)
        for partial, share in ((1, 1.0), (2, 0.35), (3.01, 0.12))
        if base * partial < RATE * 0.42
    )
    attack = np.minimum(1, time / 0.02) * np.minimum(1, (time[-1] - time) / 0.05)
    places = (int(at * RATE) + np.arange(len(time))) % len(sound)
    np.add.at(sound, places, loud * tone * attack)

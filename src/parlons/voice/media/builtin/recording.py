"""One recording as the tick sees it: how long it is, what of it is blank, when it ends. Pure; `recorder` writes it down.

Keys are heard 20 to 200 ms after they went down, so a recording that must not hold them is blanked backwards as far as its
sound still waits to be written (`recorder.WRITE_TICKS`), and forwards until nothing was keyed for two seconds.
"""

import numpy as np
from numpy.typing import NDArray

from parlons.voice.media.builtin.legs import FRAME, RATE

TICK_MS = 20
AFTER_DIGIT_MS = 2_000
BEFORE_DIGIT_MS = 240
_SILENT = 330
"""Peak below which a frame is silence: -40 dBFS."""
STEREO_BYTES = 4
"""Of one sample of both channels."""

Gap = tuple[int, int, str]
Block = NDArray[np.int16]
"""20 ms of one or several recordings, shape (recordings, 160, 2)."""


class Recording:
    """Written by one tick after the other."""

    def __init__(
        self,
        recording_id: str,
        path: str,
        *,
        left_leg_id: str | None,
        max_ms: int,
        silence_ms: int,
        silence_on_digit: bool,
    ) -> None:
        self.recording_id, self.path, self.left_leg_id = recording_id, path, left_leg_id
        self.silence_on_digit = silence_on_digit
        self.ms = 0
        self.paused = False
        self._max_ms, self._silence_ms = max_ms, silence_ms
        self._silent_since = 0
        self._blank_until = 0
        self._gaps: list[Gap] = []
        self._gap_from: int | None = None

    def tick(self, sound: Block) -> bool:
        """20 ms more, shape (160, 2), made silent here where it must be; whether the recording has come to its end."""
        blank = self.paused or self.ms < self._blank_until
        if blank:
            sound[:] = 0
            if self._gap_from is None:
                self._gap_from = self.ms
        elif self._gap_from is not None:
            self._close_gap()
        self.ms += TICK_MS
        if self._silence_ms and (blank or max(int(sound.max()), -int(sound.min())) >= _SILENT):
            self._silent_since = self.ms
        return self.ms >= self._max_ms or bool(self._silence_ms and self.ms - self._silent_since >= self._silence_ms)

    def digit(self) -> int:
        """A key was pressed: blank from now, and how many ticks backwards."""
        back = min(BEFORE_DIGIT_MS, self.ms)
        if self._gap_from is None:
            self._gap_from = self.ms - back
        self._blank_until = self.ms + AFTER_DIGIT_MS
        return back // TICK_MS

    def finish(self) -> list[Gap]:
        """What was left out on purpose."""
        if self._gap_from is not None:
            self._close_gap()
        return self._gaps

    def _close_gap(self) -> None:
        assert self._gap_from is not None
        start = self._gap_from
        if self._gaps and self._gaps[-1][1] >= start:
            start = self._gaps.pop()[0]
        if self.ms > start:
            self._gaps.append((start, self.ms, "paused"))
        self._gap_from = None


def header(data_bytes: int) -> bytes:
    """A WAV file's first 44 bytes: PCM16, 8 kHz, stereo."""
    size = min(data_bytes, 0xFFFFFFFF - 36)
    return b"".join(
        [
            b"RIFF",
            (size + 36).to_bytes(4, "little"),
            b"WAVEfmt ",
            (16).to_bytes(4, "little"),
            (1).to_bytes(2, "little"),
            (2).to_bytes(2, "little"),
            RATE.to_bytes(4, "little"),
            (RATE * STEREO_BYTES).to_bytes(4, "little"),
            STEREO_BYTES.to_bytes(2, "little"),
            (16).to_bytes(2, "little"),
            b"data",
            size.to_bytes(4, "little"),
        ]
    )


HEADER_BYTES = 44
TICK_BYTES = FRAME * STEREO_BYTES

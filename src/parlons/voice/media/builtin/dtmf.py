"""Keys in RTP (RFC 4733): received events into digits, and digits to be sent into one step a tick. No clock, no socket."""

from collections import deque
from dataclasses import dataclass

import numpy as np
from aiortp.dtmf import DTMF_EVENTS, EVENT_TO_DIGIT, DtmfEvent

from parlons.voice.media.builtin.legs import FRAME, RATE, Frame

KEYS = "0123456789*#ABCD"
FRAMES_ON = 8
"""160 ms of each key."""
FRAMES_OFF = 5
"""100 ms between two."""
_REPEATS = 3
"""The end is sent three times (RFC 4733 2.5.1.4)."""
TONES = {
    key: (low, high)
    for row, low in zip(("123A", "456B", "789C", "*0#D"), (697, 770, 852, 941), strict=True)
    for key, high in zip(row, (1209, 1336, 1477, 1633), strict=True)
}
"""ITU-T Q.23: the two frequencies of a key, in Hz."""


class KeysHeard:
    """What came as telephone events; each key once, however many packets repeat it."""

    __slots__ = ("_stamp",)

    def __init__(self) -> None:
        self._stamp: int | None = None

    def note(self, stamp: int, payload: bytes) -> str | None:
        """The key when this packet is the first of its event: also where its beginning or its end was lost."""
        if len(payload) < 4 or stamp == self._stamp:
            return None
        self._stamp = stamp
        return EVENT_TO_DIGIT.get(payload[0])


@dataclass(slots=True)
class Step:
    """What a leg that is sending keys does in one tick."""

    payloads: tuple[bytes, ...]
    """Events to be sent now (several at the end); empty between two keys."""
    first: bool
    """The event begins: marker bit, and its timestamp is now's."""
    tone: Frame | None
    """The same key as sound, for a far side that knows no events; None between two keys."""


class KeysToSend:
    """Keys waiting to be sent and where the present one stands."""

    def __init__(self) -> None:
        self._waiting: deque[str] = deque()
        self._frame = 0

    def add(self, digits: str) -> None:
        """More keys; each one of `KEYS`."""
        self._waiting.extend(digits)

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def step(self, scale: int = 1) -> Step:
        """The next 20 ms; only while there are keys. `scale`: the events' clock in units of 8,000 Hz."""
        key, frame = self._waiting[0], self._frame
        self._frame += 1
        if frame >= FRAMES_ON:
            if self._frame >= FRAMES_ON + FRAMES_OFF:
                self._waiting.popleft()
                self._frame = 0
            return Step((), False, None)
        last = frame == FRAMES_ON - 1
        event = DtmfEvent(DTMF_EVENTS[key], last, 10, (frame + 1) * FRAME * scale).serialize()
        return Step((event,) * (_REPEATS if last else 1), frame == 0, tone(key, frame))


def tone(key: str, frame: int) -> Frame:
    """20 ms of a key's two tones, -11 dBFS each, beginning `frame` frames after the key went down."""
    at = np.arange(frame * FRAME, (frame + 1) * FRAME) * (2 * np.pi / RATE)
    low, high = TONES[key]
    return np.asarray(9_000 * (np.sin(low * at) + np.sin(high * at)), np.int16)

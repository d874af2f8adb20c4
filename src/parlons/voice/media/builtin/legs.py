"""A leg: one far side whose sound comes in and goes out in 20 ms frames. What it is made of (RTP, WebRTC) is its subclass's.

A frame is an int16 array of 160 samples: mono, 8,000 Hz, 20 ms. The mixer alone calls `pull` and `push`, once a tick each, on
the event loop; neither may block, raise or keep the array it was given (`push` gets a view of a buffer used again).
"""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from parlons.voice.media.events import By, Cause, How, Kind

Frame = NDArray[np.int16]

RATE = 8_000
FRAME = 160
"""Samples in a frame."""
FRAME_SECONDS = 0.02
HELD_FRAMES = 2
"""A leg keeps this many received frames at most before it is pulled: a room adds 40 ms and no more."""

State = Literal["incoming", "ringing", "dialling", "early", "talking", "ended"]


@dataclass(frozen=True, slots=True)
class Quality:
    """What a leg received since it was asked last."""

    lost_percent: float
    jitter_ms: float
    rtt_ms: float
    """0 where nothing measured it."""


class LegListener(Protocol):
    """What a leg tells its engine. Called on the event loop."""

    def leg_talks(self, leg: "Leg") -> None:
        """Its sound flows both ways from now on; telling it again changes nothing."""
        ...

    def leg_digit(self, leg: "Leg", digit: str, how: How) -> None:
        """A key (0-9 * # A-D) was pressed on the far side."""
        ...

    def leg_gone(self, leg: "Leg", *, by: By, cause: Cause, text: str = "") -> None:
        """The far side is gone (`lost` for a browser silent too long). The engine closes the leg."""
        ...


class Leg:
    """The least a leg is; the engine sets `room_id`, `held`, `far_held`, `state` and `since`."""

    def __init__(self, leg_id: str, kind: Kind, listener: LegListener, *, state: State, since: int = 0) -> None:
        self.leg_id = leg_id
        self.kind: Kind = kind
        self.listener = listener
        self.state: State = state
        self.room_id: str | None = None
        self.held = False
        self.far_held = False
        self.slot = -1
        """Its row in the mixer's arrays; the mixer's business."""
        self.since = since
        """Milliseconds UTC at which it began to talk, else at which it began."""

    def pull(self) -> Frame | None:
        """What the far side said in the next 20 ms; None for silence (nothing came, or it is not connected)."""
        raise NotImplementedError

    def push(self, frame: Frame) -> None:
        """What the far side hears next. Called only while `wants_sound` is true."""
        raise NotImplementedError

    @property
    def wants_sound(self) -> bool:
        """Whether `push` has somewhere to go: talking, or early media is open."""
        return self.state == "talking"

    def send_digits(self, digits: str) -> None:
        """Sends keys, 160 ms each and as long between two; returns at once. Raises CannotDo where the leg has no way."""
        raise NotImplementedError

    def quality(self) -> Quality | None:
        """Since the last call; None when nothing came."""
        return None

    def close(self) -> None:
        """Lets go of everything, at once and without telling anybody; twice is as good as once."""
        raise NotImplementedError

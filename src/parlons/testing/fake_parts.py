"""What a fake engine is made of: legs, rooms, plays, gathers and recordings, without any decision."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from parlons.testing.fake_sound import FRAME_MS, QUIET, Samples, frames_of, samples_of, tone
from parlons.voice.media.builtin.gathers import Gather
from parlons.voice.media.engine import Caller, Sound, Stream, Target, Where

Kind = Literal["trunk", "phone", "number", "uri", "browser"]
State = Literal["incoming", "ringing", "dialling", "early", "talking"]


@dataclass(slots=True)
class FakeLeg:
    """A leg and what was asked of it."""

    leg_id: str
    kind: Kind
    state: State
    since: int
    room_id: str | None = None
    held: bool = False
    far_held: bool = False
    far_left_at: int | None = None
    """A browser that vanished."""
    gives_up_at: int | None = None
    """A dialled leg nobody answered until then."""
    says: float | None = None
    """The tone it speaks, in Hz."""
    digits_sent: str = ""
    recent_digits: list[tuple[int, str]] = field(default_factory=list)
    """Keys pressed and not yet gathered, with their times."""
    taps: list["asyncio.Queue[bytes | None]"] = field(default_factory=list)
    heard: list[Samples] = field(default_factory=list)
    """What its far side heard, while somebody listens."""

    def voice(self, sample: int) -> Samples:
        """The frame it says; `sample` is the frame's first sample's number."""
        if self.says is None or self.far_held or self.state != "talking":
            return QUIET
        return tone((self.says,), FRAME_MS, start=sample)


@dataclass(slots=True)
class FakeRoom:
    """A room."""

    room_id: str
    leg_ids: list[str] = field(default_factory=list)
    gains: dict[tuple[str, str], float] = field(default_factory=dict)


@dataclass(slots=True)
class FakePlay:
    """A play, also when it is over."""

    play_id: str
    where: Where
    target_id: str
    sounds: tuple[Sound, ...]
    loop: bool
    stop_on_digit: bool
    ended: str | None = None
    """Why, as `PlayEnded` says."""
    frames: deque[Samples] = field(default_factory=deque)
    begun: bool = False

    def next_frame(self) -> Samples | None:
        """The next 20 ms; None at the end, or at once when a file cannot be read (`ended` says so)."""
        if not self.begun or (self.loop and not self.frames):
            self.begun = True
            for sound in self.sounds:
                samples = samples_of(sound)
                if samples is None:
                    self.ended = "unreadable"
                    return None
                self.frames.extend(frames_of(samples))
        return self.frames.popleft() if self.frames else None


@dataclass(slots=True)
class FakeGather(Gather):
    """A gather that goes on; its time is virtual."""

    ends_at: int | None = None


@dataclass(slots=True)
class FakeRecording:
    """A recording that goes on."""

    recording_id: str
    room_id: str
    path: Path
    left_leg_id: str | None
    max_ms: int
    silence_ms: int
    silence_on_digit: bool
    frames: list[Samples] = field(default_factory=list)
    """Stereo, shape (160, 2)."""
    paused: bool = False
    paused_from: int = 0
    gaps: list[tuple[int, int, str]] = field(default_factory=list)
    quiet_ms: int = 0
    muted_until: int = 0
    """Keys are pressed: silence is written until then."""

    @property
    def ms(self) -> int:
        """Its length."""
        return len(self.frames) * FRAME_MS


@dataclass(slots=True)
class FakeStream:
    """A stream that goes on; its program is whoever looks in here."""

    stream_id: str
    leg_id: str
    stream: Stream
    heard: list[Samples] = field(default_factory=list)
    """What the leg said."""
    says: deque[Samples | str] = field(default_factory=deque)
    """What the leg is to hear: frames, and names of marks."""
    marks: list[str] = field(default_factory=list)
    """That came back."""
    keys: str = ""

    def next_frame(self) -> Samples | None:
        """The next 20 ms; marks before it come back."""
        while self.says:
            one = self.says.popleft()
            if not isinstance(one, str):
                return one
            self.marks.append(one)
        return None

    def clear(self) -> None:
        """What was not played is taken back."""
        self.marks += [one for one in self.says if isinstance(one, str)]
        self.says.clear()


@dataclass(frozen=True, slots=True)
class Dialled:
    """A call that was asked for."""

    leg_id: str
    target: Target
    caller: Caller
    timeout_ms: int
    headers: Mapping[str, str]

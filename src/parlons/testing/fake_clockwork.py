"""What goes on in a fake engine by itself: its clock, who hears whom, plays, gathers, recordings, and how things end.

Time is virtual and moves only in `passes`, 20 ms at a step; within a step the order is fixed, so a run is the same each time.
"""

from typing import Any

import numpy as np

from parlons.testing.fake_parts import FakeGather, FakeLeg, FakePlay, FakeRecording, FakeRoom, FakeStream
from parlons.testing.fake_sound import FRAME, FRAME_MS, QUIET, Samples, write_wav
from parlons.voice.media.events import (
    DigitReceived,
    EngineEvent,
    Event,
    Gathered,
    LegEnded,
    LegQuality,
    PlayEnded,
    RecordingEnded,
    StreamEnded,
)
from parlons.voice.media.log import EventLog

EARLY_KEYS_MS = 2_000
LOST_MS = 20_000
QUALITY_MS = 5_000
KEYING_MS = 3_000
"""After a key, a recording with `silence_on_digit` is silent for so long."""


class Clockwork:
    """State of a fake engine and its passing of time."""

    def __init__(self, at: int) -> None:
        self.now = at
        self.begun_at = at
        self.seq = 0
        self.log = EventLog()
        self.happened: list[EngineEvent] = []
        """Every event, for a test to look at."""
        self.legs: dict[str, FakeLeg] = {}
        self.rooms: dict[str, FakeRoom] = {}
        self.played: list[FakePlay] = []
        """Every play in order, over or not."""
        self.gathers: dict[str, FakeGather] = {}
        self.recordings: dict[str, FakeRecording] = {}
        self.streams: dict[str, FakeStream] = {}
        self.listened: set[str] = set()
        """Legs whose sound is kept in `FakeLeg.heard`."""

    def tell(self, kind: type[Event], /, **what: Any) -> None:
        """An event."""
        self.seq += 1
        event: Any = kind(seq=self.seq, at=self.now, **what)
        self.happened.append(event)
        self.log.add(event)

    def pass_time(self, ms: int) -> None:
        """`ms` go by, in whole steps of 20."""
        for _ in range(0, ms, FRAME_MS):
            self._step()

    def going(self, target_id: str | None = None) -> list[FakePlay]:
        """Plays not over, of one target or of all, in order."""
        return [p for p in self.played if p.ended is None and target_id in (None, p.target_id)]

    # who hears what

    def hearing(self, leg: FakeLeg) -> dict[str, float]:
        """Legs this one hears, with their gain; those of gain 0 left out."""
        room = self.rooms.get(leg.room_id or "")
        if room is None or leg.held or leg.state != "talking":
            return {}
        heard = {}
        for other_id in room.leg_ids:
            other, gain = self.legs[other_id], room.gains.get((other_id, leg.leg_id), 1.0)
            if other is not leg and other.state == "talking" and not (other.held or other.far_held) and gain:
                heard[other_id] = gain
        return heard

    def _step(self) -> None:
        sample = (self.now - self.begun_at) * FRAME // FRAME_MS
        frames = self._play_frames()
        spoken = self._stream_frames(sample)
        if self.listened or self.recordings:
            self._mix(sample, frames, spoken)
        for leg in self.legs.values():
            voice = leg.voice(sample) if leg.taps else QUIET
            for queue in leg.taps:
                queue.put_nowait(voice.tobytes())
        self.now += FRAME_MS
        self._gathers_go_on()
        self._legs_go_on()

    def _play_frames(self) -> dict[str, Samples]:
        """The frame played to each target now; ended plays are told."""
        frames: dict[str, Samples] = {}
        for target_id in dict.fromkeys(p.target_id for p in self.going()):
            for play in self.going(target_id):
                frame = play.next_frame()
                if frame is not None:
                    frames[target_id] = frame
                    break
                why, play.ended = play.ended or "done", None
                self.end_play(play, why)
        return frames

    def _stream_frames(self, sample: int) -> dict[str, Samples]:
        """What programs say to each leg now; they hear it."""
        spoken: dict[str, Samples] = {}
        for stream in self.streams.values():
            stream.heard.append(self.legs[stream.leg_id].voice(sample))
            if (frame := stream.next_frame()) is not None:
                spoken[stream.leg_id] = frame
        return spoken

    def _mix(self, sample: int, plays: dict[str, Samples], spoken: dict[str, Samples]) -> None:
        for leg_id in self.listened & self.legs.keys():
            leg = self.legs[leg_id]
            parts: list[Any] = [self.legs[i].voice(sample) * gain for i, gain in self.hearing(leg).items()]
            parts += [plays[i] for i in (leg_id, leg.room_id) if i in plays and not (i == leg.room_id and leg.held)]
            parts += [spoken[leg_id]] if leg_id in spoken else []
            leg.heard.append(_sum(parts) if not leg.far_held else QUIET)
        for recording in list(self.recordings.values()):
            self._record_frame(recording, sample, plays)

    def _record_frame(self, recording: FakeRecording, sample: int, plays: dict[str, Samples]) -> None:
        room = self.rooms[recording.room_id]
        into_room = [plays[room.room_id]] if room.room_id in plays else []
        talking = [self.legs[i] for i in room.leg_ids if not self.legs[i].held]
        left = [leg.voice(sample) for leg in talking if leg.leg_id == recording.left_leg_id]
        right = [leg.voice(sample) for leg in talking if leg.leg_id != recording.left_leg_id]
        frame = np.stack([_sum(left + into_room), _sum(right + into_room)], axis=1)
        if recording.paused or self.now < recording.muted_until:
            frame = np.zeros_like(frame)
        recording.frames.append(frame)
        recording.quiet_ms = 0 if frame.any() or recording.paused else recording.quiet_ms + FRAME_MS
        if recording.ms >= recording.max_ms or 0 < recording.silence_ms <= recording.quiet_ms:
            self.end_recording(recording)

    # what time does

    def _gathers_go_on(self) -> None:
        for gather in list(self.gathers.values()):
            if gather.ends_at is None and not gather.waits_for & {p.play_id for p in self.going()}:
                gather.ends_at = self.now + gather.first_ms
            if gather.ends_at is not None and self.now >= gather.ends_at:
                self.end_gather(gather, "timeout")

    def _legs_go_on(self) -> None:
        for leg in list(self.legs.values()):
            if leg.gives_up_at is not None and self.now >= leg.gives_up_at:
                self.end_leg(leg, by="engine", cause="no-answer", status=408)
            elif leg.far_left_at is not None and self.now >= leg.far_left_at + LOST_MS:
                self.end_leg(leg, by="engine", cause="lost")
            elif leg.state == "talking" and (self.now - leg.since) % QUALITY_MS == 0 and leg.far_left_at is None:
                self.tell(LegQuality, leg_id=leg.leg_id, lost_percent=0.0, jitter_ms=0.0, rtt_ms=1.0, mos=4.4)

    def press(self, leg: FakeLeg, digit: str, how: str) -> None:
        """A key of the far side."""
        self.tell(DigitReceived, leg_id=leg.leg_id, digit=digit, how=how)
        for stream in self.streams.values():
            stream.keys += digit if stream.leg_id == leg.leg_id and stream.stream.speaks else ""
        for play in self.going():
            if play.stop_on_digit and play.target_id in (leg.leg_id, leg.room_id):
                self.end_play(play, "digit")
        for recording in self.recordings.values():
            if recording.silence_on_digit and recording.room_id == leg.room_id:
                recording.muted_until = self.now + KEYING_MS
        gather = next((g for g in self.gathers.values() if g.leg_id == leg.leg_id), None)
        if gather is None:
            leg.recent_digits.append((self.now, digit))
        else:
            self.take_digit(gather, digit)

    def take_digit(self, gather: FakeGather, digit: str) -> None:
        """A key that counts for a gather."""
        for play in self.going(gather.leg_id):
            self.end_play(play, "digit")
        if digit == gather.terminator:
            self.end_gather(gather, "terminator")
            return
        gather.digits += digit
        gather.ends_at = self.now + gather.between_ms
        if len(gather.digits) >= gather.max_digits:
            self.end_gather(gather, "full")

    # how things end

    def end_play(self, play: FakePlay, why: str) -> None:
        """A play is over."""
        if play.ended is None:
            play.ended = why
            self.tell(PlayEnded, play_id=play.play_id, why=why)

    def end_gather(self, gather: FakeGather, why: str) -> None:
        """A gather is over."""
        if self.gathers.pop(gather.gather_id, None):
            self.tell(Gathered, gather_id=gather.gather_id, digits=gather.digits, why=why)

    def end_stream(self, stream_id: str, why: str, *, code: int = 0, said: str = "") -> None:
        """A stream is over."""
        stream = self.streams.pop(stream_id)
        told = {"code": code, "said": said, "frames": len(stream.heard), "left_out": 0}
        self.tell(StreamEnded, stream_id=stream_id, why=why, **told)

    def end_recording(self, recording: FakeRecording) -> None:
        """Its file is written."""
        if self.recordings.pop(recording.recording_id, None) is None:
            return
        self.pause(recording, False)
        frames = recording.frames or [np.zeros((0, 2), np.int16)]
        write_wav(recording.path, np.concatenate(frames))
        told = {"recording_id": recording.recording_id, "path": str(recording.path), "ms": recording.ms}
        self.tell(RecordingEnded, gaps=tuple(recording.gaps), **told)

    def pause(self, recording: FakeRecording, paused: bool) -> None:
        """Silence from here on, or no longer."""
        if paused and not recording.paused:
            recording.paused_from = recording.ms
        if recording.paused and not paused:
            recording.gaps.append((recording.paused_from, recording.ms, "paused"))
        recording.paused = paused

    def end_leg(self, leg: FakeLeg, *, by: str, cause: str, status: int = 0, text: str = "") -> None:
        """A leg is over, and what was its own before it."""
        self.out_of_room(leg)
        for play in self.going(leg.leg_id):
            self.end_play(play, "leg-ended")
        for gather in [g for g in self.gathers.values() if g.leg_id == leg.leg_id]:
            self.end_gather(gather, "leg-ended")
        for stream_id in [each.stream_id for each in self.streams.values() if each.leg_id == leg.leg_id]:
            self.end_stream(stream_id, "leg-ended")
        for queue in leg.taps:
            queue.put_nowait(None)
        del self.legs[leg.leg_id]
        self.tell(LegEnded, leg_id=leg.leg_id, by=by, cause=cause, status=status, text=text)

    def out_of_room(self, leg: FakeLeg) -> None:
        """Takes a leg out of its room, its gains with it."""
        room = self.rooms.get(leg.room_id or "")
        leg.room_id = None
        if room is not None:
            room.leg_ids.remove(leg.leg_id)
            room.gains = {pair: gain for pair, gain in room.gains.items() if leg.leg_id not in pair}


def _sum(parts: "list[Any]") -> Samples:
    if not parts:
        return QUIET
    return np.asarray(np.clip(np.sum(np.stack(parts).astype(np.float64), axis=0), -32768, 32767), np.int16)

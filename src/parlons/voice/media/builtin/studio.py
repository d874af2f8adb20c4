"""All of the built-in engine that is sound: rooms, plays, gathers, recordings, streams, taps, keys. How legs come
about is not known here.

Methods are the verbs of `MediaEngine`, given legs that exist; they raise what the Protocol says.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Protocol

from parlons.kit.clock import Clock
from parlons.voice.media.builtin.gathers import Gather, GatherEnd, Gathers
from parlons.voice.media.builtin.legs import Leg
from parlons.voice.media.builtin.mixer import Mixer
from parlons.voice.media.builtin.players import Play, PlayQueue, Why
from parlons.voice.media.builtin.recorder import Recorder
from parlons.voice.media.builtin.recording import Gap, Recording
from parlons.voice.media.builtin.rooms import Room
from parlons.voice.media.builtin.sounds import Sounds, Unreadable
from parlons.voice.media.builtin.streams import Streams
from parlons.voice.media.engine import CannotDo, NotThere, Sound, Stream, Where
from parlons.voice.media.events import By, Cause, DigitReceived, Event, Gathered, How, PlayEnded, RecordingEnded
from parlons.voice.media.log import EventLog

_REMEMBERED = 100_000
"""Ids of what is over, so that the same verb again changes nothing."""
_TAP_FRAMES = 50
"""What a slow reader of a tap may be behind."""


class _Gone(Protocol):
    def __call__(self, leg: Leg, *, by: By, cause: Cause, text: str = "") -> None: ...


class Used:
    """Ids given before; the oldest are forgotten."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, item: str) -> bool:
        return item in self._ids

    def forget(self, item: str) -> None:
        """What was to be never came about."""
        self._ids.pop(item, None)

    def add(self, item: str) -> None:
        """Remembers one."""
        self._ids[item] = None
        if len(self._ids) > _REMEMBERED:
            self._ids.popitem(last=False)


class Studio:
    """Owns the mixer and what is played, gathered, recorded."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.log = EventLog()
        self.seq = 0
        self.used = Used()
        self.recorder = Recorder(self._recording_written)
        self.mixer = Mixer(self.recorder, self._end_recording)
        self.gathers = Gathers(self._gathered, self._gather_key)
        self.streams = Streams(self.mixer.streams, self.tell)
        self.wake: Callable[[], None] = lambda: None
        """Called when there may be something to mix."""
        self.leg_talks: Callable[[Leg], None]
        self.leg_gone: _Gone
        """What legs tell besides keys (`legs.LegListener`); the engine sets both."""
        self.recordings: dict[str, Room] = {}
        """Recordings that go on: the room of each."""
        self._plays: dict[str, tuple[Play, PlayQueue]] = {}
        self._sounds = Sounds()
        self._loading: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def tell(self, kind: type[Event], /, **fields: Any) -> None:
        """An event."""
        self.seq += 1
        event: Any = kind(seq=self.seq, at=self._clock(), **fields)
        self.log.add(event)

    # legs ---------------------------------------------------------------------------------------------------------

    def leg(self, leg_id: str) -> Leg:
        """A leg that lives. Raises NotThere."""
        leg = self.mixer.legs.get(leg_id)
        if leg is None:
            raise NotThere(leg_id=leg_id)
        return leg

    def add(self, leg: Leg) -> None:
        """A new leg."""
        self._loop = asyncio.get_running_loop()
        self.used.add(leg.leg_id)
        self.mixer.add(leg)
        self.mixer.plays[leg.leg_id] = PlayQueue(lambda play, why: self._play_ended(play, why, leg.leg_id))
        self.wake()

    def remove(self, leg: Leg) -> None:
        """The leg is over: out of its room, its plays, gathers and taps end (told before the leg's own end)."""
        if leg.room_id is not None:
            self.leave(leg)
        self.mixer.plays[leg.leg_id].end_all("leg-ended")
        self.gathers.leg_over(leg.leg_id)
        self.streams.leg_over(leg.leg_id)
        for tap in self.mixer.taps.get(leg.leg_id, []):
            tap(b"")
        self.mixer.remove(leg)

    def leg_digit(self, leg: Leg, digit: str, how: How) -> None:
        """A key was pressed on the far side."""
        if leg.leg_id not in self.mixer.legs:
            return
        self.tell(DigitReceived, leg_id=leg.leg_id, digit=digit, how=how)
        room = self.mixer.rooms.get(leg.room_id or "")
        self.mixer.plays[leg.leg_id].digit(all_of_them=False)
        if room is not None:
            room.plays.digit(all_of_them=False)
            for recording in room.recordings:
                if recording.silence_on_digit:
                    self.recorder.blank(recording, recording.digit())
        self.gathers.digit(leg.leg_id, digit)
        self.streams.digit(leg.leg_id, digit)

    # rooms --------------------------------------------------------------------------------------------------------

    def room(self, room_id: str) -> Room:
        """A room there is. Raises NotThere."""
        room = self.mixer.rooms.get(room_id)
        if room is None:
            raise NotThere(room_id=room_id)
        return room

    def create_room(self, room_id: str) -> None:
        """As `MediaEngine.create_room`."""
        if room_id not in self.mixer.rooms:
            self.mixer.rooms[room_id] = Room(room_id, PlayQueue(lambda play, why: self._play_ended(play, why, None)))
            self.mixer.touch()

    def close_room(self, room_id: str) -> None:
        """As `MediaEngine.close_room`."""
        room = self.room(room_id)
        for recording in list(room.recordings):
            self._end_recording(recording)
        room.plays.end_all("stopped")
        for leg in list(room.legs):
            room.leave(leg)
        del self.mixer.rooms[room_id]
        self.mixer.touch()

    def join(self, room_id: str, leg: Leg) -> None:
        """As `MediaEngine.join`."""
        room = self.room(room_id)
        if leg.room_id != room_id:
            if leg.room_id is not None:
                self.leave(leg)
            room.join(leg)
            self.mixer.touch()

    def leave(self, leg: Leg) -> None:
        """As `MediaEngine.leave`."""
        if leg.room_id is not None:
            self.mixer.rooms[leg.room_id].leave(leg)
            self.mixer.touch()

    def set_gain(self, room_id: str, from_leg_id: str, to_leg_id: str, gain: float) -> None:
        """As `MediaEngine.set_gain`."""
        room = self.room(room_id)
        if not 0 <= gain <= 2:
            raise CannotDo("A gain is 0 to 2.")
        room.set_gain(from_leg_id, to_leg_id, gain)
        self.mixer.touch()

    def changed(self, leg: Leg) -> None:
        """A leg was held or taken back, opened, or agreed to something else."""
        if leg.room_id is not None:
            self.mixer.rooms[leg.room_id].changed = True
        self.mixer.touch()

    # plays --------------------------------------------------------------------------------------------------------

    def play(
        self, play_id: str, where: Where, target_id: str, sounds: Sequence[Sound], *, loop: bool, stop_on_digit: bool
    ) -> None:
        """As `MediaEngine.play`; sounds are read meanwhile, those asked for later wait behind."""
        if play_id in self.used:
            return
        if where == "leg":
            queue = self.mixer.plays[self.leg(target_id).leg_id]
        else:
            queue = self.room(target_id).plays
        self.used.add(play_id)
        play = Play(play_id, loop=loop, stop_on_digit=stop_on_digit)
        queue.add(play)
        self._plays[play_id] = (play, queue)
        self.wake()
        task = asyncio.get_running_loop().create_task(self._load(play, queue, tuple(sounds)))
        self._loading.add(task)
        task.add_done_callback(self._loading.discard)

    async def _load(self, play: Play, queue: PlayQueue, sounds: tuple[Sound, ...]) -> None:
        try:
            play.sounds = await self._sounds.load(sounds)
        except Unreadable:
            queue.end(play, "unreadable")

    def stop_play(self, play_id: str) -> None:
        """As `MediaEngine.stop_play`."""
        if play_id not in self._plays:
            raise NotThere(play_id=play_id)
        play, queue = self._plays[play_id]
        queue.end(play, "stopped")

    @property
    def play_ids(self) -> tuple[str, ...]:
        """Plays that are not over."""
        return tuple(self._plays)

    def _play_ended(self, play: Play, why: Why, leg_id: str | None) -> None:
        self._plays.pop(play.play_id, None)
        self.tell(PlayEnded, play_id=play.play_id, why=why)
        if leg_id is not None:
            self.gathers.play_over(leg_id, play.play_id)

    # gathers ------------------------------------------------------------------------------------------------------

    def gather(
        self, gather_id: str, leg: Leg, *, max_digits: int, terminator: str, first_ms: int, between_ms: int
    ) -> None:
        """As `MediaEngine.gather`."""
        if gather_id in self.used:
            return
        self.used.add(gather_id)
        waits_for = {play.play_id for play in self.mixer.plays[leg.leg_id].finite}
        self.gathers.begin(Gather(gather_id, leg.leg_id, max_digits, terminator, first_ms, between_ms, waits_for))

    def stop_gather(self, gather_id: str) -> None:
        """As `MediaEngine.stop_gather`."""
        gather = self.gathers.going.get(gather_id)
        if gather is None:
            raise NotThere(gather_id=gather_id)
        self.gathers.end(gather, "stopped")

    def _gathered(self, gather: Gather, why: GatherEnd) -> None:
        self.tell(Gathered, gather_id=gather.gather_id, digits=gather.digits, why=why)

    def _gather_key(self, leg_id: str) -> None:
        self.mixer.plays[leg_id].digit(all_of_them=True)

    # recordings and taps ------------------------------------------------------------------------------------------

    def record(self, room_id: str, recording: Recording) -> None:
        """As `MediaEngine.record`."""
        if recording.recording_id in self.used:
            return
        room = self.room(room_id)
        self.used.add(recording.recording_id)
        self._loop = asyncio.get_running_loop()
        room.recordings.append(recording)
        room.changed = True
        self.recordings[recording.recording_id] = room
        self.mixer.touch()
        self.wake()

    def recording(self, recording_id: str) -> Recording:
        """One that goes on. Raises NotThere."""
        room = self.recordings.get(recording_id)
        if room is None:
            raise NotThere(recording_id=recording_id)
        return next(each for each in room.recordings if each.recording_id == recording_id)

    def stop_recording(self, recording_id: str) -> None:
        """As `MediaEngine.stop_recording`."""
        self._end_recording(self.recording(recording_id))

    def _end_recording(self, recording: Recording) -> None:
        room = self.recordings.pop(recording.recording_id, None)
        if room is not None:
            room.recordings.remove(recording)
            room.changed = True
            self.mixer.touch()
            self.recorder.end(recording)

    def _recording_written(self, recording: Recording, gaps: tuple[Gap, ...]) -> None:
        """In the recorder's thread."""
        assert self._loop is not None
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell_recording, recording, gaps)

    def _tell_recording(self, recording: Recording, gaps: tuple[Gap, ...]) -> None:
        recording_id = recording.recording_id
        self.tell(RecordingEnded, recording_id=recording_id, path=recording.path, ms=recording.ms, gaps=gaps)

    async def tap(self, leg_id: str) -> AsyncIterator[bytes]:
        """As `MediaEngine.tap`."""
        self.leg(leg_id)
        frames: asyncio.Queue[bytes] = asyncio.Queue(_TAP_FRAMES)

        def put(frame: bytes) -> None:
            if frames.full():
                frames.get_nowait()
            frames.put_nowait(frame)

        taps = self.mixer.taps.setdefault(leg_id, [])
        taps.append(put)
        try:
            while frame := await frames.get():
                yield frame
        finally:
            taps.remove(put)
            if not taps and self.mixer.taps.get(leg_id) is taps:
                del self.mixer.taps[leg_id]

    def stream(self, stream_id: str, leg: Leg, stream: Stream) -> None:
        """As `MediaEngine.stream`."""
        if stream_id in self.used:
            return
        self.streams.begin(stream_id, leg.leg_id, stream)
        self.used.add(stream_id)

    def close(self) -> None:
        """Recordings are written to their ends; nothing is told."""
        self.gathers.close()
        for task in self._loading:
            task.cancel()
        for recording_id in list(self.recordings):
            self.stop_recording(recording_id)
        self.recorder.close()

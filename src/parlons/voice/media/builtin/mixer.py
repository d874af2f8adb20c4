"""One tick for every leg and room: what came is decoded, mixed, added to what is played, encoded and sent.

Rooms of one shape are mixed by one product of matrices. What a tick works through (who speaks, who hears, which rooms) is found
again only after `touch`. Nothing here waits, reads a clock or knows SIP.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parlons.voice.media.builtin.legs import FRAME, Leg
from parlons.voice.media.builtin.players import PlayQueue
from parlons.voice.media.builtin.recorder import Recorder
from parlons.voice.media.builtin.recording import Recording
from parlons.voice.media.builtin.rooms import Room
from parlons.voice.media.builtin.sip_leg import SipLeg
from parlons.voice.media.builtin.slots import Slots
from parlons.voice.media.builtin.stream_line import StreamLine
from parlons.voice.media.builtin.tones import keys_in
from parlons.voice.media.events import How

_FADE = (0.0, 0.9, 0.6, 0.3)
"""Packet loss: the last frame again, so loud, one to three times (ITU-T G.711 appendix I does no better for long)."""

Tap = Callable[[bytes], None]


@dataclass(slots=True)
class _Group:
    """Rooms of one shape."""

    rooms: list[Room]
    rows: NDArray[np.intp]
    """Row in the arrays of each leg, (rooms, legs)."""
    weights: NDArray[np.float32]
    """(rooms, hearers, legs)."""
    recordings: tuple[Recording, ...]


class Mixer:
    """Owns the arrays; legs, rooms and queues of plays are given to it and taken away."""

    def __init__(self, recorder: Recorder, recording_full: Callable[[Recording], None]) -> None:
        self.slots = Slots()
        self.rooms: dict[str, Room] = {}
        self.legs: dict[str, Leg] = {}
        self.plays: dict[str, PlayQueue] = {}
        """By leg."""
        self.taps: dict[str, list[Tap]] = {}
        """By leg."""
        self.streams: dict[str, list[StreamLine]] = {}
        """By leg."""
        self._recorder, self._recording_full = recorder, recording_full
        self._changed = True
        self._laws: list[SipLeg] = []
        self._slow: list[Leg] = []
        self._senders: list[SipLeg] = []
        self._pushed: list[Leg] = []
        self._ears: list[SipLeg] = []
        self._groups: list[_Group] = []
        self._empty: list[Room] = []
        self._a_law: NDArray[np.intp] = np.zeros(0, np.intp)

    def add(self, leg: Leg) -> None:
        """A new leg; a SIP leg has taken its row itself."""
        if leg.slot < 0:
            leg.slot = self.slots.take()
        self.legs[leg.leg_id] = leg
        self.touch()

    def remove(self, leg: Leg) -> None:
        """The leg is closed."""
        if self.legs.pop(leg.leg_id, None) is not None:
            self.slots.give_back(leg.slot)
            leg.slot = -1
        self.plays.pop(leg.leg_id, None)
        self.taps.pop(leg.leg_id, None)
        self.streams.pop(leg.leg_id, None)
        self.touch()

    def touch(self) -> None:
        """Who is in which room, or what a leg agreed to, is another."""
        self._changed = True

    @property
    def idle(self) -> bool:
        """Nothing to do: the clock may stand still."""
        return not self.legs and not any(room.recordings or room.plays for room in self.rooms.values())

    # the tick -----------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """20 ms."""
        if self._changed:
            self._arrange()
        self._listen()
        if self.taps:
            self._tap()
        if self._ears:
            self._hear_keys()
        slots = self.slots
        rows = slots.rows
        slots.mix[:rows] = 0
        self._mix_rooms()
        self._play_to_legs()
        if self.streams:
            self._speak_to_legs()
        keyed = self._step_keys()
        mix = slots.mix[:rows]
        np.clip(mix, -32768, 32767, out=mix)
        np.copyto(slots.heard[:rows], mix, casting="unsafe")
        if self.streams:
            self._stream()
        slots.sending[keyed] = 0
        slots.encode(self._a_law)
        slots.sending[keyed] = 1
        self._speak(keyed)
        for room in self._empty:
            room.plays.step()  # nobody hears it, but it goes by
        self._recorder.tick_over()

    def _listen(self) -> None:
        slots = self.slots
        raw, missing = slots.raw, []
        for leg in self._laws:
            payload = leg.take_payload()
            if payload:
                at = leg.slot * FRAME
                raw[at : at + FRAME] = payload
                leg.misses = 0
            elif payload is None:
                leg.misses += 1
                if leg.misses < 4:
                    missing.append(leg)  # its last payload still stands in `raw`
                elif leg.misses == 4:
                    slots.quiet(leg.slot)
            else:
                slots.quiet(leg.slot)
        slots.decode()
        said = slots.said
        for leg in missing:
            said[leg.slot] = said[leg.slot] * _FADE[leg.misses]
        for slow in self._slow:
            frame = slow.pull()
            said[slow.slot] = 0 if frame is None else frame

    def _tap(self) -> None:
        for leg_id, taps in self.taps.items():
            frame = self.slots.said[self.legs[leg_id].slot].tobytes()
            for tap in taps:
                tap(frame)

    def _hear_keys(self) -> None:
        # What stands in for a lost frame is no news of a key.
        ears = [(leg, leg.ear) for leg in self._ears if leg.ear is not None and not leg.misses]
        if not ears:
            return
        windows = np.stack([ear.window(self.slots.said[leg.slot]) for leg, ear in ears])
        how: How = "tone"
        for (leg, ear), key in zip(ears, keys_in(windows), strict=True):
            if (digit := ear.note(key)) is not None:
                leg.listener.leg_digit(leg, digit, how)

    def _mix_rooms(self) -> None:
        said, mix = self.slots.said[: self.slots.rows].astype(np.float32), self.slots.mix
        for group in self._groups:
            count = group.rows.shape[1]
            heard = np.matmul(group.weights, said[group.rows]) if count else np.zeros((*group.weights.shape[:2], FRAME))
            for at, room in enumerate(group.rooms):
                if room.plays and (frame := room.plays.step()) is not None:
                    heard[at] += frame * room.hears
            mix[group.rows] = heard[:, :count]
            if group.recordings:
                self._record(group, heard[:, count:])

    def _record(self, group: _Group, heard: NDArray[np.float32]) -> None:
        both = heard.reshape(len(group.recordings), 2, FRAME)
        np.clip(both, -32768, 32767, out=both)
        block = np.ascontiguousarray(both.transpose(0, 2, 1).astype(np.int16))
        full = [each for each, sound in zip(group.recordings, block, strict=True) if each.tick(sound)]
        self._recorder.tick(group.recordings, block)
        for recording in full:
            self._recording_full(recording)

    def _play_to_legs(self) -> None:
        mix = self.slots.mix
        for leg_id, plays in list(self.plays.items()):
            leg = self.legs[leg_id]
            if plays and (leg.wants_sound or leg.state == "talking") and (frame := plays.step()) is not None:
                mix[leg.slot] += frame

    def _speak_to_legs(self) -> None:
        mix = self.slots.mix
        for leg_id, lines in self.streams.items():
            leg = self.legs[leg_id]
            for line in lines:
                if leg.wants_sound and (frame := line.speak()) is not None:
                    mix[leg.slot] += frame

    def _stream(self) -> None:
        said, heard = self.slots.said, self.slots.heard
        for leg_id, lines in self.streams.items():
            slot = self.legs[leg_id].slot
            for line in lines:
                line.hear(said[slot], heard[slot])

    def _step_keys(self) -> list[int]:
        """Legs that are sending a key: their rows, where an event took the packet's place."""
        keyed: list[int] = []
        for leg in self._senders:
            if leg.has_keys:
                step = leg.step_keys()
                if leg.agreed is not None and leg.agreed.event is not None:
                    if step.payloads:
                        keyed.append(leg.slot)
                elif step.tone is not None:
                    self.slots.mix[leg.slot] = step.tone
        return keyed

    def _speak(self, keyed: list[int]) -> None:
        slots = self.slots
        views, heard = slots.views, slots.heard
        for leg in self._senders:
            if leg.slot in keyed:
                continue
            if leg.law is not None:
                leg.send(views[leg.slot])
            else:
                leg.push(heard[leg.slot])
        for other in self._pushed:
            if other.wants_sound:
                other.push(heard[other.slot])

    # what a tick works through ------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        self._changed = False
        sip = [leg for leg in self.legs.values() if isinstance(leg, SipLeg)]
        others = [leg for leg in self.legs.values() if not isinstance(leg, SipLeg)]
        agreed = [leg for leg in sip if leg.agreed is not None and leg.open]
        self._laws = [leg for leg in agreed if leg.law is not None]
        self._slow = [*(leg for leg in agreed if leg.law is None), *others]
        self._ears = [leg for leg in agreed if leg.ear is not None]
        self._senders = [leg for leg in agreed if leg.wants_sound]
        self._pushed = others
        self.slots.sending[:] = 0
        self.slots.sending[[leg.slot for leg in self._senders]] = 1
        self._a_law = np.array([leg.slot for leg in self._senders if leg.law], np.intp)
        self._groups = _groups(self.rooms.values())
        self._empty = [room for room in self.rooms.values() if not room.shape[0]]


def _groups(rooms: Iterable[Room]) -> list[_Group]:
    by_shape: dict[tuple[int, int], list[Room]] = {}
    for room in rooms:
        if room.shape[0]:
            by_shape.setdefault(room.shape, []).append(room)
    return [
        _Group(
            alike,
            np.array([[leg.slot for leg in room.legs] for room in alike], np.intp).reshape(len(alike), shape[1]),
            np.stack([room.weights for room in alike]),
            tuple(recording for room in alike for recording in room.recordings),
        )
        for shape, alike in by_shape.items()
    ]

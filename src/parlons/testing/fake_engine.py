"""`FakeEngine`: a `MediaEngine` without network, sockets or time of its own, for tests of what is built on one.

    fake = FakeEngine()
    leg = await fake.incoming(from_number="+33612345678", to_number="+33155500000")   # LegIncoming is told
    await fake.answer(leg)                                                            # what the code under test does
    fake.presses(leg, "12#")
    await fake.passes(2_000)            # plays, gathers, recordings and dial timeouts go on for 2 s
    fake.dialled, fake.played, fake.asked, fake.who_hears(leg), fake.digits_sent(leg), fake.happened

The first half is the Protocol; "far side" below is what a test makes callers, phones, carriers and browsers do. It passes
the contract suite, so what holds of it holds of a real engine. Far sides answer only when told to; `when_dialled` can tell.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from parlons.kit.errors import Unavailable
from parlons.testing.fake_clockwork import EARLY_KEYS_MS, Clockwork
from parlons.testing.fake_parts import Dialled, FakeGather, FakeLeg, FakePlay, FakeRecording, FakeRoom, FakeStream
from parlons.testing.fake_sound import Samples
from parlons.voice.media.config import EngineConfig
from parlons.voice.media.engine import (
    Caller,
    CannotDo,
    Capabilities,
    NotThere,
    NumberTarget,
    PhoneTarget,
    Sound,
    Stream,
    Target,
    Where,
)
from parlons.voice.media.events import (
    EngineEvent,
    EngineState,
    LegAnswered,
    LegHeld,
    LegIncoming,
    LegReferred,
    LegRinging,
    LegState,
    PhoneChanged,
    ReferEnded,
    RoomState,
    StreamStarted,
    TrunkChanged,
)

CAUSES = {486: "busy", 600: "busy", 603: "declined", 404: "not-found", 408: "no-answer", 480: "unreachable"}
"""Final SIP statuses with a cause of their own; any other is `refused`."""
DIGITS = set("0123456789*#ABCD")


class FakeEngine(Clockwork):
    """See the module's first lines."""

    def __init__(self, *, capabilities: Capabilities = Capabilities(), at: int = 1_700_000_000_000) -> None:
        """`at`: where its clock begins, milliseconds UTC."""
        super().__init__(at)
        self._capabilities = capabilities
        self.config = EngineConfig()
        self.asked: list[tuple[str, dict[str, Any]]] = []
        """Every verb with its arguments, in order; `state` and `events` are left out."""
        self.dialled: list[Dialled] = []
        self.when_dialled: Callable[[str, Target], None] | None = None
        """Called at the end of each `dial`; may call `far_answers` and its like."""
        self.away = False
        """Every verb is refused with `Unavailable`, as a remote engine does while its process is gone."""
        self.phones: set[str] = set()
        self.trunks_up: set[str] = set()
        self._used: set[str] = set()
        self._incoming = 0

    # --- the Protocol ---

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    async def configure(self, config: EngineConfig) -> None:
        self._asked("configure", config=config)
        self.config = config
        for trunk in config.trunks:
            self.trunk(trunk.id, True)

    async def state(self) -> EngineState:
        if self.away:
            raise Unavailable
        return EngineState(
            seq=self.seq,
            legs=tuple(
                LegState(g.leg_id, g.kind, g.state, g.room_id, g.held, g.far_held, g.since) for g in self.legs.values()
            ),
            rooms=tuple(
                RoomState(r.room_id, tuple(r.leg_ids), tuple((a, b, x) for (a, b), x in r.gains.items()))
                for r in self.rooms.values()
            ),
            play_ids=tuple(p.play_id for p in self.going()),
            gather_ids=tuple(self.gathers),
            recording_ids=tuple(self.recordings),
            phones=tuple(sorted(self.phones)),
            trunks_up=tuple(sorted(self.trunks_up)),
            stream_ids=tuple(self.streams),
        )

    def events(self, after_seq: int) -> AsyncIterator[EngineEvent]:
        return self.log.read(after_seq)

    async def ring(self, leg_id: str, *, early_media: bool = False) -> None:
        self._asked("ring", leg_id=leg_id, early_media=early_media)
        leg = self._leg(leg_id)
        if leg.state == "incoming" or (leg.state == "ringing" and early_media):
            leg.state = "early" if early_media else "ringing"

    async def answer(self, leg_id: str) -> None:
        self._asked("answer", leg_id=leg_id)
        leg = self._leg(leg_id)
        if leg.state == "talking":
            return
        if leg.gives_up_at is not None:
            raise CannotDo("this leg was dialled: its far side answers")
        self._talks(leg)

    async def reject(self, leg_id: str, *, status: int = 486, text: str = "") -> None:
        self._asked("reject", leg_id=leg_id, status=status, text=text)
        leg = self._leg(leg_id)
        if leg.state == "talking" or leg.gives_up_at is not None or not 400 <= status <= 699:
            raise CannotDo("only an incoming leg nobody answered can be rejected, with a status from 400 to 699")
        self.end_leg(leg, by="us", cause="refused", status=status, text=text)

    async def dial(
        self, leg_id: str, target: Target, *, caller: Caller, timeout_ms: int = 60_000, headers: Mapping[str, str] = {}
    ) -> None:
        self._asked("dial", leg_id=leg_id, target=target, caller=caller, timeout_ms=timeout_ms, headers=headers)
        if leg_id in self._used:
            return
        if any(not name.lower().startswith("x-") for name in headers):
            raise CannotDo("only X-* headers can be sent")
        self._check(target)
        kind: Literal["phone", "number", "uri"] = (
            "phone" if isinstance(target, PhoneTarget) else "number" if isinstance(target, NumberTarget) else "uri"
        )
        self._used.add(leg_id)
        self.legs[leg_id] = FakeLeg(leg_id, kind, "dialling", self.now, gives_up_at=self.now + timeout_ms)
        self.dialled.append(Dialled(leg_id, target, caller, timeout_ms, headers))
        if self.when_dialled is not None:
            self.when_dialled(leg_id, target)

    async def connect_browser(self, leg_id: str, offer_sdp: str) -> str:
        self._asked("connect_browser", leg_id=leg_id, offer_sdp=offer_sdp)
        if not self._capabilities.browser:
            raise CannotDo("this engine has no browser legs")
        if not offer_sdp.startswith("v=0"):
            raise CannotDo("this is no offer")
        leg = self.legs.setdefault(leg_id, FakeLeg(leg_id, "browser", "dialling", self.now))
        leg.far_left_at = None
        self._talks(leg)
        return "v=0\r\ns=fake\r\n"

    async def hang_up(self, leg_id: str, *, text: str = "") -> None:
        self._asked("hang_up", leg_id=leg_id, text=text)
        leg = self._leg(leg_id)
        self.end_leg(leg, by="us", cause="hangup" if leg.state == "talking" else "canceled", text=text)

    async def hold(self, leg_id: str, held: bool) -> None:
        self._asked("hold", leg_id=leg_id, held=held)
        self._talking(leg_id).held = held

    async def refer(self, leg_id: str, to: str, *, replaces_leg_id: str | None = None) -> None:
        self._asked("refer", leg_id=leg_id, to=to, replaces_leg_id=replaces_leg_id)
        leg = self._talking(leg_id)
        if leg.kind == "browser" or not self._capabilities.refer:
            raise CannotDo("a browser cannot be asked to call somebody")
        if replaces_leg_id is not None:
            self._leg(replaces_leg_id)

    async def send_digits(self, leg_id: str, digits: str) -> None:
        self._asked("send_digits", leg_id=leg_id, digits=digits)
        leg = self._talking(leg_id)
        if set(digits) - DIGITS:
            raise CannotDo("there are the keys 0-9 * # A-D only")
        leg.digits_sent += digits

    async def create_room(self, room_id: str) -> None:
        self._asked("create_room", room_id=room_id)
        self.rooms.setdefault(room_id, FakeRoom(room_id))

    async def close_room(self, room_id: str) -> None:
        self._asked("close_room", room_id=room_id)
        room = self._room(room_id)
        for recording in [r for r in self.recordings.values() if r.room_id == room_id]:
            self.end_recording(recording)
        for play in self.going(room_id):
            self.end_play(play, "stopped")
        for leg_id in room.leg_ids:
            self.legs[leg_id].room_id = None
        del self.rooms[room_id]

    async def join(self, room_id: str, leg_id: str) -> None:
        self._asked("join", room_id=room_id, leg_id=leg_id)
        room, leg = self._room(room_id), self._leg(leg_id)
        if leg.room_id != room_id:
            self.out_of_room(leg)
            leg.room_id = room_id
            room.leg_ids.append(leg_id)

    async def leave(self, leg_id: str) -> None:
        self._asked("leave", leg_id=leg_id)
        self.out_of_room(self._leg(leg_id))

    async def set_gain(self, room_id: str, from_leg_id: str, to_leg_id: str, gain: float) -> None:
        self._asked("set_gain", room_id=room_id, from_leg_id=from_leg_id, to_leg_id=to_leg_id, gain=gain)
        room = self._room(room_id)
        if not 0 <= gain <= 2:
            raise CannotDo("a gain is 0 to 2")
        room.gains[from_leg_id, to_leg_id] = gain
        if gain == 1:
            del room.gains[from_leg_id, to_leg_id]

    async def play(
        self,
        play_id: str,
        where: Where,
        target_id: str,
        sounds: Sequence[Sound],
        *,
        loop: bool = False,
        stop_on_digit: bool = False,
    ) -> None:
        told = {"where": where, "target_id": target_id, "loop": loop, "stop_on_digit": stop_on_digit}
        self._asked("play", play_id=play_id, sounds=sounds, **told)
        if play_id in self._used:
            return
        if where == "leg":
            self._leg(target_id)
        else:
            self._room(target_id)
        self._used.add(play_id)
        for before in self.going(target_id):
            if before.loop:
                self.end_play(before, "stopped")
        self.played.append(FakePlay(play_id, where, target_id, tuple(sounds), loop, stop_on_digit))

    async def stop_play(self, play_id: str) -> None:
        self._asked("stop_play", play_id=play_id)
        self.end_play(next((p for p in self.going() if p.play_id == play_id), None) or _missing("play"), "stopped")

    async def gather(
        self,
        gather_id: str,
        leg_id: str,
        *,
        max_digits: int,
        terminator: str = "#",
        first_ms: int = 5_000,
        between_ms: int = 3_000,
    ) -> None:
        told = {"max_digits": max_digits, "terminator": terminator, "first_ms": first_ms, "between_ms": between_ms}
        self._asked("gather", gather_id=gather_id, leg_id=leg_id, **told)
        if gather_id in self._used:
            return
        leg = self._leg(leg_id)
        self._used.add(gather_id)
        for other in [g for g in self.gathers.values() if g.leg_id == leg_id]:
            self.end_gather(other, "stopped")
        waits_for = {p.play_id for p in self.going(leg_id) if not p.loop}
        gather = FakeGather(gather_id, leg_id, max_digits, terminator, first_ms, between_ms, waits_for)
        self.gathers[gather_id] = gather
        early, leg.recent_digits = leg.recent_digits, []
        for at, digit in early:
            if self.now - at <= EARLY_KEYS_MS and gather_id in self.gathers:
                self.take_digit(gather, digit)

    async def stop_gather(self, gather_id: str) -> None:
        self._asked("stop_gather", gather_id=gather_id)
        self.end_gather(self.gathers.get(gather_id) or _missing("gather"), "stopped")

    async def record(
        self,
        recording_id: str,
        room_id: str,
        path: str,
        *,
        left_leg_id: str | None = None,
        max_ms: int = 4 * 3_600_000,
        silence_ms: int = 0,
        silence_on_digit: bool = False,
    ) -> None:
        told = {"left_leg_id": left_leg_id, "max_ms": max_ms, "silence_ms": silence_ms}
        self._asked("record", recording_id=recording_id, room_id=room_id, path=path, **told)
        if recording_id in self._used:
            return
        self._room(room_id)
        self._used.add(recording_id)
        self.recordings[recording_id] = FakeRecording(
            recording_id, room_id, Path(path), left_leg_id, max_ms, silence_ms, silence_on_digit
        )

    async def pause_recording(self, recording_id: str, paused: bool) -> None:
        self._asked("pause_recording", recording_id=recording_id, paused=paused)
        self.pause(self.recordings.get(recording_id) or _missing("recording"), paused)

    async def stop_recording(self, recording_id: str) -> None:
        self._asked("stop_recording", recording_id=recording_id)
        self.end_recording(self.recordings.get(recording_id) or _missing("recording"))

    async def tap(self, leg_id: str) -> AsyncIterator[bytes]:
        leg = self._leg(leg_id)
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        leg.taps.append(queue)
        try:
            while (frame := await queue.get()) is not None:
                yield frame
        finally:
            leg.taps.remove(queue)

    async def stream(self, stream_id: str, leg_id: str, stream: Stream) -> None:
        self._asked("stream", stream_id=stream_id, leg_id=leg_id, stream=stream)
        if stream_id in self._used:
            return
        self._leg(leg_id)
        taken = stream.speaks and any(g.leg_id == leg_id and g.stream.speaks for g in self.streams.values())
        if taken or not stream.url.startswith(("ws://", "wss://")):
            raise CannotDo("another program speaks to this leg, or this is no address of a stream")
        self._used.add(stream_id)
        self.streams[stream_id] = FakeStream(stream_id, leg_id, stream)
        self.tell(StreamStarted, stream_id=stream_id)

    async def stop_stream(self, stream_id: str) -> None:
        self._asked("stop_stream", stream_id=stream_id)
        self.end_stream((self.streams.get(stream_id) or _missing("stream")).stream_id, "stopped")

    # --- far side ---

    async def incoming(
        self,
        *,
        from_number: str = "+33612345678",
        to_number: str = "+33155500000",
        kind: Literal["trunk", "phone"] = "trunk",
        trunk_id: str | None = "TK1",
        username: str | None = None,
        from_name: str = "",
        headers: Mapping[str, str] = {},
    ) -> str:
        """Somebody calls; the new leg's id."""
        self._incoming += 1
        leg_id = f"LGfake{self._incoming:04}"
        self.legs[leg_id] = FakeLeg(leg_id, kind, "incoming", self.now)
        told = {"from_number": from_number, "from_name": from_name, "to_number": to_number, "headers": headers}
        trunk_id = None if kind == "phone" else trunk_id
        self.tell(LegIncoming, leg_id=leg_id, kind=kind, trunk_id=trunk_id, username=username, **told)
        return leg_id

    def far_rings(self, leg_id: str, *, early_media: bool = False) -> None:
        """A dialled phone rings."""
        self._leg(leg_id).state = "early" if early_media else "ringing"
        self.tell(LegRinging, leg_id=leg_id, early_media=early_media)

    def far_answers(self, leg_id: str) -> None:
        """A dialled phone is answered."""
        self._talks(self._leg(leg_id))

    def far_refuses(self, leg_id: str, status: int = 486) -> None:
        """A dialled phone refuses."""
        self.end_leg(self._leg(leg_id), by="far", cause=CAUSES.get(status, "refused"), status=status)

    def far_hangs_up(self, leg_id: str) -> None:
        """The far side hangs up, or gives up before it was answered."""
        leg = self._leg(leg_id)
        self.end_leg(leg, by="far", cause="hangup" if leg.state == "talking" else "canceled")

    def far_holds(self, leg_id: str, held: bool) -> None:
        """The far side puts us on hold, or takes us back."""
        self._leg(leg_id).far_held = held
        self.tell(LegHeld, leg_id=leg_id, held=held)

    def far_refers(self, leg_id: str, to: str, *, replaces_leg_id: str | None = None) -> None:
        """The far side asks to be transferred."""
        self.tell(LegReferred, leg_id=leg_id, to=to, replaces_leg_id=replaces_leg_id)

    def refer_ends(self, leg_id: str, status: int = 200) -> None:
        """What became of our own `refer`."""
        self.tell(ReferEnded, leg_id=leg_id, status=status)

    def presses(self, leg_id: str, digits: str, *, how: str = "rtp") -> None:
        """Keys of the far side, one after the other."""
        for digit in digits:
            self.press(self._leg(leg_id), digit, how)

    def says(self, leg_id: str, frequency: float | None) -> None:
        """The far side speaks a tone (Hz) from now on, or is silent."""
        self._leg(leg_id).says = frequency

    def browser_leaves(self, leg_id: str) -> None:
        """A browser vanishes; its leg is lost after 20 s unless it offers again."""
        self._leg(leg_id).far_left_at = self.now

    def registers(self, username: str, registered: bool = True) -> None:
        """A desk phone comes or goes."""
        (self.phones.add if registered else self.phones.discard)(username)
        self.tell(PhoneChanged, username=username, registered=registered)

    def trunk(self, trunk_id: str, up: bool) -> None:
        """A trunk's health changes."""
        if up != (trunk_id in self.trunks_up):
            (self.trunks_up.add if up else self.trunks_up.discard)(trunk_id)
            self.tell(TrunkChanged, trunk_id=trunk_id, up=up, text="")

    def dies(self) -> None:
        """The engine loses everything it carried, as when its process dies and another one starts."""
        for recording in list(self.recordings.values()):
            self.recordings.pop(recording.recording_id)
        for leg in list(self.legs.values()):
            self.end_leg(leg, by="engine", cause="lost", text="the voice process ended")
        self.rooms.clear()

    async def passes(self, ms: int) -> None:
        """Time goes by, in steps of 20 ms; then whoever waits for events has had a turn."""
        self.pass_time(ms)
        await asyncio.sleep(0)

    async def heard(self, leg_id: str, ms: int = 200) -> Samples:
        """Lets `ms` pass and gives what the far side of a leg heard: int16, 8 kHz."""
        leg = self._leg(leg_id)
        self.listened.add(leg_id)
        leg.heard.clear()
        await self.passes(ms)
        self.listened.discard(leg_id)
        return _joined(leg.heard)

    def who_hears(self, leg_id: str) -> set[str]:
        """Legs whose far side hears this leg's."""
        return {other for other, leg in self.legs.items() if leg_id in self.hearing(leg)}

    def hears(self, leg_id: str) -> dict[str, float]:
        """Legs this leg's far side hears, with their gain."""
        return self.hearing(self._leg(leg_id))

    def plays(self, target_id: str) -> list[FakePlay]:
        """What is played or waits to be played to a leg or into a room, in order."""
        return self.going(target_id)

    def digits_sent(self, leg_id: str) -> str:
        """Keys sent to a leg so far."""
        return self._leg(leg_id).digits_sent

    def verbs(self) -> list[str]:
        """The names of what was asked, in order."""
        return [name for name, _arguments in self.asked]

    # --- inside ---

    def _asked(self, verb: str, **arguments: Any) -> None:
        if self.away:
            raise Unavailable
        self.asked.append((verb, arguments))

    def _leg(self, leg_id: str) -> FakeLeg:
        return self.legs.get(leg_id) or _missing("leg")

    def _room(self, room_id: str) -> FakeRoom:
        return self.rooms.get(room_id) or _missing("room")

    def _talking(self, leg_id: str) -> FakeLeg:
        leg = self._leg(leg_id)
        if leg.state != "talking":
            raise CannotDo("this leg does not talk yet")
        return leg

    def _talks(self, leg: FakeLeg) -> None:
        if leg.state != "talking":
            leg.state, leg.since, leg.gives_up_at = "talking", self.now, None
            self.tell(LegAnswered, leg_id=leg.leg_id)

    def _check(self, target: Target) -> None:
        if isinstance(target, PhoneTarget) and target.username not in self.phones:
            raise NotThere("this phone is not registered")
        trunks = {trunk.id for trunk in self.config.trunks}
        if isinstance(target, NumberTarget) and not trunks & set(target.trunk_ids):
            raise NotThere("there is no such trunk")


def _missing(what: str) -> Any:
    raise NotThere(f"there is no such {what} (any more)", what=what)


def _joined(frames: list[Samples]) -> Samples:
    return np.concatenate(frames) if frames else np.zeros(0, np.int16)

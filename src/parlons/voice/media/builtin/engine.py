"""`BuiltinEngine`: the `MediaEngine` that runs in the voice process. It finds the leg a verb is about and hands the verb on.

Sound is `studio`'s, SIP `sip_side`'s, browsers `browser`'s (loaded with the first one). One event loop; the recorder's thread
is the only other.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Protocol, cast

from parlons.kit.clock import Clock, wall_clock
from parlons.kit.errors import Refusal
from parlons.voice.media.builtin.dtmf import KEYS
from parlons.voice.media.builtin.legs import Leg, Quality
from parlons.voice.media.builtin.quality import Reports, Rounds, mos
from parlons.voice.media.builtin.recording import Recording
from parlons.voice.media.builtin.sip_side import SipSide
from parlons.voice.media.builtin.studio import Studio
from parlons.voice.media.builtin.ticker import Sockets, Ticker
from parlons.voice.media.config import EngineConfig
from parlons.voice.media.engine import Caller, CannotDo, Capabilities, Sound, Stream, Target, Where
from parlons.voice.media.events import (
    By,
    Cause,
    EngineEvent,
    EngineState,
    LegAnswered,
    LegEnded,
    LegQuality,
    LegState,
    RoomState,
)
from parlons.voice.sip.model import Agent, Listener

MakeAgent = Callable[[EngineConfig, Listener], Agent]


class _Offered(Protocol):
    """What a browser's leg can besides: take an offer, the first or a later one, and give the answer."""

    async def accept_offer(self, offer_sdp: str) -> str: ...


class BuiltinEngine:
    """See the module's first lines; `start` before the first verb, `stop` at the end."""

    def __init__(
        self,
        config: EngineConfig = EngineConfig(),
        host: str = "127.0.0.1",
        sip_port: int = 0,
        *,
        advertised: str = "",
        clock: Clock = wall_clock,
        make_agent: MakeAgent | None = None,
    ) -> None:
        """`host`: address to listen at; `advertised`: the one to tell others, where it is another (behind NAT)."""
        self._config, self._host, self._clock = config, host, clock
        self.studio = Studio(clock)
        self.sockets = Sockets()
        self.reports = Reports(host)
        mixer = self.studio.mixer
        self.ticker = Ticker(self.sockets, mixer.tick, lambda: not mixer.idle)
        self.studio.wake = self.ticker.wake
        self.studio.leg_talks, self.studio.leg_gone = self._leg_talks, self._leg_gone
        self._rounds = Rounds(mixer.legs.values, self.reports, self._quality)
        self._sip = SipSide(self.studio, self.sockets, self.reports, clock, host=host, advertised=advertised)
        self._sip.on_leg = self._rounds.wake
        make_agent = make_agent or _sip_agent(host, sip_port)
        self.agent = self._sip.agent = make_agent(config, self._sip)

    async def start(self) -> None:
        """Opens SIP."""
        self.sockets.add(self.reports.sock.fileno(), self.reports.receive)
        await self.agent.start()

    async def stop(self) -> None:
        """Ends every call, writes recordings to their end, closes everything."""
        await self.agent.stop()
        browsers = [leg for leg in self.studio.mixer.legs.values() if leg.kind == "browser"]
        for leg in browsers:
            self._leg_gone(leg, by="us", cause="hangup")
        if browsers:
            from parlons.voice.media.builtin.browser_link import all_closed

            await all_closed()
        await self.studio.streams.close()
        self.ticker.stop()
        self._rounds.stop()
        self._sip.close()
        self.studio.close()
        self.sockets.close()
        self.reports.close()

    @property
    def sip_port(self) -> int:
        """Port of both SIP sockets."""
        return self.agent.port

    # the Protocol -------------------------------------------------------------------------------------------------

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities()

    async def configure(self, config: EngineConfig) -> None:
        self._config = config
        await self.agent.configure(config)

    async def state(self) -> EngineState:
        studio = self.studio
        return EngineState(
            seq=studio.seq,
            legs=tuple(_leg_state(leg) for leg in studio.mixer.legs.values()),
            rooms=tuple(
                RoomState(
                    room.room_id,
                    tuple(leg.leg_id for leg in room.legs),
                    tuple((a, b, gain) for (a, b), gain in room.gains.items()),
                )
                for room in studio.mixer.rooms.values()
            ),
            play_ids=studio.play_ids,
            gather_ids=tuple(studio.gathers.going),
            recording_ids=tuple(studio.recordings),
            phones=tuple(sorted(self._sip.phones)),
            trunks_up=tuple(sorted(self._sip.trunks_up)),
            stream_ids=tuple(studio.streams.going),
        )

    def events(self, after_seq: int) -> AsyncIterator[EngineEvent]:
        return self.studio.log.read(after_seq)

    async def ring(self, leg_id: str, *, early_media: bool = False) -> None:
        self._sip.ring(self.studio.leg(leg_id), early_media=early_media)

    async def answer(self, leg_id: str) -> None:
        self._sip.answer(self.studio.leg(leg_id))

    async def reject(self, leg_id: str, *, status: int = 486, text: str = "") -> None:
        self._sip.reject(self.studio.leg(leg_id), status=status, text=text)

    async def dial(
        self, leg_id: str, target: Target, *, caller: Caller, timeout_ms: int = 60_000, headers: Mapping[str, str] = {}
    ) -> None:
        await self._sip.dial(leg_id, target, caller=caller, timeout_ms=timeout_ms, headers=headers)

    async def connect_browser(self, leg_id: str, offer_sdp: str) -> str:
        leg = self.studio.mixer.legs.get(leg_id)
        if leg is not None and leg.kind != "browser":
            raise CannotDo("This leg is no browser.")
        if leg is not None:
            return await cast("_Offered", leg).accept_offer(offer_sdp)
        leg = self._new_browser(leg_id)
        self.studio.add(leg)
        self._rounds.wake()
        try:
            return await cast("_Offered", leg).accept_offer(offer_sdp)
        except Refusal:
            leg.close()
            if self.studio.mixer.legs.get(leg_id) is leg and leg.state != "talking":
                self.studio.remove(leg)  # it was never told of, so its end is not either
            raise

    async def hang_up(self, leg_id: str, *, text: str = "") -> None:
        leg = self.studio.leg(leg_id)
        if leg.kind == "browser":
            self._leg_gone(leg, by="us", cause="hangup" if leg.state == "talking" else "canceled", text=text)
        else:
            self._sip.hang_up(leg, text=text)

    async def hold(self, leg_id: str, held: bool) -> None:
        leg = self._talking(leg_id)
        if leg.held == held:
            return
        if leg.kind == "browser":
            leg.held = held
            self.studio.changed(leg)
        else:
            self._sip.hold(leg, held)

    async def refer(self, leg_id: str, to: str, *, replaces_leg_id: str | None = None) -> None:
        leg = self._talking(leg_id)
        if leg.kind == "browser":
            raise CannotDo("A browser cannot be asked to call somebody.")
        replaces = None if replaces_leg_id is None else self.studio.leg(replaces_leg_id)
        await self._sip.refer(leg, to, replaces=replaces)

    async def send_digits(self, leg_id: str, digits: str) -> None:
        leg = self._talking(leg_id)
        if set(digits) - set(KEYS):
            raise CannotDo("There are the keys 0-9 * # A-D only.")
        leg.send_digits(digits)

    async def create_room(self, room_id: str) -> None:
        self.studio.create_room(room_id)

    async def close_room(self, room_id: str) -> None:
        self.studio.close_room(room_id)

    async def join(self, room_id: str, leg_id: str) -> None:
        self.studio.room(room_id)
        self.studio.join(room_id, self.studio.leg(leg_id))

    async def leave(self, leg_id: str) -> None:
        self.studio.leave(self.studio.leg(leg_id))

    async def set_gain(self, room_id: str, from_leg_id: str, to_leg_id: str, gain: float) -> None:
        self.studio.set_gain(room_id, from_leg_id, to_leg_id, gain)

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
        self.studio.play(play_id, where, target_id, sounds, loop=loop, stop_on_digit=stop_on_digit)

    async def stop_play(self, play_id: str) -> None:
        self.studio.stop_play(play_id)

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
        if gather_id not in self.studio.used:
            self.studio.gather(
                gather_id,
                self.studio.leg(leg_id),
                max_digits=max_digits,
                terminator=terminator,
                first_ms=first_ms,
                between_ms=between_ms,
            )

    async def stop_gather(self, gather_id: str) -> None:
        self.studio.stop_gather(gather_id)

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
        self.studio.record(
            room_id,
            Recording(
                recording_id,
                path,
                left_leg_id=left_leg_id,
                max_ms=max_ms,
                silence_ms=silence_ms,
                silence_on_digit=silence_on_digit,
            ),
        )

    async def pause_recording(self, recording_id: str, paused: bool) -> None:
        self.studio.recording(recording_id).paused = paused

    async def stop_recording(self, recording_id: str) -> None:
        self.studio.stop_recording(recording_id)

    def tap(self, leg_id: str) -> AsyncIterator[bytes]:
        return self.studio.tap(leg_id)

    async def stream(self, stream_id: str, leg_id: str, stream: Stream) -> None:
        self.studio.stream(stream_id, self.studio.leg(leg_id), stream)

    async def stop_stream(self, stream_id: str) -> None:
        self.studio.streams.stop(stream_id)

    # what legs tell -----------------------------------------------------------------------------------------------

    def _leg_talks(self, leg: Leg) -> None:
        """A browser's sound flows."""
        if leg.state != "talking" and leg.leg_id in self.studio.mixer.legs:
            leg.state, leg.since = "talking", self._clock()
            self.studio.changed(leg)
            self.studio.tell(LegAnswered, leg_id=leg.leg_id)

    def _leg_gone(self, leg: Leg, *, by: By, cause: Cause, text: str = "") -> None:
        """A browser is gone, or is let go."""
        if self.studio.mixer.legs.get(leg.leg_id) is not leg:
            return
        leg.close()
        leg.state = "ended"
        self.studio.remove(leg)
        self.studio.tell(LegEnded, leg_id=leg.leg_id, by=by, cause=cause, status=0, text=text)

    def _quality(self, leg: Leg, quality: Quality) -> None:
        lost, jitter, rtt = quality.lost_percent, quality.jitter_ms, quality.rtt_ms
        self.studio.tell(
            LegQuality,
            leg_id=leg.leg_id,
            lost_percent=round(lost, 2),
            jitter_ms=round(jitter, 2),
            rtt_ms=round(rtt, 2),
            mos=mos(lost, jitter, rtt),
        )

    def _talking(self, leg_id: str) -> Leg:
        leg = self.studio.leg(leg_id)
        if leg.state != "talking":
            raise CannotDo("This leg does not talk yet.")
        return leg

    def _new_browser(self, leg_id: str) -> Leg:
        from parlons.voice.media.builtin.browser import BrowserLeg

        return BrowserLeg(leg_id, self.studio, ice_servers=self._config.ice_servers, since=self._clock())


def _leg_state(leg: Leg) -> LegState:
    assert leg.state != "ended"
    return LegState(leg.leg_id, leg.kind, leg.state, leg.room_id, leg.held, leg.far_held, leg.since)


def _sip_agent(host: str, port: int) -> MakeAgent:
    from parlons.voice.sip.agent import SipAgent

    return lambda config, listener: SipAgent(config, listener, host=host, port=port)

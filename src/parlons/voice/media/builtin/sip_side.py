"""SIP's side of the built-in engine: what the dialogs tell becomes legs and events, verbs on SIP legs become what dialogs do.

Offers and answers are made here, by `sdp`; SIP carries them and knows nothing of sound. See `voice.sip.model` for the roles.
"""

import asyncio
import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from parlons.kit.clock import Clock
from parlons.runtime.log import log
from parlons.voice.media.builtin import sdp
from parlons.voice.media.builtin.dtmf import KEYS
from parlons.voice.media.builtin.legs import Leg
from parlons.voice.media.builtin.quality import Reports
from parlons.voice.media.builtin.sip_leg import SipLeg
from parlons.voice.media.builtin.studio import Studio
from parlons.voice.media.builtin.ticker import Sockets
from parlons.voice.media.engine import Caller, CannotDo, NumberTarget, PhoneTarget, Target
from parlons.voice.media.events import (
    By,
    Cause,
    Kind,
    LegAnswered,
    LegEnded,
    LegHeld,
    LegIncoming,
    LegReferred,
    LegRinging,
    PhoneChanged,
    ReferEnded,
    TrunkChanged,
)
from parlons.voice.sip.model import Agent, Call, Incoming

_ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound to


@dataclass(slots=True)
class Talk:
    """A SIP leg and its dialog."""

    leg: SipLeg
    local: sdp.Local
    dialled: bool
    call: Call | None = None
    offer: sdp.Remote | None = None
    """Theirs, until it is answered."""
    answer: str | None = None
    """Ours: the same in 183 and 200."""
    accepted: bool = False
    failed: str = ""
    """Why we ended it ourselves."""


class SipSide:
    """Fulfils `model.Listener`; the engine sets `agent` before anything comes."""

    agent: Agent

    def __init__(self, studio: Studio, sockets: Sockets, reports: Reports, clock: Clock, *, host: str, advertised: str):
        self._studio, self._sockets, self._reports, self._clock = studio, sockets, reports, clock
        self._host, self._advertised = host, advertised
        self._talks: dict[str, Talk] = {}
        """By leg."""
        self._by_call: dict[str, Talk] = {}
        """By the dialog's own id: the leg's, unless the dialog took another's place (RFC 3891)."""
        self._tasks: set[asyncio.Task[None]] = set()
        self.phones: set[str] = set()
        self.trunks_up: set[str] = set()
        self.on_leg: Callable[[], None] = lambda: None
        """There is a leg more."""

    # what SIP tells -----------------------------------------------------------------------------------------------

    def on_incoming(self, incoming: Incoming) -> None:
        """As `model.Listener`: an offer nothing can be done with is refused 488 and never told."""
        call = incoming.call
        offer = None
        try:
            if incoming.offer is not None:
                offer = sdp.parse(incoming.offer)
                sdp.choose(offer.stream.codecs)
        except sdp.NoAgreement as refusal:
            call.reject(488, refusal.message)
            return
        replaced = self._by_call.get(incoming.replaces.leg_id) if incoming.replaces else None
        if replaced is not None and replaced.leg.state == "talking":
            self._take_over(replaced, call, offer)
            return
        peer = offer.stream.address[0] if offer else ""
        talk = self._open(call.leg_id, incoming.kind, dialled=False, peer=peer)
        talk.call, talk.offer = call, offer
        self._studio.tell(
            LegIncoming,
            leg_id=call.leg_id,
            kind=incoming.kind,
            trunk_id=incoming.trunk_id,
            username=incoming.username,
            from_number=incoming.from_number,
            from_name=incoming.from_name,
            to_number=incoming.to_number,
            headers=dict(incoming.headers),
        )

    def on_progress(self, call: Call, status: int, sdp_text: str | None) -> None:
        """As `model.Listener`."""
        talk = self._by_call.get(call.leg_id)
        if talk is None or talk.leg.state not in ("dialling", "ringing"):
            return
        leg = talk.leg
        early = sdp_text is not None and self._agree(talk, sdp_text)
        if early:
            leg.state, leg.open = "early", True
            self._studio.changed(leg)
        elif leg.state == "ringing" or status < 180:
            return
        else:
            leg.state = "ringing"
        self._studio.tell(LegRinging, leg_id=leg.leg_id, early_media=early)

    def on_answered(self, call: Call, sdp_text: str | None) -> None:
        """As `model.Listener`."""
        talk = self._by_call.get(call.leg_id)
        if talk is None:
            return
        if sdp_text is not None and not self._agree(talk, sdp_text):
            self._give_up(talk, "no common codec")
            return
        self._talks_now(talk.leg)

    def on_late_answer(self, call: Call, sdp_text: str) -> None:
        """As `model.Listener`."""
        talk = self._by_call.get(call.leg_id)
        if talk is not None and not self._agree(talk, sdp_text):
            self._give_up(talk, "no common codec")

    def on_reinvite(self, call: Call, sdp_text: str | None) -> str | None:
        """As `model.Listener`: hold, another codec, another address; the call goes on as it was where nothing fits."""
        talk = self._by_call.get(call.leg_id)
        if talk is None:
            return None
        local = talk.local.next()
        if sdp_text is None:
            talk.local = local
            return sdp.offer(local)
        try:
            text, agreed = sdp.answer(local, sdp.parse(sdp_text))
        except sdp.NoAgreement:
            return None
        talk.local = local
        self._apply(talk, agreed)
        return text

    def on_ended(self, call: Call, *, by: str, cause: str, status: int, text: str) -> None:
        """As `model.Listener`."""
        talk = self._by_call.pop(call.leg_id, None)
        if talk is None:
            return
        if talk.failed:
            by, cause, text = "engine", "error", talk.failed
        del self._talks[talk.leg.leg_id]
        self._close(talk.leg)
        told = {"by": cast("By", by), "cause": cast("Cause", cause), "status": status, "text": text}
        self._studio.tell(LegEnded, leg_id=talk.leg.leg_id, **told)

    def on_referred(self, call: Call, to: str, replaces: Call | None) -> None:
        """As `model.Listener`."""
        talk = self._by_call.get(call.leg_id)
        if talk is not None:
            other = self._by_call.get(replaces.leg_id) if replaces else None
            replaced = other.leg.leg_id if other else None
            self._studio.tell(LegReferred, leg_id=talk.leg.leg_id, to=to, replaces_leg_id=replaced)

    def on_refer_result(self, call: Call, status: int) -> None:
        """As `model.Listener`."""
        talk = self._by_call.get(call.leg_id)
        self._studio.tell(ReferEnded, leg_id=talk.leg.leg_id if talk else call.leg_id, status=status)

    def on_info_digit(self, call: Call, digit: str) -> None:
        """As `model.Listener`."""
        talk = self._by_call.get(call.leg_id)
        if talk is not None and digit in KEYS:
            self._studio.leg_digit(talk.leg, digit, "info")

    def on_phone(self, username: str, registered: bool) -> None:
        """As `model.Listener`."""
        (self.phones.add if registered else self.phones.discard)(username)
        self._studio.tell(PhoneChanged, username=username, registered=registered)

    def on_trunk(self, trunk_id: str, up: bool, text: str) -> None:
        """As `model.Listener`."""
        (self.trunks_up.add if up else self.trunks_up.discard)(trunk_id)
        self._studio.tell(TrunkChanged, trunk_id=trunk_id, up=up, text=text)

    # verbs --------------------------------------------------------------------------------------------------------

    def ring(self, leg: Leg, *, early_media: bool) -> None:
        """As `MediaEngine.ring`. A late offer leaves nothing to open early: it rings."""
        talk = self._talk(leg)
        if talk.dialled or leg.state not in ("incoming", "ringing") or talk.accepted or talk.call is None:
            return
        if early_media and talk.offer is not None:
            talk.call.ring(self._answer(talk))
            leg.state, talk.leg.open = "early", True
            self._studio.changed(leg)
        elif leg.state == "incoming":
            talk.call.ring()
            leg.state = "ringing"

    def answer(self, leg: Leg) -> None:
        """As `MediaEngine.answer`."""
        talk = self._talk(leg)
        if leg.state == "talking" or talk.accepted:
            return
        if talk.dialled or talk.call is None:
            raise CannotDo("This leg was dialled: its far side answers.")
        talk.accepted = talk.leg.open = True
        text = self._answer(talk) if talk.offer is not None else sdp.offer(talk.local)
        self._studio.changed(leg)
        talk.call.accept(text)

    def reject(self, leg: Leg, *, status: int, text: str) -> None:
        """As `MediaEngine.reject`."""
        talk = self._talk(leg)
        if talk.dialled or talk.accepted or talk.call is None or not 400 <= status <= 699:
            raise CannotDo("Only an incoming leg nobody answered can be rejected, with a status from 400 to 699.")
        talk.call.reject(status, text)

    def hang_up(self, leg: Leg, *, text: str) -> None:
        """As `MediaEngine.hang_up`."""
        call = self._talk(leg).call
        if call is not None:
            call.end(text)

    async def dial(
        self, leg_id: str, target: Target, *, caller: Caller, timeout_ms: int, headers: Mapping[str, str]
    ) -> None:
        """As `MediaEngine.dial`."""
        if leg_id in self._studio.used:
            return
        if any(not name.lower().startswith("x-") for name in headers):
            raise CannotDo("Only X-* headers can be sent.")
        kind: Kind = (
            "phone" if isinstance(target, PhoneTarget) else "number" if isinstance(target, NumberTarget) else "uri"
        )
        talk = self._open(leg_id, kind, dialled=True, peer="")
        try:
            call = await self.agent.dial(leg_id, target, caller, sdp.offer(talk.local), timeout_ms, headers)
        except BaseException:
            self._by_call.pop(leg_id, None)
            if self._talks.pop(leg_id, None) is not None:
                self._close(talk.leg)
                self._studio.used.forget(leg_id)
            raise
        talk.call = call

    def hold(self, leg: Leg, held: bool) -> None:
        """As `MediaEngine.hold`; the far phone is told meanwhile, and sound stops at once whatever it says."""
        talk = self._talk(leg)
        leg.held = held
        self._studio.changed(leg)
        talk.local = talk.local.next(held=held)
        task = asyncio.get_running_loop().create_task(self._offer_again(talk))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def refer(self, leg: Leg, to: str, *, replaces: Leg | None) -> None:
        """As `MediaEngine.refer`."""
        call = self._talk(leg).call
        if call is not None:
            await call.refer(to, self._talk(replaces).call if replaces is not None else None)

    def close(self) -> None:
        """Lets go of every leg; the agent has ended their dialogs."""
        for task in self._tasks:
            task.cancel()
        for talk in self._talks.values():
            self._close(talk.leg)
        self._talks.clear()
        self._by_call.clear()

    # inside -------------------------------------------------------------------------------------------------------

    def _talk(self, leg: Leg) -> Talk:
        talk = self._talks.get(leg.leg_id)
        if talk is None:
            raise CannotDo("Only a leg of SIP can do that.")
        return talk

    def _open(self, leg_id: str, kind: Kind, *, dialled: bool, peer: str) -> Talk:
        leg = SipLeg(
            leg_id,
            kind,
            self._studio,
            self._studio.mixer.slots,
            state="dialling" if dialled else "incoming",
            since=self._clock(),
            host=self._host,
        )
        host = self._advertised or address_towards(self._host, peer)
        local = sdp.Local(host, leg.port, self._reports.port, secrets.randbits(31))
        talk = self._talks[leg_id] = self._by_call[leg_id] = Talk(leg, local, dialled)
        self._sockets.add(leg.sock.fileno(), leg.receive)
        self._reports.add(leg)
        self._studio.add(leg)
        self.on_leg()
        return talk

    def _take_over(self, talk: Talk, call: Call, offer: sdp.Remote | None) -> None:
        """Another dialog takes the place of a leg's own; the leg goes on and nobody else is told."""
        before, talk.call = talk.call, call
        assert before is not None
        del self._by_call[before.leg_id]
        self._by_call[call.leg_id] = talk
        talk.local, talk.offer, talk.answer = talk.local.next(held=False), offer, None
        talk.leg.held = False
        call.accept(self._answer(talk) if offer is not None else sdp.offer(talk.local))
        self._studio.changed(talk.leg)
        before.end("replaced")

    def _close(self, leg: SipLeg) -> None:
        self._sockets.remove(leg.sock.fileno())
        self._reports.remove(leg)
        leg.close()
        leg.state = "ended"
        self._studio.remove(leg)

    def _answer(self, talk: Talk) -> str:
        """Our answer to their first offer, made once."""
        if talk.answer is None:
            assert talk.offer is not None
            talk.answer, agreed = sdp.answer(talk.local, talk.offer)
            self._apply(talk, agreed)
        return talk.answer

    def _agree(self, talk: Talk, text: str) -> bool:
        """Their answer to our offer."""
        try:
            agreed = sdp.agree(talk.local, sdp.parse(text))
        except sdp.NoAgreement:
            return False
        self._apply(talk, agreed)
        return True

    def _apply(self, talk: Talk, agreed: sdp.Agreed) -> None:
        leg = talk.leg
        leg.apply(agreed)
        if agreed.far_held != leg.far_held:
            leg.far_held = agreed.far_held
            self._studio.tell(LegHeld, leg_id=leg.leg_id, held=agreed.far_held)
        self._studio.changed(leg)

    async def _offer_again(self, talk: Talk) -> None:
        assert talk.call is not None
        text = await talk.call.reinvite(sdp.offer(talk.local))
        if text is None or talk.leg.leg_id not in self._talks:
            return
        if not self._agree(talk, text):
            log.warning("answer to hold not understood")

    def _give_up(self, talk: Talk, text: str) -> None:
        talk.failed = text
        if talk.call is not None:
            talk.call.end(text)

    def _talks_now(self, leg: SipLeg) -> None:
        if leg.state != "talking":
            leg.state, leg.open, leg.since = "talking", True, self._clock()
            self._studio.changed(leg)
            self._studio.tell(LegAnswered, leg_id=leg.leg_id)


def address_towards(host: str, peer: str) -> str:
    """The address of ours that `peer` reaches: `host`, or where that is every address, the one on the way there."""
    if host not in _ANYWHERE:
        return host
    family, elsewhere = (socket.AF_INET6, "2001:db8::1") if ":" in host else (socket.AF_INET, "192.0.2.1")
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((peer or elsewhere, 9))  # sends nothing: it asks the routing table
        except OSError:
            return "::1" if ":" in host else "127.0.0.1"
        return str(probe.getsockname()[0])

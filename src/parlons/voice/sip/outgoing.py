"""A call we make: places in order, several phones at once, failover, ringing, the answer, giving up (RFC 3261 13.2)."""

import asyncio
from collections.abc import Sequence

from aiosipua import SipResponse

from parlons.voice.sip import session
from parlons.voice.sip.attempt import Attempt, Route
from parlons.voice.sip.causes import cause_of, try_next
from parlons.voice.sip.exchange import Exchange
from parlons.voice.sip.talk import SipCall
from parlons.voice.sip.within import note_methods

ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'
"""So that the other phones do not show a missed call (RFC 3326)."""


class OutgoingCall(SipCall):
    """`groups` are tried one after the other, the routes of a group at the same time."""

    def __init__(
        self, exchange: Exchange, leg_id: str, groups: Sequence[Sequence[Route]], offer: str, timeout_ms: int
    ) -> None:
        first = groups[0][0]
        super().__init__(exchange, leg_id, first.trunk, pinned=first.pinned)
        self.local_sdp = offer
        self._groups = list(groups)
        self._attempts: list[Attempt] = []
        self._worst: tuple[int, bool, str] = (0, False, "")
        """What the last refusal said: status, whether somebody said it, reason."""
        self._silence: asyncio.TimerHandle | None = None
        exchange.legs[leg_id] = self
        self._timer = asyncio.get_running_loop().call_later(timeout_ms / 1000, self._unanswered)

    def start(self) -> None:
        """Sends the first INVITE."""
        self._next_group()

    def give_up(self, text: str) -> None:
        """Nobody answered yet: CANCEL."""
        self._stop_attempts()
        self.finish("us", "canceled", text=text)

    def progressed(self, attempt: Attempt, status: int, sdp: str | None) -> None:
        """Somewhere it rings."""
        if self.state == "calling":
            self._hush()
            self.exchange.tell(self.exchange.listener.on_progress, self, status, sdp)

    def wants(self, attempt: Attempt) -> bool:
        """Whether a 200 is still of use: the first one only."""
        return self.state == "calling"

    def answered(self, attempt: Attempt, response: SipResponse, sdp: str | None) -> None:
        """The first 200; its ACK is sent."""
        self._stop_attempts(but=attempt)
        self.state = "talking"
        note_methods(self, response.headers.get("allow"))
        if sdp is None:
            self.bye("no SDP")
            return self.finish("engine", "error", status=200, text="no SDP in the answer")
        self.session.agree(session.read(response), "uac")
        self.exchange.tell(self.exchange.listener.on_answered, self, sdp)

    def failed(self, attempt: Attempt, status: int, response: SipResponse | None) -> None:
        """One place refused, or said nothing."""
        if self.state != "calling":
            return
        self._worst = (status, response is not None, response.reason_phrase if response else "")
        if any(not one.over for one in self._attempts) and status < 600:
            return
        if self._groups and try_next(status, answered=response is not None):
            return self._next_group()
        self._stop_attempts()
        said = response is not None
        self.finish(
            "far" if said else "engine",
            cause_of(status, answered=said),
            status=status if said else 0,
            text=self._worst[2],
        )

    def _next_group(self) -> None:
        self._hush()
        if self._groups:
            group, offer = self._groups.pop(0), self.local_sdp
            if self._groups:
                loop = asyncio.get_running_loop()
                self._silence = loop.call_later(self.exchange.timing.failover, self._nothing_heard)
            self._attempts = [Attempt(self, route, offer) for route in group]

    def _nothing_heard(self) -> None:
        """Not even 100 came, and there is somewhere else to try."""
        if self.state == "calling" and not any(one.heard for one in self._attempts):
            for attempt in self._attempts:
                attempt.give_up()
            self._next_group()

    def _unanswered(self) -> None:
        if self.state == "calling":
            self._stop_attempts()
            self.finish("engine", "no-answer")

    def _stop_attempts(self, but: Attempt | None = None) -> None:
        self._timer.cancel()
        self._hush()
        for attempt in self._attempts:
            if attempt is not but and not attempt.over:
                attempt.give_up(ELSEWHERE if but else "")

    def _hush(self) -> None:
        if self._silence:
            self._silence.cancel()
            self._silence = None

"""A call that came: ringing, early media, answer or refusal, CANCEL and BYE before the answer (RFC 3261 9.2, 13.3, 15.1.2)."""

import asyncio

from parlons.voice.media.config import Trunk
from parlons.voice.sip.dialogs import of_invite
from parlons.voice.sip.exchange import Exchange
from parlons.voice.sip.talk import SipCall
from parlons.voice.sip.transactions import ServerTransaction
from parlons.voice.sip.wire import sdp_of, with_sdp
from parlons.voice.sip.within import note_methods


class IncomingCall(SipCall):
    """Made for an INVITE that may come in."""

    def __init__(
        self, exchange: Exchange, leg_id: str, transaction: ServerTransaction, trunk: Trunk | None, *, pinned: bool
    ) -> None:
        super().__init__(exchange, leg_id, trunk, pinned=pinned)
        self.state = "incoming"
        self._transaction = transaction
        transaction.owner = self
        self.dialog = of_invite(transaction.inbound)
        self._origin = (self.dialog.call_id, self.dialog.remote_tag, transaction.inbound.sequence)
        exchange.origins.add(self._origin)
        exchange.legs[leg_id] = self
        exchange.dialogs[self.dialog.call_id, self.dialog.local_tag] = self
        self._ringing: asyncio.TimerHandle | None = None
        self._bye_text: str | None = None
        note_methods(self, transaction.inbound.request.headers.get("allow"))

    def ring(self, sdp: str | None = None) -> None:
        """180, or 183 with sound; said again now and then so that nobody on the way gives up."""
        if self.state != "incoming":
            return
        response = self.response(self._transaction.inbound.request, 180 if sdp is None else 183)
        with_sdp(response, sdp)
        self._transaction.respond(response)
        self._keep_ringing()

    def accept(self, sdp: str) -> None:
        """200; `on_answered` follows with the ACK."""
        if self.state != "incoming":
            return
        self._stop_ringing()
        self.state = "answered"
        self.accept_with(self._transaction, sdp, late=sdp_of(self._transaction.inbound.request) is None)

    def reject(self, status: int, text: str = "") -> None:
        """A final refusal, [300, 699]."""
        if self.state == "incoming":
            self._refuse(status if 300 <= status <= 699 else 480, text)
            self.finish("us", "declined" if status == 603 else "refused", status=status, text=text)
        else:
            self.end(text)

    def give_up(self, text: str) -> None:
        """480 before the answer; between 200 and ACK the BYE waits for the ACK (15)."""
        if self.state == "incoming":
            self._refuse(480, text)
            self.finish("us", "hangup", status=480, text=text)
        else:
            self._bye_text = text
            self.finish("us", "hangup", text=text)

    def canceled(self) -> None:
        """Their CANCEL: 487, unless it crossed our answer."""
        if self.state == "incoming":
            self._refuse(487, "")
            self.finish("far", "canceled", status=487)

    def hung_up(self) -> None:
        """Their BYE; before our answer the INVITE still wants its final response (15.1.2)."""
        if self.state == "incoming":
            return self.canceled()
        super().hung_up()

    def confirmed(self) -> None:
        """The ACK came."""
        if self._bye_text is not None:
            self.bye(self._bye_text)
            self._bye_text = None
        elif self.state == "answered":
            self.state = "talking"
            self.exchange.tell(self.exchange.listener.on_answered, self, None)

    def failed(self) -> None:
        """The listener did not want to hear of it: the caller is told."""
        if self.state == "incoming":
            self._refuse(500, "")
            self.state = "over"
            self.exchange.legs.pop(self.leg_id, None)
            self._forget()

    def _forget(self) -> None:
        self.exchange.origins.discard(self._origin)
        super()._forget()

    def _refuse(self, status: int, text: str) -> None:
        self._stop_ringing()
        self._transaction.respond(self.response(self._transaction.inbound.request, status, text))

    def _keep_ringing(self) -> None:
        self._stop_ringing()
        loop = asyncio.get_running_loop()
        self._ringing = loop.call_later(self.exchange.timing.keep_ringing, self._ring_again)

    def _ring_again(self) -> None:
        self._transaction.resend()
        self._keep_ringing()

    def _stop_ringing(self) -> None:
        if self._ringing:
            self._ringing.cancel()
            self._ringing = None

"""A call as both directions have it: requests within its dialog, hold and other new offers, session refresh, its end.

`incoming.py` and `outgoing.py` bring it to the point where both sides talk; what the far side asks within it stands in
`within.py`, transfers in `transfers.py`."""

import asyncio
import random
from collections.abc import Callable
from typing import Literal

from aiosipua import SipRequest, SipResponse

from parlons.voice.media.config import Trunk
from parlons.voice.media.events import Cause
from parlons.voice.sip import session
from parlons.voice.sip.acceptance import Acceptance
from parlons.voice.sip.dialogs import Dialog
from parlons.voice.sip.digest import answer_challenge
from parlons.voice.sip.exchange import Exchange
from parlons.voice.sip.transactions import ServerTransaction
from parlons.voice.sip.transfers import Transfers
from parlons.voice.sip.wire import ALLOW, PRODUCT, SUPPORTED, Hop, Inbound, answer, sdp_of, sequence_of, with_sdp

State = Literal["calling", "incoming", "answered", "talking", "over"]
Fill = Callable[[SipRequest], None]
Done = Callable[[int, SipResponse | None], None]
By = Literal["far", "us", "engine"]
OFFERED = ", ".join(sorted(SUPPORTED))


class SipCall:
    """One leg's dialog; fulfils `model.Call`."""

    def __init__(self, exchange: Exchange, leg_id: str, trunk: Trunk | None, *, pinned: bool) -> None:
        self.exchange, self.leg_id, self.trunk = exchange, leg_id, trunk
        self.pinned = pinned
        """A phone: requests go where it was last heard from, whatever its Contact says (it may sit behind NAT)."""
        self.dialog: Dialog | None = None
        self.state: State = "calling"
        self.local_sdp = ""
        self.acceptance: Acceptance | None = None
        self.inviting = False
        """An INVITE of ours within the dialog is under way."""
        self.their_methods: set[str] = set()
        """Of their Allow; empty: not told."""
        self.session = session.SessionTimer(self._refresh, self._expired)
        self.transfers = Transfers(self)
        self._acks: dict[int, tuple[bytes, Hop]] = {}
        self._asking = asyncio.Lock()

    # --- verbs of model.Call

    def ring(self, sdp: str | None = None) -> None:
        """Only an incoming call rings here."""

    def accept(self, sdp: str) -> None:
        """Only an incoming call is answered here."""

    def reject(self, status: int, text: str = "") -> None:
        """Refuses; a call that is no longer to be refused ends."""
        self.end(text)

    def end(self, text: str = "") -> None:
        """BYE for a call that talks; before that each direction knows its own way."""
        if self.state == "talking":
            self.transfers.close()
            self.bye(text)
            self.finish("us", "hangup", text=text)
        elif self.state != "over":
            self.give_up(text)

    def give_up(self, text: str) -> None:
        """Ends a call that does not talk yet."""
        raise NotImplementedError

    async def reinvite(self, sdp: str) -> str | None:
        """Offers new SDP; their answer, None when refused. Glare is waited out and tried again (14.1)."""
        async with self._asking:
            for _ in range(4):
                if self.state != "talking" or not self.dialog:
                    return None
                status, response = (491, None) if self.acceptance else await self._invite(sdp)
                if status != 491:
                    break
                await asyncio.sleep(random.uniform(0.2, 1.0) * 4 * self.exchange.timing.t1)  # noqa: S311
        if response and 200 <= status < 300:
            self.local_sdp = sdp
            return sdp_of(response)
        return None

    async def refer(self, to: str, replaces: object = None) -> None:
        """Asks the far side to call `to`."""
        self.transfers.refer(to, replaces if isinstance(replaces, SipCall) else None)

    def refer_result(self, status: int) -> None:
        """Tells the far side what became of the transfer it asked for."""
        self.transfers.tell(status)

    async def info_digit(self, digit: str) -> bool:
        """A key by INFO (application/dtmf-relay)."""

        def fill(request: SipRequest) -> None:
            request.headers.set_single("Content-Type", "application/dtmf-relay")
            request.text = f"Signal={digit}\r\nDuration=160\r\n"

        if self.state != "talking":
            return False
        status, _ = await self.ask("INFO", fill)
        return 200 <= status < 300

    # --- requests within the dialog

    def send(self, method: str, fill: Fill, done: Done) -> None:
        """Sends a request within the dialog, once more with credentials when the trunk asks for them."""
        self._send(method, fill, done, None)

    async def ask(self, method: str, fill: Fill) -> tuple[int, SipResponse | None]:
        """Sends a request and waits for its final response."""
        future: asyncio.Future[tuple[int, SipResponse | None]] = asyncio.get_running_loop().create_future()

        def done(status: int, response: SipResponse | None) -> None:
            if not future.done():
                future.set_result((status, response))

        self.send(method, fill, done)
        return await future

    def bye(self, text: str = "", dialog: Dialog | None = None) -> None:
        """Sends BYE; whatever is answered, it is over."""

        def fill(request: SipRequest) -> None:
            if text:
                clean = "".join(letter for letter in text if letter.isprintable() and letter not in '"\\')
                request.headers.set_single("Reason", f'SIP;cause=200;text="{clean[:100]}"')

        self._send("BYE", fill, lambda status, response: None, None, dialog)

    def acknowledge(self, response: SipResponse, dialog: Dialog, invite: SipRequest) -> None:
        """The ACK to a 2xx; the same once more when the 2xx comes again."""
        number = sequence_of(response)[0]
        if number in self._acks and dialog is self.dialog:
            data, hop = self._acks[number]
            return self.exchange.transactions.sockets.send(data, hop, lambda: None)
        ack = dialog.request("ACK", number)
        for name in ("Authorization", "Proxy-Authorization"):
            for value in invite.headers.get(name):
                ack.headers.append(name, value)
        hop = self.next_hop(dialog)
        data = self.exchange.transactions.send_ack(ack, hop)
        if dialog is self.dialog:
            self._acks = {number: (data, hop)}

    def next_hop(self, dialog: Dialog) -> Hop:
        """Where requests of this dialog go."""
        if self.pinned and not dialog.routes:
            return self.exchange.phone_hop(dialog.next_uri(), dialog.heard_from)
        return self.exchange.hop(dialog.next_uri(), dialog.heard_from)

    # --- what came

    def acked(self, inbound: Inbound) -> None:
        """The ACK to a 200 of ours."""
        acceptance = self.acceptance
        if not acceptance or inbound.sequence != acceptance.sequence:
            return
        acceptance.stop()
        self.acceptance = None
        if acceptance.late and self.state != "over":
            answer_sdp = sdp_of(inbound.request)
            if answer_sdp is None:
                self.bye("no answer in the ACK")
                return self.finish("engine", "error")
            self.exchange.tell(self.exchange.listener.on_late_answer, self, answer_sdp)
        self.confirmed()

    def presume_acked(self) -> None:
        """A new INVITE of theirs: they have our 200, so it was the ACK that got lost (no INVITE begins before the last one
        ended, 14.1). Unless the ACK was to bring their answer."""
        if self.acceptance and not self.acceptance.late:
            self.acceptance.stop()
            self.acceptance = None
            self.confirmed()

    def confirmed(self) -> None:
        """An ACK came and is dealt with."""

    def hung_up(self) -> None:
        """Their BYE."""
        if self.acceptance:
            self.acceptance.stop()
            self.acceptance = None
        self.finish("far", "hangup")

    def accept_with(self, transaction: ServerTransaction, sdp: str, *, late: bool) -> None:
        """Answers an INVITE 200 with `sdp` and waits for its ACK."""
        request, agreed = transaction.inbound.request, session.decide(transaction.inbound.request, self.exchange.timing)
        response = self.response(request, 200)
        with_sdp(response, sdp)
        session.apply(response, agreed)
        self.local_sdp = sdp
        self.acceptance = Acceptance(transaction, response, self.exchange.timing, late=late, lost=self._no_ack)
        self.session.agree(agreed, "uas")

    def response(self, request: SipRequest, status: int, text: str = "") -> SipResponse:
        """An answer of this call, with what makes or keeps a dialog."""
        assert self.dialog
        response = answer(request, status, text, tag=self.dialog.local_tag)
        if 100 < status < 300:
            response.headers.set_single("Contact", self.exchange.contact(self.dialog.heard_from))
            response.headers.set_single("Allow", ALLOW)
            response.headers.set_single("Supported", OFFERED)
        return response

    def finish(self, by: By, cause: Cause, *, status: int = 0, text: str = "") -> None:
        """It is over: said once."""
        if self.state == "over":
            return
        self.state = "over"
        self.session.stop()
        self.transfers.ended()
        exchange = self.exchange
        if exchange.legs.get(self.leg_id) is self:
            del exchange.legs[self.leg_id]
        asyncio.get_running_loop().call_later(exchange.timing.give_up, self._forget)
        exchange.tell(exchange.listener.on_ended, self, by=by, cause=cause, status=status, text=text)

    # --- inside

    def _forget(self) -> None:
        if self.acceptance:
            self.acceptance.stop()
        if self.dialog:
            self.exchange.dialogs.pop((self.dialog.call_id, self.dialog.local_tag), None)

    def _send(
        self, method: str, fill: Fill, done: Done, credentials: tuple[str, str] | None, dialog: Dialog | None = None
    ) -> None:
        dialog = dialog or self.dialog
        assert dialog
        request = dialog.request(method)
        hop = self.next_hop(dialog)
        headers = request.headers
        headers.set_single("User-Agent", PRODUCT)
        if method in ("INVITE", "UPDATE", "REFER", "NOTIFY"):
            headers.set_single("Contact", self.exchange.contact(hop))
            headers.set_single("Allow", ALLOW)
            headers.set_single("Supported", OFFERED)
        fill(request)
        if credentials:
            headers.set_single(*credentials)

        def answered(status: int, response: SipResponse | None) -> None:
            if response and status in (401, 407) and not credentials and self.trunk and self.trunk.username:
                given = answer_challenge(response, request, self.trunk.username, self.trunk.password)
                if given:
                    return self._send(method, fill, done, given, dialog)
            if response and method == "INVITE" and 200 <= status < 300:
                dialog.retarget(response)
                self.acknowledge(response, dialog, request)
            if status >= 200:
                done(status, response)

        self.exchange.transactions.request(request, hop, answered)

    async def _invite(self, sdp: str) -> tuple[int, SipResponse | None]:
        def fill(request: SipRequest) -> None:
            with_sdp(request, sdp)
            if self.session.seconds:
                request.headers.set_single("Session-Expires", str(self.session.seconds))

        self.inviting = True
        try:
            status, response = await self.ask("INVITE", fill)
        finally:
            self.inviting = False
        self._learn(status, response)
        return status, response

    def _learn(self, status: int, response: SipResponse | None) -> None:
        """What a final answer to a re-INVITE or UPDATE says of the session; 481 and silence end the dialog (12.2.1.2)."""
        if self.state != "talking":
            return
        if response and 200 <= status < 300:
            self.session.agree(session.read(response), "uac")
        elif status in (408, 481) or response is None:
            self.bye()
            self.finish("engine" if response is None else "far", "lost", status=status)

    def _refresh(self) -> None:
        """Half of the session's time is over and we refresh: UPDATE where they take it, else the last offer again."""
        if self.state != "talking":
            return
        if self.their_methods and "UPDATE" not in self.their_methods:
            return self.exchange.spawn(self.reinvite(self.local_sdp))
        value = f"{self.session.seconds};refresher=uac"
        self.send("UPDATE", lambda request: request.headers.set_single("Session-Expires", value), self._learn)

    def _expired(self) -> None:
        if self.state == "talking":
            self.bye("session expired")
            self.finish("engine", "lost", text="session expired")

    def _no_ack(self) -> None:
        self.acceptance = None
        self.bye("no ACK")
        self.finish("engine", "lost", text="no ACK")

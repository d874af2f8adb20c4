"""Transactions: RFC 3261 section 17 with the Accepted states of RFC 6026. Absorbs what comes twice, repeats what got lost.

A server transaction answers its request; a client transaction tells its owner each response, `None` standing for none
(408: timers B and F; 503: it could not be sent). The 200 to an INVITE is repeated by its call, not here (13.3.1.4).
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from aiosipua import SipRequest, SipResponse

from parlons.runtime.log import log
from parlons.voice.sip.checks import read
from parlons.voice.sip.sockets import Sockets
from parlons.voice.sip.wire import COOKIE, Hop, Inbound, answer, answer_hop, branch_of, sequence_of, via_value


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds."""

    t1: float = 0.5
    """Round trip, from which the retransmission times derive."""
    t2: float = 4.0
    t4: float = 5.0
    ringing: float = 200.0
    """A dialled INVITE that got a provisional answer is given up after that long (timer C)."""
    keep_ringing: float = 55.0
    """Between two provisional answers of ours, so that proxies do not give up (13.3.1.1)."""
    failover: float = 4.0
    """A trunk that says nothing at all is left for the next after that long."""
    session: int = 1800
    """Session-Expires which we ask for (RFC 4028)."""
    min_session: int = 90
    nonce: float = 300.0
    """A digest challenge of ours is good for that long."""
    register_retry: float = 5.0
    """First wait after a registration that failed; doubles up to 60 times that."""

    @property
    def give_up(self) -> float:
        """64 * T1: timers B, F, H, L, M."""
        return 64 * self.t1


Answered = Callable[[int, SipResponse | None], None]
Key = tuple[str, str, str]


class ServerTransaction:
    """One request that came, until it can no longer be repeated."""

    def __init__(self, layer: "Transactions", key: Key, inbound: Inbound) -> None:
        self._layer, self._key = layer, key
        self.inbound: Inbound = inbound
        self._hop = answer_hop(inbound.via, inbound.hop)
        self._reliable = inbound.hop.transport == "tcp"
        self._last = b""
        self._timer: asyncio.TimerHandle | None = None
        self.status = 0
        """Of the last response; 0: none."""
        self.owner: object = None
        """The call it made, for a CANCEL to find."""

    def respond(self, response: SipResponse) -> None:
        """Sends it, repeated as due; after a final response nothing more is sent."""
        if self.status >= 200:
            return
        self.status, self._last = response.status_code, bytes(response)
        self.resend()
        if self.status < 200:
            return
        if self._key[2] == "INVITE" and self.status >= 300:
            self._repeat(self._layer.timing.t1, 0.0)
        else:
            self._later(self._layer.timing.give_up, self._forget)

    def refuse(self, status: int, reason: str = "", **headers: str) -> None:
        """Responds with a To tag of its own."""
        self.respond(answer(self.inbound.request, status, reason, tag=self._key[0][-10:] + "r", **headers))

    def resend(self) -> None:
        """The last response once more."""
        if self._last:
            self._layer.sockets.send(self._last, self._hop, lambda: None)

    def acknowledged(self) -> None:
        """The ACK of a refusal came: nothing is repeated any more (timer I)."""
        if self.status >= 300:
            self._later(0 if self._reliable else self._layer.timing.t4, self._forget)

    def _repeat(self, interval: float, spent: float) -> None:
        """Timers G and H."""
        timing = self._layer.timing
        if spent >= timing.give_up:
            return self._forget()
        if spent and not self._reliable:
            self.resend()
            interval = min(2 * interval, timing.t2)
        self._later(interval, lambda: self._repeat(interval, spent + interval))

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, act)

    def _forget(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._layer.servers.pop(self._key, None)

    def stop(self) -> None:
        """No more timers."""
        if self._timer:
            self._timer.cancel()


class ClientTransaction:
    """One request of ours, until no response to it can come any more."""

    def __init__(self, layer: "Transactions", request: SipRequest, hop: Hop, answered: Answered) -> None:
        self._layer, self.request, self.hop, self._answered = layer, request, hop, answered
        self.key = (branch_of(request), request.method)
        self._invite = request.method == "INVITE"
        self._data = bytes(request)
        self._ack = b""
        self._timer: asyncio.TimerHandle | None = None
        self.status = 0

    def start(self) -> None:
        """Sends it (timers A, B, E, F)."""
        self._layer.sockets.send(self._data, self.hop, self.unsent)
        self._repeat(self._layer.timing.t1, 0.0)

    def heard(self, response: SipResponse) -> None:
        """A response came; its owner hears the first final one, each provisional one, and each 2xx to an INVITE."""
        status, timing = response.status_code, self._layer.timing
        if status < 200:
            if self.status >= 200:
                return
            self.status = status
            if self._invite:
                self._later(timing.ringing, lambda: self._end(408))
        elif self.status >= 200:
            if self._invite and status >= 300 and self._ack:
                self._layer.sockets.send(self._ack, self.hop, lambda: None)
            if not (self._invite and status < 300):
                return
        else:
            self.status = status
            self._later(timing.give_up if self._invite else timing.t4, self._forget)
            if self._invite and status >= 300:
                self._ack = bytes(self._acknowledgement(response))
                self._layer.sockets.send(self._ack, self.hop, lambda: None)
        self._answered(status, response)

    def give_up_after(self, seconds: float) -> None:
        """A cancelled INVITE whose final response does not come is over by then (9.1)."""
        if self.status < 200:
            self._later(seconds, lambda: self._end(408))

    def stop(self) -> None:
        """No more timers."""
        if self._timer:
            self._timer.cancel()

    def _repeat(self, interval: float, spent: float) -> None:
        timing = self._layer.timing
        if self.status and self._invite:
            return
        if spent >= timing.give_up:
            return self._end(408)
        if spent:
            if self.hop.transport == "udp":
                self._layer.sockets.send(self._data, self.hop, self.unsent)
            interval = 2 * interval if self._invite else min(2 * interval, timing.t2)
        if self.status >= 200:
            return
        step = min(interval, timing.give_up - spent)
        self._later(step, lambda: self._repeat(interval, spent + step))

    def _acknowledgement(self, response: SipResponse) -> SipRequest:
        """The ACK to a refusal: same branch, same route, To of the response (17.1.1.3)."""
        ack = SipRequest(method="ACK", uri=self.request.uri)
        ack.headers.append("Via", self.request.headers.get("via")[0])
        for name in ("From", "Call-ID", "Max-Forwards", "Route"):
            for value in self.request.headers.get(name):
                ack.headers.append(name, value)
        ack.headers.append("To", response.headers.get("to")[0])
        ack.headers.append("CSeq", f"{sequence_of(self.request)[0]} ACK")
        return ack

    def unsent(self) -> None:
        """It did not go, or its connection closed."""
        asyncio.get_running_loop().call_soon(self._refuse_unsent)  # its owner has not even got it back yet

    def _refuse_unsent(self) -> None:
        if not self.status:
            self._end(503)

    def _end(self, status: int) -> None:
        self.status = status
        self._forget()
        self._answered(status, None)

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, act)

    def _forget(self) -> None:
        self.stop()
        self._layer.clients.pop(self.key, None)


class Transactions:
    """The layer between sockets and calls.

    `guard` sees every datagram's start first and says whether it may pass (floods); `requested` gets each new request with
    its transaction, `acked` each ACK that belongs to no refusal, `strayed` a 2xx to an INVITE nobody waits for any more."""

    def __init__(
        self,
        timing: Timing,
        *,
        guard: Callable[[bytes, Hop], bool],
        requested: Callable[[ServerTransaction], None],
        acked: Callable[[Inbound], None],
        strayed: Callable[[SipResponse, Hop], None],
    ) -> None:
        self.timing = timing
        self._guard, self._requested, self._acked, self._strayed = guard, requested, acked, strayed
        self.sockets = Sockets(self._heard, self._gone)
        self.servers: dict[Key, ServerTransaction] = {}
        self.clients: dict[tuple[str, str], ClientTransaction] = {}

    def request(self, request: SipRequest, hop: Hop, answered: Answered) -> ClientTransaction:
        """Sends a request (not an ACK); its Via is put on here."""
        self.address(request, hop)
        transaction = ClientTransaction(self, request, hop, answered)
        self.clients[transaction.key] = transaction
        transaction.start()
        return transaction

    def cancel(self, transaction: ClientTransaction, reason: str = "") -> None:
        """CANCELs an INVITE that got a provisional answer (9.1); `reason` as in RFC 3326."""
        original = transaction.request
        cancel = SipRequest(method="CANCEL", uri=original.uri)
        for name in ("Via", "From", "To", "Call-ID", "Max-Forwards", "Route"):
            for value in original.headers.get(name)[: 1 if name == "Via" else None]:
                cancel.headers.append(name, value)
        cancel.headers.append("CSeq", f"{sequence_of(original)[0]} CANCEL")
        if reason:
            cancel.headers.append("Reason", reason)
        client = ClientTransaction(self, cancel, transaction.hop, lambda status, response: None)
        self.clients[client.key] = client
        client.start()
        transaction.give_up_after(self.timing.give_up)

    def send_ack(self, ack: SipRequest, hop: Hop) -> bytes:
        """The ACK to a 2xx, which is a transaction of its own; returns it for repetition."""
        self.address(ack, hop)
        data = bytes(ack)
        self.sockets.send(data, hop, lambda: None)
        return data

    def address(self, request: SipRequest, hop: Hop) -> None:
        """Puts a fresh Via on a request of ours."""
        host = self.sockets.local_host(hop.host)
        request.headers.set_single("Via", via_value(hop.transport, host, self.sockets.port))

    def invite_of(self, cancel: ServerTransaction) -> ServerTransaction | None:
        """The INVITE which a CANCEL means (9.2)."""
        return self.servers.get(_key(cancel.inbound, "INVITE"))

    def stop(self) -> None:
        """Ends every timer."""
        for server in self.servers.values():
            server.stop()
        for client in self.clients.values():
            client.stop()
        self.servers.clear()
        self.clients.clear()

    def _heard(self, data: bytes, hop: Hop) -> None:
        if not data.strip(b"\r\n\0 ") or not self._guard(data, hop):
            return
        try:
            message = read(data, hop)
            if isinstance(message, Inbound):
                self._request(message)
            elif isinstance(message, SipResponse):
                self._response(message, hop)
            elif message:
                response, request = message
                self._answer_malformed(response, request, hop)
        except Exception:
            log.exception("sip.failed")

    def _gone(self, hop: Hop) -> None:
        """A connection closed: what was sent on it and not even acknowledged by 100 failed; the owner may try elsewhere."""
        for client in list(self.clients.values()):
            if client.hop == hop and not client.status:
                client.unsent()

    def _answer_malformed(self, response: SipResponse, request: SipRequest, hop: Hop) -> None:
        via = request.via[0]
        self.sockets.send(bytes(response), answer_hop(via, hop), lambda: None)

    def _request(self, inbound: Inbound) -> None:
        if inbound.method == "ACK":
            known = self.servers.get(_key(inbound, "INVITE"))
            if known and known.status >= 300:
                return known.acknowledged()
            return self._acked(inbound)
        key = _key(inbound, inbound.method)
        known = self.servers.get(key)
        if known:
            return known.resend()
        transaction = self.servers[key] = ServerTransaction(self, key, inbound)
        try:
            self._requested(transaction)
        except Exception:
            log.exception("sip.failed", method=inbound.method if len(inbound.method) < 10 else "other")
            transaction.refuse(500)

    def _response(self, response: SipResponse, hop: Hop) -> None:
        method = sequence_of(response)[1]
        known = self.clients.get((branch_of(response), method))
        if known:
            known.heard(response)
        elif method == "INVITE" and 200 <= response.status_code < 300:
            self._strayed(response, hop)


def _key(inbound: Inbound, method: str) -> Key:
    """What a repeated request has in common with the first (17.2.3); without a proper branch as RFC 2543 had it."""
    via = inbound.via
    sent_by = f"{via.host.lower()}:{via.port or 5060}"
    branch = via.branch or ""
    if len(branch) > len(COOKIE) and branch.startswith(COOKIE):
        return branch, sent_by, method
    return f"{inbound.call_id}|{inbound.from_.tag}|{inbound.sequence}|{inbound.request.uri}", sent_by, method

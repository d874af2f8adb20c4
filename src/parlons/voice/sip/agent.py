"""`SipAgent`: the SIP side of the voice process (fulfils `model.Agent`). Takes requests from the transaction layer, decides
who may do what (admission.py), hands them to calls, registrar and trunks."""

import time
from collections.abc import Mapping
from typing import Literal

from aiosipua import SipResponse

from parlons.kit.ids import new_id
from parlons.voice.media.config import EngineConfig, Trunk
from parlons.voice.media.engine import Caller, NotThere, NumberTarget, PhoneTarget, Target, UriTarget
from parlons.voice.sip import model, session, within
from parlons.voice.sip.addresses import BadAddress, host_text, parse_address, parse_uri
from parlons.voice.sip.admission import Admission
from parlons.voice.sip.attempt import Route
from parlons.voice.sip.checks import Malformed, acceptable
from parlons.voice.sip.digest import Gate
from parlons.voice.sip.exchange import Exchange
from parlons.voice.sip.floods import Floods
from parlons.voice.sip.incoming import IncomingCall
from parlons.voice.sip.numbers import identity_headers
from parlons.voice.sip.outgoing import OutgoingCall
from parlons.voice.sip.registrar import Binding, Registrar
from parlons.voice.sip.talk import SipCall
from parlons.voice.sip.transactions import ServerTransaction, Timing, Transactions
from parlons.voice.sip.transfers import find_replaced
from parlons.voice.sip.trunks import Lines, clean_headers
from parlons.voice.sip.wire import ALLOW, SDP, SUPPORTED, Hop, Inbound, answer, sdp_of

LOCAL = Trunk(id="", host="", assert_identity=False)
"""How callers are shown where no trunk has rules."""
LEG = "VL"


class SipAgent:
    """One UDP and one TCP socket, and every call by them."""

    def __init__(
        self,
        config: EngineConfig,
        listener: model.Listener,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        advertised: str = "",
        timing: Timing | None = None,
    ) -> None:
        """`host`: address to listen at; `advertised`: the one told to public addresses, where it is another (behind NAT)."""
        self._config, self._host, self.port = config, host, port
        self.timing = timing or Timing()
        self._exchange = Exchange(listener, self.timing)
        self._transactions = self._exchange.transactions = Transactions(
            self.timing, guard=self._guard, requested=self._requested, acked=self._acked, strayed=self._strayed
        )
        self._transactions.sockets.advertised = advertised
        self._floods = Floods(config.limits.invites_per_second)
        self.registrar = Registrar(lambda username, there: self._exchange.tell(listener.on_phone, username, there))
        self.lines = Lines(self._exchange)
        self._admission = Admission(
            self._exchange, self.lines, self.registrar, self._floods, Gate(self.timing.nonce), lambda: self._config
        )

    # --- verbs of model.Agent

    async def start(self) -> None:
        """Opens the sockets, registers at trunks. Raises OSError when the port is taken."""
        await self._transactions.sockets.open(self._host, self.port)
        self.port = self._transactions.sockets.port
        await self.configure(self._config)

    async def stop(self) -> None:
        """Ends every call, unregisters, closes."""
        for call in list(self._exchange.legs.values()):
            call.end("shutting down")
        await self.lines.close()
        self.registrar.stop()
        await self._exchange.stop()
        self._transactions.stop()
        await self._transactions.sockets.close()

    async def configure(self, config: EngineConfig) -> None:
        """Replaces trunks, phones, limits; calls go on."""
        self._config = config
        self._floods.rate = config.limits.invites_per_second
        self.registrar.keep_only({phone.username: phone.password for phone in config.phones})
        await self.lines.configure(config.trunks)

    async def dial(
        self, leg_id: str, target: Target, caller: Caller, offer: str, timeout_ms: int, headers: Mapping[str, str]
    ) -> OutgoingCall:
        """Sends an INVITE. Raises NotThere for an unknown trunk, an unregistered phone, a name that has no address."""
        groups = await self._groups(target, caller, clean_headers(dict(headers)))
        if not groups:
            raise NotThere("There is no way to call this: no such trunk, or the phone is not registered.")
        call = OutgoingCall(self._exchange, leg_id, groups, offer, timeout_ms)
        call.start()
        return call

    def call_of(self, leg_id: str) -> SipCall | None:
        """The call of a leg that lives."""
        return self._exchange.legs.get(leg_id)

    # --- ways out

    async def _groups(self, target: Target, caller: Caller, extra: dict[str, str]) -> list[list[Route]]:
        match target:
            case NumberTarget():
                lines = [self.lines.by_id[one] for one in target.trunk_ids if one in self.lines.by_id]
                lines.sort(key=lambda line: not line.up)  # those known to be down come last, else as asked for
                return [[route] for line in lines for route in line.routes(target.number, caller, extra)]
            case PhoneTarget():
                group = [self._to_phone(one, caller, extra) for one in self.registrar.bindings(target.username)]
                return [group] if group else []
            case UriTarget():
                return await self._direct(target.uri, caller, extra)

    def _to_phone(self, binding: Binding, caller: Caller, extra: dict[str, str]) -> Route:
        first = parse_address(binding.path[0]).uri if binding.path else parse_uri(binding.uri)
        hop = self._exchange.hop(first, binding.hop) if binding.path else self._exchange.phone_hop(first, binding.hop)
        identity = self._identity(caller, hop)
        return Route(binding.uri, hop, identity, pinned=True, extra=extra, path=binding.path)

    async def _direct(self, text: str, caller: Caller, extra: dict[str, str]) -> list[list[Route]]:
        try:
            uri = parse_uri(text)
        except BadAddress:
            raise NotThere("This is not a SIP URI.") from None
        transport: Literal["udp", "tcp"] = "tcp" if uri.params.get("transport") == "tcp" else "udp"
        hops = [Hop(transport, one, uri.port or 5060) for one in (await self._exchange.resolve(uri.host))[:3]]
        return [[Route(text, hop, self._identity(caller, hop), extra=extra)] for hop in hops]

    def _identity(self, caller: Caller, hop: Hop) -> dict[str, str]:
        host = host_text(self._transactions.sockets.local_host(hop.host))
        return identity_headers(caller, LOCAL, host)

    # --- what comes

    def _guard(self, start: bytes, hop: Hop) -> bool:
        trusted = self.lines.trusts(hop.host)
        judged = self._floods.judge(start[:8], hop.host, trusted=trusted)
        if judged == "refuse":
            self._admission.refuse_flood(start, hop)
        return judged == "pass"

    def _requested(self, transaction: ServerTransaction) -> None:
        inbound = transaction.inbound
        try:
            acceptable(inbound)
        except Malformed as problem:
            return transaction.refuse(problem.status, problem.reason, **problem.headers)
        if inbound.method == "CANCEL":
            return self._cancel(transaction)
        if inbound.to.tag:
            return self._within(transaction)
        match inbound.method:
            case "INVITE":
                self._invite(transaction)
            case "REGISTER":
                self._register(transaction)
            case "OPTIONS":
                transaction.refuse(200, Allow=ALLOW, Accept=SDP, Supported=", ".join(sorted(SUPPORTED)))
            case "REFER":
                transaction.refuse(403)
            case _:
                transaction.refuse(481)

    def _within(self, transaction: ServerTransaction) -> None:
        inbound = transaction.inbound
        call = self._exchange.dialogs.get((inbound.call_id, inbound.to.tag))
        if call is None:
            return transaction.refuse(481)
        within.handle(call, transaction)

    def _cancel(self, transaction: ServerTransaction) -> None:
        invite = self._transactions.invite_of(transaction)
        if invite is None:
            return transaction.refuse(481)
        transaction.refuse(200)
        call = invite.owner
        if isinstance(call, IncomingCall):
            call.canceled()

    def _register(self, transaction: ServerTransaction) -> None:
        username = self._admission.phone(transaction)
        if username is None:
            return
        if transaction.inbound.to.uri.number != username:
            return transaction.refuse(403)
        self.registrar.register(username, transaction)

    def _invite(self, transaction: ServerTransaction) -> None:
        inbound, exchange = transaction.inbound, self._exchange
        if (inbound.call_id, inbound.from_.tag, inbound.sequence) in exchange.origins:  # by another way (8.2.2.2)
            return transaction.refuse(482)
        if len(exchange.legs) >= self._config.limits.calls:
            return transaction.refuse(503, Retry_After="10")
        who = self._admission.caller(transaction)
        if who is None:
            return
        if session.too_small(inbound.request, self.timing):
            return transaction.refuse(422, Min_SE=str(self.timing.min_session))
        replaced = None
        value = inbound.request.headers.get_first("replaces")
        if value is not None:
            replaced = find_replaced(exchange, value)
            if replaced is None:
                return transaction.refuse(481)
        transaction.respond(answer(inbound.request, 100))
        leg_id = new_id(LEG, time.time_ns() // 1_000_000)
        call = IncomingCall(exchange, leg_id, transaction, who.trunk, pinned=who.username is not None)
        incoming = who.incoming(call, inbound, sdp_of(inbound.request), replaced)
        try:
            exchange.listener.on_incoming(incoming)
        except Exception:
            call.failed()
            raise

    def _acked(self, inbound: Inbound) -> None:
        call = self._exchange.dialogs.get((inbound.call_id, inbound.to.tag))
        if call and call.dialog and inbound.from_.tag == call.dialog.remote_tag:
            call.acked(inbound)

    def _strayed(self, response: SipResponse, hop: Hop) -> None:
        """A 200 nobody waits for any more: its transaction is over; without ACK its sender ends the call itself."""

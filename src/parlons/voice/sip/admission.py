"""Who may call through us: a trunk, by its address; a desk phone, by digest. Nobody else (toll fraud)."""

from collections.abc import Callable
from dataclasses import dataclass

from aiosipua import SipRequest

from parlons.voice.media.config import EngineConfig, Trunk
from parlons.voice.sip.addresses import parse_uri
from parlons.voice.sip.digest import Gate, proves
from parlons.voice.sip.exchange import Exchange
from parlons.voice.sip.floods import Floods
from parlons.voice.sip.model import Call, Incoming
from parlons.voice.sip.numbers import called_of, caller_of
from parlons.voice.sip.registrar import Registrar
from parlons.voice.sip.transactions import ServerTransaction
from parlons.voice.sip.trunks import Lines
from parlons.voice.sip.wire import REASONS, Hop, Inbound, answer, answer_hop, parse, stamp, top_via

MAX_HEADERS = 32
MAX_VALUE = 1_000


@dataclass(frozen=True, slots=True)
class Who:
    """Who calls."""

    trunk: Trunk | None
    username: str | None

    def incoming(self, call: Call, inbound: Inbound, offer: str | None, replaces: Call | None) -> Incoming:
        """What the listener is told."""
        number, name = caller_of(inbound, self.trunk)
        return Incoming(
            call=call,
            kind="trunk" if self.trunk else "phone",
            trunk_id=self.trunk.id if self.trunk else None,
            username=self.username,
            from_number=number,
            from_name=name,
            to_number=called_of(inbound, parse_uri(inbound.request.uri).number, self.trunk),
            offer=offer,
            headers=_passed_on(inbound),
            replaces=replaces,
        )


def _passed_on(inbound: Inbound) -> dict[str, str]:
    """X-* headers and Diversion; no more and no longer than anybody means in earnest."""
    names = [(name, values[0]) for name, values in inbound.request.headers.items()]
    wanted = [(name, value) for name, value in names if name.lower().startswith("x-") or name.lower() == "diversion"]
    return {name[:80]: value[:MAX_VALUE] for name, value in wanted[:MAX_HEADERS]}


class Admission:
    """Judges requests that make something new."""

    def __init__(
        self,
        exchange: Exchange,
        lines: Lines,
        registrar: Registrar,
        floods: Floods,
        gate: Gate,
        config: Callable[[], EngineConfig],
    ) -> None:
        self._exchange, self._lines, self._registrar, self._floods = exchange, lines, registrar, floods
        self._gate, self._config = gate, config

    def caller(self, transaction: ServerTransaction) -> Who | None:
        """Who sends this INVITE; None: answered already."""
        inbound = transaction.inbound
        trunk = self._lines.caller(inbound.hop, parse_uri(inbound.request.uri).number)
        if trunk and not self._is_phone(inbound):
            return Who(trunk, None)
        username = self.phone(transaction)
        return Who(None, username) if username is not None else None

    def phone(self, transaction: ServerTransaction) -> str | None:
        """The phone that proved to send this; None: challenged or refused. Without phones nobody is challenged."""
        inbound, phones = transaction.inbound, self._secrets()
        host = inbound.hop.host
        if not phones or self._floods.banned(host):
            transaction.refuse(403)
            return None
        verdict = self._gate.judge(inbound.request, host, phones.get)
        if verdict.result == "right":
            return verdict.username
        if verdict.result == "wrong" and not self._lines.trusts(host):  # behind the edge stand many; it bans by itself
            self._floods.wrong(host)
        response = answer(inbound.request, 401, tag="challenge")
        agent = inbound.request.headers.get_first("user-agent") or ""
        for value in self._gate.challenges(host, agent, stale=verdict.result == "stale"):
            response.headers.append("WWW-Authenticate", value)
        transaction.respond(response)
        return None

    def refuse_flood(self, data: bytes, hop: Hop) -> None:
        """503 without keeping anything."""
        try:
            request = SipRequest(headers=parse(b"OPTIONS sip:x SIP/2.0\r\n" + data.partition(b"\n")[2]).headers)
            via = top_via(request)
            stamp(request, via, hop)
        except ValueError:
            return
        response = answer(request, 503, REASONS[503], tag="flood", Retry_After="5")
        self._exchange.transactions.sockets.send(bytes(response), answer_hop(via, hop), lambda: None)

    def _secrets(self) -> dict[str, str]:
        """Of the phones; one without a secret may not register."""
        return {one.username: one.password for one in self._config().phones if one.username and one.password}

    def _is_phone(self, inbound: Inbound) -> bool:
        """A request from a trunk's address that a phone on the same machine sends: it names itself one, to us."""
        sender = inbound.from_.uri
        if self._registrar.at(sender.number, inbound.hop) or proves(inbound.request):
            return True
        sockets = self._exchange.transactions.sockets
        to_us = sender.host == sockets.local_host(inbound.hop.host) and sender.port in (None, sockets.port)
        return to_us and sender.number in self._secrets()

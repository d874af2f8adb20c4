"""Dialogs: RFC 3261 section 12. Tags, sequence numbers, remote target and route set, and the requests made from them."""

import secrets
from dataclasses import dataclass, field

from aiosipua import SipRequest, SipResponse

from parlons.voice.sip.addresses import BadAddress, Uri, parse_address, parse_uri
from parlons.voice.sip.wire import Hop, Inbound, sequence_of


def fresh_tag() -> str:
    """A tag of ours."""
    return secrets.token_hex(8)


@dataclass(slots=True)
class Dialog:
    """One relation between our call and one far side."""

    call_id: str
    local_tag: str
    local: str
    """Our From value, without tag."""
    remote: str
    """Their To value, without tag."""
    target: str
    """URI of their Contact."""
    heard_from: Hop
    """Where their last message came from; where ours go while the target's host is not resolved."""
    remote_tag: str = ""
    routes: list[str] = field(default_factory=list)
    """Route values, nearest first."""
    local_sequence: int = 0
    remote_sequence: int = -1

    def request(self, method: str, sequence: int | None = None) -> SipRequest:
        """A request within the dialog; `sequence` only for ACK and CANCEL, which take that of their INVITE."""
        if sequence is None:
            self.local_sequence += 1
        request = SipRequest(method=method, uri=self.target)
        routes = list(self.routes)
        if routes and "lr" not in _uri(routes[0]).params:  # a strict router (12.2.1.1)
            request.uri = parse_address(routes[0]).text
            routes = [*routes[1:], f"<{self.target}>"]
        headers = request.headers
        headers.append("Max-Forwards", "70")
        headers.append("From", f"{self.local};tag={self.local_tag}")
        headers.append("To", f"{self.remote};tag={self.remote_tag}" if self.remote_tag else self.remote)
        headers.append("Call-ID", self.call_id)
        headers.append("CSeq", f"{self.local_sequence if sequence is None else sequence} {method}")
        for route in routes:
            headers.append("Route", route)
        return request

    def next_uri(self) -> Uri:
        """Where the next request goes: first route, else the target."""
        return _uri(self.routes[0]) if self.routes else parse_uri(self.target)

    def confirm(self, response: SipResponse) -> None:
        """Takes over tag, target and routes of a response that makes the dialog (12.1.2)."""
        self.remote_tag = parse_address(response.headers.get("to")[0]).tag
        self.routes = list(reversed(response.headers.get("record-route")))
        self.retarget(response)

    def retarget(self, message: SipRequest | SipResponse) -> None:
        """A Contact in a re-INVITE, an UPDATE or their 2xx is the new target (12.2)."""
        for value in message.headers.get("contact")[:1]:
            try:
                address = parse_address(value)
            except BadAddress:
                return
            if address.uri.host:
                self.target = address.text

    def in_order(self, inbound: Inbound) -> bool:
        """Whether a request's number is higher than all before (12.2.2); noted when it is."""
        if inbound.sequence <= self.remote_sequence:
            return False
        self.remote_sequence = inbound.sequence
        self.heard_from = inbound.hop
        return True


def of_invite(inbound: Inbound) -> Dialog:
    """Our side of the dialog which this INVITE would make (12.1.1)."""
    request = inbound.request
    dialog = Dialog(
        call_id=inbound.call_id,
        local_tag=fresh_tag(),
        local=_without_tag(request.headers.get("to")[0]),
        remote=_without_tag(request.headers.get("from")[0]),
        target=inbound.from_.text,
        heard_from=inbound.hop,
        remote_tag=inbound.from_.tag,
        routes=list(request.headers.get("record-route")),
        remote_sequence=inbound.sequence,
    )
    dialog.retarget(request)
    return dialog


def to_invite(request: SipRequest, local_tag: str, hop: Hop) -> Dialog:
    """The caller's side, before any response."""
    return Dialog(
        call_id=request.headers.get("call-id")[0],
        local_tag=local_tag,
        local=_without_tag(request.headers.get("from")[0]),
        remote=request.headers.get("to")[0],
        target=request.uri,
        heard_from=hop,
        local_sequence=sequence_of(request)[0],
    )


def _uri(value: str) -> Uri:
    return parse_address(value).uri


def _without_tag(value: str) -> str:
    """The header's value as it was written, so that it is sent back unchanged, less its tag."""
    address = parse_address(value)
    head = value[: value.rindex(">") + 1] if "<" in value else f"<{address.text}>"
    return head.strip()

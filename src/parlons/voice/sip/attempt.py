"""One INVITE to one place: credentials, forks, CANCEL and what crosses it (RFC 3261 sections 9.1, 13.2, 22.2)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiosipua import SipRequest, SipResponse

from parlons.voice.media.config import Trunk
from parlons.voice.sip.addresses import host_text, parse_address
from parlons.voice.sip.dialogs import Dialog, fresh_tag, to_invite
from parlons.voice.sip.digest import answer_challenge
from parlons.voice.sip.wire import ALLOW, PRODUCT, SUPPORTED, Hop, sdp_of, with_sdp

if TYPE_CHECKING:
    from parlons.voice.sip.outgoing import OutgoingCall


@dataclass(frozen=True, slots=True)
class Route:
    """One way to reach whom is called."""

    uri: str
    hop: Hop
    headers: Mapping[str, str]
    """From (without tag) and what says who calls."""
    trunk: Trunk | None = None
    pinned: bool = False
    """A phone: see `SipCall.pinned`."""
    extra: Mapping[str, str] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    """Route values: proxies between us and a phone."""


class Attempt:
    """Tells its call what comes; once given up, it clears away by itself whatever still comes."""

    def __init__(self, call: "OutgoingCall", route: Route, offer: str) -> None:
        self._call, self.route, self._offer = call, route, offer
        self._exchange = call.exchange
        self._tag = fresh_tag()
        host = self._exchange.transactions.sockets.local_host(route.hop.host)
        self._call_id = f"{secrets.token_hex(16)}@{host_text(host)}"
        self._sequence = 0
        self._given_up = False
        self._reason = ""
        self._cancelled = False
        self._credentials: tuple[str, str] | None = None
        self._min_session = 0
        self._early: dict[str, str] = {}
        """SDP of provisional answers, by tag."""
        self.heard = False
        """Anything at all came back."""
        self.over = False
        self.dialog: Dialog | None = None
        self._request: SipRequest
        self._send()

    def give_up(self, reason: str = "") -> None:
        """CANCEL, as soon as that is allowed; `reason` as in RFC 3326."""
        self._given_up, self._reason = True, reason
        if self.heard:
            self._cancel()

    def _send(self) -> None:
        self._sequence += 1
        request = self._request = SipRequest(method="INVITE", uri=self.route.uri)
        headers, timing = request.headers, self._exchange.timing
        headers.append("Max-Forwards", "70")
        for name, value in {**self.route.headers, **self.route.extra}.items():
            headers.append(name, f"{value};tag={self._tag}" if name == "From" else value)
        for value in self.route.path:
            headers.append("Route", value)
        headers.append("To", f"<{self.route.uri}>")
        headers.append("Call-ID", self._call_id)
        headers.append("CSeq", f"{self._sequence} INVITE")
        headers.append("Contact", self._exchange.contact(self.route.hop))
        headers.append("Allow", ALLOW)
        headers.append("Supported", ", ".join(sorted(SUPPORTED)))
        headers.append("Session-Expires", str(max(timing.session, self._min_session)))
        headers.append("Min-SE", str(max(timing.min_session, self._min_session)))
        headers.append("User-Agent", PRODUCT)
        if self._credentials:
            headers.append(*self._credentials)
        with_sdp(request, self._offer)
        self._transaction = self._exchange.transactions.request(request, self.route.hop, self._answered)

    def _answered(self, status: int, response: SipResponse | None) -> None:
        if response and status < 200:
            self._provisional(status, response)
        elif response and status < 300:
            self._success(response)
        elif not self.over:
            self._refused(status, response)

    def _provisional(self, status: int, response: SipResponse) -> None:
        self.heard = True
        if self._given_up:
            return self._cancel()
        sdp = sdp_of(response)
        tag = parse_address(response.headers.get("to")[0]).tag
        if sdp is not None:
            self._early[tag] = sdp
        if status > 100:
            self._call.progressed(self, status, sdp)

    def _success(self, response: SipResponse) -> None:
        tag = parse_address(response.headers.get("to")[0]).tag
        if self.dialog and self.dialog.remote_tag == tag:
            return self._call.acknowledge(response, self.dialog, self._request)  # ours was lost
        dialog = to_invite(self._request, self._tag, self.route.hop)
        dialog.confirm(response)
        wanted = not self._given_up and self.dialog is None and self._call.wants(self)
        if wanted:
            self.dialog = self._call.dialog = dialog
            self._call.pinned = self.route.pinned
            self._call.trunk = self.route.trunk
        self.over = True
        self._call.acknowledge(response, dialog, self._request)
        if wanted:
            self._exchange.dialogs[self._call_id, self._tag] = self._call
            self._call.answered(self, response, sdp_of(response) or self._early.get(tag) or self._early.get(""))
        else:
            self._call.bye("answered elsewhere", dialog)  # a second fork, or it crossed our CANCEL

    def _refused(self, status: int, response: SipResponse | None) -> None:
        if response and not self._given_up and self._again(status, response):
            return
        self.over = True
        if not self._given_up:
            self._call.failed(self, status, response)

    def _again(self, status: int, response: SipResponse) -> bool:
        """Once more with credentials (22.2), or with the session time they need (RFC 4028 section 7.3)."""
        trunk = self.route.trunk
        if status in (401, 407) and trunk and trunk.username and not self._credentials:
            self._credentials = answer_challenge(response, self._request, trunk.username, trunk.password)
            if not self._credentials:
                return False
        elif status == 422 and not self._min_session:
            value = (response.headers.get_first("min-se") or "").partition(";")[0].strip()
            if not value.isdigit() or len(value) > 6:
                return False
            self._min_session = int(value)
        else:
            return False
        self.heard = False
        self._send()
        return True

    def _cancel(self) -> None:
        if not self._cancelled and not self.over:
            self._cancelled = True
            self._exchange.transactions.cancel(self._transaction, self._reason)

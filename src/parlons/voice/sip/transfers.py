"""REFER in both directions within a call, NOTIFY with sipfrag, Replaces (RFC 3515, RFC 3891, RFC 4488)."""

import asyncio
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from aiosipua import SipRequest, SipResponse

from parlons.voice.sip.addresses import Address, BadAddress, parse_address
from parlons.voice.sip.wire import REASONS, answer

if TYPE_CHECKING:
    from parlons.voice.sip.exchange import Exchange
    from parlons.voice.sip.talk import SipCall
    from parlons.voice.sip.transactions import ServerTransaction

ACCEPTED = 202


class Transfers:
    """Those of one call: at most one in each direction at a time."""

    def __init__(self, call: "SipCall") -> None:
        self._call = call
        self._asked = False
        """They wait for what becomes of their REFER."""
        self._silent = False
        """They do not want to be told (Refer-Sub: false)."""
        self._event = "refer"
        self._count = 0
        self._referring = False
        self._timer: asyncio.TimerHandle | None = None

    # --- theirs

    def asked(self, transaction: "ServerTransaction") -> None:
        """Their REFER: 202, then the listener decides."""
        inbound, call, exchange = transaction.inbound, self._call, self._call.exchange
        values = inbound.request.headers.get("refer-to")
        try:
            address = parse_address(values[0]) if len(values) == 1 else None
        except BadAddress:
            address = None
        if address is None or address.uri.scheme not in ("sip", "sips", "tel"):
            return transaction.refuse(400, "Refer-To")
        replaces = None
        if "replaces" in address.uri.headers:
            replaces = find_replaced(exchange, address.uri.headers["replaces"])
        if self._asked:
            return transaction.refuse(491)
        self._silent = (inbound.request.headers.get_first("refer-sub") or "").strip().lower() == "false"
        response = call.response(inbound.request, ACCEPTED)
        if self._silent:
            response.headers.set_single("Refer-Sub", "false")
        transaction.respond(response)
        self._asked = True
        self._count += 1
        self._event = "refer" if self._count == 1 else f"refer;id={inbound.sequence}"  # RFC 3515 2.4.6
        self._notify(100)
        exchange.tell(exchange.listener.on_referred, call, self._dialled(address), replaces)

    def _dialled(self, address: Address) -> str:
        """A number, or a name of ours, as it was dialled; a name elsewhere as its whole URI."""
        sockets, dialog, uri = self._call.exchange.transactions.sockets, self._call.dialog, address.uri
        ours = ("", sockets.host, sockets.local_host(dialog.heard_from.host) if dialog else "")
        if uri.host in ours or re.fullmatch(r"[+\d*#().-]+", uri.number):
            return uri.number
        return address.text.partition("?")[0]

    def tell(self, status: int) -> None:
        """What became of it; final statuses end the subscription."""
        if self._asked:
            self._asked = status < 200
            self._notify(status)

    def close(self) -> None:
        """We hang up a call whose transfer we took over: it went well."""
        self.tell(200)

    def _notify(self, status: int) -> None:
        if self._silent or not self._call.dialog:
            return
        event = self._event

        def fill(request: SipRequest) -> None:
            headers = request.headers
            headers.set_single("Event", event)
            headers.set_single(
                "Subscription-State", "active;expires=60" if status < 200 else "terminated;reason=noresource"
            )
            headers.set_single("Content-Type", "message/sipfrag;version=2.0")
            request.text = f"SIP/2.0 {status} {REASONS.get(status, 'Refused' if status >= 300 else 'OK')}\r\n"

        self._call.send("NOTIFY", fill, lambda code, response: None)

    # --- ours

    def refer(self, to: str, replaces: "SipCall | None") -> None:
        """Sends REFER; what becomes of it is told once."""
        call, exchange = self._call, self._call.exchange
        if call.state != "talking" or not call.dialog or self._referring:
            return exchange.tell(exchange.listener.on_refer_result, call, 491 if self._referring else 481)
        dialog = call.dialog
        hop = call.next_hop(dialog)
        uri = f"<{to}>" if ":" in to else f"<sip:{quote(to, safe='+*')}@{_domain(call, dialog.remote, hop.host)}>"
        if replaces and replaces.dialog:
            other = replaces.dialog
            text = f"{other.call_id};to-tag={other.remote_tag};from-tag={other.local_tag}"
            uri = f"<{other.target.partition('?')[0]}?Replaces={quote(text, safe='')}>"

        def fill(request: SipRequest) -> None:
            request.headers.set_single("Refer-To", uri)
            request.headers.set_single("Referred-By", dialog.local if "<" in dialog.local else f"<{dialog.local}>")

        self._referring = True
        call.send("REFER", fill, self._accepted)

    def notified(self, transaction: "ServerTransaction") -> None:
        """Their NOTIFY of how our REFER goes."""
        inbound = transaction.inbound
        event = (inbound.request.headers.get_first("event") or "").partition(";")[0].strip().lower()
        if event != "refer":
            return transaction.respond(answer(inbound.request, 489, tag="n", Allow_Events="refer"))
        transaction.respond(self._call.response(inbound.request, 200))
        found = re.match(r"SIP/2\.0 ([1-6]\d\d)", inbound.request.text.strip())
        state = (inbound.request.headers.get_first("subscription-state") or "").strip().lower()
        status = int(found[1]) if found else 0
        if status >= 200:
            self._result(status)
        elif state.startswith("terminated"):
            self._result(ACCEPTED)

    def ended(self) -> None:
        """The call is over; who was asked to go has usually gone."""
        self._asked = False
        if self._referring:
            self._result(ACCEPTED)

    def _accepted(self, status: int, response: SipResponse | None) -> None:
        if not 200 <= status < 300:
            return self._result(status)
        if self._referring and self._timer is None:
            seconds = self._call.exchange.timing.ringing
            self._timer = asyncio.get_running_loop().call_later(seconds, self._result, ACCEPTED)

    def _result(self, status: int) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._referring:
            self._referring = False
            self._call.exchange.tell(self._call.exchange.listener.on_refer_result, self._call, status)


def find_replaced(exchange: "Exchange", value: str) -> "SipCall | None":
    """The call which a Replaces value means (RFC 3891 section 3), whichever side of it we are."""
    call_id, _, rest = value.partition(";")
    params = dict(part.strip().partition("=")[::2] for part in rest.split(";"))
    call = exchange.dialogs.get((call_id.strip(), params.get("to-tag", "")))
    if call and call.dialog and call.state != "over" and call.dialog.remote_tag == params.get("from-tag", ""):
        return call
    return None


def _domain(call: "SipCall", remote: str, fallback: str) -> str:
    if call.trunk:
        return call.trunk.host
    return parse_address(remote).uri.host or fallback

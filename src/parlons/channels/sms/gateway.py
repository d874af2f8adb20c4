"""A gateway spoken to by HTTP, as Kannel does: what a text becomes as a call, and what its calls to us say. Pure.

Source: Kannel 1.4.5 user guide, 6.5 (sendsms by POST), 6.6 (delivery reports), 6.3.1 (post-url); seen on a real one. The user
and the password travel in headers, so that no access log holds them. Receipts come to an address we name ourselves, which
holds the delivery's key and the account's token; messages come to the address the administrator writes into the gateway.
"""

import hashlib
import hmac
from urllib.parse import quote

from parlons.channels.model import Account, Event, HookRequest, Incoming, Receipt
from parlons.channels.plugin import BadHook, Failed, NotFromProvider, TryLater, Unsure
from parlons.channels.sms import receipts, senders
from parlons.channels.sms.coding import decode
from parlons.channels.sms.segments import Segments
from parlons.channels.sms.settings import Settings
from parlons.channels.sms.shelf import sender_of
from parlons.runtime.safe_http import Response

_ASKED = "31"
"""dlr-mask: every report there is."""


def call(account: Account, made: Segments, to: str, key: str) -> tuple[dict[str, str], bytes]:
    """Headers and body of the call that sends one text."""
    settings: Settings = account.settings
    headers = {
        "X-Kannel-Username": settings.username,
        "X-Kannel-Password": account.secrets.get("password", ""),
        "X-Kannel-From": settings.sender or account.address,
        "X-Kannel-To": to,
        "X-Kannel-Coding": "2" if made.alphabet == "ucs2" else "0",
        "Content-Type": "text/plain; charset=UTF-8",
    }
    if settings.receipts and account.hook_url.startswith("http"):
        token = quote(account.secrets.get("token", ""), safe="")
        headers["X-Kannel-DLR-Mask"] = _ASKED
        headers["X-Kannel-DLR-Url"] = f"{account.hook_url}?token={token}&receipt={quote(own_id(key))}&state=%d"
    return headers, made.text.encode()


def own_id(key: str) -> str:
    """By what receipts name a message: its delivery, whichever round of sending this is."""
    return key.partition("-")[0]


def taken(response: Response) -> None:
    """Returns when the gateway has taken the text; raises TryLater, Failed or Unsure."""
    reason = response.content[:200].decode("utf-8", "replace")
    match response.status:
        case 200 | 201 | 202:
            return
        case 401 | 403:
            raise TryLater("token-refused", reason)
        case 429 | 503:
            after = response.headers.get("retry-after", "")
            raise TryLater("provider-busy", reason, after=float(after) if after.isdecimal() else None)
        case status if status >= 500:
            raise Unsure("provider-failed", reason)
    raise Failed("refused-by-provider", reason)


def verify(account: Account, request: HookRequest) -> None:
    """Raises NotFromProvider unless the call carries the account's token."""
    token, given = account.secrets.get("token", ""), request.query.get("token", "")
    if not token or not hmac.compare_digest(token.encode(), given.encode()):
        raise NotFromProvider


def parse(account: Account, request: HookRequest) -> list[Event]:
    """One message or one receipt; raises BadHook."""
    if "receipt" in request.query:
        return _receipt(request)
    settings: Settings = account.settings
    fields = {**request.query, **_kannel(request)}
    if not fields.get("from"):
        raise BadHook(field="from")
    text = fields.get("text", "") if request.method == "GET" else _body(request, fields.get("coding", "0"))
    sender = senders.from_the_wire(fields["from"], 0, country_code=settings.country_code)
    own_id = fields.get("id") or _digest(fields, request.body)
    if text is None:
        return [Incoming(own_id, sender_of(sender), kind="binary")]
    return [Incoming(own_id, sender_of(sender), text=text.replace("\x00", ""))]


def _receipt(request: HookRequest) -> list[Event]:
    state = request.query.get("state", "")
    found = receipts.gateway_state(int(state)) if state.isdecimal() else None
    if found is None:
        raise BadHook(field="state")
    code = ""
    if found == "failed":
        code = "refused-by-provider" if state == "16" else "not-delivered"
    return [Receipt(request.query["receipt"], found, code)]


def _kannel(request: HookRequest) -> dict[str, str]:
    names = ("from", "to", "coding", "time")
    return {name: request.headers[f"x-kannel-{name}"] for name in names if f"x-kannel-{name}" in request.headers}


def _body(request: HookRequest, coding: str) -> str | None:
    """Its text: Kannel hands on 7-bit text as UTF-8, UTF-16 as it came, octets under coding 1."""
    match coding:
        case "1":
            return None
        case "2":
            return decode(request.body, 0x08)
    return request.body.decode("utf-8", "replace")


def _digest(fields: dict[str, str], body: bytes) -> str:
    named = repr(sorted((name, value) for name, value in fields.items() if name != "token"))
    return hashlib.sha256(named.encode() + b"\n" + body).hexdigest()[:32]

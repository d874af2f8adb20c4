"""A gateway spoken to by forms, which carries files too (MMS): what a message becomes as a call, what its calls to us say. Pure.

Source: the form many gateways share: `To`, `From`, `Body`, `MediaUrl` (one for each file), `StatusCallback`, with user and
password by HTTP Basic (RFC 7617); calls to us with `MessageSid`, `From`, `Body`, `NumMedia`, `MediaUrl0`, `MediaContentType0`,
and `MessageStatus` of what was sent. Calls to us carry the account's token in their address.
"""

import base64
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from parlons.channels.model import Account, Event, HookRequest, Incoming, IncomingFile, Outgoing, Receipt, ReceiptState
from parlons.channels.plugin import BadHook, Failed
from parlons.channels.sms import senders
from parlons.channels.sms.gateway import own_id
from parlons.channels.sms.settings import Settings
from parlons.channels.sms.shelf import sender_of

FILES, FILE_BYTES = 10, 5 * 1024 * 1024
STATES: dict[str, ReceiptState] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "failed": "failed",
    "undelivered": "failed",
}


def call(account: Account, message: Outgoing, text: str) -> tuple[dict[str, str], bytes]:
    """Headers and body of the call that sends one message with its files. Raises Failed."""
    settings: Settings = account.settings
    fields = [("To", message.to), ("From", settings.sender or account.address)]
    fields += [("Body", text)] if text else []
    for file in message.files:
        if not file.url.startswith("http"):
            raise Failed("file-refused", "there is no public address to fetch it from")
        fields.append(("MediaUrl", file.url))
    if settings.receipts and account.hook_url.startswith("http"):
        token = quote(account.secrets.get("token", ""), safe="")
        fields.append(("StatusCallback", f"{account.hook_url}?token={token}&receipt={quote(own_id(message.key))}"))
    headers = {"Content-Type": "application/x-www-form-urlencoded", **bearer(account)}
    return headers, urlencode(fields).encode()


def bearer(account: Account) -> dict[str, str]:
    """The header that lets us in."""
    pair = f"{account.settings.username}:{account.secrets.get('password', '')}".encode()
    return {"Authorization": "Basic " + base64.b64encode(pair).decode()}


def headers_for(account: Account, url: str) -> dict[str, str]:
    """For fetching a file: who we are is told to the gateway's own host only."""
    own, asked = urlsplit(account.settings.url), urlsplit(url)
    return bearer(account) if (own.scheme, own.netloc) == (asked.scheme, asked.netloc) else {}


def parse(account: Account, request: HookRequest) -> list[Event]:
    """One message or one receipt; raises BadHook."""
    try:
        fields = dict(parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=200))
    except ValueError:
        raise BadHook from None
    if "receipt" in request.query:
        return _receipt(request.query["receipt"], fields)
    number = fields.get("MessageSid") or fields.get("SmsSid")
    if not fields.get("From") or not number:
        raise BadHook(field="From")
    sender = senders.from_the_wire(fields["From"], 0, country_code=account.settings.country_code)
    text = fields.get("Body", "").replace("\x00", "")
    return [Incoming(number[:300], sender_of(sender), text=text, files=tuple(_files(fields)))]


def _receipt(key: str, fields: dict[str, Any]) -> list[Event]:
    state = STATES.get(fields.get("MessageStatus", ""))
    if state is None:
        return []
    code = "not-delivered" if state == "failed" else ""
    return [Receipt(key, state, code, f"error {fields['ErrorCode']}" if fields.get("ErrorCode") else "")]


def _files(fields: dict[str, str]) -> list[IncomingFile]:
    many = fields.get("NumMedia", "0")
    found = []
    for place in range(min(int(many), FILES) if many.isdecimal() else 0):
        url = fields.get(f"MediaUrl{place}", "")
        if url.startswith(("https://", "http://")):
            kind = fields.get(f"MediaContentType{place}", "").partition(";")[0].strip()
            name = urlsplit(url).path.rpartition("/")[2]
            found.append(IncomingFile(name if "." in name else f"file-{place + 1}", kind, ref=url))
    return found

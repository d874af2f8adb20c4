"""Bytes to messages and back: what the library's parser gives, in the form our layers use, and answers built from requests.

Decides nothing about calls. Which malformed messages are answered how stands in checks.py.
"""

import re
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from aiosipua import SipMessage, SipRequest, SipResponse, Via, parse_via, stringify_via

from parlons.voice.sip.addresses import Address, host_text

if TYPE_CHECKING:
    from parlons.voice.sip.tcp import Connection

ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, INFO, UPDATE, REFER, NOTIFY"
METHODS = frozenset(ALLOW.split(", "))
SUPPORTED = frozenset({"timer", "replaces", "norefersub", "path"})
PRODUCT = "Parlons"
COOKIE = "z9hG4bK"
SDP = "application/sdp"

REASONS = {
    100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 182: "Queued", 183: "Session Progress", 200: "OK",
    202: "Accepted", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 406: "Not Acceptable", 408: "Request Timeout", 410: "Gone", 413: "Request Entity Too Large",
    415: "Unsupported Media Type", 416: "Unsupported URI Scheme", 420: "Bad Extension", 422: "Session Interval Too Small",
    423: "Interval Too Brief", 480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist", 482: "Loop Detected",
    486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here", 489: "Bad Event", 491: "Request Pending",
    500: "Server Internal Error", 501: "Not Implemented", 503: "Service Unavailable", 505: "Version Not Supported",
    513: "Message Too Large", 600: "Busy Everywhere", 603: "Decline",
}  # fmt: skip

_LETTERS = {"b": "Referred-By", "o": "Event", "r": "Refer-To", "u": "Allow-Events", "x": "Session-Expires"}
"""Compact forms of later RFCs (3515, 3892, 4028, 6665), which the library does not know."""


@dataclass(frozen=True, slots=True)
class Hop:
    """Where a message came from or goes to."""

    transport: Literal["udp", "tcp"]
    host: str
    port: int
    connection: "Connection | None" = field(default=None, compare=False)
    """The TCP connection it came on, on which answers go back."""


@dataclass(slots=True)
class Inbound:
    """A request that passed the checks, with what everybody asks of it read once."""

    request: SipRequest
    hop: Hop
    via: Via
    sequence: int
    call_id: str
    from_: Address
    to: Address

    @property
    def method(self) -> str:
        """Its method."""
        return self.request.method


def parse(data: bytes) -> SipRequest | SipResponse:
    """Read one message. Raises ValueError."""
    message = SipMessage.parse(data)
    for letter, name in _LETTERS.items():
        for value in message.headers.get(letter):
            message.headers.append(name, value)
        message.headers.remove(letter)
    return message


def top_via(message: SipMessage) -> Via:
    """The first Via, odd white space allowed (RFC 4475 section 3.1.1.1). Raises ValueError."""
    values = message.headers.get("via")
    if not values:
        raise ValueError("no Via")
    text = re.sub(r"\s*/\s*", "/", re.sub(r"\s+", " ", values[0]), count=2)
    if not re.match(r"SIP/\d+\.\d+/\S+ +\S", text, re.IGNORECASE):
        raise ValueError("a malformed Via")
    return parse_via(text)


def stamp(request: SipRequest, via: Via, hop: Hop) -> None:
    """Note in the top Via where the request really came from (RFC 3261 18.2.1, RFC 3581)."""
    if via.host.strip("[]") != hop.host or "rport" in via.params:
        via.received = hop.host
    if "rport" in via.params:
        via.rport = str(hop.port)
    request.headers.get("via")[0] = stringify_via(via)


def answer_hop(via: Via, hop: Hop) -> Hop:
    """Where answers go: back on the connection, or to the source address and the port which the Via names."""
    if hop.transport == "tcp" or "rport" in via.params:
        return hop
    return Hop("udp", hop.host, via.port or 5060)


def answer(request: SipRequest, status: int, reason: str = "", tag: str = "", **headers: str) -> SipResponse:
    """A response to `request`: its Via, From, To (with `tag` where it had none), Call-ID, CSeq, and Record-Route in what
    makes a dialog (12.1.1). `headers` by name, underscores for dashes."""
    response = SipResponse(status_code=status, reason_phrase=_one_line(reason) or REASONS.get(status, "Refused"))
    for name in ("Via", "From", "To", "Call-ID", "CSeq"):
        for value in request.headers.get(name):
            response.headers.append(name, value)
    to = request.headers.get_first("to")
    if to is not None and tag and not re.search(r";\s*tag\s*=", to.rpartition(">")[2]):
        response.headers.set_single("To", f"{to};tag={tag}")
    if request.method == "INVITE" and 100 < status < 300:
        for value in request.headers.get("record-route"):
            response.headers.append("Record-Route", value)
    for name, value in headers.items():
        response.headers.set_single(name.replace("_", "-"), value)
    response.headers.set_single("Server", PRODUCT)
    return response


def via_value(transport: str, host: str, port: int) -> str:
    """A Via of ours with a fresh branch."""
    return f"SIP/2.0/{transport.upper()} {host_text(host)}:{port};branch={COOKIE}{secrets.token_hex(10)};rport"


def branch_of(message: SipMessage) -> str:
    """The branch of the top Via, or empty."""
    try:
        return top_via(message).branch or ""
    except ValueError:
        return ""


def sequence_of(message: SipMessage) -> tuple[int, str]:
    """Number and method of the CSeq. Raises ValueError."""
    number, _, method = (message.headers.get_first("cseq") or "").strip().partition(" ")
    if not re.fullmatch(r"\d{1,10}", number) or int(number) >= 2**31 or not method.strip():
        raise ValueError("a malformed CSeq")
    return int(number), method.strip()


def tags(message: SipMessage, name: str) -> set[str]:
    """The option tags of a header such as Require or Supported, in lower case."""
    return {part.strip().lower() for value in message.headers.get(name) for part in value.split(",") if part.strip()}


def sdp_of(message: SipMessage) -> str | None:
    """The session description in it, also as a part of a multipart body; None: there is none."""
    kind = (message.headers.get_first("content-type") or "").strip().lower()
    if not message.body.strip():
        return None
    if kind.partition(";")[0].strip() == SDP:
        return message.text
    return _part(message, kind) if kind.startswith("multipart/") else None


def with_sdp(message: SipMessage, sdp: str | None) -> None:
    """Put a session description into a message."""
    if sdp is not None:
        message.headers.set_single("Content-Type", SDP)
        message.text = sdp


def _part(message: SipMessage, kind: str) -> str | None:
    found = re.search(r'boundary="?([^";]+)"?', message.headers.get_first("content-type") or "", re.IGNORECASE)
    for part in message.text.split("--" + found[1]) if found else ():
        head, sign, body = part.lstrip("\r\n").partition("\r\n\r\n")
        if sign and re.search(r"^content-type:\s*application/sdp", head, re.IGNORECASE | re.MULTILINE):
            return body
    return None


def _one_line(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())[:120]

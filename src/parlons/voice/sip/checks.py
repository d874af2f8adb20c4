"""What comes from the network, read with suspicion: a request worth handling, a response, an answer to what is malformed
(RFC 3261 section 8.2, the torture messages of RFC 4475), or nothing."""

import re

from aiosipua import SipRequest, SipResponse

from parlons.voice.sip.addresses import BadAddress, parse_address, parse_uri
from parlons.voice.sip.wire import (
    ALLOW,
    METHODS,
    SDP,
    SUPPORTED,
    Hop,
    Inbound,
    answer,
    parse,
    sequence_of,
    stamp,
    tags,
    top_via,
)

MAX_MESSAGE = 65_535 + 64 * 1024
START = re.compile(r"([!-~]+) (\S+) SIP/2\.0")
STATUS = re.compile(r"SIP/2\.0 ([1-6]\d\d) ?.*")
TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
ONCE = ("from", "to", "call-id", "cseq", "max-forwards", "content-length", "content-type", "expires")
BODIES = {
    "INVITE": (SDP, "multipart/"),
    "UPDATE": (SDP, "multipart/"),
    "NOTIFY": ("message/sipfrag",),
    "INFO": ("application/dtmf-relay", "application/dtmf"),
}


class Malformed(ValueError):
    """To be answered with `status`."""

    def __init__(self, status: int, reason: str = "", **headers: str) -> None:
        super().__init__(reason)
        self.status, self.reason, self.headers = status, reason, headers


def read(data: bytes, hop: Hop) -> Inbound | SipResponse | tuple[SipResponse, SipRequest] | None:
    """What this is: a request, a response, (the answer due, the request it is due to), or None for what is not answered."""
    start = data.split(b"\n", 1)[0].decode("utf-8", "replace").rstrip("\r")
    if start.startswith("SIP/"):
        return _response(data, start)
    try:
        request = _headers(data)
        via = top_via(request)
    except ValueError:
        return None  # not SIP, or nowhere to answer to
    stamp(request, via, hop)
    try:
        _start_line(start, request)
        return _request(request, data, hop)
    except (Malformed, ValueError) as problem:
        if request.method == "ACK" or start.startswith("ACK "):
            return None
        bad = problem if isinstance(problem, Malformed) else Malformed(400, str(problem))
        return answer(request, bad.status, bad.reason, tag="x", **bad.headers), request


def acceptable(inbound: Inbound) -> None:
    """What is checked of a request once its transaction is known (8.2.1 to 8.2.3). Raises Malformed."""
    request, method = inbound.request, inbound.method
    if method not in METHODS:
        raise Malformed(405, Allow=ALLOW)
    if method in ("ACK", "CANCEL"):
        return
    unknown = (tags(request, "require") | tags(request, "proxy-require")) - SUPPORTED
    if unknown:
        raise Malformed(420, Unsupported=", ".join(sorted(unknown)))
    body = bool(request.body.strip())
    kind = (request.headers.get_first("content-type") or "").strip().lower()
    if body and not kind:
        raise Malformed(400, "Missing Content-Type")
    coding = (request.headers.get_first("content-encoding") or "identity").strip().lower()
    if body and coding != "identity":
        raise Malformed(415, Accept_Encoding="identity")
    allowed = BODIES.get(method)
    if body and allowed and not kind.startswith(allowed):
        optional = (
            "handling=optional" in (request.headers.get_first("content-disposition") or "").replace(" ", "").lower()
        )
        if not optional:
            raise Malformed(415, Accept=", ".join(one for one in allowed if not one.endswith("/")))
    accepts = [
        part.partition(";")[0].strip().lower() for value in request.headers.get("accept") for part in value.split(",")
    ]
    if method == "INVITE" and accepts and not {SDP, "application/*", "*/*"} & set(accepts):
        raise Malformed(406)


def _headers(data: bytes) -> SipRequest:
    """The message read with a start line that the parser takes; its own is checked apart."""
    message = parse(b"OPTIONS sip:x SIP/2.0\r\n" + data.partition(b"\n")[2])
    if not isinstance(message, SipRequest):
        raise ValueError("not a request")
    return message


def _start_line(start: str, request: SipRequest) -> None:
    method, _, rest = start.partition(" ")
    request.method = method if TOKEN.fullmatch(method) else "X"
    version = re.search(r"SIP/(\d+\.\d+)\s*$", rest)
    if version and version[1] != "2.0":
        raise Malformed(505)
    found = START.fullmatch(start)
    if not found or not TOKEN.fullmatch(method):
        raise Malformed(400, "Malformed Request-Line")
    request.uri = found[2]


def _request(request: SipRequest, data: bytes, hop: Hop) -> Inbound:
    headers = request.headers
    for name in ONCE:
        if len(headers.get(name)) > 1:
            raise Malformed(400, f"Several {name} headers")
    for name in ("from", "to", "call-id", "cseq"):
        if not headers.get(name):
            raise Malformed(400, f"Missing {name}")
    try:
        number, method = sequence_of(request)
        from_ = parse_address(headers.get("from")[0])
        to = parse_address(headers.get("to")[0])
        uri = parse_uri(request.uri)
    except ValueError as problem:
        raise Malformed(400, str(problem).capitalize()) from None
    if method != request.method:
        raise Malformed(400, "CSeq Method Mismatch")
    if uri.scheme not in ("sip", "sips", "tel"):
        raise Malformed(416)
    if uri.headers:
        raise Malformed(400, "Headers in Request-URI")
    via = top_via(request)
    if via.protocol.upper() != "SIP/2.0":
        raise Malformed(505)
    _numbers(request)
    _length(request, data)
    for value in headers.get("contact"):
        if value.strip() != "*":
            _address(value)
    for value in [*headers.get("record-route"), *headers.get("route")]:
        _address(value)
    if not headers.get("call-id")[0].strip():
        raise Malformed(400, "Missing call-id")
    return Inbound(request, hop, via, number, headers.get("call-id")[0], from_, to)


def _address(value: str) -> None:
    try:
        parse_address(value)
    except BadAddress as problem:
        raise Malformed(400, str(problem).capitalize()) from None


def _numbers(request: SipRequest) -> None:
    """Max-Forwards [0, 255]; an Expires beyond 2**32 - 1 counts as that (RFC 4475 section 3.1.2.4)."""
    forwards = request.headers.get_first("max-forwards")
    if forwards is not None and not (re.fullmatch(r"\d{1,6}", forwards.strip()) and int(forwards) <= 255):
        raise Malformed(400, "Malformed Max-Forwards")


def _length(request: SipRequest, data: bytes) -> None:
    length = request.headers.get_first("content-length")
    if length is None:
        return
    if not re.fullmatch(r"\d{1,9}", length.strip()):
        raise Malformed(400, "Malformed Content-Length")
    if int(length) > len(request.body):
        status = 513 if int(length) > MAX_MESSAGE else 400
        raise Malformed(status, "" if status == 513 else "Body shorter than Content-Length")


def _response(data: bytes, start: str) -> SipResponse | None:
    if not STATUS.fullmatch(start):
        return None
    try:
        response = parse(data)
        if not isinstance(response, SipResponse) or len(response.headers.get("via")) != 1:
            return None  # another Via below ours: it went astray (18.1.2)
        sequence_of(response)
        if not response.headers.get("call-id"):
            return None
        for name in ("from", "to"):
            parse_address(response.headers.get(name)[0])
    except (ValueError, IndexError):
        return None
    return response

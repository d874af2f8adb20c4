"""URIs and addresses as they stand in SIP messages, read strictly (RFC 3261 sections 19.1 and 20.10, RFC 3966 for tel:).

The library's reader takes nearly everything; what RFC 4475 calls malformed must be told apart, so this one raises BadAddress.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote

HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?")
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.+)", re.DOTALL)
Params = dict[str, str | None]


class BadAddress(ValueError):
    """It is not what the grammar allows."""


@dataclass(frozen=True, slots=True)
class Uri:
    """A SIP, SIPS or tel URI; of any other scheme only `scheme` is known."""

    scheme: str
    user: str = ""
    """Still escaped; parameters of a telephone number in it included."""
    host: str = ""
    """IPv6 without brackets; empty for tel:."""
    port: int | None = None
    params: Params = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    """Unescaped values, names in lower case."""

    @property
    def number(self) -> str:
        """The user part unescaped, without a number's parameters or password."""
        return unquote(self.user).partition(";")[0].partition(":")[0]


@dataclass(frozen=True, slots=True)
class Address:
    """A name, a URI and the header's own parameters."""

    name: str
    uri: Uri
    params: Params
    text: str
    """The URI as it was written."""

    @property
    def tag(self) -> str:
        """The dialog tag, or empty."""
        return self.params.get("tag") or ""


def split_params(text: str) -> Params:
    """`a=b;c` as a mapping, names in lower case. Raises BadAddress for an empty or ill-formed parameter."""
    params: Params = {}
    for part in _split(text, ";"):
        name, sign, value = (piece.strip() for piece in part.partition("="))
        if not name or (sign and not value) or re.search(r'[\s<>,"]', name):
            raise BadAddress("a parameter is empty or malformed")
        quoted = value.startswith('"')
        if not quoted and re.search(r"[\s<>,]", value):
            raise BadAddress("a parameter's value is malformed")
        params[name.lower()] = _unquoted(value) if quoted else (value if sign else None)
    return params


@lru_cache(maxsize=1024)
def parse_uri(text: str) -> Uri:
    """Read a URI. Raises BadAddress; an unknown scheme is not an error here (416 is the caller's to say)."""
    found = SCHEME.fullmatch(text)
    if not found or re.search(r'[\s<>"]', text):
        raise BadAddress("not a URI")
    scheme, rest = found[1].lower(), found[2]
    if scheme == "tel":
        number, _, params = rest.partition(";")
        return Uri("tel", user=number, params=split_params(params) if params else {})
    if scheme not in ("sip", "sips"):
        return Uri(scheme)
    user, sign, tail = rest.partition("@")
    if not sign or ("?" in user and not HOST.match(tail)):
        user, tail = "", rest
    tail, _, headers = tail.partition("?")
    place, _, params = tail.partition(";")
    host = HOST.fullmatch(place)
    if not host or (sign and tail != rest and not user) or int(host[2] or 0) > 65535:
        raise BadAddress("the host is malformed")
    return Uri(
        scheme,
        user=user,
        host=host[1].strip("[]"),
        port=int(host[2]) if host[2] else None,
        params=split_params(params) if params else {},
        headers=_uri_headers(headers),
    )


@lru_cache(maxsize=1024)
def parse_address(text: str) -> Address:
    """Read the value of From, To, Contact, Refer-To, Route, P-Asserted-Identity... Raises BadAddress."""
    text = text.strip()
    name = ""
    if text.startswith('"'):
        name, text = _quoted_start(text)
        if not text.startswith("<"):
            raise BadAddress("a quoted name without <URI>")
    if "<" not in text:
        uri, _, params = text.partition(";")
        if "?" in uri or "," in uri:
            raise BadAddress("a URI with ? or , needs <>")
        uri = uri.strip()
        return Address(name, parse_uri(uri), split_params(params) if params.strip() else {}, uri)
    before, _, rest = text.partition("<")
    uri, sign, params = rest.partition(">")
    params = params.strip()
    if not sign or '"' in before or (params and not params.startswith(";")):
        raise BadAddress("unbalanced < > or quotes")
    return Address(name or before.strip(), parse_uri(uri), split_params(params[1:]) if params else {}, uri)


def host_text(host: str) -> str:
    """A host as it stands in URIs and Via: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def quoted(name: str) -> str:
    """A display name as a quoted string, line breaks dropped."""
    clean = "".join(letter for letter in name if letter.isprintable())
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _uri_headers(text: str) -> dict[str, str]:
    headers = {}
    for pair in text.split("&") if text else ():
        name, _, value = pair.partition("=")
        headers[name.lower()] = unquote(value)
    return headers


def _quoted_start(text: str) -> tuple[str, str]:
    letters, at = [], 1
    while at < len(text):
        if text[at] == "\\" and at + 1 < len(text):
            letters.append(text[at + 1])
            at += 2
            continue
        if text[at] == '"':
            return "".join(letters), text[at + 1 :].lstrip()
        letters.append(text[at])
        at += 1
    raise BadAddress("a quoted name without end")


def _unquoted(value: str) -> str:
    name, rest = _quoted_start(value)
    if rest:
        raise BadAddress("text after a quoted value")
    return name


def _split(text: str, sign: str) -> list[str]:
    """Split at `sign` outside quotes."""
    if '"' not in text:
        return text.split(sign)
    parts, current, inside, skip = [], "", False, False
    for letter in text:
        if letter == sign and not inside:
            parts.append(current)
            current = ""
            continue
        current += letter
        if skip:
            skip = False
        elif letter == "\\" and inside:
            skip = True
        elif letter == '"':
            inside = not inside
    return [*parts, current]

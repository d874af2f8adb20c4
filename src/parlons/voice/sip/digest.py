"""Digest authentication: answering a trunk's challenge, and challenging our phones (RFC 3261 section 22, RFC 8760).

A challenge of ours carries its own age and whom it was given to, so nothing is kept for strangers; what is kept is which
counts of a nonce were used, so that a request heard on the way cannot be sent again."""

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from aiosipua import SipDigestAuth, SipRequest, SipResponse, build_credentials, parse_auth, stringify_auth

from parlons.voice.sip.addresses import BadAddress, parse_uri

REALM = "parlons"
HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
MAX_KEPT = 20_000
SPEAKS_SHA_256 = re.compile(r"belle-sip|linphone|pjsua|microsip|baresip v?[3-9]", re.IGNORECASE)
"""By User-Agent."""


def answer_challenge(
    response: SipResponse, request: SipRequest, username: str, password: str
) -> tuple[str, str] | None:
    """Name and value of the header that answers a 401 or 407; None: it cannot be answered."""
    ours = "Authorization" if response.status_code == 401 else "Proxy-Authorization"
    theirs = "WWW-Authenticate" if response.status_code == 401 else "Proxy-Authenticate"
    for value in response.headers.get(theirs):
        challenge = parse_auth(value)
        challenge.params = {name.lower(): text for name, text in challenge.params.items()}
        credentials = build_credentials(SipDigestAuth(username, password), challenge, request.method, request.uri)
        if credentials:
            return ours, stringify_auth(credentials)
    return None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a request's credentials are worth."""

    result: Literal["none", "stale", "wrong", "right"]
    username: str = ""


class Gate:
    """Challenges and judges."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._key = secrets.token_bytes(32)
        self._counts: dict[str, int] = {}

    def challenges(self, host: str, user_agent: str = "", *, stale: bool = False) -> list[str]:
        """Values of WWW-Authenticate for a request from `host`. SHA-256 is offered to those only that are known to speak it:
        phones in use give up at a challenge they do not know, although RFC 8760 bids them ignore it (baresip 1.0 does)."""
        nonce, more = self._nonce(host), ", stale=true" if stale else ""
        names = list(HASHES) if SPEAKS_SHA_256.search(user_agent) else ["MD5"]
        return [f'Digest realm="{REALM}", nonce="{nonce}", qop="auth", algorithm={name}{more}' for name in names]

    def judge(self, request: SipRequest, host: str, password_of: Callable[[str], str | None]) -> Verdict:
        """Whether the Authorization of a request from `host` is that of a phone; each is good once."""
        for value in [*request.headers.get("authorization"), *request.headers.get("proxy-authorization")]:
            credentials = parse_auth(value, credentials=True)
            given = {name.lower(): text for name, text in credentials.params.items()}
            if credentials.scheme.lower() == "digest" and given.get("realm") == REALM:
                return self._judge(request, given, host, password_of)
        return Verdict("none")

    def _judge(
        self, request: SipRequest, given: dict[str, str], host: str, password_of: Callable[[str], str | None]
    ) -> Verdict:
        username, nonce = given.get("username", ""), given.get("nonce", "")
        made = HASHES.get(given.get("algorithm", "MD5").upper())
        age = self._age(nonce, host)
        if made is None or given.get("qop") != "auth" or not _same_uri(given.get("uri", ""), request.uri):
            return Verdict("wrong", username)
        if age is None:
            return Verdict("stale", username)  # of a process before this one, or never ours
        password = password_of(username)

        def h(text: str) -> str:
            return made(text.encode()).hexdigest()

        secret = h(f"{username}:{REALM}:{password if password is not None else secrets.token_hex(8)}")
        rest = f"{nonce}:{given.get('nc', '')}:{given.get('cnonce', '')}:auth:{h(request.method + ':' + given['uri'])}"
        if not hmac.compare_digest(h(f"{secret}:{rest}"), given.get("response", "").lower()) or password is None:
            return Verdict("wrong", username)
        if age > self._seconds or not self._counted(nonce, given.get("nc", "")):
            return Verdict("stale", username)
        return Verdict("right", username)

    def _counted(self, nonce: str, text: str) -> bool:
        try:
            count = int(text, 16)
        except ValueError:
            return False
        if count <= self._counts.get(nonce, 0):
            return False
        if len(self._counts) >= MAX_KEPT:
            self._counts = {kept: used for kept, used in self._counts.items() if self._fresh(kept)}
        self._counts[nonce] = count
        return True

    def _fresh(self, nonce: str) -> bool:
        return self._clock() - int(nonce[:12], 16) / 1000 <= self._seconds

    def _nonce(self, host: str) -> str:
        text = f"{int(self._clock() * 1000):012x}{secrets.token_hex(6)}"
        return text + self._seal(text, host)

    def _age(self, nonce: str, host: str) -> float | None:
        text = nonce[:24]
        if len(nonce) != 56 or not hmac.compare_digest(self._seal(text, host), nonce[24:]):
            return None
        return self._clock() - int(text[:12], 16) / 1000

    def _seal(self, text: str, host: str) -> str:
        return hmac.new(self._key, f"{text}|{host}".encode(), hashlib.sha256).hexdigest()[:32]


def proves(request: SipRequest) -> bool:
    """Whether a request carries credentials for us, right or wrong."""
    return any(f'realm="{REALM}"' in value for value in request.headers.get("authorization"))


def _same_uri(given: str, asked: str) -> bool:
    try:
        one, other = parse_uri(given), parse_uri(asked)
    except BadAddress:
        return False
    return (one.scheme, one.user, one.host.lower()) == (other.scheme, other.user, other.host.lower())

"""One message to one browser: encrypted for it alone (RFC 8291, aes128gcm), signed by us (RFC 8292), handed to its push
service (RFC 8030) through the careful client. Says what became of it; never raises.
"""

import asyncio
import base64
import os
from enum import Enum
from typing import Protocol
from urllib.parse import urlsplit

import http_ece
import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from parlons.channels.push.keys import Keys
from parlons.kit.clock import Millis
from parlons.kit.errors import Invalid, Refusal
from parlons.runtime.log import log
from parlons.runtime.safe_http import SafeHttp

SIGNED_FOR = 12 * 3600
"""Seconds a signature holds; RFC 8292 allows 24 hours."""
AGAIN = (0.5, 2.0)
"""Seconds before the second and the third try at a service that has trouble."""
_TROUBLE = frozenset({408, 429, 500, 502, 503, 504})
_ENDED = frozenset({404, 410})
_NEAR = ("127.0.0.1", "localhost", "::1")


class PushAddressInvalid(Invalid):
    """A push service is called by https."""

    code = "push-address-invalid"


class Browser(Protocol):
    """A subscription: an agent's device or a visitor's browser."""

    @property
    def id(self) -> str:
        """Ours, for the log."""
        ...

    @property
    def address(self) -> str:
        """Its push service's, for this browser alone."""
        ...

    @property
    def public_key(self) -> str:
        """The browser's own (p256dh), base64url."""
        ...

    @property
    def secret(self) -> str:
        """The shared one (auth), base64url."""
        ...


class Outcome(Enum):
    """What became of a message."""

    SENT = "sent"
    ENDED = "ended"
    """The subscription is no more (RFC 8030 7.3): forget it."""
    FAILED = "failed"


def check_address(address: str) -> None:
    """Raise PushAddressInvalid unless a push service can be called there."""
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in _NEAR:
        raise PushAddressInvalid


async def send(
    http: SafeHttp, keys: Keys, device: Browser, what: dict[str, object], *, contact: str, now: Millis, seconds: int
) -> Outcome:
    """Hand it over; the service keeps it for `seconds` at most. `contact`: an address of ours (https or mailto)."""
    try:
        body = sealed(device, orjson.dumps(what))
    except Exception as error:  # a key the browser gave wrongly: the libraries raise many kinds
        log.warning("push.unsealable", device_id=device.id, error=type(error).__name__)
        return Outcome.ENDED
    headers = {
        "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream",
        "ttl": str(max(0, seconds)),
        "urgency": "high",
        **_signature(keys, device.address, contact, now),
    }
    for pause in (*AGAIN, None):
        status = await _once(http, device, body, headers)
        if status in _ENDED:
            return Outcome.ENDED
        if 200 <= status < 300:
            return Outcome.SENT
        if pause is None or status not in _TROUBLE:
            break
        await asyncio.sleep(pause)
    log.warning("push.failed", device_id=device.id, status=status)
    return Outcome.FAILED


def sealed(device: Browser, plain: bytes) -> bytes:
    """The encrypted body; a fresh key of ours and fresh salt each time."""
    own = ec.generate_private_key(ec.SECP256R1())
    theirs, secret = _bytes(device.public_key), _bytes(device.secret)
    encrypted = http_ece.encrypt(
        plain, salt=os.urandom(16), private_key=own, dh=theirs, auth_secret=secret, version="aes128gcm"
    )
    return bytes(encrypted)


def _signature(keys: Keys, address: str, contact: str, now: Millis) -> dict[str, str]:
    parts = urlsplit(address)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "sub": contact, "exp": now // 1000 + SIGNED_FOR}
    signed: dict[str, str] = Vapid02.from_pem(keys.private.encode()).sign(claims)
    return {name.lower(): value for name, value in signed.items()}


async def _once(http: SafeHttp, device: Browser, body: bytes, headers: dict[str, str]) -> int:
    try:
        answer = await http.request("POST", device.address, headers=headers, body=body)
    except Refusal as refusal:
        log.info("push.no_answer", device_id=device.id, code=refusal.code)
        return 503 if refusal.status == 503 else 400
    return answer.status


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

"""Secrets and signatures of webhooks. Pure but for fresh secrets. Source: Standard Webhooks 1.0.0, symmetric signatures."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """A fresh one, in the form that verifiers take."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def signed(message_id: str, at_seconds: int, body: bytes, by: Iterable[str]) -> dict[str, str]:
    """The three headers of a message, with a signature for each secret."""
    content = f"{message_id}.{at_seconds}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at_seconds),
        "webhook-signature": " ".join(f"v1,{_signature(each, content)}" for each in by),
    }


def _signature(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()

"""What proves a visit and who is behind it.

A visitor's token is `pv_<session>.<signature>`, signed with the widget's own key, so a forged one is refused before the
database is asked; its session row can be revoked. A logged-in user is proven by the site: HMAC-SHA256, in hexadecimal, of
"<user id>\\n<e-mail>" under the widget's identity secret (RFC 2104). Comparisons take constant time.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256

_PREFIX = "pv_"


def new_secret() -> str:
    """A fresh identity secret of 256 bits."""
    return secrets.token_hex(32)


def new_key() -> bytes:
    """A fresh key for the tokens of one widget."""
    return secrets.token_bytes(32)


def visitor_token(key: bytes, session_id: str) -> str:
    """The token for a session."""
    return f"{_PREFIX}{session_id}.{_sign(key, session_id)}"


def session_of(key: bytes, token: str) -> str | None:
    """The session a token names, or None when it was not made with `key`."""
    session_id, _, signature = token.removeprefix(_PREFIX).partition(".")
    good = token.startswith(_PREFIX) and hmac.compare_digest(_sign(key, session_id).encode(), signature.encode())
    return session_id if good else None


def identity_signature(secret: str, user_id: str, email: str) -> str:
    """What the site's server computes for its logged-in user."""
    return hmac.new(secret.encode(), f"{user_id}\n{email}".encode(), sha256).hexdigest()


def identity_proven(secret: str, user_id: str, email: str, signature: str) -> bool:
    """Whether the site vouches for this user."""
    return bool(secret) and hmac.compare_digest(
        identity_signature(secret, user_id, email).encode(), signature.lower().encode()
    )


def _sign(key: bytes, text: str) -> str:
    return urlsafe_b64encode(hmac.new(key, text.encode(), sha256).digest()).rstrip(b"=").decode()

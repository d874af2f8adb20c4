"""Random secrets handed to people and programs once: session cookies, one-time links, API keys. They are found by their hash.

256 random bits need no slow hash: SHA-256 is enough against a stolen table, and a look-up by hash leaks nothing by its
time. Source: NIST SP 800-63B, 5.1.2.2 (look-up secrets of at least 112 bits).
"""

import hashlib
import secrets

KEY_PREFIX = "pk_"
SHOWN = 11
"""Characters of an API key that lists show, so that people tell keys apart."""


def new_token(prefix: str = "") -> str:
    """A fresh secret of 256 bits, URL-safe."""
    return prefix + secrets.token_urlsafe(32)


def hash_token(token: str) -> bytes:
    """What is stored instead of `token`."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()

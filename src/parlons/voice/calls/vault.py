"""Recordings at rest: sealed with AES-256-GCM in pieces, so that nothing larger than a piece is held twice; and the tokens of
links.

A sealed file: 8 bytes magic and version, 4 bytes key id, 8 random bytes; then pieces of `PIECE` bytes, each sealed under the
nonce random + number, with the recording's id and "last" as associated data, so pieces cannot be left out, moved or swapped
between recordings. The key is derived from the installation's secret (data/secret.key). Sources: NIST SP 800-38D, RFC 5869.
"""

import asyncio
import base64
import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from parlons.kit.errors import Unavailable
from parlons.runtime.vault import derived_key
from parlons.voice.calls.errors import UnknownRecording

MAGIC = b"PARLREC1"
PIECE = 1 << 20
_TAG = 16


class WrongKey(Unavailable):
    """The recording was sealed under another key: is this the data folder it was made with?"""

    code = "recording-key"


class Vault:
    """Seals and opens recordings; makes and checks the tokens of links."""

    def __init__(self, secret: bytes) -> None:
        self._key = derived_key(secret, "recordings 1")
        self._links = derived_key(secret, "recording links 1")
        self.key_id = hashlib.sha256(self._key).hexdigest()[:8]

    async def sealed(self, sound: bytes, recording_id: str) -> bytes:
        """`sound` as it is kept."""
        return await asyncio.to_thread(self._seal, sound, recording_id)

    async def unsealed(self, kept: bytes, recording_id: str) -> bytes:
        """The inverse of `sealed`. Raises WrongKey when it was sealed under another key or touched."""
        return await asyncio.to_thread(self._open, kept, recording_id)

    def _seal(self, sound: bytes, recording_id: str) -> bytes:
        cipher, salt = AESGCM(self._key), secrets.token_bytes(8)
        pieces = [sound[start : start + PIECE] for start in range(0, len(sound), PIECE)] or [b""]
        out = [MAGIC, bytes.fromhex(self.key_id), salt]
        for number, piece in enumerate(pieces):
            out.append(cipher.encrypt(_nonce(salt, number), piece, _about(recording_id, number == len(pieces) - 1)))
        return b"".join(out)

    def _open(self, kept: bytes, recording_id: str) -> bytes:
        if kept[:8] != MAGIC or kept[8:12].hex() != self.key_id:
            raise WrongKey
        cipher, salt, body = AESGCM(self._key), kept[12:20], memoryview(kept)[20:]
        step = PIECE + _TAG
        count = max(1, -(-len(body) // step))
        try:
            return b"".join(
                cipher.decrypt(_nonce(salt, n), body[n * step : (n + 1) * step], _about(recording_id, n == count - 1))
                for n in range(count)
            )
        except InvalidTag:
            raise WrongKey from None

    def token(self, tenant_id: str, recording_id: str, until: int) -> str:
        """Opens one recording until `until` (ms)."""
        payload = f"{tenant_id}.{until}"
        return f"{payload}.{self._signature(payload, recording_id)}"

    def opened(self, token: str, recording_id: str, now: int) -> str:
        """The tenant of a good token; raises UnknownRecording."""
        payload, _, signature = token.rpartition(".")
        tenant_id, _, until = payload.partition(".")
        good = hmac.compare_digest(signature.encode(), self._signature(payload, recording_id).encode())
        if not good or not until.isdecimal() or int(until) < now:
            raise UnknownRecording
        return tenant_id

    def signature(self, purpose: str, about: str) -> str:
        """Proves that we made something for `purpose` about one thing, such as the page beside a call."""
        return self._signature(f"{purpose}:", about)

    def _signature(self, payload: str, recording_id: str) -> str:
        digest = hmac.digest(self._links, f"{payload}.{recording_id}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _nonce(salt: bytes, number: int) -> bytes:
    return salt + number.to_bytes(4, "big")


def _about(recording_id: str, last: bool) -> bytes:
    return f"{recording_id} {'last' if last else 'more'}".encode()

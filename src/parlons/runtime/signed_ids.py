"""Ids as tokens for links and addresses: signed with a key of the installation, so that nobody names another by guessing.

The sixteen bytes of an id and some of signature in base32: small letters and digits, so that a mail system may change their
case. Source: RFC 2104; RFC 4648, 6.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass

from parlons.runtime.vault import derived_key


@dataclass(frozen=True, slots=True)
class SignedIds:
    """Makes and reads the tokens of one kind of id."""

    key: bytes
    prefix: str
    """Of the ids."""
    signed: int
    """Bytes of signature: 6 where a guess can be tried by mail only, 10 where anybody may call."""

    def token(self, id: str, *, within: bytes = b"") -> str:
        """The token of an id, good `within` the same only; the same each time."""
        raw = bytes.fromhex(id.removeprefix(self.prefix))
        return base64.b32encode(raw + self._sign(within, raw)).decode().rstrip("=").lower()

    def id_of(self, token: str, *, within: bytes = b"") -> str | None:
        """The id it names; None: it is none of ours."""
        text = token.strip().upper()
        try:
            raw = base64.b32decode(text + "=" * (-len(text) % 8))
        except ValueError:
            return None
        if len(raw) != 16 + self.signed or not hmac.compare_digest(raw[16:], self._sign(within, raw[:16])):
            return None
        return self.prefix + raw[:16].hex()

    def _sign(self, within: bytes, raw: bytes) -> bytes:
        return hmac.new(self.key, within + raw, hashlib.sha256).digest()[: self.signed]


def signed_ids(secret: bytes, purpose: str, prefix: str, signed: int) -> SignedIds:
    """`secret`: the bytes of secret.key."""
    return SignedIds(derived_key(secret, purpose), prefix, signed)


@dataclass(frozen=True, slots=True)
class SignedLinks:
    """Makes and reads the addresses of one kind of public page. One a process."""

    ids: SignedIds
    base: str
    """The public address of this server, without a slash at its end."""
    path: str
    """Before the token: `/survey/`."""

    def url(self, id: str) -> str:
        """Where the page of this id is."""
        return f"{self.base}{self.path}{self.ids.token(id)}"

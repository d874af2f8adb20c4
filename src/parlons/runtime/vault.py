"""Secrets at rest: a column of type `Sealed` stands encrypted in the database, dumps and backups included.

AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D); the key is derived from the installation's `secret.key` and never
stored in the database. What the column is for is authenticated too: a value moved into another column does not open. A
database restored without its key file has lost these values, and says so. Rows from before this page hold plain text; they
are read as they are and sealed when next written.
"""

import base64
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from parlons.kit.errors import Refusal

PREFIX = "sealed:1:"
NONCE = 12


class SealedWithAnotherKey(Refusal):
    """A stored secret does not open: secret.key is not the one it was stored with. Restore that file, or set the secret anew."""

    code = "sealed-with-another-key"
    status = 500


def derived_key(secret: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose (HKDF, RFC 5869): keys of different purposes tell nothing of each other."""
    return HKDF(SHA256(), 32, salt=None, info=f"parlons {purpose}".encode()).derive(secret)


class Vault:
    """The key of this process; `unlock` it once at the start, before the database is used."""

    def __init__(self) -> None:
        self._unlocked: AESGCM | None = None
        self._secret = b""

    def unlock(self, secret: bytes) -> None:
        """`secret`: the bytes of secret.key (settings.secret_key)."""
        self._unlocked = AESGCM(derived_key(secret, "column"))
        self._secret = secret

    def key(self, purpose: str) -> bytes:
        """A key of this installation for one purpose that stores nothing, such as signing what comes back."""
        if self._unlocked is None:
            raise RuntimeError("the vault is locked: unlock it with the installation's secret key first")
        return derived_key(self._secret, purpose)

    @property
    def _cipher(self) -> AESGCM:
        if self._unlocked is None:
            raise RuntimeError("the vault is locked: unlock it with the installation's secret key first")
        return self._unlocked

    def seal(self, text: str, purpose: str) -> str:
        """`text`, encrypted; different each time."""
        nonce = os.urandom(NONCE)
        sealed = self._cipher.encrypt(nonce, text.encode(), purpose.encode())
        return PREFIX + base64.b64encode(nonce + sealed).decode()

    def open(self, stored: str, purpose: str) -> str:
        """The inverse of `seal`. Raises SealedWithAnotherKey."""
        if not stored.startswith(PREFIX):
            return stored
        body = base64.b64decode(stored.removeprefix(PREFIX))
        try:
            return self._cipher.decrypt(body[:NONCE], body[NONCE:], purpose.encode()).decode()
        except InvalidTag:
            raise SealedWithAnotherKey(column=purpose) from None


vault = Vault()
"""One installation, one key: the process's own."""


class Sealed(TypeDecorator[str]):
    """A text column kept encrypted. It cannot be searched or compared in SQL. Empty texts stay empty."""

    impl = Text
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        """`purpose`: table and column, such as `trunks.password`; it must never change."""
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """On the way into the database."""
        return vault.seal(value, self.purpose) if value else value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        """On the way out."""
        return vault.open(value, self.purpose) if value else value

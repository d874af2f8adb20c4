"""The pair of keys by which push services know this tenant (RFC 8292, VAPID): made once, sealed, never shown.

Browsers bind a subscription to the public key, so a new pair would end them all; nothing here replaces one.
"""

import base64
from dataclasses import dataclass

import sqlalchemy as sa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02
from sqlalchemy.dialects.postgresql import insert

from parlons.channels.push.store import keys
from parlons.kit.clock import to_datetime
from parlons.runtime.db import Tx


@dataclass(frozen=True, slots=True)
class Keys:
    """A tenant's pair."""

    public: str
    """The uncompressed point in base64url, as `PushManager.subscribe` takes it."""
    private: str
    """PEM."""


async def ensure_keys(tx: Tx) -> Keys:
    """The tenant's keys; made when there are none yet. Of two who make them at once, both get the same."""
    found = await _read(tx)
    if found is not None:
        return found
    made = Vapid02()
    made.generate_keys()
    point = made.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    row = {
        "tenant_id": tx.tenant_id,
        "public_key": base64.urlsafe_b64encode(point).decode().rstrip("="),
        "private_key": made.private_pem().decode(),
        "made_at": to_datetime(tx.now),
    }
    await tx.execute(insert(keys).values(row).on_conflict_do_nothing())
    kept = await _read(tx)
    assert kept is not None
    return kept


async def _read(tx: Tx) -> Keys | None:
    row = await tx.fetch_one(sa.select(keys).where(keys.c.tenant_id == tx.tenant_id))
    return None if row is None else Keys(row["public_key"], row["private_key"])

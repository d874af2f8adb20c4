"""The browsers a person is told on. A device belongs to the session that gave it and ends with it, or when its push service
says so.

The same browser again, whoever signs in there, replaces the row it had: nobody is told of another's contacts.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import RowMapping
from sqlalchemy.dialects.postgresql import insert

from parlons.accounts import sessions
from parlons.channels.push.sending import check_address
from parlons.kit.clock import from_datetime, to_datetime, to_iso
from parlons.kit.ids import DEVICE
from parlons.push.store import devices
from parlons.runtime.db import Tx

Json = dict[str, Any]
MOST = 10
"""Devices a person may have; the oldest goes."""


@dataclass(frozen=True, slots=True)
class Device:
    """One browser, as `sending` needs it."""

    id: str
    user_id: str
    address: str
    public_key: str
    """The browser's own (p256dh), base64url."""
    secret: str
    """The shared one (auth), base64url."""
    locale: str
    time_zone: str
    names: bool
    """Whether the owner wants customers' names on this screen."""


async def put_device(tx: Tx, user_id: str, session: bytes, given: Json) -> Json:
    """Tell this person on this browser from now on; repeating changes what it says. Raises PushAddressInvalid."""
    check_address(given["address"])
    row = {
        **given,
        "id": tx.new_id(DEVICE),
        "tenant_id": tx.tenant_id,
        "user_id": user_id,
        "session_hash": session,
        "address_hash": hashlib.sha256(given["address"].encode()).digest(),
        "made_at": to_datetime(tx.now),
    }
    fresh = insert(devices).values(row)
    changed = {name: fresh.excluded[name] for name in row if name not in ("id", "tenant_id", "address_hash")}
    same = [devices.c.tenant_id, devices.c.address_hash]
    kept = await tx.fetch_one(fresh.on_conflict_do_update(index_elements=same, set_=changed).returning(devices))
    assert kept is not None
    newest = sa.select(devices.c.id).where(*_of(tx, user_id)).order_by(devices.c.made_at.desc()).limit(MOST)
    await tx.execute(devices.delete().where(*_of(tx, user_id), devices.c.id.not_in(newest)))
    return device_json(kept)


async def remove_device(tx: Tx, user_id: str, device_id: str) -> None:
    """Tell him there no more; repeating, or another's device, changes nothing."""
    await tx.execute(devices.delete().where(*_of(tx, user_id), devices.c.id == device_id))


async def end_devices(tx: Tx, device_ids: Sequence[str]) -> None:
    """The push service, or the end of a session, has ended them."""
    await tx.execute(devices.delete().where(devices.c.tenant_id == tx.tenant_id, devices.c.id.in_(device_ids)))


async def shown_devices(tx: Tx, user_id: str) -> list[Json]:
    """His devices as he sees them, newest first."""
    query = sa.select(devices).where(*_of(tx, user_id)).order_by(devices.c.made_at.desc())
    return [device_json(row) for row in await tx.fetch_all(query)]


async def devices_of(tx: Tx, user_id: str) -> list[Device]:
    """Where he may be told now; those whose session has ended go."""
    rows = await tx.fetch_all(sa.select(devices).where(*_of(tx, user_id)))
    alive = await sessions.alive(tx, [row["session_hash"] for row in rows])
    over = [row["id"] for row in rows if row["session_hash"] not in alive]
    if over:
        await end_devices(tx, over)
    return [_device(row) for row in rows if row["session_hash"] in alive]


async def told_users(tx: Tx) -> frozenset[str]:
    """Everybody who has a device."""
    query = sa.select(devices.c.user_id).where(devices.c.tenant_id == tx.tenant_id).distinct()
    return frozenset(row["user_id"] for row in await tx.fetch_all(query))


def device_json(row: RowMapping) -> Json:
    """What the API shows: no address, no secret."""
    return {"id": row["id"], "names": row["names"], "made_at": to_iso(from_datetime(row["made_at"]))}


def _of(tx: Tx, user_id: str) -> tuple[Any, ...]:
    return devices.c.tenant_id == tx.tenant_id, devices.c.user_id == user_id


def _device(row: RowMapping) -> Device:
    names = ("id", "user_id", "address", "public_key", "secret", "locale", "time_zone", "names")
    return Device(**{name: row[name] for name in names})

"""Rows of calls that call XML leads, and of what is kept beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.compat import store
from parlons.compat.led import Led, from_text, to_text
from parlons.kit.clock import from_datetime, to_datetime
from parlons.runtime.db import Tx

Json = dict[str, Any]


async def keep(tx: Tx, led: Led, *, made: bool = True) -> None:
    """The call as it is now. `made`: also when it has no row; else one that the program has removed stays so."""
    row = {
        "id": led.id,
        "tenant_id": tx.tenant_id,
        "parent_id": led.parent_id,
        "to_address": led.to,
        "from_address": led.from_,
        "status": led.status,
        "started_at": to_datetime(led.started_at),
        "ended_at": None if led.ended_at is None else to_datetime(led.ended_at),
        "updated_at": to_datetime(tx.now),
        "data": to_text(led),
    }
    changing = ("status", "ended_at", "updated_at", "data")
    if not made:
        fields = {name: row[name] for name in changing}
        await tx.execute(sa.update(store.calls).where(store.calls.c.id == led.id).values(fields))
        return
    kept = insert(store.calls).values(row)
    fresh = {name: kept.excluded[name] for name in changing}
    await tx.execute(kept.on_conflict_do_update(index_elements=["id"], set_=fresh))


@dataclass(frozen=True, slots=True)
class Shown:
    """A call and when it last changed (ms)."""

    led: Led
    updated_at: int


async def find(tx: Tx, call_id: str) -> Shown | None:
    """One call."""
    rows = await listing(tx, store.calls.c.id == call_id)
    return rows[0] if rows else None


async def listing(tx: Tx, *where: sa.ColumnElement[bool], limit: int = 1000) -> list[Shown]:
    """Calls, the newest first."""
    table = store.calls
    query = sa.select(table.c.data, table.c.updated_at).where(table.c.tenant_id == tx.tenant_id, *where)
    rows = await tx.fetch_all(query.order_by(table.c.id.desc()).limit(limit))
    return [Shown(from_text(row["data"]), from_datetime(row["updated_at"])) for row in rows]


async def remove(tx: Tx, call_ids: Sequence[str]) -> None:
    """Nothing stays of these calls here."""
    table = store.calls
    await tx.execute(sa.delete(table).where(table.c.tenant_id == tx.tenant_id, table.c.id.in_(call_ids)))


@dataclass(frozen=True, slots=True)
class Thing:
    """An application, a number's addresses, a queue or a conference; its id's first letters say which."""

    id: str
    name: str
    data: Json
    created_at: int
    updated_at: int


async def things(tx: Tx, prefix: str, name: str | None = None) -> list[Thing]:
    """Those of a kind, the oldest first."""
    table = store.things
    query = sa.select(table).where(table.c.tenant_id == tx.tenant_id, table.c.id.startswith(prefix, autoescape=True))
    if name is not None:
        query = query.where(table.c.name == name)
    return [_thing(row) for row in await tx.fetch_all(query.order_by(table.c.id))]


async def thing(tx: Tx, thing_id: str) -> Thing | None:
    """One."""
    table = store.things
    row = await tx.fetch_one(sa.select(table).where(table.c.tenant_id == tx.tenant_id, table.c.id == thing_id))
    return None if row is None else _thing(row)


def _thing(row: sa.RowMapping) -> Thing:
    at = (from_datetime(row["created_at"]), from_datetime(row["updated_at"]))
    return Thing(row["id"], row["name"], msgspec.json.decode(row["data"]), *at)


async def put(tx: Tx, thing_id: str, name: str, data: Json) -> None:
    """Makes it, or makes it so."""
    now = to_datetime(tx.now)
    row = {
        "id": thing_id,
        "tenant_id": tx.tenant_id,
        "name": name,
        "data": msgspec.json.encode(data).decode(),
        "created_at": now,
        "updated_at": now,
    }
    kept = insert(store.things).values(row)
    fresh = {column: kept.excluded[column] for column in ("name", "data", "updated_at")}
    await tx.execute(kept.on_conflict_do_update(index_elements=["id"], set_=fresh))


async def drop(tx: Tx, thing_id: str) -> None:
    """It is gone."""
    table = store.things
    await tx.execute(sa.delete(table).where(table.c.tenant_id == tx.tenant_id, table.c.id == thing_id))

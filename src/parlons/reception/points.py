"""Entry points as data: put and removed by configuration, found by channel and address."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.reception.model import EntryPoint
from parlons.reception.store import conversation_entries, entry_points, point_columns, point_of
from parlons.runtime.db import Tx
from parlons.runtime.prepared import Prepared


async def put_entry_points(tx: Tx, points: Sequence[EntryPoint]) -> None:
    """Make these entry points, or make them so. Raises InvalidEntryPoint before anything is written."""
    for point in points:
        point.check()
    for start in range(0, len(points), 500):
        rows = [{"tenant_id": tx.tenant_id, **point_columns(point)} for point in points[start : start + 500]]
        statement = insert(entry_points).values(rows)
        fresh = {c.name: statement.excluded[c.name] for c in entry_points.c if c.name not in ("id", "tenant_id")}
        await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=fresh))


async def remove_entry_points(tx: Tx, ids: Sequence[str]) -> None:
    """Nothing answers these any more."""
    await tx.execute(
        entry_points.delete().where(entry_points.c.tenant_id == tx.tenant_id, entry_points.c.id.in_(list(ids)))
    )


async def all_entry_points(tx: Tx) -> list[EntryPoint]:
    """Every entry point, by id."""
    query = sa.select(entry_points).where(entry_points.c.tenant_id == tx.tenant_id)
    return [point_of(row) for row in await tx.fetch_all(query.order_by(entry_points.c.id))]


async def find_entry_point(tx: Tx, channel: str, address: str, firm_id: str | None = None) -> EntryPoint | None:
    """The entry point of this address; without one of its own, the firm's first on the channel."""

    async def read() -> EntryPoint | None:
        return await _find(tx, channel, address, firm_id)

    return await tx.remembered(("entry point", channel, address, firm_id), read)


async def _find(tx: Tx, channel: str, address: str, firm_id: str | None) -> EntryPoint | None:
    here = sa.and_(entry_points.c.tenant_id == tx.tenant_id, entry_points.c.channel == channel)
    row = await tx.fetch_one(sa.select(entry_points).where(here, entry_points.c.address == address))
    if row is None and firm_id is not None:
        of_firm = sa.select(entry_points).where(here, entry_points.c.firm_id == firm_id)
        row = await tx.fetch_one(of_firm.order_by(entry_points.c.id).limit(1))
    return point_of(row) if row else None


_came = insert(conversation_entries).inline()
_CAME_IN = Prepared(
    _came.on_conflict_do_update(
        index_elements=["conversation_id"], set_={"entry_point_id": _came.excluded.entry_point_id}
    ),
    columns=("conversation_id", "tenant_id", "entry_point_id"),
)


async def remember_point(tx: Tx, conversation_id: str, point_id: str) -> None:
    """The conversation came in here last."""
    if tx.kept.get(("entry point", conversation_id)) == point_id:
        return
    tx.kept["entry point", conversation_id] = point_id
    row = {"conversation_id": conversation_id, "tenant_id": tx.tenant_id, "entry_point_id": point_id}
    tx.later(_CAME_IN, row, key=conversation_id)


async def remembered_point(tx: Tx, conversation_id: str) -> EntryPoint | None:
    """Where the conversation came in last, if that entry point still stands."""
    known = sa.select(conversation_entries.c.entry_point_id).where(
        conversation_entries.c.tenant_id == tx.tenant_id, conversation_entries.c.conversation_id == conversation_id
    )
    query = sa.select(entry_points).where(entry_points.c.tenant_id == tx.tenant_id, entry_points.c.id.in_(known))
    row = await tx.fetch_one(query)
    return point_of(row) if row else None

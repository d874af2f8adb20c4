"""Customer systems laid down and read in bulk, for the configuration, which has checked them; how each stands."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.crm.model import WAITING, LookupRow
from parlons.crm.store import links, lookup_columns, lookups, read_lookups, writes
from parlons.runtime.db import Tx
from parlons.runtime.jobs import enqueue

POLL = "crm.poll"


async def all_lookups(tx: Tx, workspace_id: str) -> list[LookupRow]:
    """Every customer system of a workspace, in order of their names."""
    return await read_lookups(tx, lookups.c.workspace_id == workspace_id)


async def put_lookup(tx: Tx, wanted: LookupRow) -> None:
    """It is so from now on; secrets that are not given stay, and it is tried anew, however it failed before."""
    known = await read_lookups(tx, lookups.c.id == wanted.id)
    before, version = (known[0], known[0].version + 1) if known else (None, 1)
    kept = before.secrets if before is not None and before.system == wanted.system else {}
    values = lookup_columns(replace(wanted, secrets={**kept, **wanted.secrets}))
    same = before is not None and (before.system, before.settings) == (wanted.system, wanted.settings)
    fresh: dict[str, Any] = {"failures": 0, "away_since": None, "away_until": None, "reason": "", "version": version}
    if not same:
        fresh["position"] = {}
    statement = insert(lookups).values(tenant_id=tx.tenant_id, **values, **fresh)
    del values["id"]
    await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_={**values, **fresh}))
    if wanted.active and wanted.poll_minutes:
        await enqueue(tx, POLL, {"lookup_id": wanted.id, "version": version}, cancel_key=wanted.id)


async def remove_lookups(tx: Tx, lookup_ids: Sequence[str]) -> None:
    """Nothing is read or written there any more; what waited is given up, and who is who there forgotten."""
    if lookup_ids:
        for table, column in ((writes, writes.c.lookup_id), (links, links.c.lookup_id), (lookups, lookups.c.id)):
            await tx.execute(table.delete().where(table.c.tenant_id == tx.tenant_id, column.in_(list(lookup_ids))))


async def waiting_by_lookup(tx: Tx) -> Mapping[str, int]:
    """How many writes wait, by system."""
    c = writes.c
    query = sa.select(c.lookup_id, sa.func.count().label("many")).where(c.tenant_id == tx.tenant_id, c.state == WAITING)
    return {row["lookup_id"]: row["many"] for row in await tx.fetch_all(query.group_by(c.lookup_id))}

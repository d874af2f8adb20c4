"""How many contacts took each way of a flow, and how many stand where: for the picture of a flow that is live.

Counting costs no statement: ways are added up in the process, after the commit that took them, and written together every few
seconds. What a process that is killed had counted since is lost; a figure may be short by so much, never wrong otherwise. Rows
hold names of steps and numbers, nothing of a contact.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.flows.state import Way
from parlons.kit.clock import Millis, to_datetime
from parlons.reception.store import flow_instances, flow_traffic
from parlons.runtime.db import Database, Tx

EVERY = 5.0
"""Seconds between two writings."""
HOUR = 3_600_000
KEPT_DAYS = 35
_AT_ONCE = 1_000
Key = tuple[str, str, int, int, str, str]
"""Tenant, flow, version, beginning of the hour, from, to; empty: the beginning, the end."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What went on in one version of a flow."""

    ways: dict[tuple[str | None, str | None], int]
    """From step to step: how often. None: the beginning; the end."""
    here: dict[str, int]
    """Contacts under way that stand at a step now."""


@dataclass(slots=True)
class Traffic:
    """What was counted in this process and is not written yet."""

    counted: Counter[Key] = field(default_factory=Counter)
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def count(self, tx: Tx, ways: Sequence[Way]) -> None:
        """These were taken, if `tx` is committed. Flows that nobody stored (made for one contact) are not counted."""
        hour, tenant = tx.now - tx.now % HOUR, tx.tenant_id or ""
        keys = [_key(tenant, hour, way) for way in ways if ":" in way[0]]
        if keys:
            tx.after_commit(lambda: self.counted.update(keys))

    async def run(self, db: Database) -> None:
        """Writes for ever."""
        while True:
            await asyncio.sleep(EVERY)
            await self.write(db)

    async def write(self, db: Database) -> None:
        """Writes what was counted; what cannot be written is kept for the next time."""
        async with self._writing:
            rows, self.counted = self.counted, Counter()
            if not rows:
                return
            try:
                # In one order, so that two processes that write the same rows wait for each other and never cross.
                ordered = sorted(rows.items())
                async with db.system() as tx:
                    for first in range(0, len(ordered), _AT_ONCE):
                        await _add(tx, ordered[first : first + _AT_ONCE])
            except BaseException:
                self.counted.update(rows)
                raise


async def traffic_of(tx: Tx, flow_id: str, version: int, since: Millis) -> Seen:
    """What went on since the hour of `since`, and where contacts stand now."""
    c = flow_traffic.c
    query = sa.select(c.came_from, c.went_to, sa.func.sum(c.count).label("count")).where(
        c.tenant_id == tx.tenant_id,
        c.flow_id == flow_id,
        c.version == version,
        c.hour >= to_datetime(since - since % HOUR),
    )
    rows = await tx.fetch_all(query.group_by(c.came_from, c.went_to).order_by(c.came_from, c.went_to))
    ways = {(row["came_from"] or None, row["went_to"] or None): int(row["count"]) for row in rows}
    step, flow = flow_instances.c.state["step"].astext, flow_instances.c.state["flow"].astext
    standing = sa.select(step.label("step"), sa.func.count().label("count")).where(
        flow_instances.c.tenant_id == tx.tenant_id,
        flow_instances.c.status == sa.literal_column("'running'"),
        flow == f"{flow_id}:{version}",
    )
    here = {row["step"]: int(row["count"]) for row in await tx.fetch_all(standing.group_by(step)) if row["step"]}
    return Seen(ways, here)


async def forget_old_traffic(db: Database) -> None:
    """What is older than KEPT_DAYS goes. Repeatable."""
    async with db.system() as tx:
        before = to_datetime(tx.now) - timedelta(days=KEPT_DAYS)
        await tx.execute(flow_traffic.delete().where(flow_traffic.c.hour < before))


async def _add(tx: Tx, counted: list[tuple[Key, int]]) -> None:
    rows: list[dict[str, Any]] = [
        {"tenant_id": tenant, "flow_id": flow, "version": version, "hour": to_datetime(hour), "came_from": came,
         "went_to": to, "count": count}
        for (tenant, flow, version, hour, came, to), count in counted
    ]  # fmt: skip
    statement = insert(flow_traffic).values(rows)
    keys = [column.name for column in flow_traffic.primary_key.columns]
    more = {"count": flow_traffic.c.count + statement.excluded.count}
    await tx.execute(statement.on_conflict_do_update(index_elements=keys, set_=more))


def _key(tenant_id: str, hour: int, way: Way) -> Key:
    flow_id, _, version = way[0].rpartition(":")
    return tenant_id, flow_id, int(version), hour, way[1] or "", way[2] or ""

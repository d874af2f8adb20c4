"""What somebody did today: states one after the other, and the contacts in them.

Each change of a worker's state is written down by a durable reader of the journal, so that a day is a look-up by worker, not
a walk through the journal. Kept for `KEPT_DAYS`. Times are RFC 3339; `until_at` None: still so.
"""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.dispatch.queries import reservations_of_worker
from parlons.floor.store import changes
from parlons.kit.clock import Millis, from_datetime, to_datetime, to_iso
from parlons.runtime.db import Tx
from parlons.runtime.journal import Entry
from parlons.runtime.readers import Reader, Tail

Json = dict[str, Any]
NAME = "floor"
TYPES = frozenset({"worker.activity.update", "worker.reachable.update"})
KEPT_DAYS = 93


def reader(tail: Tail, tenant_id: str) -> Reader:
    """The reader of one workspace; `run` it for ever."""
    return Reader(tail, tenant_id, NAME, TYPES, keep)


async def keep(tx: Tx, entry: Entry) -> None:
    """One change of a state, written down; what is older than a quarter of a year goes."""
    data, at = entry.data, to_datetime(entry.at)
    values = {"activity_id": data.get("activity_id"), "reachable": data.get("reachable")}
    row = {"tenant_id": tx.tenant_id, "worker_id": data["worker_id"], "seq": entry.seq, "at": at, **values}
    await tx.execute(insert(changes).values(row).on_conflict_do_nothing())
    old = (changes.c.tenant_id == tx.tenant_id, changes.c.worker_id == data["worker_id"])
    await tx.execute(changes.delete().where(*old, changes.c.at < at - timedelta(days=KEPT_DAYS)))


async def day_of(tx: Tx, workspace_id: str, worker_id: str, start: Millis, end: Millis) -> Json:
    """His states and contacts in `[start, end)`, oldest first; `end` may lie ahead."""
    mine = (changes.c.tenant_id == tx.tenant_id, changes.c.worker_id == worker_id)
    opening = [await _before(tx, mine, column, start) for column in (changes.c.activity_id, changes.c.reachable)]
    within = (changes.c.at >= to_datetime(start), changes.c.at < to_datetime(end))
    rows = await tx.fetch_all(sa.select(changes).where(*mine, *within).order_by(changes.c.seq))
    states: list[Json] = []
    activity_id, reachable = opening[0], opening[1] is not False
    if activity_id is not None:
        states.append(_state(activity_id, reachable, start))
    for row in rows:
        activity_id = row["activity_id"] or activity_id
        reachable = row["reachable"] if row["reachable"] is not None else reachable
        if activity_id is None:
            continue
        at = from_datetime(row["at"])
        if states:
            states[-1]["until_at"] = to_iso(at)
        states.append(_state(activity_id, reachable, at))
    contacts = await reservations_of_worker(tx, workspace_id, worker_id, start, end)
    return {"worker_id": worker_id, "from_at": to_iso(start), "states": _merged(states), "contacts": contacts}


async def _before(tx: Tx, mine: tuple[Any, ...], column: Any, start: Millis) -> Any:
    query = sa.select(column).where(*mine, column.is_not(None), changes.c.at < to_datetime(start))
    return await tx.scalar(query.order_by(changes.c.seq.desc()).limit(1))


def _state(activity_id: str, reachable: bool, at: Millis) -> Json:
    return {"activity_id": activity_id, "reachable": reachable, "since_at": to_iso(at), "until_at": None}


def _merged(states: list[Json]) -> list[Json]:
    """The same state twice in a row is one."""
    out: list[Json] = []
    for each in states:
        last = out[-1] if out else None
        if last and (last["activity_id"], last["reachable"]) == (each["activity_id"], each["reachable"]):
            last["until_at"] = each["until_at"]
        else:
            out.append(each)
    return out

"""Finished work that a list still shows, and the offers of a task or a worker, read from the projections.

For callers who have checked that the workspace is theirs; row level security holds the tenant.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import RowMapping

from parlons.dispatch import store
from parlons.kit.clock import from_datetime, to_datetime
from parlons.runtime.db import Tx

OFFERS = 5000
"""Offers read for one list."""


@dataclass(frozen=True, slots=True)
class EndedTask:
    """A finished task. Times are milliseconds."""

    id: str
    channel: str
    status: str
    priority: int
    workflow_id: str | None
    queue_id: str | None
    created_at: int
    virtual_start: int
    entered_queue_at: int | None
    ended_at: int
    reason: str | None
    version: int
    attributes: dict[str, Any] | None
    """None: erased."""


@dataclass(frozen=True, slots=True)
class Held:
    """A reservation. Times are milliseconds."""

    id: str
    task_id: str
    worker_id: str
    worker_name: str | None
    status: str
    created_at: int
    accepted_at: int | None
    ended_at: int | None


_ENDED = """
SELECT t.*, (SELECT data -> 'attributes' FROM journal_private p WHERE p.workspace_id = t.workspace_id AND p.key = t.id
             AND data ? 'attributes' ORDER BY seq DESC LIMIT 1) AS attributes
FROM tasks t WHERE t.workspace_id = :workspace AND t.ended_at > :since {also} ORDER BY t.id
"""


async def ended_tasks(tx: Tx, workspace_id: str, since: int, task_id: str | None = None) -> list[EndedTask]:
    """The tasks that ended after `since` (ms), or the one of them with this id."""
    also = "" if task_id is None else "AND t.id = :task"
    values = {"workspace": workspace_id, "since": to_datetime(since), **({} if task_id is None else {"task": task_id})}
    return [_ended(row) for row in await tx.fetch_all(_ENDED.format(also=also), values)]


async def held(
    tx: Tx,
    workspace_id: str,
    *,
    task_id: str | None = None,
    worker_id: str | None = None,
    reservation_id: str | None = None,
    status: str | None = None,
) -> list[Held]:
    """The offers of a task or a worker, oldest first, or one of them; the newest `OFFERS` at most."""
    of, who = store.reservations, store.workers
    wanted = {"task_id": task_id, "worker_id": worker_id, "id": reservation_id, "status": status}
    query = (
        sa.select(of, who.c.name.label("worker_name"))
        .join(who, sa.and_(who.c.workspace_id == of.c.workspace_id, who.c.id == of.c.worker_id), isouter=True)
        .where(of.c.workspace_id == workspace_id)
        .where(*(of.c[name] == value for name, value in wanted.items() if value is not None))
        .order_by(of.c.created_at.desc(), of.c.id.desc())
        .limit(OFFERS)
    )
    return [_held(row) for row in reversed(await tx.fetch_all(query))]


def _ended(row: RowMapping) -> EndedTask:
    names = ("id", "channel", "status", "priority", "workflow_id", "queue_id", "reason", "version", "attributes")
    return EndedTask(
        **{name: row[name] for name in names},
        created_at=from_datetime(row["created_at"]),
        virtual_start=from_datetime(row["virtual_start_at"]),
        entered_queue_at=_millis(row["entered_queue_at"]),
        ended_at=from_datetime(row["ended_at"]),
    )


def _held(row: RowMapping) -> Held:
    return Held(
        **{name: row[name] for name in ("id", "task_id", "worker_id", "worker_name", "status")},
        created_at=from_datetime(row["created_at"]),
        accepted_at=_millis(row["accepted_at"]),
        ended_at=_millis(row["ended_at"]),
    )


def _millis(at: Any) -> int | None:
    return None if at is None else from_datetime(at)

"""What a group commit writes besides the journal: one upsert per kind of object, each changed object once.

Only statements and the order of their columns; what the values are, views.py decides. A projection never leads: it is
written in the transaction of the journal row it follows from, so no reader sees one without the other. Tasks and
reservations go in the very statement of the append, because nearly every commit has some.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg
import msgspec

from parlons.dispatch.batch import Batch
from parlons.routing.commands import EraseTask
from parlons.runtime.journal import Also, Lease
from parlons.runtime.road import finish_commands

_UPSERTS = """, told_tasks AS (
INSERT INTO tasks (workspace_id, tenant_id, id, firm_id, conversation_id, channel, status, priority, workflow_id, queue_id,
                   worker_id, reservation_id, created_at, virtual_start_at, entered_queue_at, ended_at, reason, version)
SELECT $1, tenant_id, id, firm_id, conversation_id, channel, status, priority, workflow_id, queue_id, worker_id,
       reservation_id, to_timestamp(created_at / 1000.0), to_timestamp(virtual_start / 1000.0),
       to_timestamp(entered_queue_at / 1000.0), to_timestamp(ended_at / 1000.0), reason, version
FROM fence, json_to_recordset($7::json)
     AS t(id text, firm_id text, conversation_id text, channel text, status text, priority bigint, workflow_id text,
          queue_id text, worker_id text, reservation_id text, created_at bigint, virtual_start bigint,
          entered_queue_at bigint, ended_at bigint, reason text, version bigint)
ON CONFLICT (workspace_id, id) DO UPDATE SET
    status = excluded.status, priority = excluded.priority, workflow_id = excluded.workflow_id,
    queue_id = excluded.queue_id, worker_id = excluded.worker_id, reservation_id = excluded.reservation_id,
    entered_queue_at = excluded.entered_queue_at, ended_at = excluded.ended_at, reason = excluded.reason,
    version = excluded.version
), told_reservations AS (
INSERT INTO reservations (workspace_id, tenant_id, id, task_id, worker_id, queue_id, firm_id, status, created_at, expires_at,
                          accepted_at, ended_at, reason, seq, decision)
SELECT $1, tenant_id, id, task_id, worker_id, queue_id, firm_id, status, to_timestamp(created_at / 1000.0),
       to_timestamp(expires_at / 1000.0), to_timestamp(accepted_at / 1000.0), to_timestamp(ended_at / 1000.0), reason,
       seq, decision
FROM fence, json_to_recordset($8::json)
     AS t(id text, task_id text, worker_id text, queue_id text, firm_id text, status text, created_at bigint,
          expires_at bigint, accepted_at bigint, ended_at bigint, reason text, seq bigint, decision jsonb)
ON CONFLICT (workspace_id, id) DO UPDATE SET
    status = excluded.status, accepted_at = excluded.accepted_at, ended_at = excluded.ended_at, reason = excluded.reason
)"""
"""Upserts find rows by their key whatever the planner knows; an UPDATE joined with its values, planned while the table
was empty, would read the whole table at each commit ever after. Sequence and decision are those of the first time."""

_CONFIGURED = """
INSERT INTO {table} (workspace_id, tenant_id, id, firm_id, name, data, removed)
SELECT $1, $2, id, firm, name, data, removed
FROM unnest($3::text[], $4::text[], $5::text[], $6::jsonb[], $7::boolean[]) AS t(id, firm, name, data, removed)
ON CONFLICT (workspace_id, id) DO UPDATE
SET firm_id = excluded.firm_id, name = excluded.name, data = excluded.data, removed = excluded.removed
"""

_KEYED = """
INSERT INTO commands (tenant_id, workspace_id, idempotency_key, body, state, result)
SELECT $1, $2, key, body, 'done', result FROM unnest($3::text[], $4::jsonb[], $5::jsonb[]) AS t(key, body, result)
"""

_ERASED = "DELETE FROM journal_private WHERE workspace_id = $1 AND key = ANY($2)"
"""Attributes that were still on the road, or in memory, when the customer was erased: his tasks' last command finds them."""

_encode = msgspec.json.Encoder().encode


def upserts(batch: Batch, base: int) -> Also:
    """Tasks and reservations as `batch` leaves them, for the append; its first own entry has sequence `base + 1`."""
    return Also(_UPSERTS, (_json(list(batch.tasks.values())), _json(_offers(batch, base))))


async def write_rest(connection: asyncpg.Connection, lease: Lease, batch: Batch) -> None:
    """Writes what few batches have: configuration, results of rows and keys, traces of the erased."""
    key = (lease.workspace_id, lease.tenant_id)
    for table in sorted({table for table, _ in batch.configured}):
        rows = [row for (of, _), row in batch.configured.items() if of == table]
        await connection.execute(_CONFIGURED.format(table=table), *key, *_columns(rows))
    erased = [one.asked.command.task_id for one in batch.done if type(one.asked.command) is EraseTask]
    if erased:
        await connection.execute(_ERASED, lease.workspace_id, erased)
    done, keyed = batch.results()
    await finish_commands(connection, done)
    if keyed:
        names = [{"command": type(command).__name__} for _, _, command in keyed]
        await connection.execute(
            _KEYED, lease.tenant_id, lease.workspace_id, [one[0] for one in keyed], names, [one[1] for one in keyed]
        )


class _Offer(msgspec.Struct, gc=False):
    """A reservation's row."""

    id: str
    task_id: str
    worker_id: str
    queue_id: str | None
    firm_id: str | None
    status: str
    created_at: int
    expires_at: int
    accepted_at: int | None
    ended_at: int | None
    reason: str | None
    seq: int
    decision: Any


def _offers(batch: Batch, base: int) -> list[_Offer]:
    found = []
    for reservation_id, view in batch.reservations.items():
        place, decision = batch.offered.get(reservation_id, _STORED_BEFORE)
        found.append(_Offer(*msgspec.structs.astuple(view), base + place + 1, decision))  # type: ignore[call-arg]
    return found


_STORED_BEFORE: tuple[int, Any] = (0, {})


def _json(rows: Sequence[msgspec.Struct]) -> str:
    """Rows as one JSON parameter: a quarter of the cost, here, of one array for each column, and no dearer there."""
    return _encode(rows).decode()


def _columns(rows: Iterable[msgspec.Struct]) -> Sequence[Sequence[Any]]:
    return list(zip(*(msgspec.structs.astuple(row) for row in rows), strict=True))

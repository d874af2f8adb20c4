"""Snapshots of what the owner of a workspace had in memory as of a sequence, so that nobody replays from the beginning.

Kept as long as the journal, because `why` of an old decision is replayed from the newest snapshot before it. Written by
the holder of the lease only; bodies hold no values of customers.
"""

import asyncpg

from parlons.runtime.journal import Fenced, Lease


async def save_snapshot(connection: asyncpg.Connection, lease: Lease, seq: int, body: bytes) -> None:
    """Keeps the state as of `seq`, unless the lease was lost (then raises `Fenced`). As old as the journal may get."""
    status = await connection.execute(
        "INSERT INTO snapshots (workspace_id, seq, tenant_id, epoch, body) "
        "SELECT workspace_id, $3, tenant_id, epoch, $4 FROM leases WHERE workspace_id = $1 AND epoch = $2 "
        "ON CONFLICT (workspace_id, seq) DO UPDATE SET body = excluded.body, epoch = excluded.epoch",
        lease.workspace_id,
        lease.epoch,
        seq,
        body,
    )
    if status != "INSERT 0 1":
        raise Fenced(workspace_id=lease.workspace_id, epoch=lease.epoch)


async def load_snapshot(
    connection: asyncpg.Connection, workspace_id: str, *, at_most: int | None = None
) -> tuple[int, bytes] | None:
    """The newest snapshot (seq, body), or the newest not after `at_most`; None when there is none."""
    row = await connection.fetchrow(
        "SELECT seq, body FROM snapshots WHERE workspace_id = $1 AND ($2::bigint IS NULL OR seq <= $2) "
        "ORDER BY seq DESC LIMIT 1",
        workspace_id,
        at_most,
    )
    return (row["seq"], bytes(row["body"])) if row else None


async def forget_snapshots(connection: asyncpg.Connection, workspace_id: str, before_seq: int) -> None:
    """Drops snapshots which the journal no longer reaches, but never the newest."""
    await connection.execute(
        "DELETE FROM snapshots WHERE workspace_id = $1 AND seq < $2 "
        "AND seq < (SELECT max(seq) FROM snapshots WHERE workspace_id = $1)",
        workspace_id,
        before_seq,
    )

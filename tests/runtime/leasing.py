"""Taking a workspace's lease by hand, as a test's own owner."""

import asyncpg

from parlons.runtime.journal import Lease


async def take(connection: asyncpg.Connection, workspace_id: str, tenant_id: str) -> Lease:
    """Outbids whoever held the lease."""
    row = await connection.fetchrow(
        "INSERT INTO leases AS held (workspace_id, tenant_id, epoch, owner, until) "
        "VALUES ($1, $2, 1, 'test', clock_timestamp()) ON CONFLICT (workspace_id) DO UPDATE "
        "SET epoch = held.epoch + 1 RETURNING epoch, last_seq",
        workspace_id,
        tenant_id,
    )
    return Lease(workspace_id, tenant_id, row["epoch"], row["last_seq"])

"""Who owns a workspace's router: an advisory lock says it at once, a lease row says it within `LEASE` seconds.

A killed process loses its connection, PostgreSQL frees the lock, the standby takes it within one look. A stopped process
(SIGSTOP, a stalled machine) keeps the lock but does not renew its lease: the standby ends that session and outbids the
epoch. The epoch is the fence: every group commit states it, so a late batch of an outbid owner changes nothing, whatever
became of locks and clocks. All times of the lease are PostgreSQL's, so two machines need not agree.
"""

import contextlib

import asyncpg

from parlons.runtime.db import Database
from parlons.runtime.failures import database_failures
from parlons.runtime.journal import Lease
from parlons.runtime.log import log

LEASE = 1.2
"""Seconds without renewal after which a standby may outbid the owner."""
RENEW = 0.4
"""Seconds between renewals."""
LOOK = 0.1
"""Seconds between two looks of a standby."""

_LOCK = "hashtextextended('parlons-owner:' || $1, 0)"
_CLAIM = f"""
INSERT INTO leases (workspace_id, tenant_id, epoch, owner, until)
VALUES ($1, $2, 1, $3, clock_timestamp() + interval '{LEASE} seconds')
ON CONFLICT (workspace_id) DO UPDATE
SET epoch = leases.epoch + 1, owner = excluded.owner, until = excluded.until
WHERE leases.epoch = $4
RETURNING epoch, last_seq
"""  # noqa: S608 - constants of this file
_RENEW = f"""
UPDATE leases SET until = clock_timestamp() + interval '{LEASE} seconds' WHERE workspace_id = $1 AND epoch = $2
"""  # noqa: S608 - constants of this file
_STANDING = "SELECT epoch, until < clock_timestamp() AS expired FROM leases WHERE workspace_id = $1"
_HOLDER = f"""
SELECT pid FROM pg_locks
WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND ((classid::bigint << 32) | objid::bigint) = {_LOCK}
"""  # noqa: S608 - constants of this file


async def try_take(
    connection: asyncpg.Connection, database: Database, workspace_id: str, tenant_id: str, name: str
) -> Lease | None:
    """Takes the workspace when nobody owns it or its owner let the lease run out; None while somebody does.

    `connection` is of the system role, stays open for as long as the lease is kept, and holds the advisory lock.
    `name` says in the lease row who owns it, for people."""
    standing = await connection.fetchrow(_STANDING, workspace_id)
    if not await connection.fetchval(f"SELECT pg_try_advisory_lock({_LOCK})", workspace_id):
        if standing is None or not standing["expired"]:
            return None
        log.warning("lease.expired", workspace_id=workspace_id, epoch=standing["epoch"])
        await _end_holder(database, workspace_id)
        # The lock may stay with a session that nobody lets us end; the epoch outbids it all the same.
        await connection.fetchval(f"SELECT pg_try_advisory_lock({_LOCK})", workspace_id)
    else:
        # Read again: between the first look and the lock another owner may have come and gone.
        standing = await connection.fetchrow(_STANDING, workspace_id)
    row = await connection.fetchrow(_CLAIM, workspace_id, tenant_id, name, standing["epoch"] if standing else 0)
    if row is None:
        await let_go(connection, workspace_id)
        return None
    return Lease(workspace_id=workspace_id, tenant_id=tenant_id, epoch=row["epoch"], last_seq=row["last_seq"])


async def renew(connection: asyncpg.Connection, lease: Lease) -> bool:
    """Prolongs the lease; False when its epoch was outbid."""
    return bool(await connection.execute(_RENEW, lease.workspace_id, lease.epoch) == "UPDATE 1")


async def let_go(connection: asyncpg.Connection, workspace_id: str) -> None:
    """Frees the lock, so that a standby need not wait for the lease to end."""
    await connection.execute(f"SELECT pg_advisory_unlock({_LOCK})", workspace_id)


async def _end_holder(database: Database, workspace_id: str) -> None:
    """Ends the stopped owner's session, as the login that may do so; a refusal is only logged."""
    with contextlib.suppress(OSError):
        try:
            with database_failures():
                login = await asyncpg.connect(database.dsn, timeout=2)
                try:
                    for row in await login.fetch(_HOLDER, workspace_id):
                        await login.execute("SELECT pg_terminate_backend($1)", row["pid"])
                finally:
                    await login.close(timeout=1)
        except asyncpg.PostgresError as error:
            log.warning("lease.session_not_ended", workspace_id=workspace_id, error=type(error).__name__)

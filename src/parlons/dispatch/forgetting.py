"""A workspace that is taken away leaves nothing: what its router wrote is deleted, the journal and the tasks' values with it."""

from parlons.dispatch import store
from parlons.runtime.db import Database

_RUNTIME = ("outbox", "commands", "snapshots", "readers", "journal_private", "journal", "leases")


async def forget_workspace(db: Database, workspace_id: str) -> None:
    """Deletes every row of a workspace whose seat was left here; the caller has decided that it may go."""
    async with db.system() as tx:
        for table in (*store.TABLES, *_RUNTIME):
            await tx.execute(f"DELETE FROM {table} WHERE workspace_id = :workspace", {"workspace": workspace_id})  # noqa: S608  (names of our own)

"""What a workspace's journal holds since a time: for figures over a period and for lists of events.

For callers who have checked that the workspace is theirs. Personal values are left out; `attributes_of` gives those of tasks.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from parlons.kit.clock import to_datetime
from parlons.routing import transitions as t
from parlons.runtime.db import Database, Tx
from parlons.runtime.journal import Entry

_FIRST = "SELECT min(first_seq) FROM journal WHERE workspace_id = $1 AND at >= $2"
_ROWS = "SELECT last_seq, body FROM journal WHERE workspace_id = $1 AND last_seq >= $2 ORDER BY last_seq LIMIT 200"
_ATTRIBUTES = """
SELECT DISTINCT ON (key) key, data -> 'attributes' AS attributes FROM journal_private
WHERE workspace_id = :workspace AND key = ANY(:keys) AND data ? 'attributes' ORDER BY key, seq DESC
"""
_decode = msgspec.msgpack.Decoder(list[Entry]).decode
READ = 200


async def entries_since(db: Database, workspace_id: str, since: int) -> AsyncIterator[Entry]:
    """All entries from `since` (ms) on, and some before it, in order."""
    connection = await db.connect_system()
    try:
        first = await connection.fetchval(_FIRST, workspace_id, to_datetime(since))
        while first is not None:
            rows = await connection.fetch(_ROWS, workspace_id, first)
            for row in rows:
                for entry in _decode(row["body"]):
                    yield entry
            first = rows[-1]["last_seq"] + 1 if len(rows) == READ else None
            await asyncio.sleep(0)
    finally:
        await connection.close()


async def entry_at(db: Database, workspace_id: str, seq: int) -> tuple[Entry, str | None] | None:
    """One entry by its sequence, with who asked for it; None when retention took it, or it never was."""
    query = "SELECT body FROM journal WHERE workspace_id = $1 AND first_seq <= $2 AND last_seq >= $2"
    connection = await db.connect_system()
    try:
        row = await connection.fetchrow(query, workspace_id, seq)
    finally:
        await connection.close()
    actor: str | None = None
    for entry in _decode(row["body"]) if row is not None else ():
        if entry.kind == "command":
            actor = entry.data.get("actor")
        if entry.seq == seq:
            return entry, actor
    return None


async def transitions_between(db: Database, workspace_id: str, start: int, end: int) -> AsyncIterator[t.Transition]:
    """What happened in `[start, end)` (ms), in order."""
    async for entry in entries_since(db, workspace_id, start):
        if entry.kind == "transition" and start <= entry.at < end:
            yield t.from_wire(entry.data)


async def attributes_of(tx: Tx, workspace_id: str, task_ids: Sequence[str]) -> dict[str, Any]:
    """The attributes of these tasks as they are now; those of erased ones are absent."""
    if not task_ids:
        return {}
    rows = await tx.fetch_all(_ATTRIBUTES, {"workspace": workspace_id, "keys": list(task_ids)})
    return {row["key"]: row["attributes"] for row in rows}

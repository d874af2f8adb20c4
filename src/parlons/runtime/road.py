"""The command road: routing commands wait here as rows until the owner of the workspace takes them into its group commit.

A room submits in its own transaction, so the wish and its cause (a message, say) commit together or not at all; the same
key twice is the same wish. The owner takes rows in order of id, and marks each done or refused with its result in the
transaction that journals it. `private` (a task's attributes) leaves the row then: the owner keeps it where erasure looks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import asyncpg
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from parlons.runtime.db import Tx
from parlons.runtime.prepared import Prepared
from parlons.runtime.schema import commands


@dataclass(frozen=True, slots=True)
class Waiting:
    """A command row that nobody has carried out yet."""

    id: int
    tenant_id: str
    key: str
    body: dict[str, Any]
    private: dict[str, Any] | None
    private_key: str | None


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a command row; `result` is the outcome, or the refusal's `{"code", "detail", "details"}`."""

    id: int
    state: Literal["done", "refused"]
    result: dict[str, Any] | None


SUBMIT = Prepared(
    insert(commands).on_conflict_do_nothing().returning(commands.c.id),
    columns=("tenant_id", "workspace_id", "idempotency_key", "body", "private", "private_key"),
)


async def submit(
    tx: Tx,
    workspace_id: str,
    body: dict[str, Any],
    *,
    key: str,
    private: dict[str, Any] | None = None,
    private_key: str | None = None,
) -> bool:
    """Puts a command on the road; False when one with this key is there already (nothing changes then)."""
    added = await tx.run(
        SUBMIT,
        apart=True,
        tenant_id=tx.tenant_id,
        workspace_id=workspace_id,
        idempotency_key=key,
        body=body,
        private=private,
        private_key=private_key,
    )
    tx.wake(workspace_id)
    return bool(added)


async def outcome(tx: Tx, workspace_id: str, key: str) -> Done | None:
    """What became of the command with this key; None while it waits or when it is unknown."""
    query = select(commands.c.id, commands.c.state, commands.c.result).where(
        commands.c.workspace_id == workspace_id, commands.c.idempotency_key == key, commands.c.state != "new"
    )
    row = await tx.fetch_one(query)
    return Done(row["id"], row["state"], row["result"]) if row else None


_TAKE = """
SELECT id, tenant_id, idempotency_key, body, private, private_key
FROM commands WHERE workspace_id = $1 AND state = 'new' ORDER BY id LIMIT $2
"""


async def take_commands(connection: asyncpg.Connection, workspace_id: str, limit: int) -> list[Waiting]:
    """The oldest waiting commands. They stay until `finish_commands`: an owner that dies between leaves them waiting."""
    rows = await connection.fetch(_TAKE, workspace_id, limit)
    return [Waiting(*row.values()) for row in rows]


_FINISH = """
UPDATE commands SET state = done.state, result = done.result, private = NULL
FROM unnest($1::bigint[], $2::text[], $3::jsonb[]) done (id, state, result)
WHERE commands.id = done.id
"""


async def finish_commands(connection: asyncpg.Connection, done: Sequence[Done]) -> None:
    """Marks rows carried out, in the owner's transaction that journals them."""
    if done:
        await connection.execute(
            _FINISH, [row.id for row in done], [row.state for row in done], [row.result for row in done]
        )


async def forget_commands(connection: asyncpg.Connection, *, days: int = 7) -> int:
    """Drops rows carried out longer ago than `days`; returns how many. Their keys may then be used again."""
    status = await connection.execute(
        "DELETE FROM commands WHERE state <> 'new' AND created_at < clock_timestamp() - make_interval(days => $1)", days
    )
    return int(status.rpartition(" ")[2])

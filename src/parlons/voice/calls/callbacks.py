"""Callbacks: who is to be called, by which task. The task keeps its place in line; a redial finds the one that waits.

A script asks for one instead of waiting (`ask`); calls ask for one where a talk fell (`why` = dropped). When an agent takes the
task, the controller dials.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from parlons.kit.clock import from_datetime, to_datetime
from parlons.kit.ids import CALLBACK
from parlons.runtime.db import Tx
from parlons.runtime.prepared import Prepared, Row
from parlons.voice.calls.store import callbacks


@dataclass(frozen=True, slots=True)
class Callback:
    """Somebody is to be called."""

    id: str
    workspace_id: str
    firm_id: str | None
    conversation_id: str
    customer_id: str
    task_id: str
    queue_id: str | None
    number: str
    caller_number: str
    why: str
    state: str
    virtual_start: int
    attempts: int


_WAITING = Prepared(
    sa.select(callbacks).where(
        callbacks.c.tenant_id == sa.bindparam("tenant"),
        callbacks.c.firm_id.is_not_distinct_from(sa.bindparam("firm")),
        callbacks.c.number == sa.bindparam("of_number"),
        callbacks.c.state == "waiting",
    )
)


async def waiting_for(tx: Tx, firm_id: str | None, number: str) -> Callback | None:
    """The callback of this number that nobody has taken yet: a redial is no second one."""
    rows = await tx.run(_WAITING, apart=True, tenant=tx.tenant_id, firm=firm_id, of_number=number)
    return _callback(rows[0]) if rows else None


async def of_task(tx: Tx, task_id: str) -> Callback | None:
    """The callback that this task is."""
    query = sa.select(callbacks).where(callbacks.c.tenant_id == tx.tenant_id, callbacks.c.task_id == task_id)
    row = await tx.fetch_one(query.order_by(callbacks.c.id.desc()).limit(1))
    return _callback(row) if row else None


async def ask(
    tx: Tx,
    *,
    workspace_id: str,
    firm_id: str | None,
    conversation_id: str,
    customer_id: str,
    task_id: str,
    queue_id: str | None,
    number: str,
    caller_number: str,
    virtual_start: int,
    why: str = "asked",
) -> str:
    """Notes that the task is a callback, in the transaction that submits it (with `virtual_start` as its own); its id. One
    that waits for the same number already becomes this task's: nobody is called twice."""
    known = await waiting_for(tx, firm_id, number)
    if known is not None:
        moved = {"task_id": task_id, "conversation_id": conversation_id, "queue_id": queue_id, "why": why}
        await tx.execute(callbacks.update().where(callbacks.c.id == known.id).values(**moved))
        return known.id
    callback_id = tx.new_id(CALLBACK)
    await tx.execute(
        callbacks.insert().values(
            id=callback_id,
            tenant_id=tx.tenant_id,
            workspace_id=workspace_id,
            firm_id=firm_id,
            conversation_id=conversation_id,
            customer_id=customer_id,
            task_id=task_id,
            queue_id=queue_id,
            number=number,
            caller_number=caller_number,
            why=why,
            state="waiting",
            created_at=to_datetime(tx.now),
            virtual_start_at=to_datetime(virtual_start),
        )
    )
    return callback_id


async def take(tx: Tx, task_id: str) -> Callback | None:
    """An agent took the task: the callback is his, once; None when it is none, or taken already."""
    mine = (callbacks.c.tenant_id == tx.tenant_id, callbacks.c.task_id == task_id, callbacks.c.state == "waiting")
    row = await tx.fetch_one(
        callbacks.update()
        .where(*mine)
        .values(state="calling", attempts=callbacks.c.attempts + 1)
        .returning(*callbacks.c)
    )
    return _callback(row) if row else None


async def close(tx: Tx, callback_id: str, state: str) -> None:
    """It is `done`, `failed`, or `waiting` again."""
    mine = (callbacks.c.tenant_id == tx.tenant_id, callbacks.c.id == callback_id)
    await tx.execute(callbacks.update().where(*mine).values(state=state))


async def drop_of_task(tx: Tx, task_id: str) -> None:
    """The task ended without a call."""
    mine = (callbacks.c.tenant_id == tx.tenant_id, callbacks.c.task_id == task_id, callbacks.c.state == "waiting")
    await tx.execute(callbacks.update().where(*mine).values(state="dropped"))


def _callback(row: sa.RowMapping | Row) -> Callback:
    return Callback(
        row["id"], row["workspace_id"], row["firm_id"], row["conversation_id"], row["customer_id"], row["task_id"],
        row["queue_id"], row["number"], row["caller_number"], row["why"], row["state"],
        from_datetime(row["virtual_start_at"]), row["attempts"],
    )  # fmt: skip

"""Writes that are planned, looked up and ended. Each is noted in the transaction of its cause."""

from typing import Any

from sqlalchemy.dialects.postgresql import insert

from parlons.crm import systems as s
from parlons.crm.model import CONFLICT, REFUSED, WAITING, Kind, LookupRow, State, UnknownWrite, Write
from parlons.crm.store import read_writes, writes
from parlons.kit.clock import to_datetime
from parlons.kit.ids import RECORD_WRITE
from parlons.runtime.db import Tx


async def note_write(
    tx: Tx, row: LookupRow, customer_id: str, key: str, kind: Kind, *, values: dict[str, Any] | None = None,
    base: dict[str, Any] | None = None, conversation_id: str | None = None, by_user_id: str | None = None,
) -> str | None:  # fmt: skip
    """Plan a write; its id, None when this cause has been noted before."""
    made = tx.new_id(RECORD_WRITE)
    given = {"values": values or {}, "base": base or {}, "theirs": {}, "state": WAITING, "reason": "", "attempts": 0}
    own = {"id": made, "tenant_id": tx.tenant_id, "workspace_id": row.workspace_id, "lookup_id": row.id, "kind": kind}
    own |= {"customer_id": customer_id, "key": key, "conversation_id": conversation_id, "by_user_id": by_user_id}
    statement = insert(writes).values(**given, **own, external_id="", created_at=to_datetime(tx.now))
    if await tx.scalar(statement.on_conflict_do_nothing().returning(writes.c.id)) is None:
        return None
    await s.plan(tx, row.id, made)
    return made


async def settle(tx: Tx, write: Write, state: State, **values: Any) -> None:
    """How it ended. What it held is forgotten, save of one a person must look at."""
    kept: dict[str, Any] = {} if state in (CONFLICT, REFUSED) else {"values": {}, "base": {}, "theirs": {}}
    fresh = {"state": state, "settled_at": to_datetime(tx.now), "attempts": write.attempts + 1, **kept, **values}
    await tx.execute(writes.update().where(writes.c.tenant_id == tx.tenant_id, writes.c.id == write.id).values(**fresh))


async def one_write(tx: Tx, write_id: str, customer_id: str) -> Write:
    """One of this customer; raises UnknownWrite."""
    found = await read_writes(tx, writes.c.id == write_id, writes.c.customer_id == customer_id)
    if not found:
        raise UnknownWrite
    return found[0]

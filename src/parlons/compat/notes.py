"""Beside the router: callback addresses, and when a configured thing was last changed by this API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.compat import store
from parlons.compat.call import Call
from parlons.dispatch.forgetting import forget_workspace
from parlons.kit.clock import from_datetime, to_datetime
from parlons.runtime.db import Database, Tx
from parlons.runtime.events import Audience, Event

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Note:
    """What is noted of one thing."""

    data: Json = field(default_factory=dict)
    updated_at: int | None = None
    """Milliseconds; None: never changed since it was made."""


NOTHING = Note()
NOTED = "compat.noted"
"""The event after which notes are read again by whoever remembers them."""


async def notes_of(tx: Tx, workspace_id: str) -> dict[str, Note]:
    """All notes of a workspace, by id."""
    table = store.notes
    rows = await tx.fetch_all(sa.select(table).where(table.c.workspace_id == workspace_id))
    return {row["id"]: Note(msgspec.json.decode(row["data"] or "{}"), from_datetime(row["updated_at"])) for row in rows}


async def read_notes(call: Call) -> dict[str, Note]:
    """The notes of the call's workspace."""
    async with call.db.transaction(call.account) as tx:
        return await notes_of(tx, call.workspace_id)


async def note(call: Call, thing_id: str, changes: Mapping[str, Any] | None = None) -> None:
    """Keeps that a thing was changed now, and these values of it."""
    async with call.db.transaction(call.account) as tx:
        known = (await notes_of(tx, call.workspace_id)).get(thing_id, NOTHING)
        row = {
            "workspace_id": call.workspace_id,
            "id": thing_id,
            "tenant_id": call.account,
            "data": msgspec.json.encode({**known.data, **(changes or {})}).decode(),
            "updated_at": to_datetime(call.clock()),
        }
        tx.publish(Event(call.workspace_id, NOTED, {}, audience=Audience(supervisors=False)))
        kept = insert(store.notes).values(row)
        changed = {name: kept.excluded[name] for name in ("data", "updated_at")}
        await tx.execute(kept.on_conflict_do_update(index_elements=["workspace_id", "id"], set_=changed))


async def forget_note(call: Call, thing_id: str) -> None:
    """The thing is gone."""
    table = store.notes
    gone = sa.delete(table).where(table.c.workspace_id == call.workspace_id)
    async with call.db.transaction(call.account) as tx:
        await tx.execute(gone.where(table.c.id == thing_id))


async def forget_all(db: Database, account: str, workspace_id: str) -> None:
    """A workspace is gone, with all that was kept of it. Repeatable."""
    await forget_workspace(db, workspace_id)
    async with db.transaction(account) as tx:
        await tx.execute(sa.delete(store.notes).where(store.notes.c.workspace_id == workspace_id))

"""The outbox: events of a transaction wait here, without a sequence, until the owner of the workspace relays them.

`rows` are written by `Tx` with its last statement before COMMIT, so two transactions of which one saw the other's commit have
ids in that order. `take_outbox` is called by the owner inside its group commit: rows leave the table and become journal
entries in one transaction, so a relay that dies at any point loses none and doubles none.
"""

from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec
import sqlalchemy as sa

from parlons.runtime.events import Audience, Event
from parlons.runtime.journal import Entry
from parlons.runtime.prepared import Prepared

WRITE = Prepared(
    sa.text(
        "INSERT INTO outbox (tenant_id, workspace_id, at, type, data, audience, private, private_key) "
        "SELECT tenant_id, workspace_id, at, type, data, audience, private, private_key FROM json_to_recordset(:events) "
        "AS t(tenant_id text, workspace_id text, at bigint, type text, data jsonb, audience jsonb, private jsonb, "
        "private_key text)"
    ).bindparams(sa.bindparam("events", type_=sa.JSON()))
)
"""One row an event, in their order."""


def rows(events: Sequence[Event], tenant_id: str, at: int) -> dict[str, Any]:
    """The parameters of `WRITE`. `at`: milliseconds of the transaction."""
    return {"events": [_row(event, tenant_id, at) for event in events]}


def _row(event: Event, tenant_id: str, at: int) -> dict[str, Any]:
    audience = event.audience
    if audience.firm_id is None and event.firm_id is not None:
        audience = msgspec.structs.replace(audience, firm_id=event.firm_id)
    return {
        "tenant_id": tenant_id,
        "workspace_id": event.workspace_id,
        "at": at,
        "type": event.type,
        "data": event.data,
        "audience": msgspec.to_builtins(audience),
        "private": event.private,
        "private_key": event.private_key,
    }


_TAKE = """
DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE workspace_id = $1 ORDER BY id LIMIT $2)
RETURNING id, at, type, data, audience, private, private_key
"""


async def take_outbox(connection: asyncpg.Connection, workspace_id: str, limit: int) -> list[Entry]:
    """Removes up to `limit` committed rows and returns them as entries to append, in order.

    `connection` is the owner's (`Database.connect_system`), inside the transaction that appends the entries."""
    rows = await connection.fetch(_TAKE, workspace_id, limit)
    return [
        Entry(
            kind="event",
            type=row["type"],
            at=row["at"],
            data=row["data"],
            audience=msgspec.convert(row["audience"], Audience),
            private_key=row["private_key"],
            private=row["private"],
        )
        for row in sorted(rows, key=lambda row: int(row["id"]))
    ]

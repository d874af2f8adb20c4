"""When a queue raises an alarm on the Live page: how many wait, how long the first waits, how low the service level is.

None of the three set: the alarm comes when the first in the queue waits longer than the queue's target. What is shown to
all supervisors of the queue's firm is decided once for all of them.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.accounts import audit
from parlons.accounts.model import Principal
from parlons.floor.store import alerts
from parlons.runtime.db import Tx
from parlons.runtime.events import Audience, Event

Json = dict[str, Any]
LIMITS = ("waiting", "oldest_seconds", "share")


async def all_alerts(tx: Tx) -> dict[str, Json]:
    """The limits by queue. `id` is the queue's."""
    rows = await tx.fetch_all(sa.select(alerts).where(alerts.c.tenant_id == tx.tenant_id))
    return {row["queue_id"]: {"id": row["queue_id"], **{name: row[name] for name in LIMITS}} for row in rows}


async def put_alert(tx: Tx, principal: Principal, queue_id: str, firm_id: str | None, limits: Json) -> Json:
    """The queue's limits are these now; all None: the queue's own target again."""
    before = (await all_alerts(tx)).get(queue_id, dict.fromkeys(LIMITS))
    shown = await lay_alert(tx, principal.workspace_id, queue_id, firm_id, limits)
    old, new = ({name: one[name] for name in LIMITS} for one in (before, shown))
    await audit.record(tx, principal, "alert.updated", queue_id, now=tx.now, before=old, after=new, firm_id=firm_id)
    return shown


async def lay_alert(tx: Tx, workspace_id: str, queue_id: str, firm_id: str | None, limits: Json) -> Json:
    """The same without a row of audit: who lays down a whole configuration keeps its own."""
    values = {name: limits[name] for name in LIMITS}
    statement = insert(alerts).values(tenant_id=tx.tenant_id, queue_id=queue_id, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "queue_id"], set_=values))
    shown = {"id": queue_id, **values}
    tx.publish(
        Event(
            workspace_id=workspace_id,
            type="alert.updated",
            data={"alert": shown},
            firm_id=firm_id,
            audience=Audience(firm_id=firm_id, queue_id=queue_id, figures=True),
        )
    )
    return shown

"""Notices to one person: what happened to his work while he was away. Kept until he has seen them."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.kit.clock import from_datetime, to_datetime, to_iso
from parlons.reception.store import notices
from parlons.runtime.db import Database, Tx
from parlons.runtime.events import Audience, Event

RETURNED = "conversation-returned"
"""A chat of his went back to the queue because his connection was lost: `conversation_id`."""
MENTIONED = "mentioned"
"""A colleague named him in a note: `conversation_id`, `note_id`."""
KEPT = 100
SEEN_DAYS = 30
"""Days that a notice is kept after it was seen."""


async def add_notice(
    tx: Tx, *, notice_id: str, workspace_id: str, user_id: str, kind: str, data: dict[str, Any]
) -> None:
    """Tell `user_id`, now or when he returns; `data` holds ids and codes only. The same `notice_id` again is no news."""
    values = {"id": notice_id, "user_id": user_id, "kind": kind, "data": data}
    added = await tx.execute(
        insert(notices).values(tenant_id=tx.tenant_id, at=to_datetime(tx.now), **values).on_conflict_do_nothing()
    )
    if added.rowcount:
        shown = {"id": notice_id, "kind": kind, "data": data, "at": to_iso(tx.now)}
        tx.publish(
            Event(
                workspace_id=workspace_id,
                type="notice.added",
                data={"notice": shown},
                audience=Audience(user_ids=(user_id,), supervisors=False),
            )
        )


async def unseen(tx: Tx, user_id: str) -> list[dict[str, Any]]:
    """What he has not seen yet, oldest first."""
    mine = sa.and_(notices.c.tenant_id == tx.tenant_id, notices.c.user_id == user_id, notices.c.seen_at.is_(None))
    rows = await tx.fetch_all(sa.select(notices).where(mine).order_by(notices.c.at, notices.c.id).limit(KEPT))
    return [
        {"id": row["id"], "kind": row["kind"], "data": row["data"], "at": to_iso(from_datetime(row["at"]))}
        for row in rows
    ]


async def mark_seen(tx: Tx, user_id: str, notice_id: str) -> None:
    """He has seen it; a second time changes nothing."""
    mine = sa.and_(notices.c.tenant_id == tx.tenant_id, notices.c.user_id == user_id, notices.c.id == notice_id)
    await tx.execute(notices.update().where(mine, notices.c.seen_at.is_(None)).values(seen_at=to_datetime(tx.now)))


async def forget_old_notices(db: Database) -> None:
    """What was seen more than SEEN_DAYS ago goes. Repeatable."""
    async with db.system() as tx:
        await tx.execute(notices.delete().where(notices.c.seen_at < to_datetime(tx.now) - timedelta(days=SEEN_DAYS)))

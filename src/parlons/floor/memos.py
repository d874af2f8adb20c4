"""Memos: what is said to one person, by whom and when, on his screen until he has seen it (or `until` passes).

Kinds: `state` (somebody set his state), `moved` and `moved-back` (skills or capacity for a time), `message` (to a team),
`whisper` (into a chat), `taken` (a colleague took his chat over). Texts and names travel as the event's private part under
the memo's id, or under the conversation's, so that erasing its customer takes them along.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import RowMapping

from parlons.accounts.model import Principal
from parlons.floor.store import memos
from parlons.kit.clock import Millis, from_datetime, to_datetime, to_iso
from parlons.kit.ids import MEMO
from parlons.runtime.db import Database, Tx
from parlons.runtime.events import Audience, Event

Json = dict[str, Any]
Kind = Literal["state", "moved", "moved-back", "message", "whisper", "taken"]
SHOWN = 50
STANDS = 12 * 3600 * 1000
"""Milliseconds a memo waits to be seen: a message of yesterday is not news."""
KEPT_DAYS = 30
"""Then nobody looks at it any more, seen or not."""


async def tell(
    tx: Tx,
    principal: Principal,
    user_id: str,
    kind: Kind,
    *,
    text: str = "",
    data: Json | None = None,
    message_id: str | None = None,
    conversation_id: str | None = None,
) -> str:
    """Say it to `user_id`, now or when he is back within twelve hours. Returns the memo's id."""
    row: Json = {
        "id": tx.new_id(MEMO),
        "tenant_id": tx.tenant_id,
        "user_id": user_id,
        "kind": kind,
        "message_id": message_id,
        "conversation_id": conversation_id,
        "by_user_id": principal.user_id,
        "by_name": principal.name,
        "text": text,
        "data": data or {},
        "at": to_datetime(tx.now),
        "until": to_datetime(tx.now + STANDS),
    }
    await tx.execute(memos.insert().values(row))
    shown = memo_json(row)
    private = {"memo": {"text": shown.pop("text"), "by_name": shown.pop("by_name")}}
    tx.publish(
        Event(
            workspace_id=principal.workspace_id,
            type="memo.told",
            data={"memo": shown},
            private=private,
            private_key=conversation_id or row["id"],
            audience=Audience(user_ids=(user_id,), supervisors=False),
        )
    )
    return str(row["id"])


async def tell_state(tx: Tx, principal: Principal, worker: Json, previous_activity_id: str, reason: str) -> None:
    """Somebody set another's state: who it concerns is told who, when and why; what he was told before of it is old news."""
    if worker["user_id"]:
        of_state = (memos.c.user_id == worker["user_id"], memos.c.kind == "state", memos.c.seen_at.is_(None))
        for row in await tx.fetch_all(sa.select(memos.c.id).where(memos.c.tenant_id == tx.tenant_id, *of_state)):
            await _seen(tx, principal.workspace_id, worker["user_id"], row["id"])
        data = {"activity_id": worker["activity_id"], "previous_activity_id": previous_activity_id}
        await tell(tx, principal, worker["user_id"], "state", text=reason.strip(), data=data)


async def unseen(tx: Tx, user_id: str | None) -> dict[str, Json]:
    """What he has not seen yet, by id."""
    if user_id is None:
        return {}
    mine = (memos.c.tenant_id == tx.tenant_id, memos.c.user_id == user_id, memos.c.seen_at.is_(None))
    waiting = sa.or_(memos.c.until.is_(None), memos.c.until > to_datetime(tx.now))
    query = sa.select(memos).where(*mine, waiting).order_by(memos.c.at.desc()).limit(SHOWN)
    return {row["id"]: memo_json(row) for row in await tx.fetch_all(query)}


async def mark_seen(tx: Tx, principal: Principal, memo_id: str) -> None:
    """He has seen it: it goes from all his screens. Repeating, or another's memo, changes nothing."""
    await _seen(tx, principal.workspace_id, principal.user_id or "", memo_id)


async def _seen(tx: Tx, workspace_id: str, user_id: str, memo_id: str) -> None:
    mine = (memos.c.tenant_id == tx.tenant_id, memos.c.id == memo_id, memos.c.user_id == user_id)
    seen = await tx.execute(memos.update().where(*mine, memos.c.seen_at.is_(None)).values(seen_at=to_datetime(tx.now)))
    if seen.rowcount:
        audience = Audience(user_ids=(user_id,), supervisors=False)
        gone = {"removed": {"memo": memo_id}}
        tx.publish(Event(workspace_id=workspace_id, type="memo.seen", data=gone, audience=audience))


async def messages_of(tx: Tx, user_id: str | None, since: Millis) -> list[Json]:
    """The messages `user_id` sent to teams since then, newest first: to how many, seen by how many."""
    query = (
        sa.select(
            memos.c.message_id,
            sa.func.min(memos.c.text).label("text"),
            sa.func.min(memos.c.at).label("at"),
            sa.func.count().label("told"),
            sa.func.count(memos.c.seen_at).label("seen"),
        )
        .where(
            memos.c.tenant_id == tx.tenant_id,
            memos.c.message_id.is_not(None),
            memos.c.by_user_id == user_id,
            memos.c.at >= to_datetime(since),
        )
        .group_by(memos.c.message_id)
        .order_by(sa.func.min(memos.c.at).desc())
        .limit(SHOWN)
    )
    return [
        {"id": row["message_id"], "text": row["text"], "at": _iso(row["at"]), "told": row["told"], "seen": row["seen"]}
        for row in await tx.fetch_all(query)
    ]


async def erase_memos(tx: Tx, conversation_ids: Sequence[str]) -> None:
    """The customer of these conversations is forgotten: so is what was whispered about him."""
    if conversation_ids:
        of = (memos.c.tenant_id == tx.tenant_id, memos.c.conversation_id.in_(conversation_ids))
        await tx.execute(memos.delete().where(*of))


async def forget_old_memos(db: Database) -> None:
    """What is older than KEPT_DAYS goes. Repeatable."""
    async with db.system() as tx:
        await tx.execute(memos.delete().where(memos.c.at < to_datetime(tx.now) - timedelta(days=KEPT_DAYS)))


def memo_json(row: RowMapping | Json) -> Json:
    """A memo as its reader's screens have it."""
    names = ("id", "kind", "message_id", "conversation_id", "by_user_id", "by_name", "text", "data")
    return {**{name: row[name] for name in names}, "at": _iso(row["at"])}


def _iso(at: datetime) -> str:
    return to_iso(from_datetime(at))

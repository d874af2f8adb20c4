"""What contacts wrote that was not understood, or hardly: kept to learn from, for a while; it belongs to the customer.

A text that becomes a phrase leaves this list; what the customer wrote goes with him when he is erased.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from parlons.intents.store import intent_misses
from parlons.kit.clock import from_datetime, to_datetime, to_iso
from parlons.kit.errors import NotFound
from parlons.kit.ids import MISS
from parlons.runtime.db import Database, Tx

Json = dict[str, Any]
KEPT_DAYS = 90
LONGEST = 500
"""Characters of a text that are kept."""


class UnknownMiss(NotFound):
    """This text is not in the list any more."""

    code = "unknown-miss"


@dataclass(frozen=True, slots=True)
class Miss:
    """One text, and what it was taken for."""

    workspace_id: str
    conversation_id: str
    flow_id: str | None
    language: str
    text: str
    intent: str | None
    """The one with the highest score."""
    score: float
    understood: bool
    """It passed the threshold, by little."""


async def keep_miss(tx: Tx, miss: Miss) -> None:
    """One text more to learn from."""
    values = {
        "workspace_id": miss.workspace_id,
        "conversation_id": miss.conversation_id,
        "flow_id": miss.flow_id,
        "language": miss.language,
        "text": miss.text[:LONGEST].replace("\0", ""),
        "intent": miss.intent,
        "score": miss.score,
        "understood": miss.understood,
    }
    row = intent_misses.insert().values(id=tx.new_id(MISS), tenant_id=tx.tenant_id, at=to_datetime(tx.now), **values)
    await tx.execute(row)


async def list_misses(tx: Tx, workspace_id: str, *, before: str | None, limit: int) -> list[Json]:
    """The newest first; `before`: the last id of the page before."""
    query = sa.select(intent_misses).where(
        intent_misses.c.tenant_id == tx.tenant_id, intent_misses.c.workspace_id == workspace_id
    )
    if before is not None:
        query = query.where(intent_misses.c.id < before)
    rows = await tx.fetch_all(query.order_by(intent_misses.c.id.desc()).limit(limit))
    shown = ("id", "conversation_id", "flow_id", "language", "text", "intent", "score", "understood")
    return [{**{name: row[name] for name in shown}, "at": to_iso(from_datetime(row["at"]))} for row in rows]


async def miss_by_id(tx: Tx, workspace_id: str, miss_id: str) -> Json:
    """One text; raises UnknownMiss."""
    row = await tx.fetch_one(
        sa.select(intent_misses).where(
            intent_misses.c.tenant_id == tx.tenant_id,
            intent_misses.c.workspace_id == workspace_id,
            intent_misses.c.id == miss_id,
        )
    )
    if row is None:
        raise UnknownMiss(id=miss_id)
    return dict(row)


async def drop_miss(tx: Tx, workspace_id: str, miss_id: str) -> int:
    """It is dealt with, and with it all that say the same; how many. Raises UnknownMiss."""
    found = await miss_by_id(tx, workspace_id, miss_id)
    same = sa.func.lower(intent_misses.c.text) == sa.func.lower(found["text"])
    gone = await tx.fetch_all(
        intent_misses.delete()
        .where(intent_misses.c.tenant_id == tx.tenant_id, intent_misses.c.workspace_id == workspace_id, same)
        .returning(intent_misses.c.id)
    )
    return len(gone)


async def erase_misses(tx: Tx, conversation_ids: Sequence[str]) -> None:
    """No word of these conversations is kept. Repeatable."""
    if conversation_ids:
        his = intent_misses.c.conversation_id.in_(list(conversation_ids))
        await tx.execute(intent_misses.delete().where(intent_misses.c.tenant_id == tx.tenant_id, his))


async def forget_old_misses(db: Database) -> None:
    """What is older than KEPT_DAYS goes. Repeatable."""
    async with db.system() as tx:
        before = to_datetime(tx.now) - timedelta(days=KEPT_DAYS)
        await tx.execute(intent_misses.delete().where(intent_misses.c.at < before))

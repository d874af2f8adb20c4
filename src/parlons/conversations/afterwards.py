"""What became of customers who left before an answer: whether somebody served them since, or they came back by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson
import sqlalchemy as sa

from parlons.conversations import queries
from parlons.conversations.commands import locked, save
from parlons.conversations.model import OPEN, Conversation
from parlons.conversations.store import conversations, messages
from parlons.kit.clock import to_iso
from parlons.runtime.db import Tx
from parlons.runtime.jobs import enqueue

LEFT_CHAT = "conversations.left-chat"
BACK_MS = 60_000
"""Who comes back to the page within this has not left."""


@dataclass(frozen=True, slots=True)
class Gone:
    """Somebody who left."""

    key: str
    customer_id: str
    conversation_id: str
    known_user_id: str | None
    """Who had served this conversation before he left."""
    at: int


_SINCE = """
SELECT gone.key,
  EXISTS (SELECT 1 FROM conversations c WHERE c.tenant_id = :tenant AND c.customer_id = gone.customer_id AND (
      (c.id = gone.conversation_id AND (c.assigned_user_id IS NOT NULL
          OR c.previous_user_id IS DISTINCT FROM gone.known_user_id))
      OR (c.id <> gone.conversation_id AND c.opened_at > gone.at
          AND (c.assigned_user_id IS NOT NULL OR c.previous_user_id IS NOT NULL))
      OR EXISTS (SELECT 1 FROM messages m WHERE m.tenant_id = :tenant AND m.conversation_id = c.id
          AND m.author_kind = 'agent' AND m.at > gone.at))) AS answered,
  EXISTS (SELECT 1 FROM conversations c WHERE c.tenant_id = :tenant AND c.customer_id = gone.customer_id AND (
      c.last_customer_message_at > gone.at
      OR (c.channel = 'voice' AND c.opened_at > gone.at)
      OR (c.id = gone.conversation_id AND c.status = 'open' AND c.lead_task_id IS NOT NULL
          AND c.lead_task_id <> gone.key))) AS back
FROM jsonb_to_recordset(CAST(:gone AS jsonb))
    AS gone (key text, customer_id text, conversation_id text, known_user_id text, at timestamptz)
"""


async def answered_or_back(tx: Tx, gone: Sequence[Gone]) -> dict[str, tuple[bool, bool]]:
    """Of each, by `key` (the id of the task that ended): was he answered since, did he come back. One statement."""
    if not gone:
        return {}
    rows = [{**{name: getattr(one, name) for name in Gone.__dataclass_fields__}, "at": to_iso(one.at)} for one in gone]
    found = await tx.fetch_all(_SINCE, {"tenant": tx.tenant_id, "gone": orjson.dumps(rows).decode()})
    return {row["key"]: (row["answered"], row["back"]) for row in found}


async def left_site(tx: Tx, customer_id: str | None) -> None:
    """He looks at no page of the site any more. Where he waits there for an answer, it is looked at in a while whether he left:
    the job is for who cares for those who leave."""
    c = conversations.c
    waits = sa.and_(
        c.tenant_id == tx.tenant_id, c.customer_id == customer_id, c.status == OPEN, c.account_id.is_(None),
        c.channel == "webchat", c.first_unanswered_at.is_not(None), c.lead_task_id.is_not(None),
        c.assigned_user_id.is_(None), c.assigned_worker_id.is_(None),
    )  # fmt: skip
    for row in await tx.fetch_all(sa.select(c.id, c.lead_task_id).where(waits)) if customer_id else ():
        payload = {"conversation_id": row["id"], "task_id": row["lead_task_id"], "at": tx.now}
        await enqueue(tx, LEFT_CHAT, payload, run_at=tx.now + BACK_MS, dedupe_key=row["lead_task_id"])


async def left_by_himself(tx: Tx, conversation_id: str) -> bool:
    """Whether the customer ended its last contact."""
    legs = await queries.legs_of(tx, conversation_id)
    ended = [one for one in legs if one.ended_at is not None]
    return bool(ended) and max(ended, key=lambda one: one.ended_at or 0).ended_by == "customer"


async def has_form(tx: Tx, conversation_id: str) -> bool:
    """Whether a message was left in it by form, and the customer was thanked for it."""
    c = messages.c
    query = sa.select(c.id).where(c.tenant_id == tx.tenant_id, c.conversation_id == conversation_id)
    return await tx.scalar(query.where(c.notice["code"].astext == "message-left").limit(1)) is not None


async def fetched_by(tx: Tx, conversation_id: str, worker_id: str) -> Conversation:
    """A live conversation that nobody has is fetched by this worker: the next reservation for him needs no offer."""
    before = await locked(tx, conversation_id)
    return await save(tx, before, replace(before, resumed_by_worker_id=worker_id))

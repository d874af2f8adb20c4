"""Forgetting what a customer wrote: this room's part of erasing him. `app.erasure` walks all rooms.

Texts, names, notes and drafts go; conversations keep ids, times, queue and outcome, so that figures and replay stand.
"""

import sqlalchemy as sa

from parlons.conversations.model import Conversation
from parlons.conversations.splitting import erase_splits
from parlons.conversations.store import conversations, deliveries, drafts, legs, messages, notes
from parlons.runtime.db import Tx


async def erase_conversations(tx: Tx, customer_id: str) -> list[str]:
    """Empty every conversation of this customer; returns their ids. Repeatable.

    Files belong to the customer by their owner; journal texts by their key, which is the customer's id."""
    his = sa.and_(conversations.c.tenant_id == tx.tenant_id, conversations.c.customer_id == customer_id)
    rows = await tx.fetch_all(sa.select(conversations.c.id).where(his).order_by(conversations.c.id).with_for_update())
    ids = [row["id"] for row in rows]
    if not ids:
        return []
    await tx.execute(
        messages.update()
        .where(messages.c.conversation_id.in_(ids))
        .values(text="", attachments=[], notice=None, client_id=None, content=None)
    )
    told = sa.and_(messages.c.conversation_id.in_(ids), messages.c.delivery.is_not(None))
    await tx.execute(
        messages.update()
        .where(told)
        .values(
            delivery=sa.func.jsonb_set(messages.c.delivery, sa.text("'{reason}'::text[]"), sa.text("'\"\"'::jsonb"))
        )
    )
    of_customer = sa.and_(messages.c.conversation_id.in_(ids), messages.c.author_kind != "agent")
    await tx.execute(messages.update().where(of_customer).values(author_name=""))
    await tx.execute(notes.delete().where(notes.c.conversation_id.in_(ids)))
    await tx.execute(drafts.delete().where(drafts.c.conversation_id.in_(ids)))
    await erase_splits(tx, ids)
    await tx.execute(legs.update().where(legs.c.conversation_id.in_(ids)).values(address=None))
    of_these = deliveries.c.conversation_id.in_(ids)
    await tx.execute(deliveries.update().where(of_these).values(address="", reason="", data={}))
    waiting = sa.and_(of_these, deliveries.c.state == "queued")
    await tx.execute(deliveries.update().where(waiting).values(state="failed", code="erased"))
    await tx.execute(
        conversations.update()
        .where(his)
        .values(subject="", disposition_note="", tags=[], version=conversations.c.version + 1)
    )
    for conversation_id in ids:
        tx.kept.pop((Conversation, conversation_id), None)
    return ids


async def tasks_asked_for(tx: Tx, conversation_ids: list[str]) -> list[str]:
    """The tasks these conversations wait for now, also those which the router has not taken up yet."""
    here = sa.and_(conversations.c.tenant_id == tx.tenant_id, conversations.c.id.in_(conversation_ids))
    query = sa.select(conversations.c.lead_task_id).where(here, conversations.c.lead_task_id.is_not(None))
    return [row["lead_task_id"] for row in await tx.fetch_all(query)]

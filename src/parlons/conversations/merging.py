"""Merging two customers, and separating them, with their conversations. Each runs in its caller's transaction."""

from dataclasses import replace

import sqlalchemy as sa

from parlons.conversations.commands import locked, save
from parlons.conversations.store import conversations
from parlons.customers import merging as customers
from parlons.customers.merging import Merge
from parlons.customers.model import Customer
from parlons.runtime.db import Tx


async def merge_customers(tx: Tx, kept_id: str, other_id: str, *, by: str) -> tuple[Merge, Customer]:
    """`other_id` turns out to be `kept_id`: all his conversations become the latter's. Undone by `separate_customers`."""
    his = sa.and_(conversations.c.tenant_id == tx.tenant_id, conversations.c.customer_id == other_id)
    rows = await tx.fetch_all(sa.select(conversations.c.id).where(his).order_by(conversations.c.id))
    moving = [row["id"] for row in rows]
    made, kept = await customers.merge(tx, kept_id, other_id, by=by, conversation_ids=moving)
    await _hand_over(tx, moving, other_id, kept_id)
    return made, kept


async def separate_customers(tx: Tx, merge_id: str) -> Merge:
    """They are two people after all: each has his own again; what came since the merge stays with the one kept.

    What was split from a conversation goes with it."""
    undone = await customers.separate(tx, merge_id)
    moved = undone.moved["conversations"]
    threads = sa.select(conversations.c.thread_id).where(conversations.c.id.in_(moved))
    of_thread = sa.and_(conversations.c.tenant_id == tx.tenant_id, conversations.c.thread_id.in_(threads))
    split_since = sa.select(conversations.c.id).where(of_thread, conversations.c.id.not_in(moved))
    rows = await tx.fetch_all(split_since.order_by(conversations.c.id))
    await _hand_over(tx, [*moved, *(row["id"] for row in rows)], undone.kept_id, undone.merged_id)
    return undone


async def _hand_over(tx: Tx, conversation_ids: list[str], giver: str, taker: str) -> None:
    for conversation_id in conversation_ids:
        before = await locked(tx, conversation_id)
        if before.customer_id == giver:
            await save(tx, before, replace(before, customer_id=taker))

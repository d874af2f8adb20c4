"""Conversations that were one until they were split: a thread. They share the numbers of their messages; the customer's own
page shows all of it, each conversation its own part, and where the rest went.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from parlons.accounts import queries as accounts
from parlons.conversations.model import Conversation, Message
from parlons.conversations.rows import message_of
from parlons.conversations.store import conversations, messages, splits
from parlons.kit.clock import from_datetime, to_iso
from parlons.runtime.db import Tx

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Split:
    """One split that holds."""

    id: str
    from_id: str
    into_id: str
    message_ids: list[str]


async def held(tx: Tx, split_id: str) -> Split | None:
    """The split, while it holds."""
    row = await tx.fetch_one(sa.select(splits).where(holds(tx), splits.c.id == split_id))
    return Split(row["id"], row["from_id"], row["into_id"], list(row["message_ids"])) if row else None


async def splits_of(tx: Tx, conversation: Conversation) -> list[Json]:
    """The splits that hold from this conversation or into it, oldest first, as timelines show them. `first_at`: where in time
    the messages stand that went."""
    if conversation.thread_id is None:
        return []
    here = sa.or_(splits.c.from_id == conversation.id, splits.c.into_id == conversation.id)
    rows = await tx.fetch_all(sa.select(splits).where(holds(tx), here).order_by(splits.c.at, splits.c.id))
    names = await accounts.user_names(tx, [row["by_user"] for row in rows])
    moved = [one for row in rows for one in row["message_ids"]]
    times = sa.select(messages.c.id, messages.c.at).where(
        messages.c.tenant_id == tx.tenant_id, messages.c.id.in_(moved)
    )
    at = {row["id"]: row["at"] for row in await tx.fetch_all(times)} if moved else {}
    return [
        {
            "id": row["id"],
            "from_id": row["from_id"],
            "into_id": row["into_id"],
            "messages": len(row["message_ids"]),
            "by_name": names.get(row["by_user"], ""),
            "at": to_iso(from_datetime(row["at"])),
            "first_at": to_iso(
                from_datetime(min((at[one] for one in row["message_ids"] if one in at), default=row["at"]))
            ),
        }
        for row in rows
    ]


async def thread_ids(tx: Tx, conversation: Conversation) -> list[str]:
    """The conversations that were one with this, itself first."""
    if conversation.thread_id is None:
        return [conversation.id]
    rows = await tx.fetch_all(sa.select(conversations.c.id).where(in_thread(tx, conversation.thread_id)))
    return [conversation.id, *(row["id"] for row in rows if row["id"] != conversation.id)]


async def last_of_thread(tx: Tx, conversation: Conversation, limit: int) -> list[Message]:
    """The last messages of the thread, in their order: what the customer's own page shows."""
    known = await thread_ids(tx, conversation)
    query = sa.select(messages).where(messages.c.tenant_id == tx.tenant_id, messages.c.conversation_id.in_(known))
    rows = await tx.fetch_all(query.order_by(messages.c.number.desc(), messages.c.id.desc()).limit(limit))
    return [message_of(row) for row in reversed(rows)]


async def place_of_message(tx: Tx, conversation: Conversation, message_id: str) -> str:
    """In which conversation of the thread a message stands; the conversation itself when in none."""
    if conversation.thread_id is None:
        return conversation.id
    known = await thread_ids(tx, conversation)
    query = sa.select(messages.c.conversation_id).where(
        messages.c.id == message_id, messages.c.conversation_id.in_(known)
    )
    return str(await tx.scalar(query) or conversation.id)


async def next_number(tx: Tx, conversation: Conversation) -> int:
    """The number of the next message: of a thread, one that no message of it has."""
    if conversation.thread_id is None:
        return conversation.message_count + 1
    await tx.alone(numbering(conversation.thread_id))
    known = sa.select(conversations.c.id).where(in_thread(tx, conversation.thread_id))
    highest = sa.select(sa.func.max(messages.c.number)).where(messages.c.conversation_id.in_(known))
    return max(conversation.message_count, int(await tx.scalar(highest) or 0)) + 1


def numbering(thread_id: str) -> str:
    """What whoever gives numbers in a thread holds alone."""
    return f"numbers of {thread_id}"


def in_thread(tx: Tx, thread_id: str) -> sa.ColumnElement[bool]:
    """Rows of the conversations that were one."""
    return sa.and_(conversations.c.tenant_id == tx.tenant_id, conversations.c.thread_id == thread_id)


def holds(tx: Tx) -> sa.ColumnElement[bool]:
    """Rows of splits that were not undone."""
    return sa.and_(splits.c.tenant_id == tx.tenant_id, splits.c.undone_at.is_(None))

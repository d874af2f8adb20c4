"""Rows of this room read as values, and values written as rows. Private to it."""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping

from parlons.conversations.model import (
    Attachment,
    Author,
    Conversation,
    Disposition,
    DispositionSet,
    Leg,
    Message,
    Note,
)
from parlons.conversations.store import (
    CONVERSATION,
    LOCKED_CONVERSATION,
    MESSAGE,
    disposition_sets,
    legs,
    messages,
    notes,
)
from parlons.kit.clock import Millis, from_datetime, to_datetime
from parlons.runtime.db import Tx
from parlons.runtime.prepared import Row

_FIELDS = tuple(field.name for field in fields(Conversation))
_LISTS = ("tags", "mentioned", "joined")
_TIMES = frozenset(name for name in _FIELDS if name.endswith(("_at", "_since", "_until")))


def conversation_of(row: RowMapping | Row) -> Conversation:
    """A row of `conversations` as a value."""
    values = {name: row[name] for name in _FIELDS}
    for name in _TIMES:
        values[name] = millis(values[name])
    for name in _LISTS:
        values[name] = tuple(values[name])
    return Conversation(**values)


def changed(before: Conversation, after: Conversation) -> dict[str, Any]:
    """The columns to write; without `version`."""
    values: dict[str, Any] = {}
    for name in _FIELDS:
        value = getattr(after, name)
        if name != "version" and value != getattr(before, name):
            values[name] = _column(name, value)
    return values


def columns(conversation: Conversation) -> dict[str, Any]:
    """All columns, for a new row."""
    return {name: _column(name, getattr(conversation, name)) for name in _FIELDS}


def _column(name: str, value: Any) -> Any:
    if name in _TIMES:
        return to_datetime(value) if value is not None else None
    return list(value) if name in _LISTS else value


def millis(value: datetime | None) -> Millis | None:
    """Milliseconds of a column; None stays None."""
    return from_datetime(value) if value is not None else None


def message_of(row: RowMapping | Row) -> Message:
    """A row of `messages` as a value."""
    return Message(
        id=row["id"],
        conversation_id=row["conversation_id"],
        number=row["number"],
        direction=row["direction"],
        channel=row["channel"],
        author=Author(row["author_kind"], row["author_id"], row["author_name"]),
        text=row["text"],
        attachments=tuple(Attachment(**item) for item in row["attachments"]),
        notice=row["notice"],
        client_id=row["client_id"],
        at=from_datetime(row["at"]),
        content=row["content"],
        delivery=row["delivery"],
    )


def message_columns(message: Message) -> dict[str, Any]:
    """All columns of a new message, without its tenant."""
    return {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "number": message.number,
        "direction": message.direction,
        "channel": message.channel,
        "author_kind": message.author.kind,
        "author_id": message.author.id,
        "author_name": message.author.name,
        "text": message.text,
        "attachments": [asdict(attachment) for attachment in message.attachments],
        "notice": message.notice,
        "client_id": message.client_id,
        "at": to_datetime(message.at),
        "content": message.content,
        "delivery": message.delivery,
    }


async def read_conversation(tx: Tx, conversation_id: str, *, lock: bool = False) -> Conversation | None:
    """One conversation; `lock` keeps its row until the transaction ends, which puts its steps in one order."""
    rows = await tx.run(LOCKED_CONVERSATION if lock else CONVERSATION, tenant=tx.tenant_id, of_id=conversation_id)
    return conversation_of(rows[0]) if rows else None


async def read_messages(
    tx: Tx, conversation_id: str, *, before: int | None = None, after: int = 0, limit: int
) -> list[Message]:
    """The last `limit` messages numbered in (after, before), in their order."""
    query = sa.select(messages).where(
        messages.c.tenant_id == tx.tenant_id,
        messages.c.conversation_id == conversation_id,
        messages.c.number > after,
    )
    if before is not None:
        query = query.where(messages.c.number < before)
    rows = await tx.fetch_all(query.order_by(messages.c.number.desc()).limit(limit))
    return [message_of(row) for row in reversed(rows)]


async def message_by_id(tx: Tx, message_id: str) -> Message | None:
    """The message, as this transaction knows it or as it is kept."""
    known: Message | None = tx.kept.get((Message, message_id))
    if known is not None:
        return known
    rows = await tx.run(MESSAGE, tenant=tx.tenant_id, of_id=message_id)
    return message_of(rows[0]) if rows else None


async def read_message(tx: Tx, where: sa.ColumnElement[bool]) -> Message | None:
    """One message."""
    row = await tx.fetch_one(sa.select(messages).where(messages.c.tenant_id == tx.tenant_id, where).limit(1))
    return message_of(row) if row else None


async def read_legs(tx: Tx, conversation_id: str) -> list[Leg]:
    """The legs in order of their start."""
    query = sa.select(legs).where(legs.c.tenant_id == tx.tenant_id, legs.c.conversation_id == conversation_id)
    return [
        Leg(
            id=row["id"],
            channel=row["channel"],
            address=row["address"],
            started_at=from_datetime(row["started_at"]),
            ended_at=millis(row["ended_at"]),
            ended_by=row["ended_by"],
            account_id=row["account_id"],
        )
        for row in await tx.fetch_all(query.order_by(legs.c.started_at, legs.c.ended_at, legs.c.id))
    ]


async def read_notes(tx: Tx, conversation_id: str) -> list[Note]:
    """The notes in the order they were written."""
    query = sa.select(notes).where(notes.c.tenant_id == tx.tenant_id, notes.c.conversation_id == conversation_id)
    return [
        Note(
            id=row["id"],
            conversation_id=row["conversation_id"],
            author_user_id=row["author_user_id"],
            author_name=row["author_name"],
            text=row["text"],
            at=from_datetime(row["at"]),
            mentions=tuple(row["mentions"]),
        )
        for row in await tx.fetch_all(query.order_by(notes.c.at, notes.c.id))
    ]


async def read_dispositions(tx: Tx, queue_id: str | None) -> DispositionSet | None:
    """The outcomes of a queue; a conversation without queue has none."""
    if queue_id is None:
        return None
    query = sa.select(disposition_sets).where(
        disposition_sets.c.tenant_id == tx.tenant_id, disposition_sets.c.queue_id == queue_id
    )
    row = await tx.fetch_one(query)
    if row is None:
        return None
    items = tuple(Disposition(item["id"], item["name"]) for item in row["items"])
    return DispositionSet(queue_id, row["required"], items)

"""One conversation turns out to be two matters: the messages chosen go into one of their own; undone, they are one again.

Messages move as they are, with their numbers, times and deliveries, and with them the ways they came by, so that the new
conversation is answered as the old one was and what the customer answers finds it; the conversations that were one stay a
thread: they share the numbering, and the customer's own page shows all of it. Who had the conversation has the new one too.
What moved is remembered by ids only. Undoing brings everything of the new conversation back, also what was said there since,
and closes it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from parlons.conversations import rules
from parlons.conversations.commands import locked, save
from parlons.conversations.letters import Letters, NoLetters
from parlons.conversations.model import OPEN, Conversation, Way
from parlons.conversations.recounting import Line, SplitSince, parted, recounted
from parlons.conversations.rows import columns
from parlons.conversations.store import conversations, deliveries, legs, messages, notes, splits
from parlons.conversations.telling import tell
from parlons.conversations.threads import Split, held, holds, numbering
from parlons.customers import queries as customers
from parlons.customers.commands import CustomerErased
from parlons.kit import ids
from parlons.kit.clock import from_datetime, to_datetime
from parlons.kit.errors import NotFound
from parlons.runtime.db import Tx

Json = dict[str, Any]
NO_LETTERS = NoLetters()


class UnknownSplit(NotFound):
    """There is no such split, or it was undone."""

    code = "unknown-split"


async def split_conversation(
    tx: Tx,
    conversation_id: str,
    message_ids: Sequence[str],
    *,
    by: str,
    user_id: str | None = None,
    subject: str = "",
    version: int | None = None,
    letters: Letters = NO_LETTERS,
) -> tuple[Split, Conversation]:
    """The messages chosen are a conversation of their own now. `user_id`: who splits; what is his stays his. `letters`: the
    channels, who must know where answers go from now on.

    Raises NothingChosen, NothingLeft, TooManyChosen, ConversationChanged, CustomerErased."""
    before = await locked(tx, conversation_id)
    rules.check_version(before, version)
    await _check_customer(tx, before)
    staying, going = parted(await _lines(tx, before.id), set(message_ids))
    thread_id = before.thread_id or before.id
    await tx.alone(numbering(thread_id))
    ways = await _ways(tx, before.id, going)
    present = ways[going[-1].channel]
    born = replace(_born(tx, before, going, user_id), subject=subject.strip()[:200], thread_id=thread_id)
    child = recounted(replace(born, account_id=present.account_id), going, before.first_unanswered_at)
    await tx.execute(conversations.insert().values(tenant_id=tx.tenant_id, **columns(child)))
    await _begin_legs(tx, child.id, ways.values())
    moved = [line.id for line in going]
    await _move(tx, moved, before.id, child.id, letters)
    made = Split(tx.new_id(ids.SPLIT), before.id, child.id, moved)
    row = {"id": made.id, "from_id": made.from_id, "into_id": made.into_id, "message_ids": moved, "by_user": by}
    await tx.execute(splits.insert().values(tenant_id=tx.tenant_id, at=to_datetime(tx.now), **row))
    after = replace(recounted(before, staying, before.first_unanswered_at), thread_id=thread_id)
    told = {"id": made.id, "from_id": made.from_id, "into_id": made.into_id, "messages": len(moved)}
    await save(tx, before, after, "conversation.split", split=told)
    await tell(tx, "conversation.split-off", child, split=told, worker_id=child.assigned_worker_id)
    return made, child


def _born(tx: Tx, parent: Conversation, going: Sequence[Line], user_id: str | None) -> Conversation:
    mine = user_id is not None and parent.assigned_user_id == user_id
    return Conversation(
        id=tx.new_id(ids.CONVERSATION),
        workspace_id=parent.workspace_id,
        firm_id=parent.firm_id,
        customer_id=parent.customer_id,
        channel=going[-1].channel,
        status=OPEN,
        opened_at=going[0].at,
        language=parent.language,
        queue_id=parent.queue_id,
        assigned_user_id=parent.assigned_user_id if mine else None,
        assigned_worker_id=parent.assigned_worker_id if mine else None,
        assigned_name=parent.assigned_name if mine else "",
        resumed_by_worker_id=parent.assigned_worker_id if mine else None,
        agent_read_number=parent.agent_read_number,
        customer_read_number=parent.customer_read_number,
    )


async def unite_conversations(tx: Tx, split_id: str, *, letters: Letters = NO_LETTERS) -> tuple[Split, Conversation]:
    """One matter after all: what went, and what came to it since, is back in the first. Raises UnknownSplit, SplitSince."""
    found = await held(tx, split_id)
    if found is None:
        raise UnknownSplit
    parent, child = await locked(tx, found.from_id), await locked(tx, found.into_id)
    await _check_customer(tx, parent)
    if await tx.scalar(sa.select(splits.c.id).where(holds(tx), splits.c.from_id == child.id).limit(1)):
        raise SplitSince
    await tx.alone(numbering(parent.thread_id or parent.id))
    await _move(tx, [line.id for line in await _lines(tx, child.id)], child.id, parent.id, letters)
    of_child = (notes.c.tenant_id == tx.tenant_id, notes.c.conversation_id == child.id)
    await tx.execute(notes.update().where(*of_child).values(conversation_id=parent.id))
    ended = sa.and_(legs.c.tenant_id == tx.tenant_id, legs.c.conversation_id == child.id, legs.c.ended_at.is_(None))
    await tx.execute(legs.update().where(ended).values(ended_at=to_datetime(tx.now), ended_by="system"))
    await tx.execute(splits.update().where(splits.c.id == split_id).values(undone_at=to_datetime(tx.now)))
    waits = [each for each in (parent.first_unanswered_at, child.first_unanswered_at) if each is not None]
    since = min(waits) if waits and parent.live else None
    after = recounted(parent, await _lines(tx, parent.id), since)
    back = replace(after, mentioned=tuple(dict.fromkeys((*parent.mentioned, *child.mentioned))))
    told = {"id": found.id, "from_id": found.from_id, "into_id": found.into_id}
    closed = recounted(rules.close(child, None, None, "", tx.now), [], None)
    await save(tx, child, closed, "conversation.united", split=told, ended_task_id=child.lead_task_id)
    saved = await save(tx, parent, back, "conversation.rejoined", split=told)
    return found, saved


async def erase_splits(tx: Tx, conversation_ids: Sequence[str]) -> None:
    """Their customer is forgotten: nobody joins again what nobody can read any more."""
    of = sa.or_(splits.c.from_id.in_(conversation_ids), splits.c.into_id.in_(conversation_ids))
    await tx.execute(splits.delete().where(splits.c.tenant_id == tx.tenant_id, of))


async def _check_customer(tx: Tx, conversation: Conversation) -> None:
    customer = await customers.customer(tx, conversation.customer_id)
    if customer is not None and customer.erased_at is not None:
        raise CustomerErased


async def _lines(tx: Tx, conversation_id: str) -> list[Line]:
    m = messages.c
    query = sa.select(m.id, m.number, m.author_kind, m.channel, m.at).where(
        m.tenant_id == tx.tenant_id, m.conversation_id == conversation_id
    )
    rows = await tx.fetch_all(query.order_by(m.number))
    return [
        Line(row["id"], row["number"], row["author_kind"], row["channel"], from_datetime(row["at"])) for row in rows
    ]


async def _move(tx: Tx, message_ids: list[str], origin: str, to: str, letters: Letters) -> None:
    of = (messages.c.tenant_id == tx.tenant_id, messages.c.id.in_(message_ids))
    await tx.execute(messages.update().where(*of).values(conversation_id=to))
    sent = (deliveries.c.tenant_id == tx.tenant_id, deliveries.c.message_id.in_(message_ids))
    await tx.execute(deliveries.update().where(*sent).values(conversation_id=to))
    await letters.moved(tx, message_ids, from_id=origin, into_id=to)


async def _ways(tx: Tx, conversation_id: str, going: Sequence[Line]) -> dict[str, Way]:
    """By which account and address each channel of these messages goes on: as the last of them there came or left; where they
    do not say, as the conversation did last. In the order the channels were come to."""
    last = {line.channel: line.id for line in going}
    content = messages.c.content
    said = sa.select(
        messages.c.channel,
        content["account_id"].astext.label("account_id"),
        sa.func.coalesce(content["from"].astext, content["to"].astext).label("address"),
    ).where(messages.c.tenant_id == tx.tenant_id, messages.c.id.in_(last.values()))
    found = {row["channel"]: Way(**row) for row in await tx.fetch_all(said)}
    of = (legs.c.tenant_id == tx.tenant_id, legs.c.conversation_id == conversation_id)
    query = sa.select(legs.c.channel, legs.c.account_id, legs.c.address).where(*of)
    known = {row["channel"]: Way(**row) for row in await tx.fetch_all(query.order_by(legs.c.started_at, legs.c.id))}
    return {channel: found[channel] if found[channel].address else known.get(channel, Way(channel)) for channel in last}


async def _begin_legs(tx: Tx, conversation_id: str, ways: Iterable[Way]) -> None:
    for way in ways:
        leg: Json = {"id": tx.new_id(ids.LEG), "conversation_id": conversation_id, "channel": way.channel}
        leg |= {"started_at": to_datetime(tx.now), "account_id": way.account_id, "address": way.address}
        await tx.execute(legs.insert().values(tenant_id=tx.tenant_id, **leg))

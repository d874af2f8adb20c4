"""What is read of conversations: one in full, lists by view and search, what a screen begins with."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from parlons.accounts.model import Principal
from parlons.accounts.rights import Right
from parlons.conversations.model import CLOSED, OPEN, PARKED, Conversation, Draft, Leg, Message
from parlons.conversations.rights import Reader
from parlons.conversations.rows import (
    conversation_of,
    message_by_id,
    message_of,
    read_conversation,
    read_dispositions,
    read_legs,
    read_messages,
    read_notes,
)
from parlons.conversations.store import conversations, drafts, legs, messages
from parlons.conversations.threads import splits_of
from parlons.conversations.views import dispositions_json, draft_json, leg_json, message_json, note_json, summary
from parlons.customers import queries as customers
from parlons.customers.model import customer_json
from parlons.kit.clock import Millis, from_datetime
from parlons.kit.errors import Invalid
from parlons.kit.pages import InvalidCursor, moment_of
from parlons.runtime.db import Tx
from parlons.runtime.prepared import Prepared

PAGE = 100
_latest = sa.func.coalesce(conversations.c.last_message_at, conversations.c.opened_at)
_HOLLOW = sa.and_(
    conversations.c.status == CLOSED, conversations.c.thread_id.is_not(None), conversations.c.last_message_id.is_(None)
)
"""What a split that was undone has left."""


class UnknownView(Invalid):
    """A view is one of mine, named, open, parked, closed, not_served, waiting, customer:ID or queue:ID."""

    code = "unknown-view"


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a list."""

    items: list[dict[str, Any]]
    next: str | None


async def conversation(tx: Tx, conversation_id: str) -> Conversation | None:
    """One conversation."""
    return await read_conversation(tx, conversation_id)


async def of_task(tx: Tx, task_id: str) -> Conversation | None:
    """The conversation whose lead task this is."""
    row = await tx.fetch_one(_select(tx).where(conversations.c.lead_task_id == task_id))
    return conversation_of(row) if row else None


async def live_of_customer(
    tx: Tx, customer_id: str, channel: str, *, besides: Sequence[str] = ()
) -> Conversation | None:
    """The customer's latest conversation on this channel, whatever its status: where his next message goes."""
    query = _select(tx).where(conversations.c.customer_id == customer_id, conversations.c.channel == channel)
    query = query.where(conversations.c.id.not_in(besides), ~_HOLLOW)
    row = await tx.fetch_one(query.order_by(conversations.c.id.desc()).limit(1))
    return conversation_of(row) if row else None


async def latest_of_customer(tx: Tx, customer_id: str, firm_id: str) -> Conversation | None:
    """The matter he was in last, on whatever channel and whatever its status."""
    query = _select(tx).where(conversations.c.customer_id == customer_id, conversations.c.firm_id == firm_id)
    row = await tx.fetch_one(query.order_by(_latest.desc(), conversations.c.id.desc()).limit(1))
    return conversation_of(row) if row else None


async def of_customers(
    tx: Tx, customer_ids: Sequence[str], firm_id: str, *, closed: bool, limit: int
) -> list[Conversation]:
    """Their matters that are over, or those that are not, newest first."""
    his = sa.and_(conversations.c.customer_id.in_(list(customer_ids)), conversations.c.firm_id == firm_id)
    over = conversations.c.status == CLOSED
    query = _select(tx).where(his, over if closed else ~over, ~_HOLLOW)
    rows = await tx.fetch_all(query.order_by(_latest.desc(), conversations.c.id.desc()).limit(limit))
    return [conversation_of(row) for row in rows]


async def latest_of_customers(tx: Tx, customer_ids: Sequence[str], firm_id: str) -> dict[str, Conversation]:
    """The same of many, by customer."""
    query = _select(tx).where(conversations.c.customer_id.in_(list(customer_ids)), conversations.c.firm_id == firm_id)
    ordered = query.ext(distinct_on(conversations.c.customer_id))
    ordered = ordered.order_by(conversations.c.customer_id, _latest.desc(), conversations.c.id.desc())
    return {row["customer_id"]: conversation_of(row) for row in await tx.fetch_all(ordered)}


async def on_way(tx: Tx, account_id: str, address: str) -> Conversation | None:
    """The latest conversation that goes on by this account with this address of a customer."""
    leg = sa.select(legs.c.conversation_id).where(
        legs.c.tenant_id == tx.tenant_id, legs.c.account_id == account_id, legs.c.address == address
    )
    found = await tx.scalar(leg.order_by(legs.c.started_at.desc(), legs.c.id.desc()).limit(1))
    return await read_conversation(tx, found) if found else None


async def message(tx: Tx, message_id: str) -> Message | None:
    """One message."""
    made: Message | None = tx.kept.get((Message, message_id))
    return made or await message_by_id(tx, message_id)


_LAST_BY_ACCOUNT = Prepared(
    sa.select(messages)
    .where(
        messages.c.tenant_id == sa.bindparam("tenant"),
        messages.c.conversation_id == sa.bindparam("conversation"),
        messages.c.author_kind == "customer",
        messages.c.content["account_id"].astext == sa.bindparam("account"),
    )
    .order_by(messages.c.number.desc())
    .limit(1)
)


async def last_by_account(tx: Tx, conversation_id: str, account_id: str) -> Message | None:
    """The customer's last message that came by this account."""
    rows = await tx.run(_LAST_BY_ACCOUNT, tenant=tx.tenant_id, conversation=conversation_id, account=account_id)
    return message_of(rows[0]) if rows else None


async def last_of_customer_by_account(
    tx: Tx, customer_id: str, account_id: str, *, conversation_id: str | None = None
) -> Message | None:
    """His last message that came by this account, in whichever conversation or in this one."""
    his = sa.select(conversations.c.id).where(
        conversations.c.tenant_id == tx.tenant_id, conversations.c.customer_id == customer_id
    )
    query = sa.select(messages).where(
        messages.c.tenant_id == tx.tenant_id,
        messages.c.conversation_id.in_(his),
        messages.c.author_kind == "customer",
        messages.c.content["account_id"].astext == account_id,
    )
    if conversation_id is not None:
        query = query.where(messages.c.conversation_id == conversation_id)
    row = await tx.fetch_one(query.order_by(messages.c.at.desc(), messages.c.id.desc()).limit(1))
    return message_of(row) if row else None


async def legs_of(tx: Tx, conversation_id: str) -> list[Leg]:
    """Its legs in order of their start."""
    return await read_legs(tx, conversation_id)


async def with_attachment(tx: Tx, customer_id: str, file_id: str) -> list[Conversation]:
    """The customer's conversations in which this file was sent."""
    sent = (
        sa.select(messages.c.conversation_id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(
            messages.c.tenant_id == tx.tenant_id,
            conversations.c.customer_id == customer_id,
            messages.c.attachments.contains([{"id": file_id}]),
        )
    )
    rows = await tx.fetch_all(_select(tx).where(conversations.c.id.in_(sent)))
    return [conversation_of(row) for row in rows]


async def summaries(tx: Tx, found: Sequence[Conversation]) -> list[dict[str, Any]]:
    """The rows of a list, in the order given: a fixed number of queries."""
    cards = await customers.cards(tx, [c.customer_id for c in found])
    wanted = [c.last_message_id for c in found if c.last_message_id]
    last: dict[str, Message] = {}
    if wanted:
        query = sa.select(messages).where(messages.c.tenant_id == tx.tenant_id, messages.c.id.in_(wanted))
        last = {row["id"]: message_of(row) for row in await tx.fetch_all(query)}
    return [summary(c, cards.get(c.customer_id), last.get(c.last_message_id or "")) for c in found]


async def listing(
    tx: Tx, reader: Reader, *, view: str, text: str = "", cursor: str | None = None, limit: int = PAGE
) -> Found:
    """One page of a view, newest first, of what the reader may see. `cursor` comes from the page before."""
    query = _select(tx).where(_view(reader, view), _visible(reader), ~_HOLLOW)
    if text.strip():
        ids = await customers.ids_matching(tx, text, reader.principal.firm_ids)
        said = sa.select(messages.c.conversation_id).where(
            messages.c.tenant_id == tx.tenant_id, messages.c.text.icontains(text.strip(), autoescape=True)
        )
        query = query.where(sa.or_(conversations.c.customer_id.in_(ids), conversations.c.id.in_(said)))
    if cursor is not None:
        query = query.where(_after(cursor))
    rows = await tx.fetch_all(query.order_by(_latest.desc(), conversations.c.id.desc()).limit(limit + 1))
    found = [conversation_of(row) for row in rows[:limit]]
    more = f"{_at(found[-1])}.{found[-1].id}" if len(rows) > limit else None
    return Found(await summaries(tx, found), more)


async def snapshot(tx: Tx, reader: Reader, limit: int = 2000) -> dict[str, dict[str, Any]]:
    """What a screen begins with, by id: his own for an agent, all of his queues that are not closed for a supervisor."""
    query = _select(tx).where(conversations.c.status != CLOSED, _visible(reader))
    queue_ids = reader.principal.queue_ids
    if not reader.leads:
        query = query.where(_mine(reader))
    elif queue_ids is not None:
        query = query.where(sa.or_(conversations.c.queue_id.in_(queue_ids), _mine(reader)))
    rows = await tx.fetch_all(query.order_by(_latest.desc()).limit(limit))
    return {item["id"]: item for item in await summaries(tx, [conversation_of(row) for row in rows])}


async def in_full(tx: Tx, found: Conversation, user_id: str | None) -> dict[str, Any]:
    """All that the canvas and its side show of one conversation; `user_id`: whose drafts."""
    (row,) = await summaries(tx, [found])
    customer = await customers.customer(tx, found.customer_id)
    written = await read_messages(tx, found.id, limit=PAGE)
    return {
        **row,
        "customer_details": customer_json(customer) if customer else None,
        "disposition_note": found.disposition_note,
        "legs": [leg_json(leg) for leg in await read_legs(tx, found.id)],
        "messages": [message_json(message) for message in written],
        "messages_before": await before_first(tx, found, written),
        "splits": await splits_of(tx, found),
        "notes": [note_json(note) for note in await read_notes(tx, found.id)],
        "drafts": [draft_json(found.id, draft) for draft in await _drafts(tx, found.id, user_id)],
        "dispositions": dispositions_json(await read_dispositions(tx, found.queue_id)),
    }


async def earlier(tx: Tx, conversation_id: str, before: int | None, limit: int = PAGE) -> list[Message]:
    """The `limit` messages before number `before` (None: the last ones), in their order."""
    return await read_messages(tx, conversation_id, before=before, limit=min(limit, PAGE))


async def before_first(tx: Tx, found: Conversation, written: Sequence[Message]) -> int | None:
    """The number to go back from, when there are messages before these; in a thread some of the numbers stand elsewhere."""
    first = written[0].number if written else 1
    if first > 1 and found.thread_id is not None and not await earlier(tx, found.id, first, 1):
        return None
    return first if first > 1 else None


async def later(tx: Tx, conversation_id: str, after: int, limit: int = PAGE) -> list[Message]:
    """Messages after number `after`, in their order: what a page that was away has missed."""
    query = sa.select(messages).where(
        messages.c.tenant_id == tx.tenant_id,
        messages.c.conversation_id == conversation_id,
        messages.c.number > after,
    )
    return [message_of(row) for row in await tx.fetch_all(query.order_by(messages.c.number).limit(limit))]


async def counts(tx: Tx, principal: Principal, channel: str) -> dict[str, int]:
    """Stored messages of a channel in the principal's firms and queues: `in` those of customers which an agent was given, `out`
    those of agents."""
    query = (
        sa.select(
            sa.func.count().filter(messages.c.author_kind == "customer").label("coming"),
            sa.func.count().filter(messages.c.author_kind == "agent").label("going"),
        )
        .select_from(messages.join(conversations, conversations.c.id == messages.c.conversation_id))
        .where(
            messages.c.tenant_id == tx.tenant_id,
            messages.c.channel == channel,
            sa.true() if principal.firm_ids is None else conversations.c.firm_id.in_(principal.firm_ids),
            sa.true() if principal.queue_ids is None else conversations.c.queue_id.in_(principal.queue_ids),
            sa.or_(conversations.c.assigned_worker_id.is_not(None), conversations.c.previous_worker_id.is_not(None)),
        )
    )
    row = await tx.fetch_one(query)
    return {"in": row["coming"] if row else 0, "out": row["going"] if row else 0}


async def firms_with_conversations(tx: Tx, firm_ids: Sequence[str]) -> list[str]:
    """Those of these firms that have conversations, whatever their status."""
    query = sa.select(conversations.c.firm_id).distinct()
    query = query.where(conversations.c.tenant_id == tx.tenant_id, conversations.c.firm_id.in_(list(firm_ids)))
    return [row["firm_id"] for row in await tx.fetch_all(query)]


async def answered_by_people(tx: Tx, conversation_ids: Sequence[str]) -> set[str]:
    """Those of these conversations in which an agent wrote."""
    c = messages.c
    theirs = sa.and_(
        c.tenant_id == tx.tenant_id, c.conversation_id.in_(list(conversation_ids)), c.author_kind == "agent"
    )
    return {row["conversation_id"] for row in await tx.fetch_all(sa.select(c.conversation_id).distinct().where(theirs))}


def _select(tx: Tx) -> sa.Select[Any]:
    return sa.select(conversations).where(conversations.c.tenant_id == tx.tenant_id)


def _mine(reader: Reader) -> sa.ColumnElement[bool]:
    """SQL twin of `Conversation.holders`."""
    me = reader.principal.user_id
    c = conversations.c
    has = sa.case((c.status == OPEN, c.assigned_user_id == me), else_=c.previous_user_id == me)
    return has if me is None else sa.or_(has, c.joined.contains([me]))


def _visible(reader: Reader) -> sa.ColumnElement[bool]:
    """SQL twin of `rights.may(reader, "read", ...)`."""
    c, me = conversations.c, reader.principal
    firms = sa.true() if me.firm_ids is None else c.firm_id.in_(me.firm_ids)
    bound = sa.true() if me.queue_ids is None else c.queue_id.in_(me.queue_ids)
    ways: list[sa.ColumnElement[bool]] = []
    if me.user_id is not None:
        ways += [c.assigned_user_id == me.user_id, c.previous_user_id == me.user_id, c.mentioned.contains([me.user_id])]
    if me.worker_id is not None:
        ways.append(c.assigned_worker_id == me.worker_id)
    if reader.leads:
        ways.append(bound)
    if me.has(Right.SERVE):
        mine = bound if reader.queue_ids is None else c.queue_id.in_(reader.queue_ids)
        nowhere = c.queue_id.is_(None) if me.queue_ids is None else sa.false()
        ways += [nowhere, mine, *((bound,) if me.has(Right.FETCH) else ())]
    return sa.and_(firms, sa.or_(sa.false(), *ways))


def _view(reader: Reader, view: str) -> sa.ColumnElement[bool]:
    c = conversations.c
    kind, _, of = view.partition(":")
    match kind:
        case "mine":
            return sa.and_(c.status == OPEN, c.assigned_user_id == reader.principal.user_id)
        case "open":
            return c.status == OPEN
        case "parked":
            return c.status == PARKED
        case "named":
            return sa.and_(c.status != CLOSED, c.mentioned.contains([reader.principal.user_id]))
        case "closed":
            return c.status == CLOSED
        case "not_served":
            return sa.and_(c.status != CLOSED, c.not_served_reason.is_not(None))
        case "waiting":
            return sa.and_(c.status == OPEN, c.assigned_worker_id.is_(None), c.lead_task_id.is_not(None))
        case "queue" if of:
            return sa.and_(c.status == OPEN, c.queue_id == of)
        case "customer" if of:
            return c.customer_id == of
    raise UnknownView


def _at(found: Conversation) -> Millis:
    return found.last_message_at or found.opened_at


_CURSOR = re.compile(r"([0-9]{1,15})[.]([0-9A-Za-z]{1,64})")
"""When it was last written in, and its id."""


def _after(cursor: str) -> sa.ColumnElement[bool]:
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise InvalidCursor
    conversation_id = found[2]
    position = sa.literal(moment_of(int(found[1])), sa.DateTime(timezone=True))
    same_time = sa.and_(_latest == position, conversations.c.id < conversation_id)
    return sa.or_(_latest < position, same_time)


async def _drafts(tx: Tx, conversation_id: str, user_id: str | None) -> list[Draft]:
    if user_id is None:
        return []
    query = sa.select(drafts).where(
        drafts.c.tenant_id == tx.tenant_id, drafts.c.conversation_id == conversation_id, drafts.c.user_id == user_id
    )
    rows = await tx.fetch_all(query.order_by(drafts.c.channel))
    return [Draft(row["channel"], row["text"], from_datetime(row["saved_at"]), row["html"]) for row in rows]

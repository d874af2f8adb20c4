"""The steps of a conversation: opened, assigned, parked, brought back, ended, closed. Each runs in its caller's transaction.

Check, decide (`rules`, pure), store, publish. The row is locked first, so steps of one conversation have one order. Who may
take a step is decided before, in `rights`. Tasks are not known here: what a step means for routing is told as an event
(`conversation.closed`, `.parked`, `.resumed`, `.reopened`, `.wrapup`) and carried out by the room above.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import sqlalchemy as sa

from parlons.conversations import rules
from parlons.conversations.model import CLOSED, OPEN, PARKED, VOICE, Conversation, Way
from parlons.conversations.rights import UnknownConversation
from parlons.conversations.rows import changed, columns, read_conversation, read_dispositions
from parlons.conversations.store import KEPT_CONVERSATION, NEW_CONVERSATION, NEW_LEG, conversations, legs
from parlons.conversations.telling import tell
from parlons.customers import commands as customers
from parlons.kit import ids
from parlons.kit.clock import Millis, to_datetime
from parlons.runtime.db import Tx
from parlons.runtime.events import Audience
from parlons.runtime.jobs import Job, enqueue

STALE_PAGE = "conversations.stale-page"
"""Kind of the job that carries out `stale_page`."""
STALE_AFTER = 30 * 60 * 1000
"""Milliseconds on one page after which nobody is taken to look at it any more."""
By = Literal["customer", "agent", "time", "system"]
_HELD = "held conversation"
"""In `Tx.kept`, with an id: this transaction has its row, so nobody else changes any column of it."""


async def open_conversation(
    tx: Tx,
    *,
    workspace_id: str,
    firm_id: str,
    customer_id: str,
    channel: str,
    address: str | None = None,
    account_id: str | None = None,
    language: str = "en",
    subject: str = "",
) -> Conversation:
    """A new conversation with its first leg. `address` names the customer on the channel."""
    conversation = Conversation(
        id=tx.new_id(ids.CONVERSATION),
        workspace_id=workspace_id,
        firm_id=firm_id,
        customer_id=customer_id,
        channel=channel,
        status=OPEN,
        opened_at=Millis(tx.now),
        subject=subject.strip()[:200],
        language=language[:35],
        account_id=account_id,
    )
    tx.later(NEW_CONVERSATION, {"tenant_id": tx.tenant_id, **columns(conversation)}, key=conversation.id)
    tx.kept[Conversation, conversation.id] = conversation
    tx.kept[NEW_CONVERSATION, conversation.id] = tx.kept[_HELD, conversation.id] = True
    _add_leg(tx, conversation, Way(channel, account_id, address))
    await _touch(tx, conversation, "opened")
    await tell(tx, "conversation.opened", conversation)
    return conversation


def is_new(tx: Tx, conversation_id: str) -> bool:
    """Whether this transaction opened it: nothing of it can be found yet."""
    return (NEW_CONVERSATION, conversation_id) in tx.kept


async def start_leg(tx: Tx, conversation: Conversation, channel: str, address: str | None) -> None:
    """A stretch on `channel` begins; one that is live already goes on."""
    live = await tx.scalar(_legs(tx, conversation.id).where(legs.c.channel == channel))
    if live is None:
        _add_leg(tx, conversation, Way(channel, None, address))


async def go_on(tx: Tx, conversation_id: str, way: Way) -> Conversation:
    """The conversation goes on this way: a leg there begins unless it is live already, with this account and address."""
    before = await write_beside(tx, conversation_id, way)
    return await save(tx, before, replace(before, channel=way.channel, account_id=way.account_id))


async def write_beside(tx: Tx, conversation_id: str, way: Way) -> Conversation:
    """Something is written this way beside a call, or after it: a leg there begins, and the conversation stays the call's."""
    before = await locked(tx, conversation_id)
    known = sa.select(legs.c.account_id, legs.c.address).where(legs.c.id.in_(_legs(tx, conversation_id)))
    live = await tx.fetch_one(known.where(legs.c.channel == way.channel))
    if live is not None and (live["account_id"], live["address"]) != (way.account_id, way.address):
        await end_leg(tx, conversation_id, way.channel, by="system")
        live = None
    if live is None:
        _add_leg(tx, before, way)
    return before


async def present_way(tx: Tx, conversation: Conversation, channel: str | None = None) -> Way:
    """How it goes on now, on `channel` if one is named: its last leg there. Without an account nothing is delivered."""
    named = channel or conversation.channel
    if named == conversation.channel and conversation.account_id is None:
        return Way(named)
    where = (legs.c.tenant_id == tx.tenant_id, legs.c.conversation_id == conversation.id, legs.c.channel == named)
    row = await tx.fetch_one(
        sa.select(legs).where(*where).order_by(legs.c.started_at.desc(), legs.c.id.desc()).limit(1)
    )
    return Way(named, row["account_id"], row["address"]) if row else Way(named)


async def has_called(tx: Tx, conversation_id: str) -> bool:
    """Whether there was a call in it."""
    where = (legs.c.tenant_id == tx.tenant_id, legs.c.conversation_id == conversation_id, legs.c.channel == VOICE)
    return await tx.scalar(sa.select(legs.c.id).where(*where).limit(1)) is not None


def _add_leg(tx: Tx, conversation: Conversation, way: Way) -> None:
    row = {
        "id": tx.new_id(ids.LEG),
        "tenant_id": tx.tenant_id,
        "conversation_id": conversation.id,
        "channel": way.channel,
        "address": way.address,
        "started_at": to_datetime(tx.now),
        "account_id": way.account_id,
    }
    tx.later(NEW_LEG, row)


async def end_leg(tx: Tx, conversation_id: str, channel: str, *, by: By) -> None:
    """The stretch on `channel` is over; the conversation goes on elsewhere."""
    live = _legs(tx, conversation_id).where(legs.c.channel == channel)
    await tx.execute(legs.update().where(legs.c.id.in_(live)).values(ended_at=to_datetime(tx.now), ended_by=by))


async def set_lead_task(tx: Tx, conversation_id: str, task_id: str, *, queue_id: str | None = None) -> Conversation:
    """`task_id` is now the one task open for this conversation; a waiting queue may be named with it."""
    before = await locked(tx, conversation_id)
    after = replace(before, lead_task_id=task_id, not_served_reason=None, queue_id=queue_id or before.queue_id)
    return await save(tx, before, after)


async def set_queue(tx: Tx, conversation_id: str, queue_id: str) -> Conversation:
    """The conversation's work waits in, or was done for, this queue."""
    before = await locked(tx, conversation_id)
    return await save(tx, before, replace(before, queue_id=queue_id))


async def assign(
    tx: Tx, conversation_id: str, *, user_id: str | None, worker_id: str | None, name: str, task_id: str | None = None
) -> Conversation:
    """Somebody has it now. Repeating changes nothing; so does an assignment by a task that is not the lead any more."""
    before = await locked(tx, conversation_id)
    if task_id is not None and task_id != before.lead_task_id:
        return before
    if (before.assigned_user_id, before.assigned_worker_id) == (user_id, worker_id):
        return before
    after = rules.assigned(before, user_id, worker_id, name)
    return await save(tx, before, after, "conversation.assigned")


async def unassign(tx: Tx, conversation_id: str) -> Conversation:
    """Nobody has it any more; it waits again."""
    before = await locked(tx, conversation_id)
    return await save(tx, before, rules.released(before), "conversation.unassigned")


async def set_not_served(tx: Tx, conversation_id: str, reason: str, *, task_id: str | None = None) -> Conversation:
    """Its task ended without an agent, for `reason` (a code): it stands in the list of those not served.

    With `task_id`, only while that is still the lead task: a later one has superseded it otherwise."""
    before = await locked(tx, conversation_id)
    if before.status == CLOSED or (task_id is not None and task_id != before.lead_task_id):
        return before
    after = replace(rules.released(before), lead_task_id=None, not_served_reason=reason)
    return await save(tx, before, after, "conversation.not-served")


async def task_ended(tx: Tx, conversation_id: str, task_id: str) -> Conversation:
    """The lead task is over although nobody closed the conversation: it stays open, in nobody's hands."""
    before = await locked(tx, conversation_id)
    if task_id != before.lead_task_id:
        return before
    return await save(tx, before, replace(rules.released(before), lead_task_id=None, wrapup_since=None))


async def park(
    tx: Tx, conversation_id: str, *, until: Millis | None, version: int | None = None, by_user_id: str | None = None
) -> Conversation:
    """Set aside until the customer writes or somebody fetches it; `parking.park` sees to it that `until` brings it back."""
    before = await locked(tx, conversation_id)
    rules.check_version(before, version)
    return await save(
        tx,
        before,
        rules.park(before, until, Millis(tx.now)),
        "conversation.parked",
        by_user_id=by_user_id,
        task_id=before.lead_task_id,
        worker_id=before.assigned_worker_id,
    )


async def bring_back(
    tx: Tx, conversation_id: str, *, by: By, worker_id: str | None = None, version: int | None = None
) -> Conversation:
    """A parked, closed or wrapping conversation goes on; one that is live already is returned as it is.

    Told as `conversation.resumed` (it was parked) or `conversation.reopened`, with the task it leaves behind, if any.
    `worker_id`: the agent who fetches it himself; its next reservation for him needs no offer.
    """
    before = await locked(tx, conversation_id)
    rules.check_version(before, version)
    if before.live:
        return before
    after = replace(rules.reopen(before), resumed_by_worker_id=worker_id)
    kind = "conversation.resumed" if before.status == PARKED else "conversation.reopened"
    saved = await save(tx, before, after, kind, by=by, worker_id=worker_id, ended_task_id=before.lead_task_id)
    live = await tx.scalar(_legs(tx, conversation_id).where(legs.c.channel == saved.channel))
    if live is None:
        _add_leg(
            tx, saved, Way(saved.channel, saved.account_id, await _last_address(tx, conversation_id, saved.channel))
        )
    return saved


async def end_contact(tx: Tx, conversation_id: str, *, by: By, version: int | None = None) -> Conversation:
    """The customer's part is over: his legs end, the work after it (wrap-up) goes on."""
    before = await locked(tx, conversation_id)
    rules.check_version(before, version)
    after = rules.end_contact(before, Millis(tx.now))
    if after is before:
        return before
    await _end_legs(tx, conversation_id, by)
    return await save(tx, before, after, "conversation.wrapup", by=by, task_id=before.lead_task_id)


async def close(
    tx: Tx,
    conversation_id: str,
    *,
    by: By,
    disposition_id: str | None = None,
    note: str = "",
    version: int | None = None,
    by_user_id: str | None = None,
) -> Conversation:
    """The matter is done. Refuses to close without an outcome where the queue requires one. Repeating changes nothing."""
    before = await locked(tx, conversation_id)
    rules.check_version(before, version)
    outcomes = await read_dispositions(tx, before.queue_id) if by == "agent" else None
    after = rules.close(before, outcomes, disposition_id, note, Millis(tx.now))
    if after is before:
        return before
    await _end_legs(tx, conversation_id, by)
    await _touch(tx, after, "closed")
    return await save(
        tx,
        before,
        after,
        "conversation.closed",
        by=by,
        by_user_id=by_user_id,
        task_id=before.lead_task_id,
        worker_id=before.assigned_worker_id,
    )


async def customer_left(tx: Tx, conversation_id: str) -> Conversation:
    """The customer ended the contact: whoever has it writes it up; where nobody has, the matter is closed."""
    conversation = await locked(tx, conversation_id)
    if not conversation.live:
        return conversation
    if conversation.assigned_worker_id is not None or conversation.assigned_user_id is not None:
        return await end_contact(tx, conversation_id, by="customer")
    return await close(tx, conversation_id, by="customer")


async def page_seen(
    tx: Tx, *, workspace_id: str, firm_id: str, customer_id: str | None, visitor_id: str | None, url: str, title: str,
    product: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """The customer looks at a page: kept in his journey, shown live to whoever serves him. `product`: what it shows."""
    users = await _users_of(tx, customer_id) if customer_id else ()
    await customers.record_touch(
        tx,
        workspace_id=workspace_id,
        firm_id=firm_id,
        kind="page",
        data={"url": url, "title": title, **({"product": dict(product)} if product else {})},
        customer_id=customer_id,
        visitor_id=visitor_id,
        audience=Audience(firm_id=firm_id, user_ids=users),
    )
    await _retell(tx, customer_id)
    if customer_id is not None:  # a page that never says it was left (a crash, a sleeping phone) is not shown for ever
        await enqueue(
            tx,
            STALE_PAGE,
            {"customer_id": customer_id},
            run_at=tx.now + 2 * STALE_AFTER,
            dedupe_key=f"{customer_id}:{tx.now // STALE_AFTER}",
        )


async def stale_page(tx: Tx, job: Job) -> None:
    """A page looked at for longer than `STALE_AFTER` is taken for left; a later one has a job of its own."""
    customer_id = job.payload["customer_id"]
    if await customers.leave_stale_page(tx, customer_id, before=tx.now - STALE_AFTER):
        await _retell(tx, customer_id)


async def left_site(tx: Tx, *, customer_id: str | None, visitor_id: str | None) -> None:
    """The customer looks at no page of the site any more."""
    if await customers.leave_site(tx, customer_id=customer_id, visitor_id=visitor_id):
        await _retell(tx, customer_id)


async def customer_changed(tx: Tx, customer_id: str) -> None:
    """The customer was named or changed: lists that show him are told."""
    await _retell(tx, customer_id)


async def close_of_customer(tx: Tx, customer_id: str) -> None:
    """The customer was erased: nothing is left to answer. Tasks end by their own erasure."""
    rows = await tx.fetch_all(
        sa.select(conversations.c.id).where(_live_of(tx, customer_id)).order_by(conversations.c.id)
    )
    for row in rows:
        await close(tx, row["id"], by="system")


async def locked(tx: Tx, conversation_id: str) -> Conversation:
    """The conversation, kept from others until this transaction ends; raises UnknownConversation."""
    known: Conversation | None = tx.kept.get((Conversation, conversation_id))
    if known is not None:
        return known
    conversation = await read_conversation(tx, conversation_id, lock=True)
    if conversation is None:
        raise UnknownConversation
    tx.kept[Conversation, conversation_id] = conversation
    tx.kept[_HELD, conversation_id] = True
    return conversation


async def save(
    tx: Tx, before: Conversation, after: Conversation, kind: str = "conversation.updated", **facts: Any
) -> Conversation:
    """Write what differs, one version up, and tell it; no difference: nothing happens."""
    values = changed(before, after)
    if not values:
        return before
    fresh = replace(after, version=before.version + 1)
    row = tx.unwritten(NEW_CONVERSATION, before.id)
    if row is not None:
        row.update(version=fresh.version, **values)
    elif (_HELD, before.id) not in tx.kept:
        await tx.execute(
            conversations.update()
            .where(conversations.c.tenant_id == tx.tenant_id, conversations.c.id == before.id)
            .values(version=fresh.version, **values)
        )
    tx.kept[Conversation, before.id] = fresh
    await tell(tx, kind, fresh, former=before, **facts)
    if row is None and (_HELD, before.id) in tx.kept:  # after telling, which reads: it goes with the events then
        tx.later(KEPT_CONVERSATION, {"of_tenant": tx.tenant_id, "of_id": before.id, **columns(fresh)}, key=before.id)
    return fresh


def _legs(tx: Tx, conversation_id: str) -> sa.Select[Any]:
    return sa.select(legs.c.id).where(
        legs.c.tenant_id == tx.tenant_id, legs.c.conversation_id == conversation_id, legs.c.ended_at.is_(None)
    )


async def _end_legs(tx: Tx, conversation_id: str, by: By) -> None:
    await tx.execute(
        legs.update().where(legs.c.id.in_(_legs(tx, conversation_id))).values(ended_at=to_datetime(tx.now), ended_by=by)
    )


async def _last_address(tx: Tx, conversation_id: str, channel: str) -> str | None:
    here = (legs.c.tenant_id == tx.tenant_id, legs.c.conversation_id == conversation_id, legs.c.channel == channel)
    query = sa.select(legs.c.address).where(*here)
    found: str | None = await tx.scalar(query.order_by(legs.c.started_at.desc()).limit(1))
    return found


def _live_of(tx: Tx, customer_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        conversations.c.tenant_id == tx.tenant_id,
        conversations.c.customer_id == customer_id,
        conversations.c.status != CLOSED,
    )


async def _users_of(tx: Tx, customer_id: str) -> tuple[str, ...]:
    rows = await tx.fetch_all(sa.select(conversations.c.assigned_user_id).where(_live_of(tx, customer_id)))
    return tuple(dict.fromkeys(row["assigned_user_id"] for row in rows if row["assigned_user_id"]))


async def _retell(tx: Tx, customer_id: str | None) -> None:
    if customer_id is None:
        return
    rows = await tx.fetch_all(
        sa.select(conversations.c.id).where(_live_of(tx, customer_id)).order_by(conversations.c.id)
    )
    for row in rows:
        await tell(tx, "conversation.updated", await locked(tx, row["id"]))


async def _touch(tx: Tx, conversation: Conversation, what: str) -> None:
    await customers.record_touch(
        tx,
        workspace_id=conversation.workspace_id,
        firm_id=conversation.firm_id,
        kind="conversation",
        data={"conversation_id": conversation.id, "channel": conversation.channel, "what": what},
        customer_id=conversation.customer_id,
    )

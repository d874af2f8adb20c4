"""The durable reader "reception": what routing did reaches conversations, what people did reaches routing.

Each journal entry takes effect once (`runtime.readers.Reader` keeps effects and position in one transaction); an entry that
no longer fits, such as an outcome of a task that is not the lead any more, changes nothing. What is told to the customer is
told in his language, once. Parked, resumed and closed conversations: docs/decisions/parked-conversations.md.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from parlons.accounts import queries as accounts
from parlons.conversations import commands as conversations
from parlons.conversations import sidework
from parlons.conversations.messages import tell_customer
from parlons.conversations.model import CLOSED, OPEN, PARKED, Conversation
from parlons.conversations.queries import conversation as conversation_of
from parlons.customers import commands as customers
from parlons.dispatch.dispatch import submit
from parlons.dispatch.queries import works_beside
from parlons.kit.ids import NOTE
from parlons.reception import notices, texts
from parlons.reception.asking import point_of
from parlons.reception.flow_instances import TASK_OVER, end_of_chat, instance_of_task, task_taken
from parlons.reception.handler import ask_again
from parlons.reception.model import NoEntryPoint
from parlons.reception.points import remember_point
from parlons.routing import transitions as t
from parlons.routing.commands import AcceptReservation, CancelTask, Command, CompleteTask, WrapTask
from parlons.runtime.db import Tx
from parlons.runtime.jobs import enqueue
from parlons.runtime.journal import Entry
from parlons.runtime.readers import Reader, Tail
from parlons.voice.calls import callbacks

NAME = "reception"
REASONS = {
    t.REASON_WORKFLOW_TIMEOUT: "workflow-end",
    t.REASON_NO_FILTER: "no-rule",
    t.REASON_TTL: "expired",
    t.REASON_MOVES: "too-many-offers",
    t.REASON_ERASED: "erased",
}
"""Why a task ended unserved, as a code screens can word."""
CANCELED = "canceled"
_QUIET = frozenset({t.REASON_TRANSFER_ENDED, t.REASON_TASK_CANCELED})
"""Reasons of a canceled reservation that do not take the conversation from its agent."""

Carry = Callable[[Tx, Entry, Conversation], Awaitable[None]]


def reader(tail: Tail, tenant_id: str) -> Reader:
    """The reader of one workspace; `run` it for ever."""
    return Reader(tail, tenant_id, NAME, TYPES, carry)


async def carry(tx: Tx, entry: Entry) -> None:
    """Carry one entry of the journal over; nothing happens for entries that do not concern a conversation."""
    if entry.kind == "event" and entry.type in _OF_CUSTOMER:
        return await _OF_CUSTOMER[entry.type](tx, entry.data["customer"]["id"])
    step = (_TRANSITIONS if entry.kind == "transition" else _EVENTS).get(entry.type)
    conversation_id = _conversation_id(entry)
    if step is None or conversation_id is None or entry.kind == "command":
        return None
    # Locked before it is looked at: an agent may be closing it at this moment, and what is decided here must see that.
    await step(tx, entry, await conversations.locked(tx, conversation_id))
    return None


def _conversation_id(entry: Entry) -> str | None:
    known: str | None = entry.data.get("conversation_id")
    if known is None and isinstance(entry.data.get("conversation"), dict):
        known = entry.data["conversation"]["id"]
    return known


async def _queued(tx: Tx, entry: Entry, conversation: Conversation) -> None:
    queue_id = entry.data["queue_id"]
    if entry.data["task_id"] == conversation.lead_task_id and queue_id is not None:
        await conversations.set_queue(tx, conversation.id, queue_id)


async def _offered(tx: Tx, entry: Entry, conversation: Conversation) -> None:
    """He fetched it back himself: no offer is needed."""
    data = entry.data
    if data["task_id"] == conversation.lead_task_id and data["worker_id"] == conversation.resumed_by_worker_id:
        command = AcceptReservation(reservation_id=data["reservation_id"], worker_id=data["worker_id"])
        await _send(tx, conversation, command, entry)


async def _accepted(tx: Tx, entry: Entry, conversation: Conversation) -> None:
    data = entry.data
    task_id, worker_id = data["task_id"], data["worker_id"]
    await task_taken(tx, task_id)
    if conversation.lead_task_id is None and conversation.status == OPEN:
        conversation = await conversations.set_lead_task(tx, conversation.id, task_id)
    if task_id != conversation.lead_task_id:
        if conversation.status != OPEN:  # ended while the offer rang: the work is over before it begins
            await _send(tx, conversation, CompleteTask(task_id=task_id, reason=conversation.status), entry)
        return
    user = (await accounts.users_by_worker(tx, [worker_id])).get(worker_id)
    name = user["name"] if user else ""
    again = conversation.assigned_worker_id == worker_id
    if data["queue_id"] is not None:
        await conversations.set_queue(tx, conversation.id, data["queue_id"])
    await conversations.assign(
        tx, conversation.id, user_id=user["id"] if user else None, worker_id=worker_id, name=name, task_id=task_id
    )
    if not again:
        await _tell(tx, conversation, texts.JOINED if name else "joined-unnamed", entry, name=name)
        await _touch(tx, conversation, "accepted", task_id)


async def _taken_back(tx: Tx, entry: Entry, conversation: Conversation) -> None:
    """The agent was lost for good: the task waits again at its original place, the visitor and the colleagues know."""
    data = entry.data
    mine = data["task_id"] == conversation.lead_task_id and data["worker_id"] == conversation.assigned_worker_id
    if not mine or data.get("reason") in _QUIET:
        return
    user_id, name = conversation.assigned_user_id, conversation.assigned_name
    await conversations.unassign(tx, conversation.id)
    await sidework.add_note(
        tx,
        conversation.id,
        author_user_id=None,
        author_name="",
        text=texts.staff_line(texts.RETURNED, conversation.language, name=name or "?"),
    )
    await _tell(tx, conversation, texts.RETURNED, entry)
    if user_id is not None:
        await notices.add_notice(
            tx,
            notice_id=tx.new_id(NOTE),
            workspace_id=conversation.workspace_id,
            user_id=user_id,
            kind=notices.RETURNED,
            data={"conversation_id": conversation.id},
        )


async def _wrapping(tx: Tx, entry: Entry, conversation: Conversation) -> None:
    if entry.data["task_id"] == conversation.lead_task_id and conversation.status == OPEN:
        await conversations.end_contact(tx, conversation.id, by="system")


async def _completed(tx: Tx, entry: Entry, conversation: Conversation) -> None:
    """The task was finished without the conversation: it closes with it, unless the customer still waits for an answer."""
    task_id = entry.data["task_id"]
    await callbacks.drop_of_task(tx, task_id)
    if task_id != conversation.lead_task_id:
        return await _other_over(tx, entry, conversation)
    if conversation.first_unanswered_at is None:
        await conversations.close(tx, conversation.id, by="system")
        return
    waiting = await conversations.task_ended(tx, conversation.id, task_id)
    await ask_again(tx, waiting, key=_key(entry))
    return None


async def _canceled(tx: Tx, entry: Entry, conversation: Conversation) -> None:
    task_id = entry.data["task_id"]
    await callbacks.drop_of_task(tx, task_id)
    if task_id != conversation.lead_task_id:
        return
    flow = await instance_of_task(tx, task_id)
    reason = REASONS.get(entry.data.get("reason", ""), CANCELED)
    await conversations.set_not_served(tx, conversation.id, reason, task_id=task_id)
    if reason == "erased":
        return
    await sidework.add_note(
        tx,
        conversation.id,
        author_user_id=None,
        author_name="",
        text=texts.staff_line(texts.NOT_SERVED, conversation.language, reason=reason),
    )
    if flow is not None:
        await enqueue(tx, TASK_OVER, {"task_id": task_id, "reason": reason}, dedupe_key=task_id)
    if flow is None or not flow.serves_itself:
        await _tell(tx, conversation, texts.NOT_SERVED, entry, reason=reason)
    await _touch(tx, conversation, "not-served", task_id)


async def _contact_ended(tx: Tx, entry: Entry, conversation: Conversation) -> None:
    task_id = entry.data["task_id"]
    if task_id is None or entry.data["by"] == "system":
        return
    if not await works_beside(tx, conversation.id, task_id):  # a call goes on: written up once, when the last one ends
        await _send(tx, conversation, WrapTask(task_id=task_id), entry)


async def _other_over(tx: Tx, entry: Entry, conversation: Conversation) -> None:
    """A companion ended: where the chat ended before it, its writing-up begins now."""
    lead = conversation.lead_task_id
    if conversation.status != OPEN or conversation.wrapup_since is None or lead is None:
        return
    if not await works_beside(tx, conversation.id, lead):
        await _send(tx, conversation, WrapTask(task_id=lead), entry)


async def _work_over(tx: Tx, entry: Entry, conversation: Conversation) -> None:
    """Closed or parked by a person: whoever worked on it is done; where nobody did yet, nobody is asked any more."""
    task_id, worker_id = entry.data["task_id"], entry.data["worker_id"]
    if task_id is None or entry.data.get("by") == "system":
        return
    reason = CLOSED if entry.type == "conversation.closed" else PARKED
    over: Command = (
        CompleteTask(task_id=task_id, reason=reason) if worker_id else CancelTask(task_id=task_id, reason=reason)
    )
    await _send(tx, conversation, over, entry)


async def _closed(tx: Tx, entry: Entry, conversation: Conversation) -> None:
    """A flow that still waited for an answer waits no more; opened again meanwhile, it does."""
    if conversation.status == CLOSED:
        await end_of_chat(tx, conversation.id)
    await _work_over(tx, entry, conversation)


async def _back(tx: Tx, entry: Entry, conversation: Conversation) -> None:
    """Parked, closed or wrapping, and now going on. A customer's message has asked for an agent already."""
    data = entry.data
    if data["ended_task_id"] is not None:
        over = CompleteTask(task_id=data["ended_task_id"], reason="customer-wrote-again")
        await _send(tx, conversation, over, entry)
    if data["by"] != "customer" and conversation.live:
        await ask_again(tx, conversation, key=_key(entry), worker_id=data["worker_id"])


async def _split_off(tx: Tx, entry: Entry, conversation: Conversation) -> None:
    """A matter of its own now: it came in where the first did, and asks for who has it, or for anybody."""
    data = entry.data
    parent = await conversation_of(tx, data["split"]["from_id"])  # not locked: who splits locks the first one first
    if parent is not None:
        with suppress(NoEntryPoint):
            await remember_point(tx, conversation.id, (await point_of(tx, parent)).id)
    if conversation.live and conversation.lead_task_id is None:
        await ask_again(tx, conversation, key=_key(entry), worker_id=data["worker_id"])


async def _united(tx: Tx, entry: Entry, conversation: Conversation) -> None:
    """The split was undone: nobody works on it any more, or is asked to. One of the two fits where the task stands."""
    task_id = entry.data["ended_task_id"]
    if task_id is not None:
        await _send(tx, conversation, CancelTask(task_id=task_id, reason=CLOSED), entry)
        await _send(tx, conversation, CompleteTask(task_id=task_id, reason=CLOSED), entry)


async def _named(tx: Tx, entry: Entry, conversation: Conversation) -> None:
    """Whoever is named in a note is told, once."""
    note = entry.data["note"]
    for user_id in note.get("mentions", ()):
        if user_id != note["author_user_id"]:
            await notices.add_notice(
                tx,
                notice_id=f"{note['id']}:{user_id}",
                workspace_id=conversation.workspace_id,
                user_id=user_id,
                kind=notices.MENTIONED,
                data={"conversation_id": conversation.id, "note_id": note["id"]},
            )


_OF_CUSTOMER: dict[str, Callable[[Tx, str], Awaitable[None]]] = {
    "customer.updated": conversations.customer_changed,
    "customer.erased": conversations.close_of_customer,
}
_TRANSITIONS: dict[str, Carry] = {
    "task-queue.entered": _queued,
    "reservation.created": _offered,
    "reservation.accepted": _accepted,
    "reservation.canceled": _taken_back,
    "task.wrapup": _wrapping,
    "task.completed": _completed,
    "task.canceled": _canceled,
}
_EVENTS: dict[str, Carry] = {
    "conversation.wrapup": _contact_ended,
    "conversation.closed": _closed,
    "conversation.parked": _work_over,
    "conversation.resumed": _back,
    "conversation.reopened": _back,
    "conversation.split-off": _split_off,
    "conversation.united": _united,
    "note.added": _named,
}
TYPES = frozenset({*_TRANSITIONS, *_EVENTS, *_OF_CUSTOMER})
"""What the reader carries; all else in the journal is for others."""


def _key(entry: Entry, suffix: str = "") -> str:
    return f"reception:{entry.seq}{suffix}"


async def _send(tx: Tx, conversation: Conversation, command: Command, entry: Entry) -> None:
    await submit(tx, conversation.workspace_id, command, key=_key(entry, f":{type(command).__name__}"))


async def _tell(tx: Tx, conversation: Conversation, code: str, entry: Entry, **values: str) -> None:
    try:
        own = (await point_of(tx, conversation)).texts
    except NoEntryPoint:
        own = {}
    text = texts.line(code, conversation.language, own, **values)
    notice = {"code": code, **values}
    await tell_customer(tx, conversation.id, text, notice, key=str(entry.seq))


async def _touch(tx: Tx, conversation: Conversation, what: str, task_id: str) -> None:
    await customers.record_touch(
        tx,
        workspace_id=conversation.workspace_id,
        firm_id=conversation.firm_id,
        kind="task",
        data={"conversation_id": conversation.id, "task_id": task_id, "what": what},
        customer_id=conversation.customer_id,
    )

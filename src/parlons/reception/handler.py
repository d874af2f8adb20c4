"""Reception's answer to a contact: address -> firm, hours, workflow -> a task by the command road.

Decides whether an agent is asked for now, and with which attributes; whom the router then chooses is the workflow's and the
router's business. The task is submitted in the transaction that stored the customer's message: a process that dies between
the two leaves both or neither.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from parlons.accounts import opening
from parlons.conversations import commands as conversations
from parlons.conversations.messages import tell_customer
from parlons.conversations.model import Conversation
from parlons.customers import queries as customers
from parlons.dispatch.contacts import Contact, Decision, Entry
from parlons.dispatch.dispatch import submit
from parlons.kit import ids
from parlons.kit.clock import Millis
from parlons.kit.hours import ALWAYS, Hours, is_open, next_opening
from parlons.reception import texts
from parlons.reception.model import OURS, EntryPoint, NoEntryPoint, task_attributes
from parlons.reception.points import find_entry_point, remember_point, remembered_point
from parlons.routing.commands import CreateTask
from parlons.routing.configuration import Target
from parlons.runtime.db import Tx

MAX_VALUE, MAX_ATTRIBUTES = 300, 3_600
"""Characters of one text, and of all attributes as JSON: the router takes 4,096."""


class Reception:
    """The `ContactHandler` of this product."""

    async def entry(self, tx: Tx, *, channel: str, address: str, firm_id: str | None = None, at: Millis) -> Entry:
        """Whose address this is and whether it is open at `at`; raises NoEntryPoint."""
        point = await _point(tx, channel, address, firm_id)
        hours = await _hours(tx, point, at)
        opens = None if is_open(hours, at) else next_opening(hours, at)
        return Entry(point.firm_id, is_open(hours, at), opens, texts.spoken(point.language))

    async def new_contact(self, tx: Tx, contact: Contact) -> Decision:
        """Ask for an agent, unless one is asked for already. Outside hours the message becomes a task for later, and the
        customer is told so."""
        conversation = await conversations.locked(tx, contact.conversation_id)
        point = await _point(tx, contact.channel, contact.address, contact.firm_id or conversation.firm_id)
        language = contact.language or conversation.language or point.language or "en"
        if conversation.lead_task_id is not None or not conversation.live:
            return Decision("already", conversation.lead_task_id, point.firm_id, language)
        hours = await _hours(tx, point, contact.at)
        open_now = is_open(hours, contact.at)
        task_id = await _ask(
            tx, point, conversation, language=language, offered=contact.attributes, key=f"contact:{contact.key}",
            open_now=open_now and not contact.offline,
        )  # fmt: skip
        if task_id is None:
            return Decision("already", None, point.firm_id, language)
        if contact.offline or not open_now:
            code = texts.LEFT_A_MESSAGE if contact.offline else texts.CLOSED
            line = texts.line(code, language, point.texts)
            await tell_customer(tx, conversation.id, line, {"code": code}, key=contact.key)
        if open_now:
            return Decision("task", task_id, point.firm_id, language)
        return Decision("closed", task_id, point.firm_id, language, next_opening(hours, contact.at))


async def ask_again(tx: Tx, conversation: Conversation, *, key: str, worker_id: str | None = None) -> str | None:
    """A new task for a conversation that came back without a customer's message; returns its id.

    `worker_id`: it waits for this worker alone. None is returned when one is asked for already."""
    if conversation.lead_task_id is not None:
        return None
    point = await point_of(tx, conversation)
    target = Target(kind="worker", id=worker_id) if worker_id else None
    return await _ask(
        tx, point, conversation, language=conversation.language, offered={}, key=key, open_now=True, target=target,
    )  # fmt: skip


async def _ask(
    tx: Tx,
    point: EntryPoint,
    conversation: Conversation,
    *,
    language: str,
    offered: Mapping[str, Any],
    key: str,
    open_now: bool,
    target: Target | None = None,
) -> str | None:
    """Submit a task and make it the lead; None when this `key` was used before: the same contact came again."""
    customer = await customers.customer(tx, conversation.customer_id)
    known = customer.attributes if customer else {}
    attributes = task_attributes(
        point,
        offered=_small(offered),
        customer=_small(known),
        known_worker_id=conversation.previous_worker_id,
        conversation_id=conversation.id,
        language=language,
        open_now=open_now,
    )
    attributes["title"] = customer.name if customer else ""
    task_id = tx.new_id(ids.TASK)
    workflow_id = point.workflow_id if open_now else point.offline_workflow_id or point.workflow_id
    command = CreateTask(
        task_id=task_id,
        attributes=_within(attributes),
        workflow_id=None if target else workflow_id,
        target=target,
        channel=point.task_channel if open_now else point.offline_task_channel,
        priority=point.priority,
        ttl_seconds=point.ttl_seconds if open_now else point.offline_ttl_seconds,
        firm_id=conversation.firm_id,
        conversation_id=conversation.id,
    )
    if not await submit(tx, conversation.workspace_id, command, key=key):
        return None
    await conversations.set_lead_task(tx, conversation.id, task_id)
    await remember_point(tx, conversation.id, point.id)
    return task_id


async def point_of(tx: Tx, conversation: Conversation) -> EntryPoint:
    """The entry point a conversation came in by, else one of its firm; raises NoEntryPoint."""
    known = await remembered_point(tx, conversation.id)
    return known or await _point(tx, conversation.channel, "", conversation.firm_id)


async def _point(tx: Tx, channel: str, address: str, firm_id: str | None) -> EntryPoint:
    found = await find_entry_point(tx, channel, address, firm_id)
    if found is None:
        raise NoEntryPoint(channel=channel)
    return found


async def _hours(tx: Tx, point: EntryPoint, at: Millis) -> Hours:
    if point.hours_id is not None:
        return await opening.hours_of(tx, point.hours_id, at)
    return await opening.firm_hours(tx, point.firm_id, at) or ALWAYS


def _small(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values a filter can ask: texts are cut, deep objects left out."""
    small: dict[str, Any] = {}
    for name, value in list(values.items())[:40]:
        if isinstance(value, str):
            small[name] = value.replace("\x00", "")[:MAX_VALUE]
        elif isinstance(value, bool | int | float) or value is None:
            small[name] = value
        elif isinstance(value, list | tuple):
            small[name] = [item[:MAX_VALUE] if isinstance(item, str) else item for item in value[:20]]
    return small


def _within(attributes: dict[str, Any]) -> dict[str, Any]:
    """What is not ours is left out, longest first, until the router takes the rest."""
    kept = dict(attributes)
    others = [name for name in attributes if name not in OURS]
    for name in sorted(others, key=lambda one: len(str(attributes[one])), reverse=True):
        if len(orjson.dumps(kept)) <= MAX_ATTRIBUTES:
            break
        del kept[name]
    return kept

"""Asking for an agent: a task by the command road, in the transaction that decided it. The conversation's lead task is then this.

Which agent it becomes is the workflow's and the router's business. Entry points and their hours are found here too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from parlons.accounts import opening
from parlons.conversations import commands as conversations
from parlons.conversations.model import Conversation
from parlons.customers import queries as customers
from parlons.dispatch.dispatch import submit
from parlons.kit import ids
from parlons.kit.clock import Millis
from parlons.kit.hours import ALWAYS, Hours
from parlons.reception.model import OURS, EntryPoint, NoEntryPoint, task_attributes
from parlons.reception.points import find_entry_point, remember_point, remembered_point
from parlons.routing.commands import CreateTask
from parlons.routing.configuration import Target
from parlons.runtime.db import Tx

MAX_VALUE, MAX_ATTRIBUTES = 300, 3_600
"""Characters of one text, and of all attributes as JSON: the router takes 4,096."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a contact asks for beyond what its entry point says."""

    offered: Mapping[str, Any] = field(default_factory=dict)
    """Attributes for filters and targets."""
    open_now: bool = True
    """False: it becomes a task for later."""
    target: Target | None = None
    workflow_id: str | None = None
    priority: int | None = None
    virtual_start: Millis | None = None
    """The place in line counts from here; None: now."""


async def ask_for_agent(
    tx: Tx, point: EntryPoint, conversation: Conversation, wish: Wish, *, language: str, key: str
) -> str | None:
    """Submit a task and make it the lead; None when this `key` was used before: the same contact came again."""
    customer = await customers.customer(tx, conversation.customer_id)
    known = customer.attributes if customer else {}
    attributes = task_attributes(
        point,
        offered=_small(wish.offered),
        customer=_small(known),
        known_worker_id=conversation.previous_worker_id,
        conversation_id=conversation.id,
        language=language,
        open_now=wish.open_now,
    )
    attributes["title"] = customer.name if customer else ""
    task_id = tx.new_id(ids.TASK)
    workflow_id = point.workflow_id if wish.open_now else point.offline_workflow_id or point.workflow_id
    command = CreateTask(
        task_id=task_id,
        attributes=_within(attributes),
        workflow_id=None if wish.target else wish.workflow_id or workflow_id,
        target=wish.target,
        channel=point.task_channel if wish.open_now else point.offline_task_channel,
        priority=point.priority if wish.priority is None else wish.priority,
        ttl_seconds=point.ttl_seconds if wish.open_now else point.offline_ttl_seconds,
        virtual_start=wish.virtual_start,
        firm_id=conversation.firm_id,
        conversation_id=conversation.id,
    )
    if not await submit(tx, conversation.workspace_id, command, key=key):
        return None
    queue_id = wish.target.id if wish.target is not None and wish.target.kind == "queue" else None
    await conversations.set_lead_task(tx, conversation.id, task_id, queue_id=queue_id)
    await remember_point(tx, conversation.id, point.id)
    return task_id


async def point_of(tx: Tx, conversation: Conversation) -> EntryPoint:
    """The entry point a conversation came in by, else one of its firm; raises NoEntryPoint."""
    known = await remembered_point(tx, conversation.id)
    return known or await point_at(tx, conversation.channel, "", conversation.firm_id)


async def point_at(tx: Tx, channel: str, address: str, firm_id: str | None) -> EntryPoint:
    """The entry point of an address; raises NoEntryPoint."""
    found = await find_entry_point(tx, channel, address, firm_id)
    if found is None:
        raise NoEntryPoint(channel=channel)
    return found


async def hours_at(tx: Tx, point: EntryPoint, at: Millis) -> Hours:
    """Its own hours, else the firm's usual ones, else always."""
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

"""What a flow asks of the centre itself: hours, customers, tasks, callbacks. Carried out in the transaction that keeps the
flow's new state, so each happens once with it, or not at all.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from parlons.accounts import opening
from parlons.conversations import commands as conversations
from parlons.conversations.model import Conversation
from parlons.customers import queries as customers
from parlons.customers.model import PHONE, InvalidAddress, normal
from parlons.dispatch.dispatch import submit
from parlons.dispatch.queries import id_of, waiting_in
from parlons.flows.state import Effect
from parlons.kit.clock import Millis, to_iso
from parlons.kit.hours import ALWAYS, Hours, is_open, next_opening
from parlons.kit.when import local
from parlons.reception.asking import Wish, ask_for_agent, hours_at
from parlons.reception.flow_instances import Instance
from parlons.reception.flow_steps_attempts import Key, attempt, was_right
from parlons.reception.flow_steps_note import hand_over
from parlons.reception.model import EntryPoint
from parlons.routing.commands import CancelTask
from parlons.routing.configuration import Target
from parlons.runtime.db import Tx
from parlons.voice.calls import callbacks
from parlons.voice.calls.script import Verbs

Json = dict[str, Any]
LEFT_QUEUE = "left-queue"
"""Reason of a task whose caller pressed a key that leads out of the queue."""
CAME = "came"
"""Of an instance's contact: when the call came, its place in line where it is led there without being asked anything."""
CALLED_AGAIN = "called-again"
"""Reason of a callback whose caller rang again and waits at its place."""
NOT_OFFERED = frozenset({"number", "channel", "hours", "next_opening_at", "queue_since", "close", "heard"})
"""Variables of a flow that are no attributes of its tasks; its customer is not either."""


class NoSuchQueue(LookupError):
    """A flow names a queue or workflow that is not there any more: it goes to the fallback queue."""


@dataclass(slots=True)
class Ground:
    """Where an effect is carried out."""

    tx: Tx
    instance: Instance
    point: EntryPoint
    verbs: Verbs | None
    """None: a chat, or no telephone here."""

    async def conversation(self) -> Conversation:
        """The contact's, locked."""
        return await conversations.locked(self.tx, self.instance.conversation_id)

    @property
    def language(self) -> str:
        """Spoken now."""
        return self.instance.state.language


Act = Callable[[Ground, Effect], Awaitable[Json | None]]
"""Returns the result, or None when it comes later."""


async def opening_hours(ground: Ground, effect: Effect) -> Json:
    """Whether the firm is open now, and why not."""
    at = Millis(ground.tx.now)
    name = effect.data.get("hours")
    if name is None:
        hours = await hours_at(ground.tx, ground.point, at)
    else:
        hours = await opening.hours_named(ground.tx, ground.point.firm_id, name, at) or ALWAYS
    is_now = is_open(hours, at)
    opens = None if is_now else next_opening(hours, at)
    return {
        "open": is_now,
        "holiday": not is_now and _holiday(hours, at),
        "next_opening_at": None if opens is None else to_iso(opens),
    }


def _holiday(hours: Hours, at: Millis) -> bool:
    today = local(at, hours.zone).date()
    return today in hours.holidays or (today in hours.days and not hours.days[today])


async def lookup_customer(ground: Ground, effect: Effect) -> Json:
    """A customer of the firm; nobody else's."""
    by, value = effect.data["by"], effect.data.get("value", "")
    conversation = await ground.conversation()
    found = None
    if by == "caller":
        found = await customers.customer(ground.tx, conversation.customer_id)
        if found is not None and not (found.name or found.attributes):
            found = None
    elif value:
        try:
            wanted = normal(by, value)
        except InvalidAddress:
            return {"found": False}
        known = await customers.ids_of_addresses(ground.tx, conversation.firm_id, by, [wanted])
        found = await customers.customer(ground.tx, known[0]) if len(known) == 1 else None
    if found is None or found.erased_at is not None:
        return {"found": False}
    shown = {"id": found.id, "name": found.name, "language": found.language, "attributes": found.attributes}
    if most := int(effect.data.get("journey") or 0):
        shown["journey"] = (await customers.journey(ground.tx, found.id, limit=most))["items"]
    return {"found": True, "customer": shown}


async def try_to_prove(ground: Ground, effect: Effect) -> Json:
    """Whether something may be tried to be proven once more; of a try that was right, that it was."""
    proven, by = await counted(ground, "of", effect.data["of"])
    if effect.data.get("right"):
        await was_right(ground.tx, proven, by)
        return {"allowed": True}
    return {"allowed": await attempt(ground.tx, proven, by)}


async def counted(ground: Ground, what: str, thing: Any, before: str = "") -> tuple[Key, list[Key]]:
    """What a try is counted by: the thing within its firm (none: the contact), the customer, the number he calls from. `before`:
    begins the kinds of counts that have nothing to do with tries at a PIN."""
    conversation = await ground.conversation()
    number = str(ground.instance.contact.get("from_number") or "")
    by: list[Key] = [(f"{before}customer", conversation.customer_id), (before + PHONE, number)]
    return (f"{before}{what} {conversation.firm_id}", str(thing or "") or conversation.id), by


async def speak(ground: Ground, effect: Effect) -> Json:
    """The conversation is in this language from now on."""
    before = await ground.conversation()
    await conversations.save(ground.tx, before, replace(before, language=effect.data["language"]))
    return {}


async def wait_for_agent(ground: Ground, effect: Effect) -> Json | None:
    """Ask for an agent; the result comes when the task ends, or by a key."""
    tx, instance, data = ground.tx, ground.instance, effect.data
    conversation = await ground.conversation()
    target, workflow_id = await _where(ground, data)
    most = data.get("max_waiting")
    if target is not None and most is not None and await waiting_in(tx, instance.workspace_id, target.id) >= most:
        return {"ended": "overflow"}
    await hand_over(tx, instance, conversation)
    place = await _place(ground)
    wish = Wish(
        offered=_offered(instance, data.get("attributes") or {}),
        target=target,
        workflow_id=workflow_id,
        priority=data.get("priority"),
        virtual_start=place or instance.contact.get(CAME),
    )
    instance.task_id = await ask_for_agent(
        tx, ground.point, conversation, wish, language=ground.language, key=effect.key
    )
    instance.contact["queue_since"] = place or tx.now
    if ground.verbs is not None and instance.call_id is not None and instance.task_id is not None:
        queue_id = target.id if target is not None else None
        await ground.verbs.wait_in_queue(tx, instance.call_id, instance.task_id, queue_id)
    return None


async def leave_queue(ground: Ground) -> None:
    """The contact waits no more; nobody is told, for it goes on elsewhere."""
    task_id = ground.instance.task_id
    if task_id is not None:
        await conversations.task_ended(ground.tx, ground.instance.conversation_id, task_id)
        command = CancelTask(task_id=task_id, reason=LEFT_QUEUE)
        await submit(ground.tx, ground.instance.workspace_id, command, key=f"{LEFT_QUEUE}:{task_id}")
        ground.instance.task_id = None


async def called_back(ground: Ground, effect: Effect) -> Json | None:
    """Who waits took the callback that his queue offers: he leaves the line and keeps his place. `effect`: his waiting. None:
    his number cannot be called, he waits on."""
    wanted = {"queue": effect.data.get("queue"), "workflow": effect.data.get("workflow")}
    made = await call_back(ground, Effect(f"{effect.key}:callback", "callback", wanted))
    if not made.get("made") and not made.get("known"):
        return None
    await leave_queue(ground)
    return {"ended": "callback", "known": bool(made.get("known"))}


async def call_back(ground: Ground, effect: Effect) -> Json:
    """A task at the original place; one number of one firm stands in line once."""
    tx, instance = ground.tx, ground.instance
    try:
        number = normal("phone", effect.data.get("number") or instance.contact.get("from_number") or "")
    except InvalidAddress:
        return {"made": False, "reason": "no-number"}
    conversation = await ground.conversation()
    await one_in_line(tx, conversation.firm_id, number)
    known = await callbacks.waiting_for(tx, conversation.firm_id, number)
    if known is not None:
        return {"made": False, "known": True, "task_id": known.task_id}
    target, workflow_id = await _where(ground, effect.data)
    place = Millis(instance.contact.get("queue_since") or tx.now)
    offered = {**_offered(instance, {}), "callback": True, "callback_number": number}
    wish = Wish(offered=offered, target=target, workflow_id=workflow_id, virtual_start=place)
    task_id = await ask_for_agent(tx, ground.point, conversation, wish, language=ground.language, key=effect.key)
    if task_id is None:
        return {"made": False, "known": True}
    await hand_over(tx, instance, conversation)
    if ground.verbs is not None and instance.call_id is not None:
        await ground.verbs.call_back(tx, instance.call_id, task_id, number)
    else:
        await callbacks.ask(
            tx,
            workspace_id=instance.workspace_id,
            firm_id=conversation.firm_id,
            conversation_id=conversation.id,
            customer_id=conversation.customer_id,
            task_id=task_id,
            queue_id=target.id if target is not None else None,
            number=number,
            caller_number="",
            virtual_start=place,
        )
    return {"made": True, "task_id": task_id}


async def keep_message(ground: Ground, effect: Effect, about: Mapping[str, Any]) -> str | None:
    """What was recorded or written becomes a task for later; returns its id."""
    target, workflow_id = await _where(ground, effect.data)
    offered = {**_offered(ground.instance, {}), "voicemail": True, **about}
    wish = Wish(offered=offered, target=target, workflow_id=workflow_id, open_now=False)
    conversation = await ground.conversation()
    await hand_over(ground.tx, ground.instance, conversation)
    return await ask_for_agent(
        ground.tx, ground.point, conversation, wish, language=ground.language, key=f"{effect.key}:message"
    )


async def _where(ground: Ground, data: Mapping[str, Any]) -> tuple[Target | None, str | None]:
    """Queue and workflow by name."""
    workspace_id = ground.instance.workspace_id
    if (queue := data.get("queue")) is not None:
        queue_id = await id_of(ground.tx, workspace_id, "queues", queue)
        if queue_id is None:
            raise NoSuchQueue(f"no queue {queue}")
        return Target(kind="queue", id=queue_id), None
    if (workflow := data.get("workflow")) is not None:
        workflow_id = await id_of(ground.tx, workspace_id, "workflows", workflow)
        if workflow_id is None:
            raise NoSuchQueue(f"no workflow {workflow}")
        return None, workflow_id
    return None, None


def _offered(instance: Instance, own: Mapping[str, Any]) -> Json:
    kept = NOT_OFFERED.union(instance.state.hidden)
    known = {name: value for name, value in instance.state.variables.items() if name not in kept}
    return {**{name: value for name, value in known.items() if not isinstance(value, Mapping)}, **own}


async def _place(ground: Ground) -> Millis | None:
    """Who has a callback in line and rings again waits at its place; the callback goes."""
    tx, instance = ground.tx, ground.instance
    number = instance.contact.get("from_number")
    if instance.call_id is None or not number:
        return None
    await one_in_line(tx, ground.point.firm_id, number)
    known = await callbacks.waiting_for(tx, ground.point.firm_id, number)
    if known is None:
        return None
    await callbacks.drop_of_task(tx, known.task_id)
    await conversations.task_ended(tx, known.conversation_id, known.task_id)
    command = CancelTask(task_id=known.task_id, reason=CALLED_AGAIN)
    await submit(tx, instance.workspace_id, command, key=f"{CALLED_AGAIN}:{known.task_id}")
    return Millis(known.virtual_start)


async def one_in_line(tx: Tx, firm_id: str, number: str) -> None:
    """Whoever puts this number in line waits for others who do: `callbacks.waiting_for` then says whether it stands there."""
    await tx.alone(f"flow callback\n{tx.tenant_id}\n{firm_id}\n{number}")


ACTS: dict[str, Act] = {
    "hours": opening_hours,
    "lookup_customer": lookup_customer,
    "attempt": try_to_prove,
    "language": speak,
    "queue": wait_for_agent,
    "callback": call_back,
}
"""By kind of effect; the others belong to the medium, or to the outside."""

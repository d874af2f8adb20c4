"""Activities, task channels, task queues and workflows: each change is one `Configure` of the router.

What the desk's own workspace is configured with belongs to the desk's settings and is only read here (docs/decisions/010).
"""

from typing import Any, TypeVar

import msgspec

from parlons.compat import shapes_configured as shapes
from parlons.compat.call import NAME, Call, json_object
from parlons.compat.errors import ApiError
from parlons.compat.notes import NOTHING, forget_note, note, read_notes
from parlons.compat.pages import Page, page_of
from parlons.expr.compiling import compiled
from parlons.expr.problems import InvalidExpression
from parlons.expr.scopes import Scope
from parlons.kit.errors import Refusal
from parlons.kit.ids import ACTIVITY, QUEUE, TASK_CHANNEL, WORKFLOW, new_id
from parlons.routing import commands as c
from parlons.routing.configuration import DEFAULT_CHANNELS, Activity, Item, Kind, Queue, Removal, TaskChannel, Workflow
from parlons.routing.state import WorkspaceState
from parlons.runtime.safe_http import check_address

Json = dict[str, Any]
T = TypeVar("T", Activity, Queue, Workflow, TaskChannel)
LONGEST_WORKFLOW = 1_000_000
LONGEST_ADDRESS = 2048
ORDERS = ("FIFO", "LIFO")


async def _all(call: Call) -> tuple[dict[str, Activity], dict[str, TaskChannel], dict[str, Queue], dict[str, Workflow]]:
    def read(state: WorkspaceState) -> Any:
        return (
            dict(state.activities),
            {each.config.id: each.config for each in state.channels.values()},
            {each.config.id: each.config for each in state.queues.values()},
            {each.config.id: each.config for each in state.workflows.values()},
        )

    found: tuple[dict[str, Activity], dict[str, TaskChannel], dict[str, Queue], dict[str, Workflow]]
    found = await call.look(lambda stepper: read(stepper.state))
    return found


async def _one(call: Call, which: int, name: str, kind: type[T]) -> T:
    things = (await _all(call))[which]
    found = things.get(call.ids[name])
    if not isinstance(found, kind):
        raise call.missing()
    return found


async def _put(call: Call, item: Item, data: Json | None = None, *, noted: bool = True) -> None:
    await call.send(c.Configure(put=(item,)))
    if noted:
        await note(call, item.id, data)


async def _remove(call: Call, kind: Kind, name: str, thing_id: str) -> None:
    call.done()
    await call.send(c.Configure(remove=(Removal(kind, name),)))
    await forget_note(call, thing_id)


# -- activities ----------------------------------------------------------------------------------------------------------------


async def activities(call: Call) -> Json:
    """The activities."""
    page, name, available = Page(call), call.text("FriendlyName"), call.truth("Available")
    call.done()
    notes = await read_notes(call)
    items = [
        each
        for each in (await _all(call))[0].values()
        if name in (None, each.name) and available in (None, each.available)
    ]
    items.sort(key=lambda each: each.id)
    return page_of(
        call, page, "activities", items, lambda each: [each.id],
        lambda each: shapes.activity(call, each, notes.get(each.id, NOTHING)),
    )  # fmt: skip


async def activity(call: Call) -> Json:
    """One activity."""
    call.done()
    found = await _one(call, 0, "Sid", Activity)
    return shapes.activity(call, found, (await read_notes(call)).get(found.id, NOTHING))


async def create_activity(call: Call) -> Json:
    """A new activity; whether it is available stays as it is made."""
    name, available = call.needed("FriendlyName", longest=NAME), call.truth("Available") or False
    call.done()
    made = Activity(new_id(ACTIVITY, call.clock()), name, available)
    await _put(call, made, noted=False)
    return shapes.activity(call, made)


async def change_activity(call: Call) -> Json:
    """Another name."""
    before = await _one(call, 0, "Sid", Activity)
    name = call.text("FriendlyName", longest=NAME)
    call.done()
    await _put(call, msgspec.structs.replace(before, name=name or before.name))
    return await activity(call)


async def remove_activity(call: Call) -> None:
    """Takes an activity away that nobody is in."""
    found = await _one(call, 0, "Sid", Activity)
    await _remove(call, "activity", found.id, found.id)


# -- task channels -------------------------------------------------------------------------------------------------------------


async def channel_of(call: Call, name: str = "Sid") -> TaskChannel:
    """The task channel in the path: by id or unique name."""
    wanted = call.ids[name]
    for found in (await _all(call))[1].values():
        if wanted in (found.id, found.unique_name):
            return found
    raise call.missing()


async def channels(call: Call) -> Json:
    """The task channels."""
    page = Page(call)
    call.done()
    notes = await read_notes(call)
    items = sorted((await _all(call))[1].values(), key=lambda each: each.id)
    return page_of(
        call, page, "channels", items, lambda each: [each.id],
        lambda each: shapes.task_channel(call, each, notes.get(each.id, NOTHING)),
    )  # fmt: skip


async def channel(call: Call) -> Json:
    """One task channel."""
    call.done()
    found = await channel_of(call)
    return shapes.task_channel(call, found, (await read_notes(call)).get(found.id, NOTHING))


async def create_channel(call: Call) -> Json:
    """A new task channel."""
    name, unique = call.needed("FriendlyName", longest=NAME), call.needed("UniqueName", longest=NAME)
    optimized = call.truth("ChannelOptimizedRouting") or False
    call.done()
    if any(each.unique_name == unique for each in (await _all(call))[1].values()):
        raise ApiError(f"A TaskChannel with the UniqueName {unique} exists already")
    made = TaskChannel(new_id(TASK_CHANNEL, call.clock()), unique, name, optimized)
    await _put(call, made, noted=False)
    return shapes.task_channel(call, made)


async def change_channel(call: Call) -> Json:
    """Another friendly name, or order among workers."""
    before = await channel_of(call)
    name, optimized = call.text("FriendlyName", longest=NAME), call.truth("ChannelOptimizedRouting")
    call.done()
    changed = msgspec.structs.replace(
        before, name=name or before.name, optimized=before.optimized if optimized is None else optimized
    )
    await _put(call, changed)
    return await channel(call)


async def remove_channel(call: Call) -> None:
    """Takes a task channel away; the five that every workspace has stay."""
    found = await channel_of(call)
    if any(found.unique_name == each.unique_name for each in DEFAULT_CHANNELS):
        raise ApiError("This TaskChannel belongs to every workspace and stays")
    await _remove(call, "task_channel", found.unique_name, found.id)


# -- task queues ---------------------------------------------------------------------------------------------------------------


def _order(call: Call, *known: str) -> bool:
    """Whether a list is wanted the other way round; `Attribute:asc` or `Attribute:desc`."""
    found = call.text("Ordering")
    attribute, _, direction = (found or "").partition(":")
    if found and (attribute not in known or direction.lower() not in ("asc", "desc", "")):
        raise ApiError(f"Ordering is one of {', '.join(known)}, with :asc or :desc")
    return direction.lower() == "desc"


def tester(name: str, text: str | None, scope: Scope) -> Any:
    """The test an expression stands for; None: no expression. Raises ApiError with what is wrong."""
    if not text:
        return None
    try:
        return compiled(text, scope).test
    except InvalidExpression as error:
        raise ApiError(f"{name}: {error.message}") from None


async def queues(call: Call) -> Json:
    """The task queues."""
    page, name, worker = Page(call), call.text("FriendlyName"), call.sid("WorkerSid", "WK")
    test = tester("EvaluateWorkerAttributes", call.text("EvaluateWorkerAttributes"), Scope.QUEUE)
    backwards = _order(call, "DateUpdated")
    call.done()
    notes = await read_notes(call)

    def read(state: WorkspaceState) -> tuple[list[Queue], dict[str, Activity]]:
        found = []
        for each in state.queues.values():
            members = [one for one in state.workers.values() if each.members & one.bit]
            if name not in (None, each.config.name) or (worker and all(one.id != worker for one in members)):
                continue
            if test is None or any(test(None, one.attributes, one.facts(state)) for one in members):
                found.append(each.config)
        return found, dict(state.activities)

    items, known = await call.look(lambda stepper: read(stepper.state))
    items.sort(key=lambda each: each.id, reverse=backwards)
    return page_of(
        call, page, "task_queues", items, lambda each: [each.id],
        lambda each: shapes.queue(call, each, known, notes.get(each.id, NOTHING)),
    )  # fmt: skip


async def queue(call: Call) -> Json:
    """One task queue."""
    call.done()
    found, known = await _one(call, 2, "Sid", Queue), (await _all(call))[0]
    return shapes.queue(call, found, known, (await read_notes(call)).get(found.id, NOTHING))


def _queue_with(call: Call, before: Queue) -> Queue:
    """A queue with what the call says of it."""
    name, expression = call.text("FriendlyName", longest=NAME), call.text("TargetWorkers")
    order, most = call.one_of("TaskOrder", ORDERS), call.number("MaxReservedWorkers", 1, 50)
    reserved, assigned = call.sid("ReservationActivitySid", "WA"), call.sid("AssignmentActivitySid", "WA")
    changes: Json = {
        "name": name or None,
        "expression": expression,
        "order": order,
        "max_reserved": most,
        "reservation_activity_id": reserved,
        "assignment_activity_id": assigned,
    }
    return msgspec.structs.replace(before, **{key: value for key, value in changes.items() if value is not None})


async def create_queue(call: Call) -> Json:
    """A new task queue."""
    name = call.needed("FriendlyName", longest=NAME)
    made = _queue_with(call, Queue(new_id(QUEUE, call.clock()), name))
    call.done()
    await _put(call, made, noted=False)
    return shapes.queue(call, made, (await _all(call))[0])


async def change_queue(call: Call) -> Json:
    """Changes a task queue; what waits is looked at again."""
    changed = _queue_with(call, await _one(call, 2, "Sid", Queue))
    call.done()
    await _put(call, changed)
    return await queue(call)


async def remove_queue(call: Call) -> None:
    """Takes a task queue away that no waiting task is in."""
    found = await _one(call, 2, "Sid", Queue)
    await _remove(call, "queue", found.id, found.id)


# -- workflows -----------------------------------------------------------------------------------------------------------------


async def workflows(call: Call) -> Json:
    """The workflows."""
    page, name = Page(call), call.text("FriendlyName")
    call.done()
    notes = await read_notes(call)
    items = sorted(
        (each for each in (await _all(call))[3].values() if name in (None, each.name)), key=lambda each: each.id
    )
    return page_of(
        call, page, "workflows", items, lambda each: [each.id],
        lambda each: shapes.workflow(call, each, notes.get(each.id, NOTHING)),
    )  # fmt: skip


async def workflow(call: Call) -> Json:
    """One workflow."""
    call.done()
    found = await _one(call, 3, "Sid", Workflow)
    return shapes.workflow(call, found, (await read_notes(call)).get(found.id, NOTHING))


def _workflow_with(call: Call, before: Workflow) -> Workflow:
    """A workflow with what the call says of it."""
    name, text = call.text("FriendlyName", longest=NAME), call.text("Configuration")
    timeout = call.number("TaskReservationTimeout", 1, 86_400)
    return msgspec.structs.replace(
        before,
        name=name or before.name,
        configuration=before.configuration if text is None else json_object("Configuration", text, LONGEST_WORKFLOW),
        reservation_timeout_seconds=timeout or before.reservation_timeout_seconds,
    )


async def addresses(call: Call, **names: str) -> Json:
    """Callback addresses by the name under which they are noted; an empty one takes it away. Private ones are refused."""
    found = {}
    for key, name in names.items():
        url = call.text(name, longest=LONGEST_ADDRESS)
        if url is None:
            continue
        if url:
            try:
                await check_address(url, call.allow)
            except Refusal as refusal:
                raise ApiError(f"{name}: {refusal.message}") from None
        found[key] = url
    return found


async def _callbacks(call: Call) -> Json:
    return await addresses(
        call,
        assignment_callback_url="AssignmentCallbackUrl",
        fallback_assignment_callback_url="FallbackAssignmentCallbackUrl",
    )


async def create_workflow(call: Call) -> Json:
    """A new workflow."""
    name, text = call.needed("FriendlyName", longest=NAME), call.needed("Configuration")
    first = Workflow(new_id(WORKFLOW, call.clock()), name, json_object("Configuration", text, LONGEST_WORKFLOW))
    made, data = _workflow_with(call, first), await _callbacks(call)
    call.done()
    await _put(call, made, data, noted=bool(data))
    return await _shown(call, made)


async def _shown(call: Call, found: Workflow) -> Json:
    return shapes.workflow(call, found, (await read_notes(call)).get(found.id, NOTHING))


async def change_workflow(call: Call) -> Json:
    """Changes a workflow; what waits in it goes through it again."""
    changed = _workflow_with(call, await _one(call, 3, "Sid", Workflow))
    data = await _callbacks(call)
    if call.truth("ReEvaluateTasks") is False:
        raise ApiError(
            "ReEvaluateTasks=false is not available on this server: waiting tasks are always re-evaluated", 501
        )
    call.done()
    await _put(call, changed, data)
    return await workflow(call)


async def remove_workflow(call: Call) -> None:
    """Takes a workflow away that no waiting task follows."""
    found = await _one(call, 3, "Sid", Workflow)
    await _remove(call, "workflow", found.id, found.id)

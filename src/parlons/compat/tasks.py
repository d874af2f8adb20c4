"""Tasks: made, listed, changed, ended. Open ones are in the router's memory, those that ended lately in the projections."""

from collections.abc import Callable
from typing import Any

from parlons.compat import shapes_work as shapes
from parlons.compat.call import Call, check_sid
from parlons.compat.configured import tester
from parlons.compat.errors import ApiError
from parlons.compat.etags import check_match, tagged
from parlons.compat.pages import Page, page_of
from parlons.dispatch import listing
from parlons.dispatch.listing import EndedTask
from parlons.dispatch.stepper import Stepper
from parlons.expr.scopes import Scope
from parlons.kit.ids import TASK, new_id
from parlons.routing import commands as c
from parlons.routing.configuration import Target
from parlons.routing.state import Task, WorkspaceState

Json = dict[str, Any]
MAX_PRIORITY, MAX_TTL = 2**31 - 1, 1_209_600
KINDS = {"WK": "worker", "WQ": "queue", "WW": "workflow"}
ENDS = ("completed", "canceled", "wrapping")
STATUSES = ("pending", "reserved", "assigned", "canceled", "completed", "wrapping")


async def ended(call: Call, task_id: str | None = None) -> list[EndedTask]:
    """What ended within the last minutes and was not deleted."""
    async with call.db.transaction(call.account) as tx:
        found = await listing.ended_tasks(tx, call.workspace_id, call.clock() - shapes.SHOWN_MS, task_id)
    return [each for each in found if each.reason != shapes.DELETED]


async def shown(call: Call, task_id: str) -> tuple[Json, str]:
    """A task as it is shown, and its mark; raises 404, also when it ended too long ago."""

    def read(stepper: Stepper) -> tuple[Json, str] | None:
        found = stepper.state.tasks.get(task_id)
        if found is None:
            return None
        return shapes.open_task(call, stepper.state, found, call.clock()), stepper.views.mark(task_id) or ""

    answer: tuple[Json, str] | None = await call.look(read)
    if answer is not None:
        return answer
    over = await ended(call, task_id)
    if not over:
        raise call.missing()
    gone: Json = await call.look(lambda stepper: shapes.ended_task(call, stepper.state, over[0]))
    return gone, str(over[0].version)


async def task(call: Call) -> Json:
    """One task."""
    call.done()
    return tagged(call, *await shown(call, call.ids["Sid"]))


async def create_task(call: Call) -> Json:
    """A new task; its answer comes after the commit."""
    attributes, priority = call.attributes(), call.number("Priority", 0, MAX_PRIORITY)
    ttl, start = call.number("Timeout", 1, MAX_TTL), call.date("VirtualStartTime")
    channel, workflow = call.text("TaskChannel"), call.sid("WorkflowSid", "WW")
    target, ignore = call.sid("RoutingTarget", *KINDS), call.truth("IgnoreCapacity")
    queue = call.sid("TaskQueueSid", "WQ")
    call.done()
    if channel and channel[:2] == "TC" and len(channel) == 34:
        channel = await _channel_name(call, channel)
    to = target or queue
    task_id = new_id(TASK, call.clock())
    command = c.CreateTask(
        task_id,
        attributes or {},
        workflow,
        Target(KINDS[to[:2]], to) if to is not None else None,  # type: ignore[arg-type]
        channel or "default",
        priority or 0,
        ttl or shapes.USUAL_TTL,
        start,
        ignore,
    )
    await call.send(command)
    return tagged(call, *await shown(call, task_id))


async def _channel_name(call: Call, sid: str) -> str:
    check_sid("TaskChannel", sid, "TC")
    names: dict[str, str] = await call.look(
        lambda stepper: {each.config.id: each.name for each in stepper.state.channels.values()}
    )
    if sid not in names:
        raise ApiError(f"There is no TaskChannel {sid} in this Workspace")
    return names[sid]


async def change_task(call: Call) -> Json:
    """Changes attributes or priority of an open task, and ends it."""
    task_id = call.ids["Sid"]
    before, mark = await shown(call, task_id)
    check_match(call, task_id, mark)
    attributes, priority = call.attributes(), call.number("Priority", 0, MAX_PRIORITY)
    status, reason = call.one_of("AssignmentStatus", ENDS), call.text("Reason") or ""
    call.done()
    if status is not None:
        _check_end(before["assignment_status"], status)
    if attributes is not None or priority is not None:
        given = {} if attributes is None else {"attributes": attributes}
        await call.send(c.UpdateTask(task_id, priority=priority, **given))
    ends: dict[str | None, Callable[[], c.Command]] = {
        "completed": lambda: c.CompleteTask(task_id, reason),
        "canceled": lambda: c.CancelTask(task_id, reason),
        "wrapping": lambda: c.WrapTask(task_id),
    }
    if status is not None:
        await call.send(ends[status]())
    return tagged(call, *await shown(call, task_id))


def _check_end(before: str, status: str) -> None:
    """Nothing is changed when the end that is wanted with it cannot be."""
    fits = {"completed": ("assigned", "wrapping"), "canceled": ("pending", "reserved"), "wrapping": ("assigned",)}
    if before not in fits[status]:
        raise ApiError(f"Cannot update a task from {before} to {status}")


async def remove_task(call: Call) -> None:
    """The task is gone: it ends, and is not shown any more."""
    task_id = call.ids["Sid"]
    before, mark = await shown(call, task_id)
    check_match(call, task_id, mark)
    call.done()
    if before["assignment_status"] in ("pending", "reserved"):
        await call.send(c.CancelTask(task_id, shapes.DELETED))
    elif before["assignment_status"] in ("assigned", "wrapping"):
        await call.send(c.CompleteTask(task_id, shapes.DELETED))
    else:
        raise ApiError("A task that has ended removes itself")


_SORTS: dict[str, Callable[[Json], list[Any]]] = {
    "DateCreated": lambda one: [one["sid"]],
    "Priority": lambda one: [one["priority"], one["sid"]],
    "VirtualStartTime": lambda one: [one["virtual_start_time"], one["sid"]],
}


def _ordering(call: Call) -> tuple[Callable[[Json], list[Any]], bool]:
    attribute, _, direction = (call.text("Ordering") or "DateCreated:asc").partition(",")[0].partition(":")
    if attribute not in _SORTS or direction not in ("asc", "desc", ""):
        raise ApiError(f"Ordering is one of {', '.join(_SORTS)}, with :asc or :desc")
    return _SORTS[attribute], direction == "desc"


async def tasks(call: Call) -> Json:
    """The tasks, by filters of that API."""
    page, chosen = Page(call), _filters(call)
    key, backwards = _ordering(call)
    call.done()
    over = await ended(call)

    def read(state: WorkspaceState) -> Json:
        now = call.clock()
        found = [shapes.open_task(call, state, one, now) for one in state.tasks.values() if chosen(state, one)]
        found += [
            shapes.ended_task(call, state, one) for one in over if one.id not in state.tasks and chosen(state, one)
        ]
        found.sort(key=key, reverse=backwards)
        return page_of(call, page, "tasks", found, key, lambda one: one)

    answer: Json = await call.look(lambda stepper: read(stepper.state))
    return answer


def _filters(call: Call) -> Callable[[WorkspaceState, Task | EndedTask], bool]:
    priority, addons = call.number("Priority", 0, MAX_PRIORITY), call.truth("HasAddons")
    wanted = {each for text in call.every("AssignmentStatus") for each in text.split(",")}
    if not wanted <= set(STATUSES):
        raise ApiError(f"AssignmentStatus is one of {', '.join(STATUSES)}")
    workflow, workflow_name = call.sid("WorkflowSid", "WW"), call.text("WorkflowName")
    queue, queue_name = call.sid("TaskQueueSid", "WQ"), call.text("TaskQueueName")
    target = call.sid("RoutingTarget", *KINDS)
    test = tester("EvaluateTaskAttributes", call.text("EvaluateTaskAttributes"), Scope.FILTER)

    def chosen(state: WorkspaceState, one: Task | EndedTask) -> bool:
        routed = one.extra.target.id if isinstance(one, Task) and one.extra is not None and one.extra.target else None
        return (
            addons is not True
            and priority in (None, one.priority)
            and (not wanted or one.status in wanted)
            and workflow in (None, one.workflow_id)
            and queue in (None, one.queue_id)
            and target in (None, routed)
            and (workflow_name is None or workflow_name == _name(state.workflows.get(one.workflow_id or "")))
            and (queue_name is None or queue_name == _name(state.queues.get(one.queue_id or "")))
            and (test is None or test(one.values() if isinstance(one, Task) else one.attributes or {}, None, None))
        )

    return chosen


def _name(found: Any) -> str | None:
    return None if found is None else str(found.config.name)

"""Commands about tasks: create, update, cancel, wrap, complete, requeue, erase. Each checks first, then changes."""

from typing import Any

import msgspec
from msgspec import UNSET

from parlons.routing.advance import enter
from parlons.routing.clocks import LifeClock
from parlons.routing.commands import CancelTask, CompleteTask, CreateTask, EraseTask, RequeueTask, UpdateTask, WrapTask
from parlons.routing.ending import call_back, cancel, cancel_reservation, complete
from parlons.routing.holding import about, touch
from parlons.routing.matching import put_in_pool, take_from_pool
from parlons.routing.refusals import (
    DuplicateId,
    InvalidCommand,
    UnknownChannel,
    UnknownQueue,
    UnknownTask,
    UnknownWorker,
    UnknownWorkflow,
    WrongStatus,
)
from parlons.routing.settling import grow_stale, reenter, settle
from parlons.routing.state import Reservation, Task, WorkspaceState
from parlons.routing.transitions import REASON_ERASED, REASON_TRANSFER_ENDED, ReservationWrapup, TaskUpdated, TaskWrapup
from parlons.routing.workflow import MAX_PRIORITY

MAX_TTL = 1_209_600
MAX_ATTRIBUTES = 65_536
_encode = msgspec.json.Encoder().encode


def create_task(state: WorkspaceState, command: CreateTask) -> None:
    """A new task starts on its route."""
    now = state.now
    target, workflow_id = command.target, command.workflow_id
    check_new(state, command.task_id, command.channel, command.priority, command.ttl_seconds)
    encoded = encode(command.attributes)
    if target is not None and target.kind == "workflow":
        workflow_id, target = target.id, None
    if target is not None:
        check_target(state, target.kind, target.id)
    elif workflow_id is None and len(state.workflows) == 1:
        workflow_id = next(iter(state.workflows))
    if target is None and workflow_id not in state.workflows:
        raise UnknownWorkflow(workflow_id=workflow_id or "")
    virtual_start = now if command.virtual_start is None else command.virtual_start
    task = Task(
        command.task_id, state.channels[command.channel].name, command.priority, virtual_start, now, command.ttl_seconds
    )
    task.attributes = encoded
    task.firm_id, task.conversation_id = command.firm_id, command.conversation_id
    if target is None:
        task.workflow_id = state.workflows[workflow_id].config.id if workflow_id is not None else None
    else:
        extra = task.more()
        extra.target = target
        extra.ignore = target.kind == "worker" if command.ignore_capacity is None else command.ignore_capacity
    add(state, task)
    enter(state, task, created=True, values=command.attributes)
    if state.freed or state.returned:
        settle(state)


def check_new(state: WorkspaceState, task_id: str, channel: str, priority: int, ttl: int) -> None:
    """Refuse what no new task may have."""
    if task_id in state.tasks:
        raise DuplicateId(task_id=task_id)
    if channel not in state.channels:
        raise UnknownChannel(channel=channel)
    if not 0 <= priority <= MAX_PRIORITY:
        raise InvalidCommand(f"priority must be from 0 to {MAX_PRIORITY}")
    if not 1 <= ttl <= MAX_TTL:
        raise InvalidCommand(f"ttl_seconds must be from 1 to {MAX_TTL}")


def check_target(state: WorkspaceState, kind: str, target_id: str) -> None:
    """Refuse a target that does not exist."""
    if kind == "worker" and target_id not in state.workers:
        raise UnknownWorker(worker_id=target_id)
    if kind == "queue" and target_id not in state.queues:
        raise UnknownQueue(queue_id=target_id)
    if kind == "workflow" and target_id not in state.workflows:
        raise UnknownWorkflow(workflow_id=target_id)


def add(state: WorkspaceState, task: Task) -> None:
    """Take a new task into memory and start its time to live."""
    state.tasks[task.id] = task
    state.timers.start(task.ttl * 1000, task)


def encode(attributes: dict[str, Any] | None) -> bytes | None:
    """Attributes as they are kept; refuses what is not JSON or too long."""
    if attributes is None:
        return None
    try:
        encoded = _encode(attributes)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise InvalidCommand("attributes are not JSON") from error
    if len(encoded) > MAX_ATTRIBUTES:
        raise InvalidCommand(f"attributes are longer than {MAX_ATTRIBUTES} bytes")
    return bytes(memoryview(encoded))  # a copy of exact size: the encoder's own buffer is larger


def find(state: WorkspaceState, task_id: str) -> Task:
    """The open task; raises UnknownTask."""
    task = state.tasks.get(task_id)
    if task is None:
        raise UnknownTask(task_id=task_id)
    return task


def holder(task: Task) -> Reservation | None:
    """The reservation that keeps an assigned or wrapping task, also while it is offered to others."""
    if task.extra is not None and task.extra.transfer is not None and task.extra.transfer.origin is not None:
        return task.extra.transfer.origin
    return task.held[0] if task.held and task.held[0].status in ("accepted", "wrapping") else None


def update_task(state: WorkspaceState, command: UpdateTask) -> None:
    """New attributes lead a task that waits through its workflow again; a new priority gives it another place."""
    task = find(state, command.task_id)
    if command.priority is not None and not 0 <= command.priority <= MAX_PRIORITY:
        raise InvalidCommand(f"priority must be from 0 to {MAX_PRIORITY}")
    again = command.attributes is not UNSET
    if not isinstance(command.attributes, type(UNSET)):
        task.attributes = encode(command.attributes)
    if command.priority is not None:
        _set_priority(state, task, command.priority)
    state.out.append(TaskUpdated(state.now, *about(task), task.status, task.priority))
    if again:
        changed(state, task)
        settle(state)


def _set_priority(state: WorkspaceState, task: Task, priority: int) -> None:
    waits = task.entry is not None
    take_from_pool(state, task)
    task.priority = priority
    if task.extra is not None:
        task.extra.base_priority = None
    if waits:
        put_in_pool(state, task)


def changed(state: WorkspaceState, task: Task) -> None:
    """What the task's workflow reads has changed: again from the top, now or when its offers have ended."""
    if not task.looking or (task.extra is not None and task.extra.target is not None):
        return
    if task.held:
        grow_stale(state, task)
    else:
        reenter(state, task)


def cancel_task(state: WorkspaceState, command: CancelTask) -> None:
    """Only what nobody has taken can be canceled."""
    task = find(state, command.task_id)
    if task.status not in ("pending", "reserved"):
        raise WrongStatus(f"a task that is {task.status} cannot be canceled", status=task.status)
    cancel(state, task, command.reason)
    settle(state)


def wrap_task(state: WorkspaceState, command: WrapTask) -> None:
    """assigned to wrapping."""
    task = find(state, command.task_id)
    held = holder(task)
    if task.status != "assigned" or held is None:
        raise WrongStatus(f"a task that is {task.status} cannot go to wrap-up", status=task.status)
    wrap(state, held)


def wrap(state: WorkspaceState, held: Reservation) -> None:
    """The contact of an accepted reservation is over."""
    task = held.task
    if task.extra is not None and task.extra.transfer is not None:
        call_back(state, task, REASON_TRANSFER_ENDED)
    held.status = task.status = "wrapping"
    held.worker.channels[task.channel].assigned -= 1
    state.out.append(TaskWrapup(state.now, *about(task)))
    state.out.append(ReservationWrapup(state.now, *about(task), held.id, held.worker.id))
    touch(state, held.worker)
    settle(state)


def complete_task(state: WorkspaceState, command: CompleteTask) -> None:
    """assigned or wrapping to completed."""
    task = find(state, command.task_id)
    held = holder(task)
    if task.status not in ("assigned", "wrapping") or held is None:
        raise WrongStatus(f"a task that is {task.status} cannot be completed", status=task.status)
    complete(state, task, held, command.reason)
    settle(state)


def requeue_task(state: WorkspaceState, command: RequeueTask) -> None:
    """The worker is gone: the task waits again, its place kept, with a new time to live."""
    task = find(state, command.task_id)
    held = holder(task)
    if task.status != "assigned" or held is None:
        raise WrongStatus(f"a task that is {task.status} cannot be put back", status=task.status)
    if task.extra is not None and task.extra.transfer is not None:
        call_back(state, task, REASON_TRANSFER_ENDED)
    cancel_reservation(state, held, command.reason)
    task.status = "pending"
    task.entered_at = state.now
    live_on(state, task)
    state.out.append(TaskUpdated(state.now, *about(task), task.status, task.priority, command.reason))
    reenter(state, task)
    settle(state)


def live_on(state: WorkspaceState, task: Task) -> None:
    """Start the task's time to live again."""
    until = state.now + task.ttl * 1000
    task.more().ttl_until = until
    state.timers.start(task.ttl * 1000, LifeClock(task, until))


def erase_task(state: WorkspaceState, command: EraseTask) -> None:
    """An open task ends with reason `erased`, whatever its status; one that has ended is not here any more."""
    task = state.tasks.get(command.task_id)
    if task is not None:
        cancel(state, task, REASON_ERASED)
        settle(state)

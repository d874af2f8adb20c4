"""How a task ends, or finds nobody. It frees the workers and says so, in the documented order; settling.py then gives
them work."""

from parlons.routing.holding import about, end, leave_pool
from parlons.routing.state import Reservation, Task, WorkspaceState
from parlons.routing.transitions import (
    REASON_TASK_CANCELED,
    REASON_TRANSFER_ENDED,
    ReservationCanceled,
    ReservationCompleted,
    TaskCanceled,
    TaskCompleted,
    TaskTransferCanceled,
    TaskTransferFailed,
    TaskUpdated,
)


def unserved(state: WorkspaceState, task: Task, reason: str) -> None:
    """Nobody took the task: a transfer gives it back, any other task is canceled."""
    if task.extra is not None and task.extra.transfer is not None:
        transfer_failed(state, task, reason)
    else:
        cancel(state, task, reason)


def cancel(state: WorkspaceState, task: Task, reason: str) -> None:
    """End a task unserved; its offers are canceled."""
    held = task.held
    transfer = task.extra.transfer if task.extra is not None else None
    if transfer is not None and transfer.origin is not None:
        held = (transfer.origin, *held)
    state.out.append(
        TaskCanceled(state.now, *about(task), reason, state.now - task.created_at, state.now - task.entered_at)
    )
    for each in held:
        cancel_reservation(state, each, REASON_TASK_CANCELED if reason != "erased" else reason)
    _forget(state, task, "canceled")


def complete(state: WorkspaceState, task: Task, by: Reservation, reason: str) -> None:
    """The work is done: documented order task.completed, reservation.completed, task.updated."""
    transfer = task.extra.transfer if task.extra is not None else None
    if transfer is not None:
        call_back(state, task, REASON_TRANSFER_ENDED)
    handled = state.now - by.accepted_at
    facts = about(task)
    state.out.append(TaskCompleted(state.now, *facts, reason, by.worker.id, handled))
    end(state, by, "completed")
    state.out.append(ReservationCompleted(state.now, *facts, by.id, by.worker.id, handled))
    state.out.append(TaskUpdated(state.now, *facts, "completed", task.priority, reason))
    _forget(state, task, "completed")


def cancel_reservation(state: WorkspaceState, held: Reservation, reason: str) -> None:
    """The task goes away from under a reservation."""
    end(state, held, "canceled")
    state.out.append(ReservationCanceled(state.now, *about(held.task), held.id, held.worker.id, reason))


def call_back(state: WorkspaceState, task: Task, reason: str) -> None:
    """End a transfer before anyone accepted: the task stays with its worker."""
    origin = _take_back(state, task, reason)
    state.out.append(TaskTransferCanceled(state.now, *about(task), origin.worker.id if origin else None, None, reason))


def transfer_failed(state: WorkspaceState, task: Task, reason: str) -> None:
    """Nobody took a transferred task: it is with its worker again; one that waited goes back to its own workflow."""
    origin = _take_back(state, task, reason)
    state.out.append(TaskTransferFailed(state.now, *about(task), origin.worker.id if origin else None, None, reason))


def _take_back(state: WorkspaceState, task: Task, reason: str) -> Reservation | None:
    extra = task.more()
    transfer = extra.transfer
    assert transfer is not None
    for each in task.held:
        cancel_reservation(state, each, reason)
    leave_pool(state, task)
    task.step, task.step_until = None, None
    task.workflow_id, task.queue_id, task.priority = transfer.workflow_id, transfer.queue_id, transfer.priority
    extra.target, extra.ignore, extra.transfer = transfer.before, transfer.ignore, None
    origin = transfer.origin
    if origin is not None:
        task.held = (origin,)
    else:
        task.status, extra.stale = "pending", True
        state.returned.append(task)
    return origin


def _forget(state: WorkspaceState, task: Task, status: str) -> None:
    """A finished task leaves memory at once."""
    leave_pool(state, task)
    if task.status in ("pending", "reserved"):
        state.timers.stopped(task.ttl * 1000)
    task.status = status
    task.attributes = task.step = task.step_until = None
    del state.tasks[task.id]

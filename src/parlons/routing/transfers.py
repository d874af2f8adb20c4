"""Transfers and companions. A transfer keeps the task's id; its worker keeps the task until another accepts, and has
it again if none does. A companion charges the capacity of a second channel where the work already is."""

from parlons.kit.ids import RESERVATION, derived_id
from parlons.routing.advance import announce, enter
from parlons.routing.commands import CancelTransfer, CreateCompanion, TransferTask
from parlons.routing.configuration import Target
from parlons.routing.ending import call_back, cancel_reservation
from parlons.routing.holding import about, accepted, free, hold, leave_pool, stands_in_line
from parlons.routing.refusals import InvalidCommand, WorkerNotAvailable, WrongStatus
from parlons.routing.settling import settle
from parlons.routing.state import Reservation, Task, Transfer, Worker, WorkspaceState
from parlons.routing.tasks import add, check_new, check_target, encode, find, holder, live_on
from parlons.routing.transitions import (
    REASON_TRANSFER_ENDED,
    Decision,
    ReservationAccepted,
    ReservationCreated,
    TaskTransferInitiated,
)
from parlons.routing.workflow import MAX_PRIORITY


def transfer_task(state: WorkspaceState, command: TransferTask) -> None:
    """Offer the task to others; refused when the named worker could not take it."""
    task = find(state, command.task_id)
    origin = _origin(task, command.reservation_id)
    target = command.target
    check_target(state, target.kind, target.id)
    if command.priority is not None and not 0 <= command.priority <= MAX_PRIORITY:
        raise InvalidCommand(f"priority must be from 0 to {MAX_PRIORITY}")
    if target.kind == "worker":
        _check_worker(state, target.id, origin)
    extra = task.more()
    transfer = Transfer(target, origin, command.note_id, task)
    if origin is None:
        for each in task.held:
            cancel_reservation(state, each, REASON_TRANSFER_ENDED)
        leave_pool(state, task)
        task.status = "pending"
    worker_id = origin.worker.id if origin is not None else None
    state.out.append(
        TaskTransferInitiated(
            state.now, *about(task), target, origin.id if origin else None, worker_id, command.note_id
        )
    )
    extra.transfer, extra.stale, task.held = transfer, False, ()
    extra.target, extra.ignore = (None, False) if target.kind == "workflow" else (target, target.kind == "worker")
    if target.kind == "workflow":
        task.workflow_id = target.id
    if target.kind == "worker" and extra.quiet is not None:
        extra.quiet.pop(target.id, None)
    if command.priority is not None:
        task.priority = command.priority
    task.entered_at = state.now
    live_on(state, task)
    enter(state, task)
    settle(state)


def _origin(task: Task, reservation_id: str | None) -> Reservation | None:
    """The reservation the transfer starts from; None for a task that waits."""
    transfer = task.extra.transfer if task.extra is not None else None
    if transfer is not None:
        raise WrongStatus("the task is being transferred already", status=task.status)
    held = holder(task)
    if task.status == "assigned" and held is not None and reservation_id in (None, held.id):
        return held
    if reservation_id is None and task.status in ("pending", "reserved"):
        return None
    raise WrongStatus(f"a task that is {task.status} cannot be transferred from here", status=task.status)


def _check_worker(state: WorkspaceState, worker_id: str, origin: Reservation | None) -> None:
    worker = state.workers[worker_id]
    if origin is not None and origin.worker is worker:
        raise InvalidCommand("the task is with this worker already")
    if not stands_in_line(state, worker):
        raise WorkerNotAvailable(worker_id=worker_id)


def cancel_transfer(state: WorkspaceState, command: CancelTransfer) -> None:
    """Call a transfer back before anyone accepted."""
    task = find(state, command.task_id)
    if task.extra is None or task.extra.transfer is None:
        raise WrongStatus("the task is not being transferred", status=task.status)
    call_back(state, task, REASON_TRANSFER_ENDED)
    settle(state)


def create_companion(state: WorkspaceState, command: CreateCompanion) -> None:
    """Born accepted where the worker has room on the channel; else it waits for him."""
    lead = find(state, command.of_task_id)
    held = holder(lead)
    if lead.status != "assigned" or held is None:
        raise WrongStatus(f"a task that is {lead.status} has no companion", status=lead.status)
    check_new(state, command.task_id, command.channel, command.priority, command.ttl_seconds)
    encoded = encode(command.attributes)
    worker, now = held.worker, state.now
    channel = state.channels[command.channel]
    task = Task(command.task_id, channel.name, command.priority, now, now, command.ttl_seconds)
    task.attributes = encoded
    task.firm_id, task.conversation_id = (
        command.firm_id or lead.firm_id,
        command.conversation_id or lead.conversation_id,
    )
    extra = task.more()
    extra.target, extra.companion_of = Target("worker", worker.id), lead.id
    add(state, task)
    own = worker.channels[channel.name]
    if own.available and own.load < own.capacity:
        announce(state, task, about(task))
        _born_accepted(state, task, worker)
    else:
        enter(state, task, created=True)
    settle(state)


def _born_accepted(state: WorkspaceState, task: Task, worker: Worker) -> None:
    now = state.now
    state.sequence += 1
    identity = derived_id(RESERVATION, now, state.workspace_id, state.sequence)
    made = Reservation(identity, task, worker, now, 0)
    task.held, task.moves, task.status = (made,), 1, "assigned"
    hold(state, made)
    decision = Decision(
        "companion", 0, "companion", 1, 1, state.sequence, (task.priority, task.virtual_start), (worker.idle_since,)
    )
    state.out.append(ReservationCreated(now, *about(task), identity, worker.id, now, decision))
    accepted(state, made)
    state.out.append(ReservationAccepted(now, *about(task), identity, worker.id, 0, 0, 0))
    free(state, worker)

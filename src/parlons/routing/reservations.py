"""Commands about reservations: accept, reject, wrap, complete. First acceptance wins; the others are rescinded."""

from parlons.routing import tasks
from parlons.routing.clocks import QuietClock
from parlons.routing.commands import AcceptReservation, CompleteReservation, RejectReservation, WrapReservation
from parlons.routing.ending import complete, transfer_failed
from parlons.routing.holding import about, accepted, change_activity, end, leave_pool
from parlons.routing.refusals import InvalidCommand, NotYours, UnknownActivity, UnknownReservation, WrongStatus
from parlons.routing.settling import settle
from parlons.routing.state import Reservation, Task, WorkspaceState
from parlons.routing.transitions import (
    REASON_TRANSFER_ENDED,
    ReservationAccepted,
    ReservationCompleted,
    ReservationRejected,
    ReservationRescinded,
    TaskTransferAttemptFailed,
    TaskTransferCompleted,
)

MAX_QUIET = 86_400


def find(state: WorkspaceState, reservation_id: str, worker_id: str | None = None) -> Reservation:
    """The open reservation; raises UnknownReservation, or NotYours."""
    found = state.reservations.get(reservation_id)
    if found is None:
        raise UnknownReservation(reservation_id=reservation_id)
    if worker_id is not None and found.worker.id != worker_id:
        raise NotYours(reservation_id=reservation_id)
    return found


def accept_reservation(state: WorkspaceState, command: AcceptReservation) -> None:
    """The worker takes the task."""
    held = find(state, command.reservation_id, command.worker_id)
    if held.status != "pending":
        raise WrongStatus(f"this offer is {held.status} already", status=held.status)
    take(state, held)
    if state.freed or state.returned:
        settle(state)


def take(state: WorkspaceState, held: Reservation) -> None:
    """Carry out an acceptance."""
    task, now = held.task, state.now
    accepted(state, held)
    waited, in_queue, ringing = now - task.created_at, now - task.entered_at, now - held.created_at
    state.out.append(ReservationAccepted(now, *about(task), held.id, held.worker.id, waited, in_queue, ringing))
    if len(task.held) > 1:
        _rescind(state, task, held)
    leave_pool(state, task)
    task.step = task.step_until = None
    task.status = "assigned"
    state.timers.stopped(task.ttl * 1000)
    extra = task.extra
    if extra is not None:
        extra.stale = False
        if extra.transfer is not None:
            _transferred(state, held)


def _rescind(state: WorkspaceState, task: Task, taken: Reservation) -> None:
    """The others were asked in vain."""
    for other in task.held:
        if other is not taken:
            end(state, other, "rescinded")
            state.out.append(ReservationRescinded(state.now, *about(task), other.id, other.worker.id))
    task.held = (taken,)


def _transferred(state: WorkspaceState, held: Reservation) -> None:
    task, extra = held.task, held.task.more()
    transfer, extra.transfer = extra.transfer, None
    origin = transfer.origin if transfer is not None else None
    facts = about(task)
    state.out.append(TaskTransferCompleted(state.now, *facts, origin.worker.id if origin else None, held.worker.id))
    if origin is not None:
        handled = state.now - origin.accepted_at
        end(state, origin, "completed")
        task.held = (held,)
        state.out.append(ReservationCompleted(state.now, *facts, origin.id, origin.worker.id, handled))


def reject_reservation(state: WorkspaceState, command: RejectReservation) -> None:
    """The worker refuses; he may be kept from this task for a while."""
    held = find(state, command.reservation_id, command.worker_id)
    if held.status != "pending":
        raise WrongStatus(f"this offer is {held.status} already", status=held.status)
    if command.activity_id is not None and command.activity_id not in state.activities:
        raise UnknownActivity(activity_id=command.activity_id)
    if not 0 <= command.quiet_seconds <= MAX_QUIET:
        raise InvalidCommand(f"quiet_seconds must be from 0 to {MAX_QUIET}")
    reject(state, held, command.quiet_seconds * 1000)
    if command.activity_id is not None:
        change_activity(state, held.worker, command.activity_id, "reject")
    settle(state)


def reject(state: WorkspaceState, held: Reservation, quiet: int) -> None:
    """Carry out a refusal; `quiet` in milliseconds."""
    until = state.now + quiet if quiet else 0
    end(state, held, "rejected")
    state.out.append(ReservationRejected(state.now, *about(held.task), held.id, held.worker.id, until))
    if quiet:
        extra = held.task.more()
        extra.quiet = {**(extra.quiet or {}), held.worker.id: until}
        state.timers.start(quiet, QuietClock(held.task, held.worker.id, until))
    give_back(state, held)


def give_back(state: WorkspaceState, held: Reservation) -> None:
    """The task of an offer that ended without acceptance looks again; a transfer to that one worker has failed."""
    task = held.task
    transfer = task.extra.transfer if task.extra is not None else None
    if transfer is not None:
        origin = transfer.origin
        state.out.append(
            TaskTransferAttemptFailed(
                state.now, *about(task), origin.worker.id if origin else None, held.worker.id, held.status
            )
        )
        if transfer.target.kind == "worker":
            transfer_failed(state, task, REASON_TRANSFER_ENDED)
            return
    state.returned.append(task)


def wrap_reservation(state: WorkspaceState, command: WrapReservation) -> None:
    """accepted to wrapping."""
    held = find(state, command.reservation_id)
    if held.status != "accepted":
        raise WrongStatus(f"a reservation that is {held.status} cannot go to wrap-up", status=held.status)
    tasks.wrap(state, held)


def complete_reservation(state: WorkspaceState, command: CompleteReservation) -> None:
    """accepted or wrapping to completed, and its task with it."""
    held = find(state, command.reservation_id)
    if held.status not in ("accepted", "wrapping"):
        raise WrongStatus(f"a reservation that is {held.status} cannot be completed", status=held.status)
    complete(state, held.task, held, command.reason)
    settle(state)

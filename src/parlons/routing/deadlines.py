"""What happens when a timer ends. Only `Tick` lets timers fire: several due ones in the order of their deadlines,
each settled before the next, all at the time of the tick."""

from parlons.routing.advance import timed_out
from parlons.routing.clocks import LifeClock, QuietClock, StepClock
from parlons.routing.commands import Tick
from parlons.routing.ending import cancel, transfer_failed
from parlons.routing.holding import about, change_activity, end, offer_task
from parlons.routing.reservations import give_back
from parlons.routing.settling import settle
from parlons.routing.state import Reservation, Task, WorkspaceState
from parlons.routing.transitions import REASON_TTL, ReservationTimeout


def tick(state: WorkspaceState, command: Tick) -> None:
    """Fire all timers that are due."""
    while (timer := state.timers.take_due(state.now)) is not None:
        match timer:
            case Reservation():
                _unanswered(state, timer)
            case Task():
                _outlived(state, timer)
            case LifeClock():
                _outlived(state, timer.task)
            case StepClock():
                if not timer.task.held:
                    timed_out(state, timer.task)
            case QuietClock():
                _quiet_over(state, timer)
            case _:
                raise AssertionError(timer)
        settle(state)


def _outlived(state: WorkspaceState, task: Task) -> None:
    """The time to live is over: a task that a worker offers to others stays with him, any other ends."""
    transfer = task.extra.transfer if task.extra is not None else None
    if transfer is not None and transfer.origin is not None:
        transfer_failed(state, task, REASON_TTL)
    else:
        cancel(state, task, REASON_TTL)


def _unanswered(state: WorkspaceState, held: Reservation) -> None:
    """The offer timed out: the worker goes to the timeout activity, the task looks for another one."""
    end(state, held, "timeout")
    state.out.append(ReservationTimeout(state.now, *about(held.task), held.id, held.worker.id))
    if state.settings.timeout_activity_id is not None:
        change_activity(state, held.worker, state.settings.timeout_activity_id, "timeout")
    give_back(state, held)


def _quiet_over(state: WorkspaceState, clock: QuietClock) -> None:
    task = clock.task
    extra = task.more()
    assert extra.quiet is not None
    extra.quiet = {worker_id: until for worker_id, until in extra.quiet.items() if worker_id != clock.worker_id} or None
    if task.looking and task.pool is not None and len(task.held) < task.pool.room:
        offer_task(state, task)

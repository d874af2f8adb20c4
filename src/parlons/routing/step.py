"""The router's one entry: a command in, transitions out. What each command does stands in the module of its subject."""

from collections.abc import Callable, Sequence
from typing import Any

from parlons.routing import commands as c
from parlons.routing import configure, deadlines, reservations, tasks, transfers, workers
from parlons.routing.pools import resolve
from parlons.routing.recorded import Recorded
from parlons.routing.refusals import InvalidCommand
from parlons.routing.state import WorkspaceState
from parlons.routing.transitions import Transition

HANDLERS: dict[type[c.Command], Callable[[WorkspaceState, Any], None]] = {
    c.Configure: configure.configure,
    c.PutWorker: workers.put_worker,
    c.RemoveWorker: workers.remove_worker,
    c.SetActivity: workers.set_activity,
    c.SetWorkerAttributes: workers.set_worker_attributes,
    c.SetChannel: workers.set_channel,
    c.SetReachable: workers.set_reachable,
    c.CreateTask: tasks.create_task,
    c.UpdateTask: tasks.update_task,
    c.CancelTask: tasks.cancel_task,
    c.WrapTask: tasks.wrap_task,
    c.CompleteTask: tasks.complete_task,
    c.TransferTask: transfers.transfer_task,
    c.CancelTransfer: transfers.cancel_transfer,
    c.CreateCompanion: transfers.create_companion,
    c.RequeueTask: tasks.requeue_task,
    c.AcceptReservation: reservations.accept_reservation,
    c.RejectReservation: reservations.reject_reservation,
    c.WrapReservation: reservations.wrap_reservation,
    c.CompleteReservation: reservations.complete_reservation,
    c.Tick: deadlines.tick,
    c.EraseTask: tasks.erase_task,
}


def step(
    state: WorkspaceState, command: c.Command, now: int, recorded: Sequence[Transition] | None = None
) -> list[Transition]:
    """Carry out `command` at `now` (ms); mutates `state`, returns what happened, raises a Refusal before any change.

    `recorded`: replay; what this command led to then. Outcomes that depend on a task's attributes come from there."""
    handler = HANDLERS.get(type(command))
    if handler is None:
        raise InvalidCommand(f"no command is called {type(command).__name__}")
    out: list[Transition] = []
    state.out = out
    if now > state.now:
        state.now = now
    if recorded is None:
        if state.unresolved:
            resolve(state)
        handler(state, command)
        return out
    state.recorded = Recorded(recorded)
    try:
        handler(state, command)
    finally:
        state.recorded = None
    return out

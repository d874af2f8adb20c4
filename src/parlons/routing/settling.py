"""The order in which everybody gets a turn after something changed: first the tasks that lost an offer, then the
workers that came free."""

from parlons.routing.advance import enter, skip_if_due, timed_out
from parlons.routing.ending import unserved
from parlons.routing.holding import about, leave_pool, offer, offer_task
from parlons.routing.matching import barred_workers
from parlons.routing.state import Task, WorkspaceState
from parlons.routing.transitions import REASON_MOVES, TaskUpdated


def settle(state: WorkspaceState) -> None:
    """Give every returned task, then every freed worker, his turn, until nobody is left."""
    while True:
        if state.returned:
            resume(state, state.returned.popleft())
        elif state.freed:
            offer(state, state.freed.popleft())
        else:
            return


def resume(state: WorkspaceState, task: Task) -> None:
    """A task that lost an offer: pending again, if that was the last; then it looks for another worker, its place kept."""
    if task.id not in state.tasks or not task.looking:
        return
    extra = task.extra
    stale = extra is not None and extra.stale
    if not task.held:
        if task.moves >= state.settings.max_moves:
            leave_pool(state, task)
            unserved(state, task, REASON_MOVES)
            return
        if task.status == "reserved":
            task.status = "pending"
            state.out.append(TaskUpdated(state.now, *about(task), "pending", task.priority))
        if stale:
            reenter(state, task)
            return
        if task.step_until is not None and task.step_until <= state.now:
            timed_out(state, task)
            return
    if not stale:
        offer_task(state, task)


def grow_stale(state: WorkspaceState, task: Task) -> None:
    """What a reserved task's workflow reads has changed: no more offers by the old step; through it again when the
    last one ends."""
    leave_pool(state, task)
    task.step, task.step_until = None, None
    task.more().stale = True


def reenter(state: WorkspaceState, task: Task, *, wait: bool = False) -> None:
    """Through the workflow again from the top, with the task's own priority and place."""
    leave_pool(state, task)
    extra = task.extra
    if extra is not None:
        extra.stale = False
        if extra.base_priority is not None:
            task.priority, extra.base_priority = extra.base_priority, None
    task.step, task.step_until = None, None
    enter(state, task, wait=wait)


def settle_everything(state: WorkspaceState, entered: list[Task]) -> None:
    """After a change of configuration: all that waits takes its turn in the order of places, kinds of queue as the
    workspace says; then skip_if for those of `entered` that found nobody."""
    lifo_first = state.settings.prioritize_queue_order == "LIFO"
    places = [
        (pool.lifo != lifo_first, entry)
        for pool in state.pools
        if pool is not None and pool.bit & state.waiting and pool.members & state.able
        for entry in pool.places
    ]
    for _, entry in sorted(places):
        task = entry[2]
        if (
            task.entry is entry
            and task.pool is not None
            and task.pool.members & state.able & ~barred_workers(state, task)
        ):
            offer_task(state, task)
    for task in entered:
        if task.id in state.tasks and task.looking and not task.held and task.entry is not None:
            skip_if_due(state, task)
    settle(state)

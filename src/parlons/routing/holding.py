"""Making and ending reservations, and keeping capacity, lines and pools in step with them. Which one is matching.py's
decision.

A worker whose reservation ends leaves all lines until his turn comes (`state.freed`): first the tasks that lost him
are offered to those who already stand in line, then he looks at everything that waits."""

from typing import Any

from parlons.kit.ids import RESERVATION, derived_id
from parlons.routing.matching import Choice, choose_task, choose_worker, has_room, line_up, put_in_pool, take_from_pool
from parlons.routing.pools import Pool, drop, link, reevaluate
from parlons.routing.state import Reservation, Task, Worker, WorkerChannel, WorkspaceState
from parlons.routing.transitions import Decision, ReservationCreated, WorkerActivityUpdated

About = tuple[str, str | None, str | None, str, str | None, str | None]


def about(task: Task) -> About:
    """What every transition of a task carries after its time."""
    return (task.id, task.queue_id, task.workflow_id, task.channel, task.firm_id, task.conversation_id)


def offer_task(state: WorkspaceState, task: Task) -> bool:
    """Offer a task to as many workers as it may have at once; what room is left waits in the pool. True when someone
    was found."""
    pool = task.pool
    assert pool is not None
    found = False
    while len(task.held) < pool.room:
        choice = choose_worker(state, task)
        if choice is None:
            if not pool.linked:
                link(state, pool)
            put_in_pool(state, task)
            return found
        reserve(state, task, choice.worker, choice)
        line_up(state, choice.worker)
        found = True
    if task.entry is not None:
        take_from_pool(state, task)
    return found


def offer(state: WorkspaceState, worker: Worker) -> None:
    """Put a worker in line if he can take anything, after offering him the best of what waits until he is full."""
    if not stands_in_line(state, worker):
        state.able &= worker.others
        return
    state.able |= worker.bit
    while state.able & worker.bit and (task := choose_task(state, worker)) is not None:
        reserve(state, task, worker, None)
        if not has_room(worker):
            return
    line_up(state, worker)


def stands_in_line(state: WorkspaceState, worker: Worker) -> bool:
    """Whether offers may reach him at all: available activity, reachable, and nothing held where one does one task at a time."""
    return worker.available and worker.reachable and (state.settings.multi_task or not worker.held)


def reserve(state: WorkspaceState, task: Task, worker: Worker, choice: Choice | None) -> Reservation:
    """Offer `task` to `worker`. `choice` None: the worker came free and took the first task."""
    now = state.now
    state.sequence += 1
    workflow, pool = state.workflows.get(task.workflow_id or ""), task.pool
    timeout = (workflow.config if workflow is not None else state.settings).reservation_timeout_seconds * 1000
    identity = derived_id(RESERVATION, now, state.workspace_id, state.sequence)
    made = Reservation(identity, task, worker, now, timeout)
    decided = _decision(state, task, worker, choice)
    if not task.held:
        task.moves += 1
        if task.status == "pending":
            task.status = "reserved"
        task.held = (made,)
    else:
        task.held = (*task.held, made)
    hold(state, made)
    state.timers.start(timeout, made)
    state.out.append(ReservationCreated(now, *about(task), identity, worker.id, made.deadline, decided))
    if task.entry is not None and pool is not None and len(task.held) >= pool.room:
        take_from_pool(state, task)
    if not state.settings.multi_task:
        _single(state, made, accepted=False)
    return made


def hold(state: WorkspaceState, made: Reservation) -> None:
    """Charge the worker's capacity, and send him to the end of the line."""
    worker = made.worker
    state.reservations[made.id] = worker.held[made.id] = made
    own = worker.channels[made.task.channel]
    own.load += 1
    if own.load >= own.capacity:
        own.channel.free &= worker.others
    state.rank = worker.rank = state.rank + 1
    worker.idle_since = state.now
    if state.volatile:
        touch(state, worker)


def end(state: WorkspaceState, ended: Reservation, status: str) -> None:
    """A reservation is over: its worker has room again, and waits out of line for his turn."""
    worker, task = ended.worker, ended.task
    del state.reservations[ended.id]
    del worker.held[ended.id]
    own = worker.channels[task.channel]
    own.load -= 1
    set_free(own, worker)
    if ended.status == "pending":
        state.timers.stopped(ended.timeout)
    elif ended.status == "accepted":
        own.assigned -= 1
    ended.status = status
    task.held = () if len(task.held) < 2 else tuple(each for each in task.held if each is not ended)
    state.rank = worker.rank = state.rank + 1
    worker.idle_since = state.now
    free(state, worker)
    if state.volatile:
        touch(state, worker)


def set_free(own: WorkerChannel, worker: Worker) -> None:
    """Keep the channel's mask of workers with room."""
    if own.available and own.load < own.capacity:
        own.channel.free |= worker.bit
    else:
        own.channel.free &= worker.others


def free(state: WorkspaceState, worker: Worker) -> None:
    """Take the worker out of line until his turn to look at what waits."""
    state.able &= worker.others
    if worker not in state.freed:
        state.freed.append(worker)


def touch(state: WorkspaceState, worker: Worker) -> None:
    """What expressions may read of the worker's work has changed."""
    if state.volatile and reevaluate(state, worker) and worker not in state.freed:
        state.freed.append(worker)


def leave_pool(state: WorkspaceState, task: Task) -> None:
    """The task belongs to no pool any more; a pool that depended on its tasks ends with the last one."""
    pool = task.pool
    if pool is not None:
        if task.entry is not None:
            take_from_pool(state, task)
        task.pool = None
        pool.references -= 1
        if not pool.references and not pool.static:
            drop(state, pool)


def change_activity(state: WorkspaceState, worker: Worker, activity_id: str, cause: str) -> None:
    """Set what the worker is doing; becoming available sends him to the end of the line."""
    activity = state.activities[activity_id]
    if worker.activity_id == activity_id:
        return
    previous, since = worker.activity_id, worker.activity_since
    state.doing[previous] = state.doing.get(previous, 0) & ~worker.bit
    state.doing[activity_id] = state.doing.get(activity_id, 0) | worker.bit
    if activity.available and not worker.available:
        state.rank += 1
        worker.rank = state.rank
        worker.idle_since = state.now
    worker.activity_id, worker.available, worker.activity_since = activity_id, activity.available, state.now
    state.out.append(
        WorkerActivityUpdated(state.now, worker.id, activity_id, previous, state.now - since, activity.available, cause)
    )
    free(state, worker)
    touch(state, worker)


def accepted(state: WorkspaceState, made: Reservation) -> None:
    """The part of an acceptance that concerns the worker."""
    if made.status == "pending":
        state.timers.stopped(made.timeout)
    made.status = "accepted"
    made.accepted_at = state.now
    made.worker.channels[made.task.channel].assigned += 1
    if not state.settings.multi_task:
        _single(state, made, accepted=True)
    if state.volatile:
        touch(state, made.worker)


def _single(state: WorkspaceState, made: Reservation, *, accepted: bool) -> None:
    """Where one does one task at a time, an offer takes the worker out of line and the queue may set his activity."""
    state.able &= made.worker.others
    queue = state.queues.get(made.queue_id or "")
    if queue is not None:
        activity_id = queue.config.assignment_activity_id if accepted else queue.config.reservation_activity_id
        if activity_id is not None:
            change_activity(state, made.worker, activity_id, "assigned" if accepted else "reserved")


def _decision(state: WorkspaceState, task: Task, worker: Worker, choice: Choice | None) -> Decision:
    pool, step = task.pool, task.step
    assert pool is not None
    rule = (
        step.rule
        if step is not None
        else ("transfer" if task.extra is not None and task.extra.transfer is not None else "target")
    )
    index, waiting = step.index if step is not None else 0, len(pool.places) + (task.entry is None)
    key = (task.priority, task.virtual_start)
    if choice is None:
        return Decision(rule, index, "worker", 1, waiting, state.sequence, key, (worker.idle_since,))
    return Decision(
        rule,
        index,
        "task",
        choice.idle,
        waiting,
        state.sequence,
        key,
        _shown(pool, choice.key, worker),
        tuple([(place[2].id, _shown(pool, place[0], place[2])) for place in choice.runners_up]),
    )


def _shown(pool: Pool, key: Any, worker: Worker) -> tuple[int | None, ...]:
    """Order values as they were, None for a missing one; unoccupied-since last."""
    return (worker.idle_since,) if pool.order is None else (*pool.order.values(key), worker.idle_since)

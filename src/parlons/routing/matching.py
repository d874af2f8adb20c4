"""Who gets what: the function that chooses the next worker for a task, and the one that chooses the next task for a
worker.

Rules (source: the documented ordering of the field's best-known task-routing API):
- a worker may be offered a task when he belongs to its pool (queue expression, target expression, known worker), his
  activity is available, he is reachable, and the channel is open with room (pending + accepted + wrapping <
  capacity);
- a task takes the worker who comes first by order_by, then the one longest unoccupied: since he was last offered
  something, since that ended, or since he became available, whichever is latest;
- a free worker takes, of all that waits in his FIFO queues, the highest priority, then the earliest virtual start,
  then the id; in LIFO queues the newest, priority ignored; the workspace says which kind he drains first.

Decides only; holding.py carries it out. The cost of a choice does not grow with the number of workers or waiting
tasks."""

from heapq import heapify, heappop, heappush, nsmallest
from operator import itemgetter
from typing import Any

from parlons.routing.pools import Idle, Pool, bits
from parlons.routing.state import NOTHING, Entry, Look, Task, Worker, WorkerChannel, WorkspaceState

RUNNERS_UP = 2
HIGH = 250
"""Priorities are turned around by subtraction from here: the interpreter keeps the small numbers that result, and
compares them fast."""


class Choice:
    """A chosen worker, the next two, and how many there were."""

    __slots__ = ("idle", "key", "runners_up", "worker")

    def __init__(self, worker: Worker, key: Any, idle: int, runners_up: list[Idle]) -> None:
        self.worker = worker
        self.key = key
        self.idle = idle
        self.runners_up = runners_up


def choose_worker(state: WorkspaceState, task: Task) -> Choice | None:
    """The next worker for `task`, or None when nobody can take it now.

    Looks at those of the task's pool who stand in line (see the rules above), without those the task is barred from:
    who holds an offer of it already, who refused it a moment ago, who transfers it."""
    pool = task.pool
    assert pool is not None
    free = pool.members & state.able
    if not pool.ignore:
        free &= pool.channel.free
    if free and (task.held or task.extra is not None):
        free &= ~barred_workers(state, task)
    if not free:
        return None
    if not pool.linked:
        found = nsmallest(1 + RUNNERS_UP, [place_in_line(state, pool, worker) for worker in bits(state, free)])
    else:
        found = _first_of_line(state, pool, free)
    first = found[0]
    return Choice(first[2], first[0], free.bit_count(), found[1:])


def choose_task(state: WorkspaceState, worker: Worker) -> Task | None:
    """The next task for a free `worker`, or None when nothing waits that he may have."""
    if not state.waiting & state.lifo:
        return _best_task(state, worker, False)
    lifo_first = state.settings.prioritize_queue_order == "LIFO"
    return _best_task(state, worker, lifo_first) or _best_task(state, worker, not lifo_first)


def _best_task(state: WorkspaceState, worker: Worker, lifo: bool) -> Task | None:
    """The first task that waits for him in queues of one kind: the smallest head of his pools that he is not barred from."""
    waiting = state.waiting
    heads: tuple[Entry, ...] = ()
    for own in worker.lines:
        if own.mask & waiting and own.load < own.capacity and own.available:
            look = own.looks[lifo] or look_at(own, lifo)
            heads = heads + look(state.heads) if heads else look(state.heads)
    if worker.direct & waiting and not lifo:
        heads = (*heads, *(state.heads[pool.index] for pool in worker.direct_pools))
    while heads:
        best = min(heads)
        if best is NOTHING:
            return None
        task = best[2]
        if (not task.held and task.extra is None) or not is_barred(task, worker):
            return task
        assert task.pool is not None
        other = _first_unbarred(task.pool, worker)
        heads = tuple([other if each is best else each for each in heads])
    return None


def has_room(worker: Worker) -> bool:
    """Whether anything that waits could still be for him."""
    for own in worker.lines:
        if own.load < own.capacity and own.available:
            return True
    return bool(worker.direct_pools)


def look_at(own: WorkerChannel, lifo: bool) -> Look:
    """A getter of the heads of his pools of one kind: it runs in C, and is made anew when he joins or leaves a pool."""
    numbers = [pool.index for pool in own.pools if pool.lifo == lifo]
    look: Look = itemgetter(*numbers, 0) if numbers else itemgetter(0, 0)
    own.looks[lifo] = look
    return look


def place_in_line(state: WorkspaceState, pool: Pool, worker: Worker) -> Idle:
    """Where the worker stands in the pool's line: order_by (or nothing on the channel first, where it is so set),
    then his rank."""
    key: Any = 0
    if pool.order is not None:
        key = pool.order.key(worker.attributes, worker.facts(state))
    elif pool.channel.config.optimized:
        key = 1 if worker.channels[pool.channel.name].load else 0
    return (key, worker.rank, worker)


def place_of(task: Task, lifo: bool) -> Entry:
    """Where the task stands in its pool."""
    if lifo:
        return (0, -task.virtual_start, task)
    return (HIGH - task.priority, task.virtual_start, task)


def _first_of_line(state: WorkspaceState, pool: Pool, free: int) -> list[Idle]:
    """The first three of a linked pool's line; there is at least one. Outdated entries met on the way are dropped."""
    in_line = pool.members & state.able & (-1 if pool.ignore else pool.channel.free)
    line = pool.idle
    if line is None or len(line) > 4 * pool.members.bit_count() + 64:
        line = pool.idle = [place_in_line(state, pool, worker) for worker in bits(state, in_line)]
        heapify(line)
    found: list[Idle] = []
    barred: list[Idle] = []
    while line and len(found) <= RUNNERS_UP:
        place = heappop(line)
        worker = place[2]
        if place[1] != worker.rank or not in_line & worker.bit:
            continue
        kept = found if free & worker.bit else barred
        if not kept or kept[-1][2] is not worker:
            kept.append(place)
    for place in found[1:]:
        heappush(line, place)
    for place in barred:
        heappush(line, place)
    return found


def line_up(state: WorkspaceState, worker: Worker) -> None:
    """Put a worker in the lines of all pools that could offer him something, at his present rank."""
    plain = (0, worker.rank, worker)
    for own in worker.lines:
        if own.load < own.capacity and own.available:
            for pool in own.pools:
                if pool.idle is not None:
                    heappush(
                        pool.idle,
                        plain
                        if pool.order is None and not pool.channel.config.optimized
                        else place_in_line(state, pool, worker),
                    )
    for pool in worker.direct_pools:
        if pool.idle is not None:
            heappush(pool.idle, plain)


def is_barred(task: Task, worker: Worker) -> bool:
    """Whether this worker is not to be offered this task now, though he belongs to its pool."""
    for held in task.held:
        if held.worker is worker:
            return True
    extra = task.extra
    if extra is None:
        return False
    if extra.quiet is not None and worker.id in extra.quiet:
        return True
    return extra.transfer is not None and extra.transfer.origin is not None and extra.transfer.origin.worker is worker


def barred_workers(state: WorkspaceState, task: Task) -> int:
    """The mask of workers the task is barred from."""
    mask = 0
    for held in task.held:
        mask |= held.worker.bit
    extra = task.extra
    if extra is not None:
        for worker_id in extra.quiet or ():
            if worker_id in state.workers:
                mask |= state.workers[worker_id].bit
        if extra.transfer is not None and extra.transfer.origin is not None:
            mask |= extra.transfer.origin.worker.bit
    return mask


def _first_unbarred(pool: Pool, worker: Worker) -> Entry:
    return next((entry for entry in pool.places if not is_barred(entry[2], worker)), NOTHING)


def put_in_pool(state: WorkspaceState, task: Task) -> None:
    """Let the task wait in its pool."""
    pool = task.pool
    assert pool is not None
    if task.entry is not None:
        return
    entry = task.entry = place_of(task, pool.lifo)
    pool.places.put(entry)
    if entry < state.heads[pool.index]:
        state.heads[pool.index] = entry
        state.waiting |= pool.bit


def take_from_pool(state: WorkspaceState, task: Task) -> None:
    """The task waits no longer; the pool's head stays one that does."""
    pool, entry = task.pool, task.entry
    if entry is None or pool is None:
        return
    task.entry = None
    head = pool.places.take(entry)
    if state.heads[pool.index] is entry:
        state.heads[pool.index] = head
        if head is NOTHING:
            state.waiting &= ~pool.bit

"""Pools: the tasks that may go to the same workers in the same order, and those workers. It keeps membership;
matching.py chooses.

A pool is made of a queue, a channel and what a target adds: an expression (its workers are a Selection), one known
worker, an order. A pool without a queue belongs to one worker: tasks sent straight to him. Pools that depend on a
task end with their last task. A selection whose expression reads the task is a *class*: its workers are recorded, so
that a task replays without its attributes."""

from typing import Any

from parlons.expr.compiling import Compiled
from parlons.expr.ordering import CompiledOrder
from parlons.routing.places import Places
from parlons.routing.state import NOTHING, Channel, QueueState, Task, Worker, WorkspaceState
from parlons.routing.transitions import WorkerClassChanged, WorkerClassCreated

Idle = tuple[Any, int, Worker]


class Selection:
    """The workers a target's expression holds for; with `class_id` when it reads the task."""

    __slots__ = ("attributes", "class_id", "expression", "members", "projection", "references")

    def __init__(self, expression: Compiled, class_id: int) -> None:
        self.expression = expression
        self.class_id = class_id
        self.attributes: dict[str, Any] | None = None
        """Of a task of this class; None: not known (yet) after a replay."""
        self.projection: bytes | None = None
        self.members = 0
        self.references = 0

    def holds(self, worker: Worker, state: WorkspaceState) -> bool:
        """Whether the expression holds for this worker."""
        facts = worker.facts(state) if self.expression.facts else None
        return self.expression.test(self.attributes, worker.attributes, facts)


class Pool:
    """Waiting tasks in order, workers in line. `linked`: workers know it, and it keeps their line."""

    __slots__ = (
        "bit", "channel",   "idle", "ignore", "index", "key", "lifo", "linked", "members", "only",
        "order", "places", "queue",
        "references", "room", "selection", "static",
    )  # fmt: skip

    def __init__(self, key: tuple[object, ...], queue: QueueState | None, channel: Channel, index: int) -> None:
        self.key = key
        self.queue = queue
        self.channel = channel
        self.index = index
        self.bit = 1 << index
        self.selection: Selection | None = None
        self.only: str | None = None
        """The known or direct worker's id; empty: nobody."""
        self.order: CompiledOrder | None = None
        self.ignore = False
        """Capacity does not count."""
        self.lifo = queue is not None and queue.config.order == "LIFO"
        self.room = queue.config.max_reserved if queue is not None else 1
        self.members = 0
        self.places = Places()
        self.idle: list[Idle] | None = None
        """Heap of those in line; entries of another rank do not count. None: made when needed."""
        self.linked = False
        self.references = 0
        self.static = False


def step_pool(state: WorkspaceState, task: Task, known: str | None, selection: Selection | None) -> Pool:
    """The pool of a task at its step."""
    step = task.step
    assert step is not None
    static = known is None and (selection is None or selection.class_id == 0)
    if static:
        found = step.pools.get(task.channel)
        if found is not None and found.index >= 0:
            return found  # type: ignore[no-any-return]
    queue, channel = state.queues[step.queue_id], state.channels[task.channel]
    key = (task.channel, id(selection) if selection else 0, known, step.order.text if step.order else "")
    pool = queue.pools.get(key)
    if pool is None:
        pool = _new_pool(state, key, queue, channel)
        pool.selection, pool.only, pool.order, pool.static = selection, known, step.order, static
        if selection is not None:
            selection.references += 1
        queue.pools[key] = pool
        _fill(state, pool)
        if static:
            link(state, pool)
    if static:
        step.pools[task.channel] = pool
    return pool


def queue_pool(state: WorkspaceState, queue_id: str, channel_name: str) -> Pool:
    """The pool of tasks sent straight to a queue."""
    queue = state.queues[queue_id]
    key = (channel_name, 0, None, "")
    pool = queue.pools.get(key)
    if pool is None:
        pool = _new_pool(state, key, queue, state.channels[channel_name])
        pool.static = True
        queue.pools[key] = pool
        _fill(state, pool)
        link(state, pool)
    return pool


def direct_pool(state: WorkspaceState, worker_id: str, channel_name: str, ignore: bool) -> Pool:
    """The pool of tasks sent straight to a worker."""
    key = (worker_id, channel_name, ignore)
    pool = state.direct.get(key)
    if pool is None:
        pool = _new_pool(state, key, None, state.channels[channel_name])
        pool.only, pool.ignore = worker_id, ignore
        state.direct[key] = pool
        _fill(state, pool)
    return pool


def _new_pool(state: WorkspaceState, key: tuple[object, ...], queue: QueueState | None, channel: Channel) -> Pool:
    index = state.spare.pop() if state.spare else len(state.pools)
    pool = Pool(key, queue, channel, index)
    if index == len(state.pools):
        state.pools.append(pool)
        state.heads.append(NOTHING)
    else:
        state.pools[index] = pool
    if pool.lifo:
        state.lifo |= pool.bit
    return pool


def _fill(state: WorkspaceState, pool: Pool) -> None:
    if pool.only is not None:
        worker = state.workers.get(pool.only)
        pool.members = worker.bit if worker is not None and _includes(pool, worker.bit) else 0
        return
    assert pool.queue is not None
    pool.members = pool.queue.members & (pool.selection.members if pool.selection is not None else -1)


def _includes(pool: Pool, bit: int) -> bool:
    return (pool.queue is None or bool(pool.queue.members & bit)) and (
        pool.selection is None or bool(pool.selection.members & bit)
    )


def includes(pool: Pool, worker: Worker) -> bool:
    """Whether the worker belongs to the pool by queue, expression and name."""
    return (pool.only is None or pool.only == worker.id) and _includes(pool, worker.bit)


def bits(state: WorkspaceState, mask: int) -> list[Worker]:
    """The workers of a mask, by number."""
    found: list[Worker] = []
    while mask:
        low = mask & -mask
        mask ^= low
        worker = state.numbers[low.bit_length() - 1]
        assert worker is not None
        found.append(worker)
    return found


def link(state: WorkspaceState, pool: Pool) -> None:
    """Make the pool known to its workers: needed when a task waits in it."""
    if pool.linked:
        return
    pool.linked = True
    for worker in bits(state, pool.members):
        _join(pool, worker)


def _join(pool: Pool, worker: Worker) -> None:
    if pool.ignore:
        worker.direct |= pool.bit
        worker.direct_pools.append(pool)
        return
    own = worker.channels[pool.channel.name]
    own.mask |= pool.bit
    own.pools.append(pool)
    own.looks = [None, None]
    if own not in worker.lines:
        worker.lines = (*worker.lines, own)


def _leave(pool: Pool, worker: Worker) -> None:
    if pool.ignore:
        worker.direct &= ~pool.bit
        worker.direct_pools.remove(pool)
        return
    own = worker.channels[pool.channel.name]
    own.mask &= ~pool.bit
    own.pools.remove(pool)
    own.looks = [None, None]
    if not own.pools:
        worker.lines = tuple(line for line in worker.lines if line is not own)


def set_member(pool: Pool, worker: Worker, member: bool) -> bool:
    """Take the worker in or out; true when that changed something."""
    if bool(pool.members & worker.bit) == member:
        return False
    pool.members ^= worker.bit
    if pool.linked:
        (_join if member else _leave)(pool, worker)
    pool.idle = None
    return True


def drop(state: WorkspaceState, pool: Pool) -> None:
    """End a pool."""
    if pool.linked:
        for worker in bits(state, pool.members):
            _leave(pool, worker)
    state.pools[pool.index] = None
    state.spare.append(pool.index)
    state.heads[pool.index] = NOTHING
    state.waiting &= ~pool.bit
    state.lifo &= ~pool.bit
    pool.index = -1
    (pool.queue.pools if pool.queue is not None else state.direct).pop(pool.key)
    selection = pool.selection
    if selection is not None:
        selection.references -= 1
        if selection.references == 0:
            _forget(state, selection)


def _forget(state: WorkspaceState, selection: Selection) -> None:
    state.classes.pop(selection.class_id, None)
    key = (selection.expression.text, selection.projection)
    if state.selections.get(key) is selection:
        del state.selections[key]


def static_selection(state: WorkspaceState, expression: Compiled) -> Selection:
    """The workers of a target expression that reads only the worker."""
    key = (expression.text, None)
    found = state.selections.get(key)
    if found is None:
        found = state.selections[key] = Selection(expression, 0)
        _select(state, found)
    return found


def task_class(state: WorkspaceState, expression: Compiled, attributes: dict[str, Any]) -> Selection:
    """The class of workers the expression holds for with this task's values; a new one is recorded."""
    projection = expression.projection(attributes)
    found = state.selections.get((expression.text, projection))
    if found is None:
        state.class_sequence += 1
        found = Selection(expression, state.class_sequence)
        found.attributes, found.projection = attributes, projection
        _select(state, found)
        state.selections[expression.text, projection] = found
        state.classes[found.class_id] = found
        state.out.append(WorkerClassCreated(state.now, found.class_id, f"{found.members:x}"))
    return found


def recorded_class(state: WorkspaceState, expression: Compiled, class_id: int, members: str | None) -> Selection:
    """The class as the record has it."""
    found = state.classes.get(class_id)
    if found is None:
        state.class_sequence = max(state.class_sequence, class_id)
        found = state.classes[class_id] = Selection(expression, class_id)
        found.members = int(members or "0", 16)
        state.unresolved = True
        state.out.append(WorkerClassCreated(state.now, class_id, f"{found.members:x}"))
    return found


def _select(state: WorkspaceState, selection: Selection) -> None:
    for worker in state.workers.values():
        if selection.holds(worker, state):
            selection.members |= worker.bit


def resolve(state: WorkspaceState) -> None:
    """Before the first live command after a replay: find the keys of recorded classes again, from the attributes of
    open tasks."""
    state.unresolved = False
    for task in state.tasks.values():
        selection = task.pool.selection if task.pool is not None else None
        if selection is None or not selection.class_id or selection.projection is not None or task.attributes is None:
            continue
        selection.attributes = task.values()
        selection.projection = selection.expression.projection(selection.attributes)
        state.selections[selection.expression.text, selection.projection] = selection


def reevaluate(state: WorkspaceState, worker: Worker) -> bool:
    """Find out anew where the worker belongs; true when he belongs somewhere he did not."""
    flipped = _reevaluate_queues(state, worker)
    chosen = _reevaluate_selections(state, worker)
    gained = False
    for pool in state.pools:
        if pool is None:
            continue
        if (
            (pool.queue is not None and pool.queue.config.id in flipped)
            or pool.only == worker.id
            or pool.selection in chosen
        ):
            gained |= set_member(pool, worker, includes(pool, worker)) and bool(pool.members & worker.bit)
        if pool.order is not None and pool.members & worker.bit:
            pool.idle = None
    return gained


def sort_into(state: WorkspaceState, queue: QueueState) -> None:
    """Find out anew which workers belong to one queue and to its pools."""
    expression, queue_id = queue.expression, queue.config.id
    for worker in state.workers.values():
        facts = worker.facts(state) if expression is not None and expression.facts else None
        member = expression is not None and expression.test(None, worker.attributes, facts)
        if member == bool(queue.members & worker.bit):
            continue
        queue.members ^= worker.bit
        if member:
            worker.queues[queue_id] = queue
        else:
            del worker.queues[queue_id]
        for pool in queue.pools.values():
            set_member(pool, worker, includes(pool, worker))


def _reevaluate_queues(state: WorkspaceState, worker: Worker) -> set[str]:
    facts = worker.facts(state)
    found: dict[str, QueueState] = {}
    for queue in candidates(state, worker.attributes):
        if queue.expression is not None and queue.expression.test(None, worker.attributes, facts):
            found[queue.config.id] = queue
    flipped = found.keys() ^ worker.queues.keys()
    for queue_id in flipped:
        state.queues[queue_id].members ^= worker.bit
    worker.queues = found
    return flipped


def _reevaluate_selections(state: WorkspaceState, worker: Worker) -> list[Selection]:
    flipped: list[Selection] = []
    for selection in [*state.classes.values(), *(each for each in state.selections.values() if not each.class_id)]:
        if selection.class_id and state.recorded is not None:
            changed = state.recorded.changed(len(state.out), selection.class_id, worker.id)
            member = bool(selection.members & worker.bit) != changed
        elif selection.class_id and selection.attributes is None:
            continue
        else:
            member = selection.holds(worker, state)
        if member == bool(selection.members & worker.bit):
            continue
        selection.members ^= worker.bit
        flipped.append(selection)
        if selection.class_id:
            state.out.append(WorkerClassChanged(state.now, selection.class_id, worker.id, member))
    return flipped


def candidates(state: WorkspaceState, attributes: dict[str, Any]) -> list[QueueState]:
    """Queues whose expression may hold for these attributes: the index saves evaluating the others."""
    found = {queue.config.id: queue for queue in state.untokened}
    for name, value in attributes.items():
        for item in value if isinstance(value, list) else (value,):
            if isinstance(item, str):
                for queue in state.by_token.get((name, item), ()):
                    found[queue.config.id] = queue
    return list(found.values())


def index_queues(state: WorkspaceState) -> None:
    """Build the index of `candidates` anew."""
    state.by_token, state.untokened = {}, []
    for queue in state.queues.values():
        if queue.expression is None:
            continue
        if queue.expression.tokens is None:
            state.untokened.append(queue)
            continue
        for token in queue.expression.tokens:
            state.by_token.setdefault(token, []).append(queue)

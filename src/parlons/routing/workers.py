"""Commands about workers: put, remove, activity, attributes, channel, reachable."""

from parlons.routing.commands import PutWorker, RemoveWorker, SetActivity, SetChannel, SetReachable, SetWorkerAttributes
from parlons.routing.holding import change_activity, free, set_free
from parlons.routing.pools import reevaluate, set_member
from parlons.routing.refusals import (
    InvalidCommand,
    NameTaken,
    UnknownActivity,
    UnknownChannel,
    UnknownWorker,
    WorkerBusy,
)
from parlons.routing.reservations import reject
from parlons.routing.settling import settle
from parlons.routing.state import Worker, WorkerChannel, WorkspaceState
from parlons.routing.tasks import encode
from parlons.routing.transitions import (
    WorkerAttributesUpdated,
    WorkerCapacityUpdated,
    WorkerChannelAvailabilityUpdated,
    WorkerCreated,
    WorkerDeleted,
    WorkerReachableUpdated,
)

MAX_CAPACITY = 1000


def find(state: WorkspaceState, worker_id: str) -> Worker:
    """The worker; raises UnknownWorker."""
    worker = state.workers.get(worker_id)
    if worker is None:
        raise UnknownWorker(worker_id=worker_id)
    return worker


def put_worker(state: WorkspaceState, command: PutWorker) -> None:
    """Make a worker, or set what the command names of one that exists."""
    _check(state, command)
    worker = state.workers.get(command.worker_id)
    if worker is None:
        _make(state, command)
    else:
        _change(state, worker, command)
    settle(state)


def _check(state: WorkspaceState, command: PutWorker) -> None:
    encode(command.attributes)
    if not command.name:
        raise InvalidCommand("a worker needs a name")
    if any(other.name == command.name and other.id != command.worker_id for other in state.workers.values()):
        raise NameTaken(name=command.name)
    for channel, capacity in command.channels.items():
        _check_capacity(state, channel, capacity)
    activity_id = command.activity_id
    if activity_id is None and command.worker_id not in state.workers:
        activity_id = state.settings.default_activity_id
        if activity_id is None:
            raise UnknownActivity("the workspace has no default activity: name one, or set default_activity_id")
    if activity_id is not None and activity_id not in state.activities:
        raise UnknownActivity(activity_id=activity_id)


def _check_capacity(state: WorkspaceState, channel: str, capacity: int | None) -> None:
    if channel not in state.channels:
        raise UnknownChannel(channel=channel)
    if capacity is not None and not 0 <= capacity <= MAX_CAPACITY:
        raise InvalidCommand(f"capacity must be from 0 to {MAX_CAPACITY}")


def _make(state: WorkspaceState, command: PutWorker) -> None:
    index = state.numbers.index(None) if None in state.numbers else len(state.numbers)
    worker = Worker(command.worker_id, index)
    if index == len(state.numbers):
        state.numbers.append(worker)
    else:
        state.numbers[index] = worker
    state.workers[worker.id] = worker
    worker.name, worker.attributes, worker.firm_ids = command.name, command.attributes, command.firm_ids
    for channel in state.channels.values():
        own = worker.channels[channel.name] = WorkerChannel(channel, command.channels.get(channel.name, 1))
        set_free(own, worker)
    worker.activity_id = command.activity_id or state.settings.default_activity_id or ""
    worker.activity_since = worker.idle_since = state.now
    worker.available = state.activities[worker.activity_id].available
    state.rank += 1
    worker.rank = state.rank
    state.doing[worker.activity_id] = state.doing.get(worker.activity_id, 0) | worker.bit
    state.reachable |= worker.bit
    state.out.append(WorkerCreated(state.now, worker.id, worker.activity_id))
    reevaluate(state, worker)
    free(state, worker)


def _change(state: WorkspaceState, worker: Worker, command: PutWorker) -> None:
    if (worker.name, worker.attributes, worker.firm_ids) != (command.name, command.attributes, command.firm_ids):
        worker.name, worker.attributes, worker.firm_ids = command.name, command.attributes, command.firm_ids
        state.out.append(WorkerAttributesUpdated(state.now, worker.id))
    for channel, capacity in command.channels.items():
        _set_capacity(state, worker, worker.channels[channel], capacity)
    reevaluate(state, worker)
    free(state, worker)
    if command.activity_id is not None:
        change_activity(state, worker, command.activity_id, "set")


def _set_capacity(state: WorkspaceState, worker: Worker, own: WorkerChannel, capacity: int) -> None:
    if own.capacity != capacity:
        own.capacity = capacity
        set_free(own, worker)
        state.out.append(WorkerCapacityUpdated(state.now, worker.id, own.channel.name, capacity))


def remove_worker(state: WorkspaceState, command: RemoveWorker) -> None:
    """Take a worker away who holds nothing. What waits for him alone goes on waiting."""
    worker = find(state, command.worker_id)
    if worker.held:
        raise WorkerBusy(worker_id=worker.id, reservations=len(worker.held))
    for pool in state.pools:
        if pool is not None:
            set_member(pool, worker, False)
    for queue in worker.queues.values():
        queue.members &= ~worker.bit
    for selection in [*state.selections.values(), *state.classes.values()]:
        selection.members &= ~worker.bit
    for channel in state.channels.values():
        channel.free &= ~worker.bit
    state.able &= ~worker.bit
    state.reachable &= ~worker.bit
    state.doing[worker.activity_id] &= ~worker.bit
    state.numbers[worker.index] = None
    worker.rank = -1
    del state.workers[worker.id]
    state.out.append(WorkerDeleted(state.now, worker.id))


def set_activity(state: WorkspaceState, command: SetActivity) -> None:
    """Change what the worker is doing; his pending offers go back only if asked for and he becomes unavailable."""
    worker = find(state, command.worker_id)
    if command.activity_id not in state.activities:
        raise UnknownActivity(activity_id=command.activity_id)
    change_activity(state, worker, command.activity_id, "set")
    if command.reject_pending and not worker.available:
        for held in [each for each in worker.held.values() if each.status == "pending"]:
            reject(state, held, 0)
    settle(state)


def set_worker_attributes(state: WorkspaceState, command: SetWorkerAttributes) -> None:
    """Where the worker belongs is found out anew; he keeps his place in line and what he holds."""
    worker = find(state, command.worker_id)
    encode(command.attributes)
    worker.attributes = command.attributes
    state.out.append(WorkerAttributesUpdated(state.now, worker.id))
    reevaluate(state, worker)
    free(state, worker)
    settle(state)


def set_channel(state: WorkspaceState, command: SetChannel) -> None:
    """More room is filled at once; less takes nothing away."""
    worker = find(state, command.worker_id)
    _check_capacity(state, command.channel, command.capacity)
    own = worker.channels[command.channel]
    if command.capacity is not None:
        _set_capacity(state, worker, own, command.capacity)
    if command.available is not None and command.available != own.available:
        own.available = command.available
        set_free(own, worker)
        state.out.append(WorkerChannelAvailabilityUpdated(state.now, worker.id, own.channel.name, own.available))
    if state.volatile:
        reevaluate(state, worker)
    free(state, worker)
    settle(state)


def set_reachable(state: WorkspaceState, command: SetReachable) -> None:
    """No offers while the screen is gone; the place in line is kept."""
    worker = find(state, command.worker_id)
    if worker.reachable == command.reachable:
        return
    worker.reachable = command.reachable
    state.reachable = state.reachable | worker.bit if command.reachable else state.reachable & ~worker.bit
    state.out.append(WorkerReachableUpdated(state.now, worker.id, command.reachable))
    free(state, worker)
    settle(state)

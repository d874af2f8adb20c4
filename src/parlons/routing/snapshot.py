"""The router's memory as bytes, and back. No value of a task's attributes is in it: tasks stand there with the
outcomes (step, known worker, class), and `load` is given the attributes that still exist. Masks, pools and lines are
built anew.

Two states with equal dumps behave the same from there on; `state_digest` compares them."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import Struct

from parlons.expr.compiling import compiled
from parlons.expr.scopes import Scope
from parlons.routing.clocks import LifeClock, QuietClock, StepClock
from parlons.routing.configuration import Activity, Queue, Settings, Target, TaskChannel, Workflow
from parlons.routing.configure import reads_volatile
from parlons.routing.holding import set_free, stands_in_line
from parlons.routing.matching import put_in_pool
from parlons.routing.pools import (
    Selection,
    direct_pool,
    index_queues,
    link,
    queue_pool,
    reevaluate,
    static_selection,
    step_pool,
)
from parlons.routing.state import (
    Channel,
    QueueState,
    Reservation,
    Task,
    Transfer,
    Worker,
    WorkerChannel,
    WorkspaceState,
)
from parlons.routing.tasks import encode
from parlons.routing.timers import Timer
from parlons.routing.workflow import read_workflow

VERSION = 1


class WorkerImage(Struct, array_like=True):
    """A worker; what he holds stands with the reservations."""

    id: str
    index: int
    name: str
    attributes: dict[str, Any]
    firm_ids: tuple[str, ...]
    activity_id: str
    activity_since: int
    reachable: bool
    rank: int
    idle_since: int
    channels: list[tuple[str, int, bool]]


class TransferImage(Struct, array_like=True):
    """A transfer under way."""

    target: Target
    origin: str | None
    note_id: str | None
    workflow_id: str | None
    queue_id: str | None
    priority: int
    before: Target | None
    ignore: bool


class ExtraImage(Struct, array_like=True):
    """What few tasks have."""

    target: Target | None
    ignore: bool
    companion_of: str | None
    base_priority: int | None
    quiet: list[tuple[str, int]]
    ttl_until: int | None
    stale: bool
    transfer: TransferImage | None


class TaskImage(Struct, array_like=True, gc=False):
    """A task; `filter` and `step` are where it stands, `pooled`: it has a place in a pool, `known` and `class_id` say which."""

    id: str
    channel: str
    priority: int
    virtual_start: int
    created_at: int
    entered_at: int
    ttl: int
    status: str
    workflow_id: str | None
    queue_id: str | None
    filter: int | None
    step: int
    step_until: int | None
    moves: int
    firm_id: str | None
    conversation_id: str | None
    pooled: bool
    known: str | None
    class_id: int
    held: tuple[str, ...]
    extra: ExtraImage | None


class ReservationImage(Struct, array_like=True, gc=False):
    """A reservation."""

    id: str
    task_id: str
    worker_id: str
    queue_id: str | None
    created_at: int
    deadline: int
    timeout: int
    accepted_at: int
    status: str


TimerImage = tuple[str, str, str, int]


class Image(Struct, array_like=True):
    """A whole workspace."""

    version: int
    workspace_id: str
    sequence: int
    rank: int
    class_sequence: int
    settings: Settings
    activities: list[Activity]
    channels: list[TaskChannel]
    queues: list[Queue]
    workflows: list[Workflow]
    workers: list[WorkerImage]
    classes: list[tuple[int, str, str]]
    """Number, expression, mask of members in hexadecimal."""
    tasks: list[TaskImage]
    reservations: list[ReservationImage]
    timers: list[tuple[int, list[TimerImage]]]


_encoder = msgspec.msgpack.Encoder(order="deterministic")
_decoder = msgspec.msgpack.Decoder(Image)


def dump(state: WorkspaceState) -> bytes:
    """The state as bytes; equal states give equal bytes."""
    return _encoder.encode(
        Image(
            VERSION,
            state.workspace_id,
            state.sequence,
            state.rank,
            state.class_sequence,
            state.settings,
            list(state.activities.values()),
            [channel.config for channel in state.channels.values()],
            [queue.config for queue in state.queues.values()],
            [workflow.config for workflow in state.workflows.values()],
            [_worker_image(worker) for worker in state.workers.values()],
            [(number, each.expression.text, f"{each.members:x}") for number, each in sorted(state.classes.items())],
            [_task_image(task) for task in state.tasks.values()],
            [_reservation_image(each) for each in state.reservations.values()],
            [(duration, [_timer_image(timer) for timer in timers]) for duration, timers in state.timers.running()],
        )
    )


def state_digest(state: WorkspaceState) -> str:
    """A fingerprint of everything the router's behaviour depends on, but the attributes."""
    return blake2b(dump(state), digest_size=16).hexdigest()


def _worker_image(worker: Worker) -> WorkerImage:
    return WorkerImage(
        worker.id, worker.index, worker.name, worker.attributes, worker.firm_ids, worker.activity_id, worker.activity_since,
        worker.reachable, worker.rank, worker.idle_since,
        [(own.channel.name, own.capacity, own.available) for own in worker.channels.values()],
    )  # fmt: skip


def _task_image(task: Task) -> TaskImage:
    pool, step = task.pool, task.step
    selection = pool.selection if pool is not None else None
    return TaskImage(
        task.id, task.channel, task.priority, task.virtual_start, task.created_at, task.entered_at, task.ttl, task.status,
        task.workflow_id, task.queue_id,
        step.filter if step is not None else None,
        step.index if step is not None else 0,
        task.step_until, task.moves, task.firm_id, task.conversation_id,
        pool is not None,
        pool.only if pool is not None and pool.queue is not None else None,
        selection.class_id if selection is not None else 0,
        tuple([held.id for held in task.held]) if task.held else (),
        _extra_image(task) if task.extra is not None else None,
    )  # fmt: skip


def _extra_image(task: Task) -> ExtraImage | None:
    extra = task.extra
    if extra is None:
        return None
    transfer = extra.transfer
    return ExtraImage(
        extra.target, extra.ignore, extra.companion_of, extra.base_priority, list((extra.quiet or {}).items()),
        extra.ttl_until, extra.stale,
        None if transfer is None else TransferImage(
            transfer.target, transfer.origin.id if transfer.origin is not None else None, transfer.note_id, transfer.workflow_id,
            transfer.queue_id, transfer.priority, transfer.before, transfer.ignore,
        ),
    )  # fmt: skip


def _reservation_image(held: Reservation) -> ReservationImage:
    return ReservationImage(
        held.id, held.task.id, held.worker.id, held.queue_id, held.created_at, held.deadline, held.timeout,
        held.accepted_at, held.status
    )  # fmt: skip


def _timer_image(timer: Timer) -> TimerImage:
    match timer:
        case Reservation():
            return ("reservation", timer.id, "", 0)
        case Task():
            return ("task", timer.id, "", 0)
        case StepClock():
            return ("step", timer.task.id, "", timer.deadline)
        case QuietClock():
            return ("quiet", timer.task.id, timer.worker_id, timer.deadline)
        case LifeClock():
            return ("life", timer.task.id, "", timer.deadline)
        case _:
            raise AssertionError(timer)


def load(data: bytes, attributes: Mapping[str, dict[str, Any] | None]) -> WorkspaceState:
    """The state of a dump; `attributes` of its open tasks as they are now, None or absent where they were erased."""
    image = _decoder.decode(data)
    if image.version != VERSION:
        raise ValueError(f"snapshot of version {image.version}")
    state = WorkspaceState(image.workspace_id)
    state.sequence, state.rank, state.class_sequence = image.sequence, image.rank, image.class_sequence
    _load_configuration(state, image)
    _load_workers(state, image)
    _load_tasks(state, image, attributes)
    for number, timers in image.timers:
        for timer in timers:
            state.timers.start(number, _timer(state, timer))
    return state


def _load_configuration(state: WorkspaceState, image: Image) -> None:
    state.settings = image.settings
    state.activities = {activity.id: activity for activity in image.activities}
    state.channels = {config.unique_name: Channel(config) for config in image.channels}
    for queue in image.queues:
        expression = compiled(queue.expression, Scope.QUEUE) if queue.expression.strip() else None
        state.queues[queue.id] = QueueState(queue, expression)
    state.workflows = {config.id: read_workflow(config, set(state.queues)) for config in image.workflows}
    state.volatile = reads_volatile(state)
    index_queues(state)


def _load_workers(state: WorkspaceState, image: Image) -> None:
    for each in image.workers:
        worker = Worker(each.id, each.index)
        worker.name, worker.attributes, worker.firm_ids = each.name, each.attributes, each.firm_ids
        worker.activity_id, worker.activity_since = each.activity_id, each.activity_since
        worker.available = state.activities[each.activity_id].available
        worker.reachable, worker.rank, worker.idle_since = each.reachable, each.rank, each.idle_since
        for name, capacity, available in each.channels:
            own = worker.channels[name] = WorkerChannel(state.channels[name], capacity)
            own.available = available
        state.workers[worker.id] = worker
        state.doing[worker.activity_id] = state.doing.get(worker.activity_id, 0) | worker.bit
        if worker.reachable:
            state.reachable |= worker.bit
    highest = max((worker.index for worker in state.workers.values()), default=-1)
    state.numbers = [None] * (highest + 1)
    for worker in state.workers.values():
        state.numbers[worker.index] = worker


def _load_tasks(state: WorkspaceState, image: Image, attributes: Mapping[str, dict[str, Any] | None]) -> None:
    for each in image.tasks:
        task = Task(
            each.id, state.channels[each.channel].name, each.priority, each.virtual_start, each.created_at, each.ttl
        )
        task.attributes = encode(attributes.get(each.id))
        task.entered_at, task.status, task.moves = each.entered_at, each.status, each.moves
        task.workflow_id, task.queue_id, task.step_until = each.workflow_id, each.queue_id, each.step_until
        task.firm_id, task.conversation_id = each.firm_id, each.conversation_id
        state.tasks[task.id] = task
    for held in image.reservations:
        _load_reservation(state, held)
    for worker in state.workers.values():
        _stand(state, worker)
        reevaluate(state, worker)
    texts = {number: (text, members) for number, text, members in image.classes}
    for number, (text, members) in texts.items():
        found = state.classes[number] = Selection(compiled(text, Scope.TARGET), number)
        found.members = int(members, 16)
        state.unresolved = True
    for each in image.tasks:
        _place(state, state.tasks[each.id], each)


def _load_reservation(state: WorkspaceState, image: ReservationImage) -> None:
    task, worker = state.tasks[image.task_id], state.workers[image.worker_id]
    held = Reservation(image.id, task, worker, image.created_at, image.timeout)
    held.queue_id, held.deadline, held.accepted_at, held.status = (
        image.queue_id,
        image.deadline,
        image.accepted_at,
        image.status,
    )
    state.reservations[held.id] = worker.held[held.id] = held
    own = worker.channels[task.channel]
    own.load += 1
    own.assigned += held.status == "accepted"


def _stand(state: WorkspaceState, worker: Worker) -> None:
    if stands_in_line(state, worker):
        state.able |= worker.bit
    for own in worker.channels.values():
        set_free(own, worker)


def _place(state: WorkspaceState, task: Task, image: TaskImage) -> None:
    task.held = tuple(state.reservations[held] for held in image.held)
    if image.extra is not None:
        _load_extra(state, task, image.extra)
    if image.filter is not None:
        assert task.workflow_id is not None
        task.step = state.workflows[task.workflow_id].step(image.filter, image.step)
    if not image.pooled:
        return
    extra = task.extra
    if task.step is not None:
        selection = None
        if image.class_id:
            selection = state.classes[image.class_id]
        elif task.step.expression is not None:
            selection = static_selection(state, task.step.expression)
        pool = step_pool(state, task, image.known, selection)
    else:
        assert extra is not None
        assert extra.target is not None
        if extra.target.kind == "queue":
            pool = queue_pool(state, extra.target.id, task.channel)
        else:
            pool = direct_pool(state, extra.target.id, task.channel, extra.ignore)
    pool.references += 1
    task.pool = pool
    if len(task.held) < pool.room:
        link(state, pool)
        put_in_pool(state, task)


def _load_extra(state: WorkspaceState, task: Task, image: ExtraImage) -> None:
    extra = task.more()
    extra.target, extra.ignore, extra.companion_of = image.target, image.ignore, image.companion_of
    extra.base_priority, extra.ttl_until, extra.stale = image.base_priority, image.ttl_until, image.stale
    extra.quiet = dict(image.quiet) or None
    if image.transfer is not None:
        found = image.transfer
        origin = state.reservations[found.origin] if found.origin is not None else None
        transfer = extra.transfer = Transfer(found.target, origin, found.note_id, task)
        transfer.workflow_id, transfer.queue_id, transfer.priority = found.workflow_id, found.queue_id, found.priority
        transfer.before, transfer.ignore = found.before, found.ignore


def _timer(state: WorkspaceState, image: TimerImage) -> Timer:
    kind, name, other, deadline = image
    if kind == "reservation":
        return state.reservations[name]
    task = state.tasks[name]
    if kind == "task":
        return task
    if kind == "step":
        assert task.step is not None
        return StepClock(task, task.step, deadline)
    if kind == "quiet":
        return QuietClock(task, other, deadline)
    return LifeClock(task, deadline)

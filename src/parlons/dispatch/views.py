"""What the world may see of the router's objects: values copied at the end of each command, for projections and screens.

The router forgets a task when it ends; the last view of an open one is kept here so that its end can still be told whole.
Times are milliseconds. The columns of a projection are the fields of its view, in their order (projections.py).
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import msgspec
from msgspec import Struct

from parlons.kit.clock import to_iso
from parlons.routing import transitions as t
from parlons.routing.commands import Command, Configure
from parlons.routing.configuration import Activity, Queue, Workflow
from parlons.routing.state import Reservation, Task, Worker, WorkspaceState
from parlons.routing.transitions import Transition

if TYPE_CHECKING:
    from parlons.dispatch.batch import Batch


class TaskView(Struct, gc=False):
    """One task, as its projection has it."""

    id: str
    firm_id: str | None
    conversation_id: str | None
    channel: str
    status: str
    priority: int
    workflow_id: str | None
    queue_id: str | None
    worker_id: str | None
    reservation_id: str | None
    created_at: int
    virtual_start: int
    entered_queue_at: int | None
    ended_at: int | None
    reason: str | None
    version: int


class ReservationView(Struct, gc=False):
    """One reservation, as its projection has it."""

    id: str
    task_id: str
    worker_id: str
    queue_id: str | None
    firm_id: str | None
    status: str
    created_at: int
    expires_at: int
    accepted_at: int | None
    ended_at: int | None
    reason: str | None


def reservation_mark(status: str) -> str:
    """How far a reservation has come: it never goes back."""
    return str({"pending": 0, "accepted": 1, "wrapping": 2}.get(status, 3))


class Configured(Struct):
    """A worker or a configured thing, as its projection has it."""

    id: str
    firm_id: str | None
    name: str
    data: dict[str, Any]
    removed: bool


_TASK_ENDS: dict[type[Transition], str] = {t.TaskCompleted: "completed", t.TaskCanceled: "canceled"}
_RESERVATION_ENDS: dict[type[Transition], str] = {
    t.ReservationCompleted: "completed",
    t.ReservationRejected: "rejected",
    t.ReservationTimeout: "timeout",
    t.ReservationCanceled: "canceled",
    t.ReservationRescinded: "rescinded",
}
_OF_RESERVATION = frozenset({t.ReservationCreated, t.ReservationAccepted, t.ReservationWrapup, *_RESERVATION_ENDS})
_BOUNDS = frozenset({t.TaskCreated, *_TASK_ENDS})
_OF_TASK = frozenset(kind for kind in t.TRANSITIONS.values() if issubclass(kind, t._OfTask))
_OF_WORKER = frozenset(
    {
        t.WorkerCreated, t.WorkerActivityUpdated, t.WorkerAttributesUpdated, t.WorkerCapacityUpdated,
        t.WorkerChannelAvailabilityUpdated, t.WorkerReachableUpdated, t.WorkerDeleted,
    }
)  # fmt: skip
_OF_THING = frozenset(kind for kind in t.TRANSITIONS.values() if issubclass(kind, t._Configured))
_THINGS = {
    "activity": "activities",
    "task-channel": "task_channels",
    "task-queue": "queues",
    "workflow": "workflows",
}


def task_view(task: Task, version: int) -> TaskView:
    """An open task as it stands."""
    held = task.held
    mine = held[0] if held and held[0].status != "pending" else None
    if mine is None and task.extra is not None and task.extra.transfer is not None:
        mine = task.extra.transfer.origin
    return TaskView(
        task.id,
        task.firm_id,
        task.conversation_id,
        task.channel,
        task.status,
        task.priority,
        task.workflow_id,
        task.queue_id,
        mine.worker.id if mine is not None else None,
        mine.id if mine is not None else None,
        task.created_at,
        task.virtual_start,
        task.entered_at,
        None,
        None,
        version,
    )


def reservation_view(reservation: Reservation) -> ReservationView:
    """An open reservation as it stands."""
    return ReservationView(
        reservation.id,
        reservation.task.id,
        reservation.worker.id,
        reservation.queue_id,
        reservation.task.firm_id,
        reservation.status,
        reservation.created_at,
        reservation.deadline,
        reservation.accepted_at or None,
        None,
        None,
    )


class WorkerView(Struct, gc=False):
    """A worker as he stood; cheap to copy, because every offer changes him."""

    id: str
    name: str
    firm_ids: tuple[str, ...]
    activity_id: str
    activity_since: int
    reachable: bool
    available: bool
    attributes: dict[str, Any]
    channels: list[tuple[str, int, bool, int, int]]
    """Name, capacity, available, assigned, load (offers, accepted and wrapping)."""


def worker_mark(worker: Worker) -> str:
    """What changes whenever the worker does, other than by what he is offered."""
    said = (worker.name, worker.attributes, worker.activity_id, worker.activity_since, worker.available)
    return hashlib.blake2b(msgspec.json.encode(said), digest_size=8).hexdigest()


def worker_view(worker: Worker) -> WorkerView:
    """A worker as he stands."""
    return WorkerView(
        worker.id,
        worker.name,
        worker.firm_ids,
        worker.activity_id,
        worker.activity_since,
        worker.reachable,
        worker.available,
        worker.attributes,
        [(name, own.capacity, own.available, own.assigned, own.load) for name, own in worker.channels.items()],
    )


class Step(Struct, gc=False):
    """What one command changed: its transitions, and the objects they are about as they stood when it was done."""

    first: int
    """Index, within the batch, of the entry of the first transition."""
    transitions: Sequence[Transition]
    tasks: dict[str, TaskView]
    reservations: dict[str, ReservationView]
    workers: dict[str, WorkerView]
    attributes: dict[str, bytes | None]
    """Of the tasks, encoded; for their titles on screens."""
    things: dict[str, dict[str, Any]]
    """Queues and activities."""
    left: dict[str, str]
    """By task: the queue it was in before."""


class Views:
    """The last view of everything open, and what each step changed of it."""

    def __init__(self, state: WorkspaceState, versions: dict[str, int] | None = None) -> None:
        self._state = state
        known = versions or {}
        self.tasks = {task.id: task_view(task, known.get(task.id, 1)) for task in state.tasks.values()}
        self.reservations = {one.id: reservation_view(one) for one in state.reservations.values()}
        self._left: dict[str, str] = {}
        """The queues that tasks left in the step being put down."""
        self._counted: dict[str, tuple[int, int]] | None = None
        """Lines of the queues, while a change of the configuration is put down."""

    def versions(self) -> dict[str, int]:
        """Versions of the open tasks, for the snapshot."""
        return {task_id: view.version for task_id, view in self.tasks.items()}

    def mark(self, thing_id: str) -> str | None:
        """What changes when an open task, an open reservation or a worker does; None: there is none of this id."""
        if thing_id in self.tasks:
            return str(self.tasks[thing_id].version)
        if thing_id in self.reservations:
            return reservation_mark(self.reservations[thing_id].status)
        worker = self._state.workers.get(thing_id)
        return None if worker is None else worker_mark(worker)

    def note(self, command: Command, transitions: Sequence[Transition], first: int, batch: "Batch") -> None:
        """Puts into `batch` what a step changed; `first` is the index of the entry of its first transition."""
        tasks: dict[str, TaskView] = {}
        reservations: dict[str, ReservationView] = {}
        others: list[Transition] = []
        for place, transition in enumerate(transitions, first):
            kind = type(transition)
            if kind in _OF_TASK:
                if kind in _OF_RESERVATION:
                    self._reservation(transition, kind, reservations)
                    if kind is t.ReservationCreated:
                        batch.offered[transition.reservation_id] = (place, transition.decision)  # type: ignore[attr-defined]
                if transition.task_id not in tasks or kind in _BOUNDS:  # type: ignore[attr-defined]
                    self._task(transition, kind, tasks)
            else:
                others.append(transition)
        state = self._state
        workers: dict[str, WorkerView] = {}
        things: dict[str, dict[str, Any]] = {}
        for reservation in reservations.values():
            holder = state.workers.get(reservation.worker_id)
            if holder is not None:
                workers[holder.id] = worker_view(holder)
        attributes: dict[str, bytes | None] = {}
        for task_id in tasks:
            task = state.tasks.get(task_id)
            attributes[task_id] = task.attributes if task is not None else None
        for transition in others:
            kind = type(transition)
            if kind in _OF_WORKER:
                self._worker(batch, transition, workers)
            elif kind in _OF_THING:
                self._thing(batch, transition, things)
        left = self._left
        if left:
            self._left = {}
        batch.steps.append(Step(first, transitions, tasks, reservations, workers, attributes, things, left))
        batch.tasks.update(tasks)
        batch.reservations.update(reservations)
        self._counted = None
        if isinstance(command, Configure):
            self._configured(command, batch)

    def _task(self, transition: Transition, kind: type[Transition], changed: dict[str, TaskView]) -> None:
        task_id: str = transition.task_id  # type: ignore[attr-defined]
        ended = _TASK_ENDS.get(kind)
        if ended is None:
            if task_id in changed:
                if isinstance(transition, t.TaskCreated) and task_id not in self._state.tasks:
                    changed[task_id] = _born(transition)
                return
            task = self._state.tasks.get(task_id)
            old = self.tasks.get(task_id)
            if task is not None:
                view = task_view(task, old.version + 1 if old is not None else 1)
                self.tasks[task_id] = changed[task_id] = view
                if old is not None and old.queue_id is not None and old.queue_id != view.queue_id:
                    self._left[task_id] = old.queue_id
                return
            changed[task_id] = old if old is not None else _gone(cast(t._OfTask, transition))
            return
        old = self.tasks.pop(task_id, None) or changed.get(task_id) or _gone(cast(t._OfTask, transition))
        changed[task_id] = msgspec.structs.replace(
            old,
            status=ended,
            ended_at=transition.at,
            reason=getattr(transition, "reason", "") or None,
            version=old.version + 1,
        )

    def _reservation(self, transition: Transition, kind: type[Transition], changed: dict[str, ReservationView]) -> None:
        assert isinstance(transition, t._OfReservation)
        reservation_id = transition.reservation_id
        ended = _RESERVATION_ENDS.get(kind)
        if ended is None:
            reservation = self._state.reservations.get(reservation_id)
            if reservation is not None:
                self.reservations[reservation_id] = changed[reservation_id] = reservation_view(reservation)
            else:
                changed[reservation_id] = self.reservations.get(reservation_id) or _offered(transition)
            return
        old = self.reservations.pop(reservation_id, None) or changed.get(reservation_id) or _offered(transition)
        changed[reservation_id] = msgspec.structs.replace(
            old, status=ended, ended_at=transition.at, reason=getattr(transition, "reason", "") or None
        )

    def _worker(self, batch: "Batch", transition: Transition, workers: dict[str, WorkerView]) -> None:
        worker_id: str = transition.worker_id  # type: ignore[attr-defined]
        worker = self._state.workers.get(worker_id)
        if worker is None:
            batch.configured["workers", worker_id] = Configured(worker_id, None, "", {}, True)
            return
        view = workers[worker_id] = worker_view(worker)
        data = {
            "firm_ids": list(view.firm_ids),
            "activity_id": view.activity_id,
            "activity_since": view.activity_since,
            "reachable": view.reachable,
            "attributes": view.attributes,
            "channels": {name: capacity for name, capacity, *_ in view.channels},
        }
        batch.configured["workers", worker_id] = Configured(worker_id, None, view.name, data, False)

    def _thing(self, batch: "Batch", transition: Transition, things: dict[str, dict[str, Any]]) -> None:
        kind, _, what = transition.type.partition(".")
        thing_id: str = transition.id  # type: ignore[attr-defined]
        if what == "deleted":
            name: str = transition.name  # type: ignore[attr-defined]
            table = _THINGS[kind]
            batch.configured[table, thing_id] = Configured(thing_id, None, name, {}, True)
        elif kind == "activity" and thing_id in self._state.activities:
            things[thing_id] = activity_view(self._state.activities[thing_id])
        elif kind == "task-queue" and thing_id in self._state.queues:
            if self._counted is None:
                self._counted = lines(self.tasks)
            things[thing_id] = queue_view(self._state.queues[thing_id].config, self._counted)

    def _configured(self, command: Configure, batch: "Batch") -> None:
        for item in command.put:
            table = _THINGS[item.__struct_config__.tag.replace("_", "-").replace("queue", "task-queue")]  # type: ignore[union-attr]
            firm_id = item.firm_id if isinstance(item, Queue | Workflow) else None
            batch.configured[table, item.id] = Configured(item.id, firm_id, item.name, msgspec.to_builtins(item), False)


def activity_view(activity: Activity) -> dict[str, Any]:
    """An activity as screens have it."""
    return {"id": activity.id, "name": activity.name, "available": activity.available}


def lines(tasks: Mapping[str, TaskView]) -> dict[str, tuple[int, int]]:
    """By queue: how many tasks wait for somebody to accept them, and since when the first one does (ms)."""
    found: dict[str, tuple[int, int]] = {}
    for task in tasks.values():
        if task.queue_id is not None and task.status in ("pending", "reserved"):
            count, oldest = found.get(task.queue_id, (0, 0))
            entered = task.entered_queue_at or task.created_at
            found[task.queue_id] = (count + 1, min(oldest, entered) if count else entered)
    return found


def queue_view(queue: Queue, counted: Mapping[str, tuple[int, int]]) -> dict[str, Any]:
    """A queue as the API and screens have it, with its present line."""
    waiting, oldest = counted.get(queue.id, (0, 0))
    return {
        "id": queue.id,
        "name": queue.name,
        "firm_id": queue.firm_id,
        "order": queue.order,
        "waiting": waiting,
        "oldest_entered_at": to_iso(oldest) if waiting else None,
        "target_seconds": queue.within_seconds,
        "target_share": queue.target_percent / 100,
    }


def _born(created: t.TaskCreated) -> TaskView:
    """A task that was created and ended within one command."""
    view = _gone(created)
    view.priority, view.virtual_start = created.priority, created.virtual_start
    return view


def _gone(transition: t._OfTask) -> TaskView:
    """What a transition alone says of its task."""
    at = transition.at
    return TaskView(
        transition.task_id, transition.firm_id, transition.conversation_id, transition.channel, "pending", 0,
        transition.workflow_id, transition.queue_id, None, None, at, at, None, None, None, 1,
    )  # fmt: skip


def _offered(transition: t._OfReservation) -> ReservationView:
    """What a transition alone says of its reservation."""
    expires = getattr(transition, "expires_at", transition.at)
    return ReservationView(
        transition.reservation_id, transition.task_id, transition.worker_id, transition.queue_id, transition.firm_id,
        "pending", transition.at, expires, None, None, None,
    )  # fmt: skip

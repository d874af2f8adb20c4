"""What happened in the router: one small value each, in the documented order of events.

They carry ids, times and the outcomes of expressions (which filter, which target, which workers), never a value of a
task's attributes, so the journal outlives an erasure. `type` is the event's public name. Times are milliseconds;
`waited_ms` counts from the task's creation, `in_queue_ms` from its entry into the queue."""

from typing import Any, ClassVar, cast

import msgspec
from msgspec import Struct

from parlons.routing.configuration import Target

REASON_WORKFLOW_TIMEOUT = "Task canceled on Workflow timeout"
REASON_NO_FILTER = "Task matched no Workflow filter"
REASON_SKIPPED = "Task was skipped out of its Workflow"
REASON_GONE = "The way the Task was to take is gone"
REASON_TTL = "Task TTL exceeded"
REASON_MOVES = "Task exceeded its number of offers"
REASON_ERASED = "erased"
REASON_TASK_CANCELED = "Task canceled"
REASON_TRANSFER_ENDED = "Transfer ended"


class Decision(Struct, frozen=True, omit_defaults=True, gc=False):
    """Why this worker got this task: kept with the reservation. The full list of candidates is computed on demand by replay."""

    rule: str
    """The filter's name or number, `default`, `target`, `transfer` or `companion`."""
    step: int
    """Which target of the filter, from 0."""
    chosen_by: str
    """`task`: the task found this worker idle; `worker`: the worker came free and this task was first; `companion`."""
    idle: int
    """Workers who could have taken it at that moment, the chosen one among them."""
    waiting: int
    """Tasks waiting under the same rule, this one among them."""
    sequence: int
    """The router's own count at the moment of choice."""
    task_key: tuple[int, int] = (0, 0)
    """Priority and virtual start (ms)."""
    worker_key: tuple[int | None, ...] = ()
    """Order values of the chosen worker, then his unoccupied-since (ms)."""
    next_workers: tuple[tuple[str, tuple[int | None, ...]], ...] = ()
    """The next two with theirs."""


class Transition(Struct, frozen=True, omit_defaults=True, tag_field="type", gc=False):
    """Base of all transitions. Values in values: the collector has nothing to find in them."""

    type: ClassVar[str]
    at: int


# --- configuration --------------------------------------------------------------------------------------------------------------


class WorkspaceUpdated(Transition, frozen=True, tag="workspace.updated"):
    """Settings changed."""


class _Configured(Transition, frozen=True):
    id: str
    name: str


class ActivityCreated(_Configured, frozen=True, tag="activity.created"):
    """A new activity."""


class ActivityUpdated(_Configured, frozen=True, tag="activity.updated"):
    """An activity changed its name."""


class ActivityDeleted(_Configured, frozen=True, tag="activity.deleted"):
    """An activity is gone."""


class TaskChannelCreated(_Configured, frozen=True, tag="task-channel.created"):
    """A new task channel."""


class TaskChannelUpdated(_Configured, frozen=True, tag="task-channel.updated"):
    """A task channel changed."""


class TaskChannelDeleted(_Configured, frozen=True, tag="task-channel.deleted"):
    """A task channel is gone."""


class QueueCreated(_Configured, frozen=True, tag="task-queue.created"):
    """A new queue."""


class QueueUpdated(_Configured, frozen=True, tag="task-queue.expression.updated"):
    """A queue changed."""


class QueueDeleted(_Configured, frozen=True, tag="task-queue.deleted"):
    """A queue is gone."""


class WorkflowCreated(_Configured, frozen=True, tag="workflow.created"):
    """A new workflow."""


class WorkflowUpdated(_Configured, frozen=True, tag="workflow.updated"):
    """A workflow changed."""


class WorkflowDeleted(_Configured, frozen=True, tag="workflow.deleted"):
    """A workflow is gone."""


# --- workers --------------------------------------------------------------------------------------------------------------------


class WorkerCreated(Transition, frozen=True, tag="worker.created"):
    """A new worker."""

    worker_id: str
    activity_id: str


class WorkerActivityUpdated(Transition, frozen=True, tag="worker.activity.update"):
    """A worker changed what he is doing."""

    worker_id: str
    activity_id: str
    previous_activity_id: str
    previous_ms: int
    """How long the previous activity lasted."""
    available: bool
    cause: str = "set"
    """`set`, `timeout`, `reject`, `reserved` or `assigned`."""


class WorkerAttributesUpdated(Transition, frozen=True, tag="worker.attributes.update"):
    """A worker's attributes or name changed."""

    worker_id: str


class WorkerCapacityUpdated(Transition, frozen=True, tag="worker.capacity.update"):
    """A worker's capacity on a channel changed."""

    worker_id: str
    channel: str
    capacity: int


class WorkerChannelAvailabilityUpdated(Transition, frozen=True, tag="worker.channel.availability.update"):
    """A worker's channel was opened or closed for offers."""

    worker_id: str
    channel: str
    available: bool


class WorkerReachableUpdated(Transition, frozen=True, tag="worker.reachable.update"):
    """A worker's screen came or went."""

    worker_id: str
    reachable: bool


class WorkerDeleted(Transition, frozen=True, tag="worker.deleted"):
    """A worker is gone."""

    worker_id: str


# --- tasks ----------------------------------------------------------------------------------------------------------------------


class _OfTask(Transition, frozen=True):
    task_id: str
    queue_id: str | None
    workflow_id: str | None
    channel: str
    firm_id: str | None
    conversation_id: str | None


class WorkflowEntered(_OfTask, frozen=True, tag="workflow.entered"):
    """A workflow leads the task from here."""


class WorkflowTargetMatched(_OfTask, frozen=True, tag="workflow.target-matched"):
    """The task stands at a target: the outcome of filter and target, from which an erased task is replayed."""

    filter: int
    """Index of the filter; -1: the default filter."""
    step: int
    priority: int
    known_worker_id: str | None = None
    """The worker the target names; empty: it names nobody who exists."""
    class_id: int = 0
    """The class of workers the target's expression holds for, when that depends on the task; 0: it does not."""


class WorkerClassCreated(Transition, frozen=True, tag="worker-class.created"):
    """Which workers a target's expression holds for, for tasks of one kind; `members` is a hexadecimal mask of worker numbers."""

    class_id: int
    members: str


class WorkerClassChanged(Transition, frozen=True, tag="worker-class.changed"):
    """A change to a worker let him join or leave the class."""

    class_id: int
    worker_id: str
    member: bool


class WorkflowTimeout(_OfTask, frozen=True, tag="workflow.timeout"):
    """The last target's time was over."""


class WorkflowSkipped(_OfTask, frozen=True, tag="workflow.skipped"):
    """skip_if let the task pass by a target."""

    filter: int
    step: int


class QueueEntered(_OfTask, frozen=True, tag="task-queue.entered"):
    """The task stands in a queue."""


class QueueMoved(_OfTask, frozen=True, tag="task-queue.moved"):
    """The task leaves a queue for another one."""

    to_queue_id: str | None


class QueueTimeout(_OfTask, frozen=True, tag="task-queue.timeout"):
    """A target's time in its queue was over."""


class TaskCreated(_OfTask, frozen=True, tag="task.created"):
    """A new task."""

    priority: int
    virtual_start: int
    ttl_seconds: int
    target: Target | None = None
    companion_of: str | None = None


class TaskUpdated(_OfTask, frozen=True, tag="task.updated"):
    """Something about the task changed; its status now."""

    status: str
    priority: int
    reason: str = ""


class TaskCanceled(_OfTask, frozen=True, tag="task.canceled"):
    """The task ended unserved."""

    reason: str
    waited_ms: int
    in_queue_ms: int


class TaskWrapup(_OfTask, frozen=True, tag="task.wrapup"):
    """The contact is over, the writing-up is not."""


class TaskCompleted(_OfTask, frozen=True, tag="task.completed"):
    """The task is done."""

    reason: str
    worker_id: str | None = None
    handled_ms: int = 0


class TaskTransferInitiated(_OfTask, frozen=True, tag="task.transfer-initiated"):
    """A worker offers his task to others."""

    target: Target
    reservation_id: str | None
    worker_id: str | None
    note_id: str | None = None


class _Transfer(_OfTask, frozen=True):
    worker_id: str | None
    """Who transfers."""
    to_worker_id: str | None = None
    reason: str = ""


class TaskTransferAttemptFailed(_Transfer, frozen=True, tag="task.transfer-attempt-failed"):
    """One who was asked did not take it."""


class TaskTransferFailed(_Transfer, frozen=True, tag="task.transfer-failed"):
    """Nobody took it: it is with its worker again."""


class TaskTransferCanceled(_Transfer, frozen=True, tag="task.transfer-canceled"):
    """The transfer was called back."""


class TaskTransferCompleted(_Transfer, frozen=True, tag="task.transfer-completed"):
    """Another worker has it now."""


# --- reservations ---------------------------------------------------------------------------------------------------------------


class _OfReservation(_OfTask, frozen=True):
    reservation_id: str
    worker_id: str


class ReservationCreated(_OfReservation, frozen=True, tag="reservation.created"):
    """A worker is offered a task."""

    expires_at: int
    decision: Decision


class ReservationAccepted(_OfReservation, frozen=True, tag="reservation.accepted"):
    """He took it."""

    waited_ms: int
    in_queue_ms: int
    ringing_ms: int


class ReservationRejected(_OfReservation, frozen=True, tag="reservation.rejected"):
    """He refused."""

    quiet_until: int = 0


class ReservationTimeout(_OfReservation, frozen=True, tag="reservation.timeout"):
    """He did not answer in time."""


class ReservationCanceled(_OfReservation, frozen=True, tag="reservation.canceled"):
    """The task went away from under it."""

    reason: str = ""


class ReservationRescinded(_OfReservation, frozen=True, tag="reservation.rescinded"):
    """Another worker was quicker."""


class ReservationWrapup(_OfReservation, frozen=True, tag="reservation.wrapup"):
    """The worker writes the contact up."""


class ReservationCompleted(_OfReservation, frozen=True, tag="reservation.completed"):
    """The worker is done with it."""

    handled_ms: int = 0


def _registry() -> dict[str, type[Transition]]:
    found: dict[str, type[Transition]] = {}
    kinds = [Transition]
    while kinds:
        kind = kinds.pop()
        kinds.extend(kind.__subclasses__())
        tag = kind.__struct_config__.tag
        if isinstance(tag, str) and not kind.__name__.startswith("_") and kind is not Transition:
            kind.type = tag
            found[tag] = kind
    return dict(sorted(found.items()))


TRANSITIONS: dict[str, type[Transition]] = _registry()
"""Every transition by its public name."""


def to_wire(transition: Transition) -> dict[str, Any]:
    """A JSON-able dict, the name under `type`."""
    return cast("dict[str, Any]", msgspec.to_builtins(transition))


def from_wire(wire: dict[str, Any]) -> Transition:
    """The transition of a dict made by `to_wire`; KeyError for an unknown type."""
    return msgspec.convert(wire, TRANSITIONS[wire["type"]])

"""The events of dispatch as the socket carries them, for the API's description: whole objects under singular keys.

What is sent is put together in screens.py; a test holds the two together. Names are those of the transitions.
"""

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, create_model

from parlons.dispatch.schemas import Activity, Queue, Reservation, Task, Worker

TASK_EVENTS = (
    "task.created", "task.updated", "task.canceled", "task.wrapup", "task.completed", "task.transfer-initiated",
    "task.transfer-attempt-failed", "task.transfer-failed", "task.transfer-canceled", "task.transfer-completed",
    "task-queue.entered", "task-queue.moved", "task-queue.timeout", "workflow.entered", "workflow.target-matched",
    "workflow.timeout", "workflow.skipped",
)  # fmt: skip
RESERVATION_EVENTS = (
    "reservation.created", "reservation.accepted", "reservation.rejected", "reservation.timeout", "reservation.canceled",
    "reservation.rescinded", "reservation.wrapup", "reservation.completed",
)  # fmt: skip
WORKER_EVENTS = (
    "worker.created", "worker.activity.update", "worker.attributes.update", "worker.capacity.update",
    "worker.channel.availability.update", "worker.reachable.update", "worker.deleted",
)  # fmt: skip
ACTIVITY_EVENTS = ("activity.created", "activity.updated", "activity.deleted")
QUEUE_EVENTS = ("task-queue.created", "task-queue.expression.updated", "task-queue.deleted")
OTHER_EVENTS = (
    "workflow.created", "workflow.updated", "workflow.deleted", "task-channel.created", "task-channel.updated",
    "task-channel.deleted",
)  # fmt: skip


class Removed(BaseModel):
    """Objects that are gone, by kind."""

    model_config = ConfigDict(extra="forbid")
    worker: str | None = None
    queue: str | None = None
    activity: str | None = None


class QueueFigures(BaseModel):
    """`queue.statistics`: at most once a second, to supervisors, without a place in the order."""

    model_config = ConfigDict(extra="forbid")
    queue_id: str
    name: str
    firm_id: str | None
    waiting: int
    oldest_entered_at: str | None
    service_level: float | None
    target_share: float
    target_seconds: int
    offered: int
    accepted: int
    accepted_within: int
    abandoned: int
    ready: int
    busy: int
    queue: Queue


_FACTS: dict[str, Any] = {
    name: (kind | None, None)
    for name, kind in {
        "task_id": str, "queue_id": str, "workflow_id": str, "channel": str, "firm_id": str, "conversation_id": str,
        "reservation_id": str, "worker_id": str, "reason": str, "note_id": str, "to_worker_id": str, "to_queue_id": str,
        "activity_id": str, "previous_activity_id": str, "id": str, "name": str, "cause": str, "companion_of": str,
        "known_worker_id": str, "status": str, "priority": int, "virtual_start": int, "ttl_seconds": int, "filter": int,
        "step": int, "waited_ms": int, "in_queue_ms": int, "ringing_ms": int, "handled_ms": int, "previous_ms": int,
        "expires_at": int, "quiet_until": int, "capacity": int, "available": bool, "reachable": bool,
        "target": dict[str, str],
    }.items()
}  # fmt: skip


def _data(name: str, **things: Any) -> type[BaseModel]:
    """What events about one kind of thing carry: facts of the transition, and whole objects."""
    carried = {**_FACTS, **things, "removed": (Removed | None, None)}
    return create_model(f"{name}EventData", __config__=ConfigDict(extra="forbid"), **carried)


def _event(event: str, data: type[BaseModel]) -> type[BaseModel]:
    """The frame of one event."""
    name = "".join(part.capitalize() for part in event.replace(".", "-").replace("_", "-").split("-"))
    frame: dict[str, Any] = {
        "type": (Literal["event"], ...),
        "seq": (int, ...),
        "event": (Literal[event], ...),
        "at": (str, ...),
        "data": (data, ...),
    }
    return create_model(f"{name}Event", __config__=ConfigDict(extra="forbid"), **frame)


_KINDS: tuple[tuple[Iterable[str], type[BaseModel]], ...] = (
    (TASK_EVENTS, _data("Task", task=(Task, ...))),
    (
        RESERVATION_EVENTS,
        _data("Reservation", task=(Task, ...), reservation=(Reservation, ...), worker=(Worker | None, None)),
    ),
    (WORKER_EVENTS, _data("Worker", worker=(Worker | None, None))),
    (ACTIVITY_EVENTS, _data("Activity", activity=(Activity | None, None))),
    (QUEUE_EVENTS, _data("Queue", queue=(Queue | None, None))),
    (OTHER_EVENTS, _data("Other")),
)
EVENTS: dict[str, type[BaseModel]] = {
    **{name: _event(name, data) for names, data in _KINDS for name in names},
    "queue.statistics": QueueFigures,
}
"""Every event by its name; the models are named after them (`ReservationCreatedEvent`)."""

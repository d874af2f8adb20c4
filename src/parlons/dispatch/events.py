"""The events of dispatch as the socket carries them, for the API's description: whole objects under singular keys.

What is sent is put together in screens.py; a test holds the two together. Names are those of the transitions.
"""

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


def _event(event: str, **things: Any) -> type[BaseModel]:
    """The frame of one event: the transition's own facts, and whole objects."""
    name = "".join(part.capitalize() for part in event.replace(".", "-").replace("_", "-").split("-"))
    data = create_model(
        f"{name}Data", __config__=ConfigDict(extra="forbid"), **{**_FACTS, **things, "removed": (Removed | None, None)}
    )
    frame: dict[str, Any] = {
        "type": (Literal["event"], ...),
        "seq": (int, ...),
        "event": (Literal[event], ...),
        "at": (str, ...),
        "data": (data, ...),
    }
    return create_model(f"{name}Event", __config__=ConfigDict(extra="forbid"), **frame)


EVENTS: dict[str, type[BaseModel]] = {
    **{name: _event(name, task=(Task, ...)) for name in TASK_EVENTS},
    **{
        name: _event(name, task=(Task, ...), reservation=(Reservation, ...), worker=(Worker | None, None))
        for name in RESERVATION_EVENTS
    },
    **{name: _event(name, worker=(Worker | None, None)) for name in WORKER_EVENTS},
    **{name: _event(name, activity=(Activity | None, None)) for name in ACTIVITY_EVENTS},
    **{name: _event(name, queue=(Queue | None, None)) for name in QUEUE_EVENTS},
    **{name: _event(name) for name in OTHER_EVENTS},
    "queue.statistics": QueueFigures,
}
"""Every event by its name; the models are named after them (`ReservationCreatedEvent`)."""

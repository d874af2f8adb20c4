"""What the API takes and gives for tasks, reservations, workers and queues: pydantic at the edge only.

The answers' fields are the ones of the socket's events (events.py declares those), so a client has one type for each thing.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Body(BaseModel):
    """A request's body: unknown fields are refused, so that a misspelt one is not silently ignored."""

    model_config = ConfigDict(extra="forbid")


class Thing(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(extra="forbid")


TaskStatus = Literal["pending", "reserved", "assigned", "wrapping", "completed", "canceled"]


class Task(Thing):
    """One task. Times are RFC 3339."""

    id: str
    status: TaskStatus
    priority: int
    queue_id: str | None
    workflow_id: str | None
    channel: str
    conversation_id: str | None
    firm_id: str | None
    created_at: str
    virtual_start_at: str
    entered_queue_at: str | None
    ended_at: str | None
    worker_id: str | None
    reservation_id: str | None
    reason: str | None
    title: str | None = None
    attributes: dict[str, Any] | None = None
    """None on lists, and where they were erased."""
    version: int


class Reservation(Thing):
    """One worker's hold on one task; screens call a pending one an offer."""

    id: str
    task_id: str
    worker_id: str
    queue_id: str | None
    firm_id: str | None
    status: Literal["pending", "accepted", "rejected", "timeout", "canceled", "rescinded", "wrapping", "completed"]
    created_at: str
    expires_at: str | None
    accepted_at: str | None
    ended_at: str | None
    reason_code: str | None


class ChannelLoad(Thing):
    """A worker's room on one task channel."""

    capacity: int
    available: bool
    assigned: int
    reserved: int


class Worker(Thing):
    """One worker."""

    id: str
    name: str
    firm_ids: list[str]
    activity_id: str
    activity_since: str
    reachable: bool
    available: bool
    attributes: dict[str, Any]
    channels: dict[str, ChannelLoad]
    user_id: str | None


class Queue(Thing):
    """One queue and its present line."""

    id: str
    name: str
    firm_id: str | None
    order: Literal["FIFO", "LIFO"]
    waiting: int
    oldest_entered_at: str | None
    target_seconds: int
    target_share: float


class Activity(Thing):
    """What a worker may be doing."""

    id: str
    name: str
    available: bool


class Tasks(Thing):
    """A page of tasks."""

    items: list[Task]
    next: str | None


class Reservations(Thing):
    """A page of reservations."""

    items: list[Reservation]
    next: str | None = None


class Workers(Thing):
    """All workers the caller may see."""

    items: list[Worker]
    next: str | None = None


class Queues(Thing):
    """All queues the caller may see."""

    items: list[Queue]
    next: str | None = None


class Activities(Thing):
    """All activities."""

    items: list[Activity]
    next: str | None = None


class To(Body):
    """Where a task goes: exactly one of the three."""

    worker_id: str | None = None
    queue_id: str | None = None
    workflow_id: str | None = None

    @model_validator(mode="after")
    def _one(self) -> "To":
        if sum(value is not None for value in (self.worker_id, self.queue_id, self.workflow_id)) != 1:
            raise ValueError("name exactly one of worker_id, queue_id, workflow_id")
        return self


class NewTask(Body):
    """A task without conversation, made by a program."""

    attributes: dict[str, Any] = Field(default_factory=dict)
    workflow_id: str | None = None
    to: To | None = None
    channel: str = Field("default", max_length=64)
    priority: int = Field(0, ge=0, le=2**31 - 1)
    ttl_seconds: int = Field(86_400, ge=1, le=1_209_600)
    firm_id: str | None = None


class ChangedTask(Body):
    """What may be changed about an open task."""

    attributes: dict[str, Any] | None = None
    priority: int | None = Field(None, ge=0, le=2**31 - 1)


class Reason(Body):
    """Why; a code or a few words, shown to colleagues."""

    reason: str = Field("", max_length=256)


class Transfer(Body):
    """To whom a task is offered, and the note that goes with it."""

    to: To
    note_id: str | None = Field(None, max_length=64)
    priority: int | None = Field(None, ge=0, le=2**31 - 1)


class Assign(Body):
    """The worker who is to have a task."""

    worker_id: str


class Reject(Body):
    """Refusing an offer: for `quiet_seconds` the same task is not offered to this worker again."""

    reason: str = Field("", max_length=256)
    quiet_seconds: int = Field(0, ge=0, le=86_400)
    activity_id: str | None = None


class ChangedWorker(Body):
    """What supervisors change about a worker. `channels`: capacity, or capacity and availability, by task channel."""

    attributes: dict[str, Any] | None = None
    channels: "dict[str, int | ChangedChannel] | None" = None


class ChangedChannel(Body):
    """A worker's room on one task channel."""

    capacity: int | None = Field(None, ge=0, le=1000)
    available: bool | None = None


class NewActivity(Body):
    """What a worker does from now on."""

    activity_id: str
    reject_pending: bool = False
    reason: str = Field(default="", max_length=300)
    """Why, for another's state: he is told."""


class CheckExpression(Body):
    """An expression to be checked as one would write it in a queue, a filter or a target."""

    expression: str = Field(max_length=10_000)
    scope: Literal["queue", "filter", "target", "skip_if", "order_by"] = "queue"


class Problem(Thing):
    """What is wrong, where, and how to mend it."""

    line: int
    column: int
    message: str
    remedy: str


class Checked(Thing):
    """Whether an expression is valid."""

    valid: bool
    problems: list[Problem]

"""What travels: dispatch. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from parlons.client.types.shared import Activity, Queue, Reservation, Task, Worker


class Activities(TypedDict):
    items: list[Activity]
    next: NotRequired[str | None]


class Assign(TypedDict):
    worker_id: str


class ChangedChannel(TypedDict):
    capacity: NotRequired[int | None]
    available: NotRequired[bool | None]


class ChangedSkills(TypedDict):
    skills: NotRequired[dict[str, Any]]
    languages: NotRequired[dict[str, Any]]


class ChangedTask(TypedDict):
    attributes: NotRequired[dict[str, Any] | None]
    priority: NotRequired[int | None]


class ChangedWorker(TypedDict):
    attributes: NotRequired[dict[str, Any] | None]
    channels: NotRequired[dict[str, int | ChangedChannel] | None]


class CheckExpression(TypedDict):
    expression: str
    scope: NotRequired[Literal["queue", "filter", "target", "skip_if", "order_by"]]


class Checked(TypedDict):
    valid: bool
    problems: list[Problem]


class NewActivity(TypedDict):
    activity_id: str
    reject_pending: NotRequired[bool]
    reason: NotRequired[str]


class NewTask(TypedDict):
    attributes: NotRequired[dict[str, Any]]
    workflow_id: NotRequired[str | None]
    to: NotRequired[To | None]
    channel: NotRequired[str]
    priority: NotRequired[int]
    ttl_seconds: NotRequired[int]
    firm_id: NotRequired[str | None]


class Problem(TypedDict):
    line: int
    column: int
    message: str
    remedy: str


class Queues(TypedDict):
    items: list[Queue]
    next: NotRequired[str | None]


class Reason(TypedDict):
    reason: NotRequired[str]


class Reject(TypedDict):
    reason: NotRequired[str]
    quiet_seconds: NotRequired[int]
    activity_id: NotRequired[str | None]


class Reservations(TypedDict):
    items: list[Reservation]
    next: NotRequired[str | None]


class Tasks(TypedDict):
    items: list[Task]
    next: str | None


class To(TypedDict):
    worker_id: NotRequired[str | None]
    queue_id: NotRequired[str | None]
    workflow_id: NotRequired[str | None]


class Transfer(TypedDict):
    to: To
    note_id: NotRequired[str | None]
    priority: NotRequired[int | None]


class Workers(TypedDict):
    items: list[Worker]
    next: NotRequired[str | None]

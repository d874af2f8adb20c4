"""What travels: configuration. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class Applied(TypedDict):
    dry_run: bool
    changes: list[Difference]
    unchanged: int
    kept: list[Kept]
    text: str
    effects: dict[str, Any]
    links: dict[str, str]


class AskedWorker(TypedDict):
    worker_id: str
    ready: bool


class Difference(TypedDict):
    kind: str
    name: str
    act: Literal["add", "change", "remove"]
    diff: dict[str, list[Any]]


class FilterPart(TypedDict):
    name: str
    when: str
    targets: list[TargetPart]


class Kept(TypedDict):
    kind: str
    name: str


class PassedFilter(TypedDict):
    filter: int
    false: list[str]


class TargetPart(TypedDict):
    queue: NotRequired[str | None]
    expression: NotRequired[str | None]
    order_by: NotRequired[str | None]
    known_worker: NotRequired[str | None]
    known_worker_name: NotRequired[str | None]
    priority: NotRequired[int | None]
    timeout_seconds: NotRequired[int | None]
    skip_if: NotRequired[str | None]


class TriedQueue(TypedDict):
    workers: list[AskedWorker]


class TriedStep(TypedDict):
    queue_id: str
    seconds: int | None
    priority: int | None
    skipped: bool
    workers: list[AskedWorker]


class TriedWorkflow(TypedDict):
    filter: int | None
    passed: list[PassedFilter]
    steps: list[TriedStep]


class TryQueue(TypedDict):
    workers: str
    channel: NotRequired[str | None]


class TryWorkflow(TypedDict):
    workflow: WorkflowPart
    attributes: NotRequired[dict[str, Any]]
    channel: NotRequired[str]


class WorkflowPart(TypedDict):
    name: str
    firm: NotRequired[str | None]
    reservation_timeout_seconds: NotRequired[int]
    filters: NotRequired[list[FilterPart]]
    default_queue: NotRequired[str | None]

"""What travels: floor. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class Alert(TypedDict):
    id: str
    waiting: int | None
    oldest_seconds: int | None
    share: float | None


class Day(TypedDict):
    worker_id: str
    from_at: str
    states: list[DayState]
    contacts: list[DayContact]


class DayContact(TypedDict):
    id: str
    task_id: str
    worker_id: str
    queue_id: str | None
    firm_id: str | None
    status: str
    created_at: str
    expires_at: str | None
    accepted_at: str | None
    ended_at: str | None
    reason_code: str | None
    channel: str
    conversation_id: str | None


class DayState(TypedDict):
    activity_id: str
    reachable: bool
    since_at: str
    until_at: str | None


class Given(TypedDict):
    skills: dict[str, int | bool]
    channels: dict[str, int]


class Helper(TypedDict):
    worker_id: str
    name: str
    skill: str
    left_ready: int


class Helpers(TypedDict):
    items: list[Helper]


class Layout(TypedDict):
    view: NotRequired[Literal["table", "tiles"]]
    order: NotRequired[Literal["attention", "skill", "name"]]
    sections: NotRequired[list[Literal["queues", "waiting", "calls", "people", "unserved"]]]
    queue_ids: NotRequired[list[str]]


class Limits(TypedDict):
    waiting: NotRequired[int | None]
    oldest_seconds: NotRequired[int | None]
    share: NotRequired[float | None]


class Memo(TypedDict):
    id: str
    kind: Literal["state", "moved", "moved-back", "message", "whisper", "taken"]
    message_id: str | None
    conversation_id: str | None
    by_user_id: str | None
    by_name: str
    text: str
    data: dict[str, Any]
    at: str


class Move(TypedDict):
    id: str
    worker_id: str
    firm_ids: list[str]
    given: Given
    before: Given
    reason: str
    by_user_id: str | None
    by_name: str
    made_at: str
    until_at: str
    status: Literal["open", "ended"]


class NewMessage(TypedDict):
    text: str
    queue_id: NotRequired[str | None]
    skill: NotRequired[str | None]


class NewMove(TypedDict):
    skills: NotRequired[dict[str, Any]]
    channels: NotRequired[dict[str, Any]]
    until_at: str
    reason: NotRequired[str]


class Sent(TypedDict):
    id: str
    text: str
    at: str
    told: int
    seen: int


class SentList(TypedDict):
    items: list[Sent]


class Whisper(TypedDict):
    text: str

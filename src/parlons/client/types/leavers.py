"""What travels: leavers. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Literal, TypedDict


class Leaver(TypedDict):
    id: str
    firm_id: str
    queue_id: str | None
    conversation_id: str
    customer: LeaverCustomer
    channel: str
    reason: Literal["hung-up", "left-chat", "form", "not-served"]
    waited_seconds: int
    left_at: str
    state: Literal["waiting", "recontacted", "taken", "answered", "came-back", "refused", "failed"]
    code: str
    rule: str
    due_at: str | None
    message: LeaverMessage | None
    called_back: bool
    by_user_id: str | None
    settled_at: str | None


class LeaverCustomer(TypedDict):
    id: str
    name: str
    address: str | None


class LeaverFigures(TypedDict):
    left: int
    waited_seconds: int | None
    planned: int
    states: dict[str, int]
    reasons: dict[str, int]
    refused: dict[str, int]
    failed: dict[str, int]
    messages: LeaverMessages


class LeaverMessage(TypedDict):
    state: str
    code: str
    answered: bool


class LeaverMessages(TypedDict):
    sent: int
    failed: int
    answered: int


class Leavers(TypedDict):
    items: list[Leaver]
    next: str | None


class TakeBody(TypedDict):
    how: Literal["call", "write", "done"]


class Taken(TypedDict):
    leaver: Leaver
    number: str | None

"""What travels: shared. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class Activity(TypedDict):
    id: str
    name: str
    available: bool


class Call(TypedDict):
    id: str
    conversation_id: str | None
    task_id: str | None
    firm_id: str | None
    queue_id: str | None
    direction: Literal["in", "out", "internal"]
    state: Literal["ringing", "menu", "waiting", "talking", "held", "consulting", "wrapping", "ended", "parked"]
    worker_id: str | None
    from_number: str
    number: str
    customer_name: str
    started_at: str
    answered_at: str | None
    agent_at: str | None
    queued_at: str | None
    held_since: str | None
    wrap_until: str | None
    ended_at: str | None
    end_cause: str | None
    recording: RecordingState
    parties: list[Party]
    quality: Quality | None
    version: int


class ChannelLoad(TypedDict):
    capacity: int
    available: bool
    assigned: int
    reserved: int


class Digits(TypedDict):
    digits: str


class Party(TypedDict):
    leg_id: str
    kind: Literal["customer", "agent", "supervisor", "outside"]
    label: str
    worker_id: str | None
    state: Literal["ringing", "talking"]
    held: bool
    muted: bool
    mode: Literal["listen", "whisper", "barge"] | None


class PhoneAnswer(TypedDict):
    answer_sdp: str
    leg_id: str


class PhoneOffer(TypedDict):
    offer_sdp: str


class Quality(TypedDict):
    lost_percent: float
    jitter_ms: float
    rtt_ms: float
    mos: float


class Queue(TypedDict):
    id: str
    name: str
    firm_id: str | None
    order: Literal["FIFO", "LIFO"]
    waiting: int
    oldest_entered_at: str | None
    target_seconds: int
    target_share: float


class RecordingState(TypedDict):
    state: Literal["on", "paused", "off", "failed"]


class Reservation(TypedDict):
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


class Task(TypedDict):
    id: str
    status: Literal["pending", "reserved", "assigned", "wrapping", "completed", "canceled"]
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
    title: NotRequired[str | None]
    attributes: NotRequired[dict[str, Any] | None]
    version: int


class TemplateChoice(TypedDict):
    name: str
    language: str
    values: NotRequired[list[str]]


class TextBody(TypedDict):
    text: NotRequired[str]
    subject: NotRequired[str]
    template: NotRequired[str]
    values: NotRequired[list[str]]


class Worker(TypedDict):
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

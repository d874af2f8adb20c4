"""What travels: webhooks. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class AgainBody(TypedDict):
    ids: NotRequired[list[str]]
    failed_since: NotRequired[str | None]


class Deliveries(TypedDict):
    items: list[Delivery]
    next: str | None


class Delivery(TypedDict):
    id: str
    type: str
    state: Literal["waiting", "delivered", "failed"]
    attempts: int
    status: int | None
    error: str
    duration_ms: int | None
    created_at: str
    attempted_at: str | None
    next_at: str | None


class DeliveryBody(TypedDict):
    id: str
    body: str


class Webhook(TypedDict):
    id: str
    name: str
    url: str
    firm_id: str | None
    events: list[str]
    active: bool
    state: Literal["working", "not-answering", "off", "failing", "gone"]
    failing_since: str | None
    old_secret_until: str | None
    created_at: str
    version: int


class WebhookBody(TypedDict):
    name: str
    url: str
    firm_id: NotRequired[str | None]
    events: NotRequired[list[str]]
    active: NotRequired[bool]


class WebhookKind(TypedDict):
    type: str
    words: str


class WebhookKinds(TypedDict):
    items: list[WebhookKind]
    next: NotRequired[None]


class WebhookPatch(TypedDict):
    name: NotRequired[str | None]
    url: NotRequired[str | None]
    firm_id: NotRequired[str | None]
    events: NotRequired[list[str] | None]
    active: NotRequired[bool | None]
    version: NotRequired[int | None]


class WebhookWithSecret(TypedDict):
    id: str
    name: str
    url: str
    firm_id: str | None
    events: list[str]
    active: bool
    state: Literal["working", "not-answering", "off", "failing", "gone"]
    failing_since: str | None
    old_secret_until: str | None
    created_at: str
    version: int
    secret: str


class Webhooks(TypedDict):
    items: list[Webhook]
    next: str | None

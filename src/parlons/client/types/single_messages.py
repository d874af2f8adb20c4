"""What travels: single_messages. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from parlons.client.types.shared import TextBody


class Single(TypedDict):
    id: str
    firm_id: str
    account_id: str
    channel: str
    customer_id: str | None
    address: SingleAddress | None
    purpose: Literal["marketing", "service"]
    reference: str
    reason: str
    state: str
    code: str
    answered: bool
    conversation_id: str | None
    message_id: str | None
    created_by: str
    created_at: str
    at: str | None
    due_at: str
    ended_at: str | None


class SingleAddress(TypedDict):
    kind: str
    value: str


class SingleBody(TypedDict):
    customer_id: NotRequired[str | None]
    address: NotRequired[str | None]
    firm_id: NotRequired[str | None]
    channel: NotRequired[str | None]
    account_id: NotRequired[str | None]
    purpose: NotRequired[Literal["marketing", "service"]]
    texts: NotRequired[dict[str, TextBody]]
    template: NotRequired[str]
    subject: NotRequired[str]
    attributes: NotRequired[dict[str, str]]
    at: NotRequired[str | None]
    zone: NotRequired[str]
    name: NotRequired[str]
    language: NotRequired[str | None]
    country: NotRequired[str]
    reference: NotRequired[str]


class Singles(TypedDict):
    items: list[Single]
    next: str | None

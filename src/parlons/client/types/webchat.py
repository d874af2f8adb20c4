"""What travels: webchat. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class Body_webchat_upload(TypedDict):
    file: str


class IdentityBody(TypedDict):
    user_id: str
    email: NotRequired[str]
    name: NotRequired[str]
    signature: str


class MessageBody(TypedDict):
    client_id: str
    text: NotRequired[str]
    attachment_ids: NotRequired[list[str]]
    language: NotRequired[Literal["en", "fr"]]
    page: NotRequired[PageBody | None]
    attributes: NotRequired[dict[str, str | int | float | bool]]


class OfflineBody(TypedDict):
    client_id: str
    name: str
    email: str
    text: str
    language: NotRequired[Literal["en", "fr"]]
    page: NotRequired[PageBody | None]


class PageBody(TypedDict):
    path: NotRequired[str]
    title: NotRequired[str]
    product: NotRequired[dict[str, str | None] | None]


class ReadBody(TypedDict):
    message_id: str


class Subscription(TypedDict):
    address: str
    public_key: str
    secret: str
    language: NotRequired[Literal["en", "fr"]]
    time_zone: NotRequired[str]
    page: str


class VisitBody(TypedDict):
    consent: Literal["writing", "given"]
    language: NotRequired[Literal["en", "fr"]]
    page: NotRequired[PageBody | None]

"""What travels: channels. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from parlons.client.types.shared import TemplateChoice


class First(TypedDict):
    text: NotRequired[str]
    attachment_ids: NotRequired[list[str]]
    channel: NotRequired[str | None]
    account_id: str
    to: NotRequired[str | None]
    subject: NotRequired[str | None]
    cc: NotRequired[list[str]]
    bcc: NotRequired[list[str]]
    html: NotRequired[str]
    template: NotRequired[TemplateChoice | None]
    customer_id: NotRequired[str | None]
    claim: NotRequired[bool]
    name: NotRequired[str]
    language: NotRequired[str]
    client_id: str


class Hiding(TypedDict):
    hidden: bool


class News(TypedDict):
    text: str
    event: NotRequired[str]


class SendOn(TypedDict):
    account_id: str
    to: str
    text: NotRequired[str]
    files: NotRequired[bool]
    client_id: str

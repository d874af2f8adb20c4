"""What travels: conversations. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from parlons.client.types.shared import TemplateChoice


class Body_conversations_upload(TypedDict):
    file: str


class Chosen(TypedDict):
    message_ids: list[str]
    subject: NotRequired[str]
    version: NotRequired[int | None]


class Close(TypedDict):
    version: NotRequired[int | None]
    disposition_id: NotRequired[str | None]
    note: NotRequired[str]


class DraftText(TypedDict):
    text: str
    channel: NotRequired[str]
    html: NotRequired[str]


class NoteText(TypedDict):
    text: str
    mentions: NotRequired[list[str]]


class Park(TypedDict):
    version: NotRequired[int | None]
    until_at: NotRequired[str | None]


class Read(TypedDict):
    message_id: NotRequired[str | None]


class Send(TypedDict):
    text: NotRequired[str]
    attachment_ids: NotRequired[list[str]]
    channel: NotRequired[str | None]
    account_id: NotRequired[str | None]
    to: NotRequired[str | None]
    subject: NotRequired[str | None]
    cc: NotRequired[list[str]]
    bcc: NotRequired[list[str]]
    html: NotRequired[str]
    template: NotRequired[TemplateChoice | None]
    client_id: str
    seen_number: NotRequired[int | None]
    anyway: NotRequired[bool]


class Step(TypedDict):
    version: NotRequired[int | None]


class Tags(TypedDict):
    tags: list[str]
    version: NotRequired[int | None]

"""What travels: templates. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class ReplyChange(TypedDict):
    shortcut: str
    title: str
    texts: dict[str, str]
    firm_id: NotRequired[str | None]
    queue_id: NotRequired[str | None]
    version: int


class ReplyText(TypedDict):
    shortcut: str
    title: str
    texts: dict[str, str]
    firm_id: NotRequired[str | None]
    queue_id: NotRequired[str | None]


class Sample(TypedDict):
    text: str
    firm_name: NotRequired[str]

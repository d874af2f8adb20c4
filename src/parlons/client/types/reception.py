"""What travels: reception. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class Joined(TypedDict):
    kind: Literal["chat", "video"]
    language: str
    widget_key: NotRequired[str | None]
    visitor_token: NotRequired[str | None]
    call_id: NotRequired[str | None]
    token: NotRequired[str | None]


class LinkMade(TypedDict):
    path: str
    expires_at: str


class ReceptionNewLink(TypedDict):
    kind: Literal["chat", "video"]
    call_id: NotRequired[str | None]

"""What travels: team. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class Colleague(TypedDict):
    user_id: str
    name: str
    worker_id: str | None


class ColleaguePage(TypedDict):
    items: list[Colleague]
    next: str | None


class Discussion(TypedDict):
    id: str
    kind: Literal["direct", "team"]
    name: str
    members: list[Member]
    last_number: int
    last: LastLine | None
    last_at: str
    version: int


class DiscussionPage(TypedDict):
    items: list[Discussion]
    next: str | None


class DraftLine(TypedDict):
    text: str


class LastLine(TypedDict):
    id: str
    number: int
    author_user_id: str
    author_name: str
    text: str
    conversation_id: str | None
    at: str
    gone: bool


class Line(TypedDict):
    id: str
    discussion_id: str
    number: int
    author_user_id: str
    author_name: str
    text: str
    mentions: list[str]
    conversation_id: str | None
    at: str
    gone: bool


class LinePage(TypedDict):
    items: list[Line]
    next: str | None


class Member(TypedDict):
    user_id: str
    name: str
    worker_id: str | None
    active: bool


class NewDiscussion(TypedDict):
    user_id: NotRequired[str | None]
    name: NotRequired[str]
    user_ids: NotRequired[list[str]]


class NewLine(TypedDict):
    text: str
    mentions: NotRequired[list[str]]
    conversation_id: NotRequired[str | None]


class ReadUpTo(TypedDict):
    number: int


class Reading(TypedDict):
    id: str
    read_number: int
    named_number: int
    draft: str


class TeamChange(TypedDict):
    name: NotRequired[str | None]
    user_ids: NotRequired[list[str] | None]
    version: int

"""What travels: knowledge. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class ArticleAct(TypedDict):
    act: Literal["submit", "send-back", "publish", "archive", "reopen"]
    version: int


class ArticleChange(TypedDict):
    title: str
    summary: NotRequired[str]
    html: NotRequired[str]
    audience: NotRequired[Literal["internal", "public"]]
    category_id: NotRequired[str | None]
    slug: NotRequired[str]
    version: int


class Body_knowledge_add_article_file(TypedDict):
    file: str
    article_id: str


class Centre(TypedDict):
    open: bool
    slug: NotRequired[str]
    version: NotRequired[int | None]


class NewArticle(TypedDict):
    title: str
    summary: NotRequired[str]
    html: NotRequired[str]
    audience: NotRequired[Literal["internal", "public"]]
    category_id: NotRequired[str | None]
    slug: NotRequired[str]
    firm_id: str
    language: str
    translates: NotRequired[str | None]


class PutBack(TypedDict):
    number: int
    version: int


class Section(TypedDict):
    names: dict[str, str]
    position: NotRequired[int]
    firm_id: str


class Settled(TypedDict):
    conversation_id: str
    outcome: Literal["inserted", "unhelpful"]

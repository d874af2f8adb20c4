"""What travels: settings. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


class Changed(TypedDict):
    dry_run: bool
    name: str | None
    etag: str | None
    changes: list[dict[str, Any]]
    text: str
    effects: dict[str, Any]
    revision: str | None
    links: dict[str, str]


class Draft(TypedDict):
    etag: NotRequired[str | None]
    thing: dict[str, Any]


class Settings(TypedDict):
    revision: str | None
    default_firm: str
    things: dict[str, dict[str, Thing]]


class Thing(TypedDict):
    kind: str
    name: str
    etag: str
    thing: dict[str, Any]

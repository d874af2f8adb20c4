"""What travels: customers. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


class CustomerChange(TypedDict):
    name: NotRequired[str | None]
    language: NotRequired[str | None]
    attributes: NotRequired[dict[str, Any] | None]
    version: NotRequired[int | None]


class NewAddress(TypedDict):
    kind: str
    value: str
    verified: NotRequired[bool]


class NewCustomer(TypedDict):
    firm_id: str
    kind: str
    value: str
    verified: NotRequired[bool]
    name: NotRequired[str]
    language: NotRequired[str | None]


class Other(TypedDict):
    other_id: str


class PageLink(TypedDict):
    url: str
    expires_at: str


class PortalNewLink(TypedDict):
    days: NotRequired[int]

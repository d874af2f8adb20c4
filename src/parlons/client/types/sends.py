"""What travels: sends. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from parlons.client.types.shared import TextBody


class ListBody(TypedDict):
    items: NotRequired[list[dict[str, str]]]
    csv: NotRequired[str]


class PreviewBody(TypedDict):
    customer_id: NotRequired[str | None]
    place: NotRequired[int]


class SegmentBody(TypedDict):
    languages: NotRequired[list[str]]
    attributes: NotRequired[dict[str, list[str]]]
    proven: NotRequired[bool]


class SendBody(TypedDict):
    name: str
    account_id: str
    purpose: NotRequired[Literal["marketing", "service"]]
    texts: dict[str, TextBody]
    segment: NotRequired[SegmentBody | None]
    zone: NotRequired[str]
    starts_at: NotRequired[str | None]
    per_second: NotRequired[float | None]


class SendChange(TypedDict):
    name: str
    account_id: str
    purpose: NotRequired[Literal["marketing", "service"]]
    texts: dict[str, TextBody]
    segment: NotRequired[SegmentBody | None]
    zone: NotRequired[str]
    starts_at: NotRequired[str | None]
    per_second: NotRequired[float | None]
    version: int


class TrialBody(TypedDict):
    address: str
    language: NotRequired[str | None]

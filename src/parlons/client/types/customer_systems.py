"""What travels: customer_systems. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any, Literal, TypedDict


class AllCustomerRecords(TypedDict):
    items: list[CustomerRecords]


class CustomerRecord(TypedDict):
    id: str
    url: str
    values: dict[str, Any]
    read_at: str | None


class CustomerRecords(TypedDict):
    lookup_id: str
    name: str
    system: str
    state: Literal["linked", "absent", "several", "stale", "away"]
    reason: str
    away_since_at: str | None
    waiting: int
    fields: list[RecordField]
    record: CustomerRecord | None
    candidates: list[CustomerRecord]
    prefill: dict[str, Any]
    differences: list[RecordDifference]
    writes: list[RecordWrite]
    pop_url: str


class DeskPanel(TypedDict):
    id: str
    name: str
    url: str
    origin: str
    height: int
    token: str
    context: dict[str, str | None]


class DeskPanels(TypedDict):
    items: list[DeskPanel]


class LookupState(TypedDict):
    id: str
    name: str
    system: str
    active: bool
    away_since_at: str | None
    reason: str
    waiting: int
    hook_url: str


class LookupStates(TypedDict):
    items: list[LookupState]


class LookupTested(TypedDict):
    works: bool
    reason: str


class NewRecord(TypedDict):
    values: dict[str, str | int | float | bool | None]


class RecordChange(TypedDict):
    values: dict[str, str | int | float | bool | None]
    seen: dict[str, str | int | float | bool | None]


class RecordChosen(TypedDict):
    record_id: str | None


class RecordDifference(TypedDict):
    to: str
    ours: Any
    theirs: Any


class RecordField(TypedDict):
    name: str
    label: dict[str, str]
    to: str
    edit: bool


class RecordSettled(TypedDict):
    to: str
    keep: Literal["ours", "theirs"]


class RecordWrite(TypedDict):
    id: str
    kind: Literal["contact", "update", "create"]
    state: Literal["waiting", "refused", "conflict"]
    reason: str
    values: dict[str, Any]
    theirs: dict[str, Any]
    created_at: str


class WriteSettled(TypedDict):
    keep: Literal["ours", "theirs"]

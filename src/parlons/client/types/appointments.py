"""What travels: appointments. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class AppointmentShown(TypedDict):
    id: str
    firm_id: str
    customer_id: str
    customer_name: str
    starts_at: str
    ends_at: str
    zone: str
    state: Literal["booked", "changed", "cancelled", "kept", "missed"]
    about: str
    reminders: list[Reminder]
    made_by: str
    made_by_id: str | None
    made_at: str
    changed_at: str
    version: int


class Appointments(TypedDict):
    items: list[AppointmentShown]
    next: str | None


class Booking(TypedDict):
    customer_id: str
    starts_at: str
    about: NotRequired[str]


class Cancelling(TypedDict):
    version: NotRequired[int | None]


class Moving(TypedDict):
    starts_at: str
    version: NotRequired[int | None]


class Reminder(TypedDict):
    minutes: int
    state: str
    code: str


class Settling(TypedDict):
    state: Literal["kept", "missed"]
    version: NotRequired[int | None]


class SlotShown(TypedDict):
    starts_at: str
    ends_at: str
    places: int


class Slots(TypedDict):
    firm_id: str
    zone: str
    items: list[SlotShown]


class Taking(TypedDict):
    active: NotRequired[bool]
    hours_id: NotRequired[str | None]
    zone: NotRequired[str]
    length_minutes: NotRequired[int]
    capacity: NotRequired[int]
    lead_minutes: NotRequired[int]
    horizon_days: NotRequired[int]
    most_to_come: NotRequired[int]
    reminders: NotRequired[list[int]]
    lookup_url: NotRequired[str]
    version: NotRequired[int | None]

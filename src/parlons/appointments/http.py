"""Appointments over HTTP: for who serves customers, within his firms; how a firm takes them is an administrator's.

GET  /appointments                 of a firm, a customer, a span of time; in the order of their times
GET  /appointments/slots           what is free
POST /appointments                 book
POST /appointments/{id}/move       to another free slot
POST /appointments/{id}/cancel
POST /appointments/{id}/settle     kept or missed
"""

from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field

from parlons.accounts.http import Administrator, Agent, Body, database
from parlons.accounts.model import Principal
from parlons.appointments import commands, offering
from parlons.appointments.commands import By
from parlons.appointments.model import (
    DAY_MS,
    MAX_ABOUT,
    MAX_URL,
    Appointment,
    State,
    UnknownAppointment,
    settings_of,
)
from parlons.appointments.slots import Slot
from parlons.appointments.store import appointments, read_appointments
from parlons.customers import queries as customer_queries
from parlons.customers.http import seen, serves
from parlons.customers.merging import one_person
from parlons.kit.clock import from_datetime, to_iso
from parlons.kit.ids import APPOINTMENT, FIRM
from parlons.kit.pages import DEFAULT_LIMIT, LARGEST_LIMIT, decode_cursor, moment_of, page_of
from parlons.runtime.asked import CustomerId, FirmId, id_of
from parlons.runtime.db import Tx
from parlons.runtime.http import Once
from parlons.runtime.safe_http import SafeHttp

Json = dict[str, Any]
router = APIRouter(tags=["appointments"])


class SlotShown(BaseModel):
    starts_at: str
    ends_at: str
    places: int
    """How many are left."""


class Slots(BaseModel):
    firm_id: str
    zone: str
    items: list[SlotShown]


class Reminder(BaseModel):
    minutes: int
    state: str
    code: str


class AppointmentShown(BaseModel):
    id: str
    firm_id: str
    customer_id: str
    customer_name: str
    starts_at: str
    ends_at: str
    zone: str
    state: State
    about: str
    reminders: list[Reminder]
    made_by: str
    made_by_id: str | None
    made_at: str
    changed_at: str
    version: int


class Appointments(BaseModel):
    items: list[AppointmentShown]
    next: str | None


class Booking(Body):
    customer_id: str = Field(max_length=64)
    starts_at: AwareDatetime
    about: str = Field(default="", max_length=MAX_ABOUT)


class Moving(Body):
    starts_at: AwareDatetime
    version: int | None = None


class Cancelling(Body):
    version: int | None = None


class Settling(Body):
    state: Literal["kept", "missed"]
    version: int | None = None


class Taking(Body):
    """How a firm takes appointments."""

    active: bool = True
    hours_id: str | None = Field(default=None, max_length=64)
    zone: str = Field(default="Europe/Paris", max_length=64)
    length_minutes: int = 30
    capacity: int = 1
    lead_minutes: int = 120
    horizon_days: int = 30
    most_to_come: int = 3
    reminders: list[int] = Field(default=[24 * 60], max_length=10)
    lookup_url: str = Field(default="", max_length=MAX_URL)
    version: int | None = None
    """The one before the caller; None: there was none."""


@router.get("/appointments", response_model=Appointments)
async def list_appointments(
    request: Request,
    principal: Agent,
    firm_id: FirmId = None,
    customer_id: CustomerId = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    state: Annotated[list[State] | None, Query()] = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> Json:
    """Appointments in the order of their times; `since` is included, `until` not."""
    if not serves(principal):
        return {"items": [], "next": None}
    c = appointments.c
    where: list[sa.ColumnElement[bool]] = []
    if principal.firm_ids is not None:
        where.append(c.firm_id.in_(sorted(principal.firm_ids)))
    if firm_id is not None:
        where.append(c.firm_id == firm_id)
    if since is not None:
        where.append(c.starts_at >= since)
    if until is not None:
        where.append(c.starts_at < until)
    if state:
        where.append(c.state.in_(state))
    after = decode_cursor(cursor, int, str)
    if after is not None:
        at = moment_of(after[0])
        where.append((c.starts_at > at) | ((c.starts_at == at) & (c.id > str(after[1]))))
    async with database(request).transaction(principal.tenant_id) as tx:
        if customer_id is not None:
            where.append(c.customer_id.in_(await one_person(tx, customer_id)))
        found = await read_appointments(tx, *where, limit=limit + 1)
        page = page_of(found, limit, lambda one: (one.starts_at, one.id))
        return {"items": await shown(tx, page.items), "next": page.next}


@router.get("/appointments/slots", response_model=Slots)
async def list_slots(
    request: Request,
    principal: Agent,
    firm_id: Annotated[str, id_of(FIRM)],
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    besides: Annotated[str | None, id_of(APPOINTMENT)] = None,
) -> Json:
    """The free slots of a firm, a week of them unless `until` says more (62 days at most); `besides`: the appointment that is
    to be moved takes no place."""
    principal.check_firm(firm_id)
    now: int = request.app.state.clock()
    first = max(now, from_datetime(since)) if since is not None else now
    last = from_datetime(until) if until is not None else first + 7 * DAY_MS
    told = await _told(request, principal, firm_id, first, last)
    async with database(request).transaction(principal.tenant_id) as tx:
        _, hours, slots = await offering.offered(
            tx, firm_id, first=first, last=last, told=told, lead=False, besides=besides
        )
    items = [
        {"starts_at": to_iso(one.starts_at), "ends_at": to_iso(one.ends_at), "places": one.places} for one in slots
    ]
    return {"firm_id": firm_id, "zone": hours.zone, "items": items}


@router.post("/appointments", status_code=201, response_model=AppointmentShown)
async def book_appointment(body: Booking, once: Once, request: Request, principal: Agent) -> Response:
    """Book a free slot for a customer."""
    starts_at = from_datetime(body.starts_at)
    async with database(request).transaction(principal.tenant_id) as tx:
        firm_id = (await seen(tx, principal, body.customer_id)).firm_id
    told = await _told(request, principal, firm_id, starts_at, starts_at + 1)

    async def act(tx: Tx) -> Json:
        await seen(tx, principal, body.customer_id)
        one = await commands.book(tx, body.customer_id, starts_at, by=_by(principal), about=body.about, told=told)
        return (await shown(tx, [one]))[0]

    return await once.run(database(request), principal.tenant_id, principal.actor, act, status=201)


@router.get("/appointments/{appointment_id}", response_model=AppointmentShown)
async def get_appointment(appointment_id: str, request: Request, principal: Agent) -> Json:
    """One appointment."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return (await shown(tx, [await _seen(tx, principal, appointment_id)]))[0]


@router.post("/appointments/{appointment_id}/move", response_model=AppointmentShown)
async def move_appointment(
    appointment_id: str, body: Moving, once: Once, request: Request, principal: Agent
) -> Response:
    """Move an appointment to another free slot; a stale `version` is refused."""
    starts_at = from_datetime(body.starts_at)
    async with database(request).transaction(principal.tenant_id) as tx:
        firm_id = (await _seen(tx, principal, appointment_id)).firm_id
    told = await _told(request, principal, firm_id, starts_at, starts_at + 1)

    async def act(tx: Tx) -> Json:
        await _seen(tx, principal, appointment_id)
        one = await commands.move(tx, appointment_id, starts_at, by=_by(principal), version=body.version, told=told)
        return (await shown(tx, [one]))[0]

    return await once.run(database(request), principal.tenant_id, principal.actor, act)


@router.post("/appointments/{appointment_id}/cancel", response_model=AppointmentShown)
async def cancel_appointment(appointment_id: str, body: Cancelling, request: Request, principal: Agent) -> Json:
    """Cancel an appointment: its place is free again, and nobody is reminded."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await _seen(tx, principal, appointment_id)
        one = await commands.cancel(tx, appointment_id, by=_by(principal), version=body.version)
        return (await shown(tx, [one]))[0]


@router.post("/appointments/{appointment_id}/settle", response_model=AppointmentShown)
async def settle_appointment(appointment_id: str, body: Settling, request: Request, principal: Agent) -> Json:
    """Say whether the customer came, once the time has come; the one may be put right into the other."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await _seen(tx, principal, appointment_id)
        one = await commands.settle(tx, appointment_id, body.state, version=body.version)
        return (await shown(tx, [one]))[0]


@router.get("/appointment-settings")
async def list_appointment_settings(request: Request, principal: Agent) -> Json:
    """How the caller's firms take appointments; a firm that takes none is left out."""
    firm_ids = None if principal.firm_ids is None else sorted(principal.firm_ids)
    async with database(request).transaction(principal.tenant_id) as tx:
        return {"items": await offering.all_settings(tx, firm_ids), "next": None}


@router.put("/appointment-settings/{firm_id}")
async def set_appointment_settings(firm_id: str, body: Taking, request: Request, principal: Administrator) -> Json:
    """Say how a firm takes appointments. What is booked stays as it is."""
    given = body.model_dump()
    version = given.pop("version")
    async with database(request).transaction(principal.tenant_id) as tx:
        return await offering.set_settings(tx, principal, firm_id, settings_of(given), version)


async def shown(tx: Tx, found: list[Appointment]) -> list[Json]:
    """As the API shows them, each with his name."""
    cards = await customer_queries.cards(tx, [one.customer_id for one in found])
    return [{**one.json(), "customer_name": card.name if (card := cards.get(one.customer_id)) else ""} for one in found]


async def _told(request: Request, principal: Principal, firm_id: str, first: int, last: int) -> list[Slot] | None:
    outside: SafeHttp = request.app.state.outside
    return await offering.looked_up(database(request), outside, principal.tenant_id, firm_id, first, last)


def _by(principal: Principal) -> By:
    return By("agent" if principal.user_id is not None else "api", principal.actor)


async def _seen(tx: Tx, principal: Principal, appointment_id: str) -> Appointment:
    found = await read_appointments(tx, appointments.c.id == appointment_id)
    if not found or not principal.sees(found[0].firm_id) or not serves(principal):
        raise UnknownAppointment
    return found[0]

"""What changes appointments: booked, moved, cancelled, settled, reminded, erased. Each runs inside its caller's transaction.

Whoever takes a place waits for others who take one of the same firm, then looks again at what is free, so that two never get
the same; the unique index of the table holds even should somebody forget. Words of the customer travel in the private part of
events. Reminders are jobs, cancelled with the appointment.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from parlons.appointments import offering
from parlons.appointments.model import (
    BOOKED,
    CANCELLED,
    CHANGED,
    MAX_ABOUT,
    MINUTE_MS,
    STANDING,
    Appointment,
    AppointmentChanged,
    Json,
    MadeBy,
    NotYet,
    Settings,
    SlotTaken,
    State,
    TooManyAppointments,
    UnknownAppointment,
)
from parlons.appointments.slots import Slot, seat_in
from parlons.appointments.store import appointments, columns, read_appointments, standing
from parlons.customers.merging import one_person, standing_customer
from parlons.kit import ids
from parlons.kit.clock import Millis, to_datetime
from parlons.runtime import jobs
from parlons.runtime.db import Tx
from parlons.runtime.events import Audience, Event

REMIND = "appointments.remind"
"""The job of a reminder; carried out where messages are sent."""


@dataclass(frozen=True, slots=True)
class By:
    """Who acts."""

    kind: MadeBy
    id: str | None = None
    """Of a user or key."""

    @property
    def himself(self) -> bool:
        """Whether the customer acts, or something that speaks with him: then the firm's limits hold."""
        return self.kind in ("customer", "flow")


async def book(
    tx: Tx, customer_id: str, starts_at: int, *, by: By, about: str = "", told: Sequence[Slot] | None = None
) -> Appointment:
    """A place for this customer at one of the free slots. Raises NoAppointments, SlotTaken, TooManyAppointments,
    UnknownCustomer, CustomerErased."""
    customer = await standing_customer(tx, customer_id)
    await _alone(tx, customer.firm_id)
    settings, zone, slot, seat = await _place(tx, customer.firm_id, starts_at, by, told)
    if by.himself and len(await to_come(tx, customer.id)) >= settings.most_to_come:
        raise TooManyAppointments(most=settings.most_to_come)
    one = Appointment(
        id=tx.new_id(ids.APPOINTMENT), workspace_id=await _workspace(tx, customer.firm_id), firm_id=customer.firm_id,
        customer_id=customer.id, starts_at=slot.starts_at, ends_at=slot.ends_at, zone=zone, seat=seat, state=BOOKED,
        about=_clean(about), reminders=(), made_by=by.kind, made_by_id=by.id, made_at=Millis(tx.now),
        changed_at=Millis(tx.now), version=1,
    )  # fmt: skip
    await tx.execute(appointments.insert().values(tenant_id=tx.tenant_id, **columns(one)))
    await _plan(tx, one, settings)
    _tell(tx, "appointment.booked", one)
    return one


async def move(
    tx: Tx,
    appointment_id: str,
    starts_at: int,
    *,
    by: By,
    version: int | None = None,
    told: Sequence[Slot] | None = None,
) -> Appointment:
    """To another free slot; to its own time nothing changes. Raises SlotTaken, AppointmentChanged, NoAppointments."""
    before = await locked(tx, appointment_id)
    await _alone(tx, before.firm_id)
    _check(before, version)
    if before.starts_at == starts_at:
        return before
    if by.himself and before.starts_at <= tx.now:
        raise AppointmentChanged(version=before.version)
    settings, zone, slot, seat = await _place(tx, before.firm_id, starts_at, by, told, besides=before.id)
    after = replace(
        before, starts_at=slot.starts_at, ends_at=slot.ends_at, zone=zone, seat=seat, state=CHANGED, reminders=()
    )
    saved = await _save(tx, after)
    await jobs.cancel(tx, saved.id)
    await _plan(tx, saved, settings)
    _tell(tx, "appointment.changed", saved)
    return saved


async def cancel(tx: Tx, appointment_id: str, *, by: By, version: int | None = None) -> Appointment:
    """Its place is free again and nobody is reminded; repeating changes nothing. Raises AppointmentChanged."""
    before = await locked(tx, appointment_id)
    if before.state == CANCELLED:
        return before
    _check(before, version)
    if by.himself and before.starts_at <= tx.now:
        raise AppointmentChanged(version=before.version)
    await jobs.cancel(tx, before.id)
    saved = await _save(tx, replace(before, state=CANCELLED))
    _tell(tx, "appointment.cancelled", saved)
    return saved


async def settle(tx: Tx, appointment_id: str, state: State, *, version: int | None = None) -> Appointment:
    """He came, or he did not; the one may be put right into the other. Raises AppointmentChanged, NotYet."""
    before = await locked(tx, appointment_id)
    if before.state == state:
        return before
    if before.state == CANCELLED or (version is not None and version != before.version):
        raise AppointmentChanged(version=before.version)
    if before.starts_at > tx.now:
        raise NotYet
    saved = await _save(tx, replace(before, state=state))
    _tell(tx, "appointment.settled", saved)
    return saved


async def reminded(tx: Tx, one: Appointment, minutes: int, state: str, code: str = "") -> None:
    """Note what became of a reminder."""
    note: Json = {"minutes": minutes, "state": state, "code": code}
    saved = await _save(tx, replace(one, reminders=[*one.reminders, note]))
    _tell(tx, "appointment.reminded", saved)


async def erase(tx: Tx, customer_ids: Sequence[str]) -> None:
    """No word of theirs is kept; what was to come is cancelled, and its place free."""
    his = (appointments.c.tenant_id == tx.tenant_id, appointments.c.customer_id.in_(list(customer_ids)))
    for one in await read_appointments(tx, appointments.c.customer_id.in_(list(customer_ids)), standing, lock=True):
        await jobs.cancel(tx, one.id)
        if one.starts_at > tx.now:
            saved = await _save(tx, replace(one, state=CANCELLED, about=""))
            _tell(tx, "appointment.cancelled", saved)
    await tx.execute(appointments.update().where(*his).values(about=""))


async def locked(tx: Tx, appointment_id: str) -> Appointment:
    """One, kept from others until this transaction ends; raises UnknownAppointment."""
    found = await read_appointments(tx, appointments.c.id == appointment_id, lock=True)
    if not found:
        raise UnknownAppointment
    return found[0]


async def to_come(tx: Tx, customer_id: str) -> list[Appointment]:
    """What this person has to come, the next first."""
    people = await one_person(tx, customer_id)
    c = appointments.c
    return await read_appointments(tx, c.customer_id.in_(people), standing, c.ends_at > to_datetime(tx.now))


async def _place(
    tx: Tx, firm_id: str, starts_at: int, by: By, told: Sequence[Slot] | None, *, besides: str | None = None
) -> tuple[Settings, str, Slot, int]:
    """How the firm takes appointments, the zone, the slot at this time, and a place of it. Raises SlotTaken."""
    window = {"first": starts_at, "last": starts_at + 1}
    settings, hours, slots = await offering.offered(tx, firm_id, **window, told=told, lead=by.himself, besides=besides)
    slot = next((one for one in slots if one.starts_at == starts_at), None)
    if slot is None:
        raise SlotTaken
    # `places` are those left: a seat is looked for among all.
    whole = replace(slot, places=_places(settings, told, starts_at))
    seat = seat_in(whole, await offering.taken(tx, firm_id, starts_at, starts_at + 1, besides=besides))
    if seat is None:
        raise SlotTaken
    return settings, hours.zone, slot, seat


def _places(settings: Settings, told: Sequence[Slot] | None, starts_at: int) -> int:
    if told is None:
        return settings.capacity
    return next(one.places for one in told if one.starts_at == starts_at)


async def _workspace(tx: Tx, firm_id: str) -> str:
    row = await offering.settings_row(tx, firm_id)
    assert row is not None
    return str(row["workspace_id"])


async def _alone(tx: Tx, firm_id: str) -> None:
    await tx.alone(f"appointments\n{tx.tenant_id}\n{firm_id}")


def _check(one: Appointment, version: int | None) -> None:
    if one.state not in STANDING or (version is not None and version != one.version):
        raise AppointmentChanged(version=one.version)


async def _save(tx: Tx, one: Appointment) -> Appointment:
    after = replace(one, changed_at=Millis(tx.now), version=one.version + 1)
    mine = sa.and_(appointments.c.tenant_id == tx.tenant_id, appointments.c.id == one.id)
    await tx.execute(appointments.update().where(mine).values(**columns(after)))
    return after


async def _plan(tx: Tx, one: Appointment, settings: Settings) -> None:
    """Its reminders; those whose moment is past already are not made up for."""
    for minutes in settings.reminders:
        at = one.starts_at - minutes * MINUTE_MS
        if at > tx.now:
            payload = {"id": one.id, "starts_at": one.starts_at, "minutes": minutes}
            await jobs.enqueue(tx, REMIND, payload, run_at=at, cancel_key=one.id)


def _clean(about: str) -> str:
    return about.replace("\x00", "").replace("\r\n", "\n").strip()[:MAX_ABOUT]


def _tell(tx: Tx, event: str, one: Appointment) -> None:
    shown = one.json()
    about = shown.pop("about")
    tx.publish(
        Event(
            workspace_id=one.workspace_id,
            type=event,
            data={"appointment": shown},
            firm_id=one.firm_id,
            private={"appointment": {"about": about}} if about else None,
            private_key=one.customer_id if about else None,
            audience=Audience(firm_id=one.firm_id),
        )
    )

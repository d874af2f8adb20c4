"""What a customer's page shows, read in one transaction. No message's text is among it: whoever has the link sees the page."""

from dataclasses import dataclass

from parlons.accounts import opening
from parlons.accounts.queries import firm_name
from parlons.appointments import commands as booking
from parlons.appointments import offering
from parlons.appointments.model import Appointment, NoAppointments
from parlons.appointments.store import appointments, read_appointments
from parlons.channels.ways import Ways
from parlons.conversations import queries as conversations
from parlons.conversations.model import PARKED, Conversation
from parlons.customers import consent, purposes
from parlons.customers.merging import one_person
from parlons.customers.model import EMAIL, PHONE, Customer
from parlons.kit.clock import Millis, to_datetime
from parlons.portal import calls
from parlons.portal.calls import WishedCall
from parlons.portal.links import Link
from parlons.portal.texts import masked
from parlons.runtime.db import Tx

MOST_OPEN, MOST_PAST = 20, 10


@dataclass(frozen=True, slots=True)
class Address:
    """One address of his that messages go to."""

    id: str
    kind: str
    shown: str
    """Masked."""
    silent: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """All of a page."""

    firm: str
    name: str
    zone: str
    language: str
    until: Millis
    requests: list[Conversation]
    history: list[Conversation]
    coming: list[Appointment]
    past: list[Appointment]
    books: bool
    """Whether the firm takes appointments."""
    addresses: list[Address]
    refused: set[str]
    """Purposes."""
    channels: list[str]
    preferred: str | None
    call_times: list[Millis]
    """None: nobody is called back here."""
    calls: list[WishedCall]


def state_of(one: Conversation) -> str:
    """The code of its state in plain words."""
    if one.status == PARKED:
        return "state-parked" if one.parked_until is not None else "state-with"
    if one.message_count and one.first_unanswered_at is None and one.last_customer_message_at is not None:
        return "state-answered"
    return "state-with" if one.assigned_user_id is not None else "state-waiting"


async def shown(tx: Tx, ways: Ways, link: Link, customer: Customer, language: str) -> Shown:
    """The page of a link that holds."""
    people, firm_id = await one_person(tx, customer.id), customer.firm_id
    settings = None
    try:
        settings = await offering.settings_for(tx, firm_id)
        zone = (await offering.hours_for(tx, firm_id, settings)).zone
    except NoAppointments:
        hours = await opening.firm_hours(tx, firm_id, Millis(tx.now))
        zone = hours.zone if hours is not None else "Europe/Paris"
    c = appointments.c
    past = await read_appointments(tx, c.customer_id.in_(people), c.ends_at <= to_datetime(tx.now))
    reached = await ways.to_customer(tx, customer.id, firm_id)
    return Shown(
        firm=await firm_name(tx, firm_id),
        name=customer.name,
        zone=zone,
        language=language,
        until=link.expires_at,
        requests=await conversations.of_customers(tx, people, firm_id, closed=False, limit=MOST_OPEN),
        history=await conversations.of_customers(tx, people, firm_id, closed=True, limit=MOST_PAST),
        coming=await booking.to_come(tx, customer.id),
        past=past[::-1][:MOST_PAST],
        books=settings is not None,
        addresses=await _addresses(tx, customer),
        refused=await purposes.refused_by(tx, customer.id),
        channels=list(dict.fromkeys(one.way.channel for one in reached)),
        preferred=customer.preferred_channel,
        call_times=await calls.times(tx, firm_id) if await calls.offered(tx, firm_id) else [],
        calls=await calls.waiting(tx, customer.id),
    )


async def _addresses(tx: Tx, customer: Customer) -> list[Address]:
    found = []
    for one in customer.addresses:
        if one.kind in (EMAIL, PHONE):
            silent = await consent.opted_out(tx, firm_id=customer.firm_id, kind=one.kind, value=one.value)
            found.append(Address(one.id, one.kind, masked(one.kind, one.value), silent))
    return found

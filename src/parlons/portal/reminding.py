"""The job of an appointment's reminder: written by the way the customer prefers, with a link to move or cancel, once.

In order: does it still stand at that time, is it not too late, does he refuse reminders, is there a way to him that he has not
silenced, is it an hour at which one may write in his country. The first no is noted with the appointment and nothing is sent;
quiet hours put it off to the next allowed one before the beginning. The message is made in the transaction that takes the job
away, so it is made once, whatever dies between.
"""

from dataclasses import dataclass

from parlons.accounts.queries import firm_name
from parlons.appointments import commands as booking
from parlons.appointments.commands import REMIND
from parlons.appointments.model import DAY_MS, Appointment, UnknownAppointment
from parlons.customers import purposes
from parlons.customers.commands import CustomerErased, UnknownCustomer
from parlons.customers.merging import standing_customer
from parlons.customers.model import Customer
from parlons.kit.languages import LANGUAGES
from parlons.kit.when import moment
from parlons.outbound import one_commands
from parlons.outbound.feeding import Outbound
from parlons.outbound.hours import country_of, opens_at
from parlons.outbound.model import GIVEN, Text
from parlons.outbound.one_choosing import choose
from parlons.outbound.one_model import NoWayThere, Wanted
from parlons.portal import links, texts
from parlons.portal.links import TooManyLinks
from parlons.runtime import jobs
from parlons.runtime.db import Tx
from parlons.runtime.jobs import ATTEMPTS, Handler, Job
from parlons.runtime.signed_ids import SignedLinks

SENT, SKIPPED = "sent", "skipped"
BY_ITSELF = "appointment"


@dataclass(frozen=True, slots=True)
class Reminding:
    """What reminding needs of a process."""

    outbound: Outbound
    links: SignedLinks

    def handlers(self) -> dict[str, Handler]:
        """What the job worker needs."""
        return {REMIND: self.due}

    async def due(self, tx: Tx, job: Job) -> None:
        """Its moment has come."""
        minutes = int(job.payload["minutes"])
        try:
            one = await booking.locked(tx, job.payload["id"])
        except UnknownAppointment:
            return
        known = any(each["minutes"] == minutes for each in one.reminders)
        if known or not one.standing or one.starts_at != job.payload["starts_at"]:
            return
        code = "error" if job.attempt >= ATTEMPTS else await self._remind(tx, one, minutes)
        if code is not None:
            await booking.reminded(tx, one, minutes, SKIPPED if code else SENT, code)

    async def _remind(self, tx: Tx, one: Appointment, minutes: int) -> str | None:
        """What speaks against it; empty: it is sent. None: it is put off."""
        if one.starts_at <= tx.now:
            return "too-late"
        try:
            customer = await standing_customer(tx, one.customer_id)
        except (UnknownCustomer, CustomerErased):
            return "erased"
        if purposes.REMINDERS in await purposes.refused_by(tx, customer.id):
            return "opted-out"
        wanted = await self._wanted(tx, one, customer)
        try:
            way = await choose(tx, self.outbound.post, one.firm_id, customer.id, wanted)
        except NoWayThere:
            return "not-reachable"
        if way.silent:
            return "opted-out"
        country = str(customer.attributes.get("country") or "")[:2]
        opens = opens_at(tx.now, country_of(way.kind, way.value, country), one.zone)
        if opens >= one.starts_at:
            return "quiet-hours"
        if opens > tx.now:
            payload = {"id": one.id, "starts_at": one.starts_at, "minutes": minutes}
            await jobs.enqueue(tx, REMIND, payload, run_at=opens, cancel_key=one.id)
            return None
        single = await one_commands.ask(
            tx, self.outbound, wanted, workspace_id=one.workspace_id, firm_id=one.firm_id, by=BY_ITSELF
        )
        return "" if single.state == GIVEN else single.code

    async def _wanted(self, tx: Tx, one: Appointment, customer: Customer) -> Wanted:
        try:
            days = -(-(one.ends_at - tx.now) // DAY_MS) + 1
            made = await links.make(
                tx, customer.id, workspace_id=one.workspace_id, by=BY_ITSELF, days=min(days, links.MOST_DAYS)
            )
            url = self.links.url(made.id)
        except TooManyLinks:
            url = ""
        said = {
            language: Text(
                texts.line("remind" if url else "remind-bare", language, **_places(language)),
                texts.line("remind-subject", language),
            )
            for language in LANGUAGES
        }
        values = {f"when_{name}": moment(one.starts_at, one.zone, name) for name in LANGUAGES}
        values |= {"firm": await firm_name(tx, one.firm_id), "link": url}
        return Wanted(
            said, customer_id=customer.id, zone=one.zone, reference=one.id, reason=BY_ITSELF, attributes=values
        )


def _places(language: str) -> dict[str, str]:
    """Where the values of a message stand in its text."""
    names = {"firm": "firm", "when": f"when_{language}", "link": "link"}
    return {place: f"{{{{ customer.attributes.{name} }}}}" for place, name in names.items()}

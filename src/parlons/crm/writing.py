"""What is written into customer systems: noted in the transaction of its cause, carried out by a job until it stands there.

A job's effect outside may happen twice when a process dies between; so everything is looked at before it is written, and
activities carry a key. A refusal ends a write visibly; a conflict keeps both values and waits for a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from parlons.crm import systems as s
from parlons.crm.contacts import Contacts
from parlons.crm.fields import compare, prefill
from parlons.crm.linking import relink
from parlons.crm.model import (
    CONFLICT,
    DONE,
    NOBODY,
    REFUSED,
    WAITING,
    UnknownLookup,
    Write,
)
from parlons.crm.queue import settle
from parlons.crm.searching import find_all
from parlons.crm.store import read_link, read_writes, writes
from parlons.crm.systems import Opened, Systems
from parlons.customers import queries as customers
from parlons.customers.lookups.plugin import LookupAway, Record, RecordChanged
from parlons.kit.errors import Refusal
from parlons.runtime.db import Tx
from parlons.runtime.jobs import Handler, Job


@dataclass(frozen=True, slots=True)
class Writing:
    """Carries writes out."""

    systems: Systems
    contacts: Contacts

    def handlers(self) -> dict[str, Handler]:
        """The job of a write."""
        return {s.WRITE: self.carry}

    async def carry(self, tx: Tx, job: Job) -> None:
        """One write; while its system is away it waits."""
        found = await read_writes(tx, writes.c.id == job.payload["write_id"], writes.c.state == WAITING)
        if not found:
            return
        (write,) = found
        try:
            row = await s.one_lookup(tx, write.lookup_id)
        except UnknownLookup:
            return
        if s.is_away(row, tx.now):
            return await s.plan(tx, row.id, write.id, row.away_until)
        try:
            await self._do(tx, self.systems.opened(row), write)
        except LookupAway as away:
            until = await s.mark_away(tx, row, str(away.details.get("reason", "")))
            await tx.execute(writes.update().where(writes.c.id == write.id).values(attempts=write.attempts + 1))
            return await s.plan(tx, row.id, write.id, until)
        except Refusal as refusal:
            reason = str(refusal.details.get("reason") or refusal.code)[:100]
            await settle(tx, write, REFUSED, reason=reason)
        await s.mark_well(tx, row)
        return None

    async def _do(self, tx: Tx, opened: Opened, write: Write) -> None:
        if write.kind == "update":
            return await self._update(tx, opened, write)
        link = await read_link(tx, opened.row.id, write.customer_id)
        if link is not None:
            record_id = link.record_id
        else:
            record = await self._found_or_made(tx, opened, write)
            if record is None:
                return await settle(tx, write, NOBODY, reason="nobody-there")
            record_id = record.id
        if write.kind == "create":
            return await settle(tx, write, DONE, external_id=record_id)
        activity = await self.contacts.activity(tx, opened.row, write)
        external = await opened.adapter.note(opened.system, record_id, activity)
        return await settle(tx, write, DONE, external_id=external)

    async def _found_or_made(self, tx: Tx, opened: Opened, write: Write) -> Record | None:
        """The customer's only record, or a new one where that is wanted; None: nobody, or nobody knows which."""
        customer = await customers.customer(tx, write.customer_id)
        if customer is None or customer.erased_at is not None:
            return None
        found: Sequence[Record] = await find_all(opened, customer)
        if len(found) > 1:
            return None
        if found:
            record = found[0]
        elif write.kind == "create" or opened.row.create_missing:
            values = write.values if write.kind == "create" else prefill(opened.fields, customer)
            record = await opened.adapter.create(opened.system, values, write.id)
        else:
            return None
        await relink(tx, opened, customer.id, record)
        return record

    async def _update(self, tx: Tx, opened: Opened, write: Write) -> None:
        link = await read_link(tx, opened.row.id, write.customer_id)
        if link is None:
            return await settle(tx, write, REFUSED, reason="record-not-linked")
        for last in (False, True):
            record = await opened.adapter.read(opened.system, link.record_id)
            clean, clash = compare(write.base, record.values, write.values)
            try:
                if clean:
                    record = await opened.adapter.update(opened.system, record, clean)
                break
            except RecordChanged:
                if last:
                    raise LookupAway(reason="keeps-changing") from None
        await relink(tx, opened, write.customer_id, record)
        if not clash:
            return await settle(tx, write, DONE, external_id=record.id)
        left = {name: write.values[name] for name in clash}
        return await settle(tx, replace(write, values=left), CONFLICT, values=left, theirs=clash)

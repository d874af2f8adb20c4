"""What is written into customer systems: noted in the transaction of its cause, carried out by a job until it stands there.

The system is called outside any transaction, and what came of it is written down afterwards. A job's effect outside may happen
twice when a process dies between; so everything is looked at before it is written, and activities carry a key. A refusal ends a
write visibly, and so does a failure that no repetition mends; a conflict keeps both values and waits for a person.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

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
    Link,
    LookupRow,
    State,
    UnknownLookup,
    UnknownWrite,
    Write,
)
from parlons.crm.queue import settle
from parlons.crm.searching import find_all
from parlons.crm.store import read_link, read_writes, writes
from parlons.crm.systems import Opened, Systems
from parlons.customers import queries as customers
from parlons.customers.lookups.plugin import Activity, LookupAway, Record, RecordChanged
from parlons.customers.model import Customer
from parlons.kit.errors import Refusal
from parlons.runtime.db import Tx
from parlons.runtime.jobs import ATTEMPTS, Errand, Job

IN_VAIN = "keeps-failing"
"""Why a write was refused that failed each time as no system away does; the log says how."""


@dataclass(frozen=True, slots=True)
class _Task:
    """A write that waits, with what it needs of ours."""

    write: Write
    row: LookupRow
    link: Link | None
    customer: Customer | None
    activity: Activity | None
    away: bool
    """Whether its system is not to be called yet."""


@dataclass(slots=True)
class _Met:
    """What came of a write."""

    state: State = WAITING
    """WAITING: it is tried again."""
    values: dict[str, Any] = field(default_factory=dict)
    """What else is noted of its end."""
    record: Record | None = None
    """The customer's, as it was seen; also of a write that failed afterwards."""
    opened: Opened | None = None
    away: str | None = None
    until: int | None = None
    """Its system was not called, since it is away so long."""

    def ends(self, state: State, **values: Any) -> None:
        """So it ended."""
        self.state, self.values = state, values


@dataclass(frozen=True, slots=True)
class Writing:
    """Carries writes out."""

    systems: Systems
    contacts: Contacts

    def handlers(self) -> dict[str, Errand]:
        """The job of a write."""
        return {s.WRITE: Errand(self._carry, self._settle)}

    async def _carry(self, job: Job) -> tuple[_Task | None, _Met]:
        """One write; while its system is away it waits."""
        met = _Met()
        if job.attempt >= ATTEMPTS:  # after this one no job would be left, and nobody could end the write
            met.ends(REFUSED, reason=IN_VAIN)
            return None, met
        async with self.systems.db.transaction(job.tenant_id) as tx:
            task = await self._task(tx, job)
        if task is None:
            return None, met
        if task.away:
            met.until = task.row.away_until
            return task, met
        try:
            met.opened = self.systems.opened(task.row)
            await _do(met.opened, task, met)
        except LookupAway as away:
            met.away = s.reason_of(away)
        except Refusal as refusal:
            met.ends(REFUSED, reason=s.reason_of(refusal)[:100])
        return task, met

    async def _task(self, tx: Tx, job: Job) -> _Task | None:
        found = await _waiting(tx, job)
        if found is None:
            return None
        write, row = found
        activity = None
        if write.kind == "contact":
            with contextlib.suppress(UnknownWrite):
                activity = await self.contacts.activity(tx, row, write)
        link = await read_link(tx, row.id, write.customer_id)
        customer = await customers.customer(tx, write.customer_id)
        return _Task(write, row, link, customer, activity, s.is_away(row, tx.now))

    async def _settle(self, tx: Tx, job: Job, came: tuple[_Task | None, _Met]) -> None:
        """Writes down what came of it."""
        task, met = came
        found = await _waiting(tx, job)
        if found is None:
            return
        write, row = found
        if met.until is not None:
            return await s.plan(tx, row.id, write.id, met.until)
        if task is not None and met.opened is not None and met.record is not None:
            link = await read_link(tx, row.id, write.customer_id)
            if _id(link) == _id(task.link):  # else somebody chose another meanwhile, and that holds
                await relink(tx, met.opened, write.customer_id, met.record)
        if met.away is not None:
            until = await s.mark_away(tx, row, met.away)
            await tx.execute(writes.update().where(writes.c.id == write.id).values(attempts=write.attempts + 1))
            return await s.plan(tx, row.id, write.id, until)
        if met.state != WAITING:
            await settle(tx, write, met.state, **met.values)
        if task is not None:
            await s.mark_well(tx, row)
        return None


async def _waiting(tx: Tx, job: Job) -> tuple[Write, LookupRow] | None:
    """The write of this job and its system; None: nothing is to be done any more."""
    found = await read_writes(tx, writes.c.id == job.payload["write_id"], writes.c.state == WAITING)
    if not found:
        return None
    try:
        return found[0], await s.one_lookup(tx, found[0].lookup_id)
    except UnknownLookup:
        return None


def _id(link: Link | None) -> str | None:
    return link.record_id if link is not None else None


async def _do(opened: Opened, task: _Task, met: _Met) -> None:
    write = task.write
    if write.kind == "update":
        return await _update(opened, task, met)
    record_id = _id(task.link)
    if record_id is None:
        met.record = await _found_or_made(opened, task)
        if met.record is None:
            return met.ends(NOBODY, reason="nobody-there")
        record_id = met.record.id
    if write.kind == "create":
        return met.ends(DONE, external_id=record_id)
    if task.activity is None:
        raise UnknownWrite
    return met.ends(DONE, external_id=await opened.adapter.note(opened.system, record_id, task.activity))


async def _found_or_made(opened: Opened, task: _Task) -> Record | None:
    """The customer's only record, or a new one where that is wanted; None: nobody, or nobody knows which."""
    customer, write = task.customer, task.write
    if customer is None or customer.erased_at is not None:
        return None
    found: Sequence[Record] = await find_all(opened, customer)
    if len(found) > 1:
        return None
    if found:
        return found[0]
    if write.kind == "create" or opened.row.create_missing:
        values = write.values if write.kind == "create" else prefill(opened.fields, customer)
        return await opened.adapter.create(opened.system, values, write.id)
    return None


async def _update(opened: Opened, task: _Task, met: _Met) -> None:
    write, link = task.write, task.link
    if link is None:
        return met.ends(REFUSED, reason="record-not-linked")
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
    met.record = record
    if not clash:
        return met.ends(DONE, external_id=record.id)
    left = {name: write.values[name] for name in clash}
    return met.ends(CONFLICT, values=left, theirs=clash)

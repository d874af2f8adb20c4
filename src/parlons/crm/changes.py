"""What changed in a customer system, asked for every few minutes or told by its hook: the records of ours that it concerns are
read anew, and what customers take over of them is decided by `fields`.

Asking goes on in a chain of jobs, one for each version of the configuration: another version begins a chain of its own and
this one ends. Nothing else ends it: a job that failed again and again leaves out what fails and plans what comes next. Systems
are asked outside any transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from parlons.crm import systems as s
from parlons.crm.linking import known_to, links_to, relink, unlink
from parlons.crm.loading import POLL
from parlons.crm.model import LookupRow, UnknownLookup
from parlons.crm.store import lookups
from parlons.crm.systems import Systems
from parlons.customers.lookups.plugin import (
    Changes,
    HearsChanges,
    HookCall,
    ListsChanges,
    LookupAway,
    Record,
    RecordGone,
)
from parlons.kit.errors import Refusal
from parlons.runtime import jobs
from parlons.runtime.db import Tx
from parlons.runtime.jobs import Errand, Job
from parlons.runtime.log import log

READ = "crm.read"
MOST = 500
"""Records that one call of a hook may name, and that are looked up by one statement."""
TOGETHER = 50
"""Records that one job names: it reads the first, and another job the others."""
TRIES = 3
"""Of one question, when it fails as no system away does: then it is left out."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What a system said when it was asked what changed; `away` and `refused`: why it said nothing. Nothing at all: it is left
    out this time."""

    changes: Changes | None = None
    away: str | None = None
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class _Seen:
    """What became of reading a record. Nothing at all: it is left out."""

    record: Record | None = None
    gone: bool = False
    away: str | None = None
    until: int | None = None
    """It was not asked, since it is away so long."""


@dataclass(frozen=True, slots=True)
class Watching:
    """Follows what changes there."""

    systems: Systems

    def handlers(self) -> dict[str, Errand]:
        """Asking, and reading what was told."""
        return {POLL: Errand(self._ask, self._hear), READ: Errand(self._read, self._take)}

    async def heard(self, tx: Tx, row: LookupRow, record_ids: Sequence[str]) -> None:
        """These records changed: those of our customers are read soon."""
        chunks = [record_ids[start : start + MOST] for start in range(0, len(record_ids), MOST)]
        ours = sorted({each for chunk in chunks for each in await known_to(tx, row.id, chunk)})
        for start in range(0, len(ours), TOGETHER):
            await _plan(tx, row, ours[start : start + TOGETHER])

    def verified(self, row: LookupRow, call: HookCall) -> Sequence[str]:
        """The records a call speaks of; raises NotFromLookup, LookupRefused, or UnknownLookup where none is taken."""
        opened = self.systems.opened(row)
        if not isinstance(opened.adapter, HearsChanges):
            raise UnknownLookup
        # The bound is for what anybody outside may send who has the secret; what we asked for ourselves is taken whole.
        return opened.adapter.heard(opened.system, call)[:MOST]

    async def _ask(self, job: Job) -> _Told | None:
        """Asks once; None: it is asked no more."""
        async with self.systems.db.transaction(job.tenant_id) as tx:
            row = await _polled(tx, job)
        if row is None:
            return None
        if _in_vain(job):
            return _Told()
        try:
            opened = self.systems.opened(row)
            if not isinstance(opened.adapter, ListsChanges):
                return None
            return _Told(await opened.adapter.changes(opened.system, row.position))
        except LookupAway as away:
            return _Told(away=s.reason_of(away))
        except Refusal as refusal:
            return _Told(refused=s.reason_of(refusal))

    async def _hear(self, tx: Tx, job: Job, told: _Told | None) -> None:
        """Takes in what was told, and plans the next time."""
        row = await _polled(tx, job)
        if row is None or told is None:
            return
        again = tx.now + row.poll_minutes * 60_000
        if told.changes is not None:
            if not await _moved(tx, row, told.changes):
                return
            await self.heard(tx, row, told.changes.record_ids)
            await s.mark_well(tx, row)
            again = tx.now if told.changes.more else again
        elif told.refused is not None:
            await s.mark_away(tx, row, told.refused)
        elif told.away is not None and not s.is_away(row, tx.now):
            await s.mark_away(tx, row, told.away)
        await jobs.enqueue(tx, POLL, dict(job.payload), run_at=again, cancel_key=row.id)

    async def _read(self, job: Job) -> _Seen:
        """Reads the first record of the job; while the system is away it waits."""
        async with self.systems.db.transaction(job.tenant_id) as tx:
            row, now = await _there(tx, job), tx.now
        if row is None or _in_vain(job):
            return _Seen()
        if s.is_away(row, now):
            return _Seen(until=row.away_until)
        try:
            opened = self.systems.opened(row)
            return _Seen(await opened.adapter.read(opened.system, job.payload["record_ids"][0]))
        except LookupAway as away:
            return _Seen(away=s.reason_of(away))
        except RecordGone:
            return _Seen(gone=True)
        except Refusal:
            return _Seen()

    async def _take(self, tx: Tx, job: Job, seen: _Seen) -> None:
        """Takes over what the record says, and plans the others; all of them where the system is away."""
        row = await _there(tx, job)
        if row is None:
            return
        record_ids = job.payload["record_ids"]
        if seen.until is not None:
            return await _plan(tx, row, record_ids, seen.until)
        if seen.away is not None:
            return await _plan(tx, row, record_ids, await s.mark_away(tx, row, seen.away))
        if seen.gone or seen.record is not None:
            for link in await links_to(tx, row.id, record_ids[:1]):
                if seen.record is None:
                    await unlink(tx, row.id, link.customer_id)
                else:
                    await relink(tx, self.systems.opened(row), link.customer_id, seen.record)
        if record_ids[1:]:
            await _plan(tx, row, record_ids[1:])
        return None


def _in_vain(job: Job) -> bool:
    """Whether it failed so often that what it asks for is left out."""
    if job.attempt <= TRIES:
        return False
    log.warning("lookup.left_out", kind=job.kind, job_id=job.id, lookup_id=job.payload["lookup_id"])
    return True


async def _plan(tx: Tx, row: LookupRow, record_ids: Sequence[str], at: int | None = None) -> None:
    payload = {"lookup_id": row.id, "place": row.place, "record_ids": list(record_ids)}
    await jobs.enqueue(tx, READ, payload, run_at=at, order_key=f"{READ} {row.id}")


async def _polled(tx: Tx, job: Job) -> LookupRow | None:
    """The system, if it is to be asked in the version this job was planned for."""
    row = await _row(tx, job)
    same = row is not None and row.version == job.payload["version"]
    return row if same and row is not None and row.poll_minutes and row.active else None


async def _there(tx: Tx, job: Job) -> LookupRow | None:
    """The system, if its records are still those that this job names; other secrets or words for them change nothing."""
    row = await _row(tx, job)
    # Jobs of an earlier release do not say where.
    return row if row is not None and job.payload.get("place", row.place) == row.place else None


async def _row(tx: Tx, job: Job) -> LookupRow | None:
    try:
        return await s.one_lookup(tx, job.payload["lookup_id"])
    except UnknownLookup:
        return None


async def _moved(tx: Tx, row: LookupRow, told: Changes) -> bool:
    """Goes on from there the next time; False: it was configured otherwise meanwhile, so this is another's position."""
    c = lookups.c
    mine = (c.tenant_id == tx.tenant_id, c.id == row.id, c.version == row.version)
    statement = lookups.update().where(*mine).values(position=dict(told.position)).returning(c.id)
    return await tx.scalar(statement) is not None

"""What changed in a customer system, asked for every few minutes or told by its hook: the records of ours that it concerns are
read anew, and what customers take over of them is decided by `fields`.

Asking goes on in a chain of jobs, one for each version of the configuration: another version begins a chain of its own and
this one ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from parlons.crm import systems as s
from parlons.crm.linking import links_to, relink, unlink
from parlons.crm.loading import POLL
from parlons.crm.model import LookupRow, UnknownLookup
from parlons.crm.store import lookups
from parlons.crm.systems import Opened, Systems
from parlons.customers.lookups.plugin import HearsChanges, HookCall, ListsChanges, LookupAway, RecordGone
from parlons.kit.errors import Refusal
from parlons.runtime import jobs
from parlons.runtime.db import Tx
from parlons.runtime.jobs import Handler, Job

READ = "crm.read"
MOST = 500
"""Records that one call of a hook may name."""
TOGETHER = 10
"""Records that are read by one job."""


@dataclass(frozen=True, slots=True)
class Watching:
    """Follows what changes there."""

    systems: Systems

    def handlers(self) -> dict[str, Handler]:
        """Asking, and reading what was told."""
        return {POLL: self.poll, READ: self.read}

    async def poll(self, tx: Tx, job: Job) -> None:
        """Asks once, and plans the next time."""
        row = await self._same(tx, job)
        if row is None or not row.poll_minutes or not row.active:
            return
        again = tx.now + row.poll_minutes * 60_000
        try:
            opened = self.systems.opened(row)
            if not isinstance(opened.adapter, ListsChanges):
                return
            told = await opened.adapter.changes(opened.system, row.position)
        except LookupAway as away:
            if not s.is_away(row, tx.now):
                await s.mark_away(tx, row, str(away.details.get("reason", "")))
        except Refusal as refusal:
            await s.mark_away(tx, row, str(refusal.details.get("reason") or refusal.code))
        else:
            position = lookups.update().where(lookups.c.tenant_id == tx.tenant_id, lookups.c.id == row.id)
            await tx.execute(position.values(position=dict(told.position)))
            await self.heard(tx, row, told.record_ids)
            await s.mark_well(tx, row)
            again = tx.now if told.more else again
        await jobs.enqueue(tx, POLL, dict(job.payload), run_at=again, cancel_key=row.id)

    async def heard(self, tx: Tx, row: LookupRow, record_ids: Sequence[str]) -> None:
        """These records changed: those of our customers are read soon."""
        ours = sorted({one.record_id for one in await links_to(tx, row.id, record_ids[:MOST])})
        for start in range(0, len(ours), TOGETHER):
            payload = {"lookup_id": row.id, "version": row.version, "record_ids": ours[start : start + TOGETHER]}
            await jobs.enqueue(tx, READ, payload, order_key=f"{READ} {row.id}")

    async def read(self, tx: Tx, job: Job) -> None:
        """Reads some records and takes over what they say; while the system is away it waits."""
        row = await self._same(tx, job)
        if row is None:
            return
        left = list(job.payload["record_ids"])
        try:
            if s.is_away(row, tx.now):
                return await self._later(tx, job, left, row.away_until)
            opened = self.systems.opened(row)
            while left:
                await self._take(tx, opened, left[0])
                left.pop(0)
        except LookupAway as away:
            await self._later(tx, job, left, await s.mark_away(tx, row, str(away.details.get("reason", ""))))
        return None

    def verified(self, row: LookupRow, call: HookCall) -> Sequence[str]:
        """The records a call speaks of; raises NotFromLookup, LookupRefused, or UnknownLookup where none is taken."""
        opened = self.systems.opened(row)
        if not isinstance(opened.adapter, HearsChanges):
            raise UnknownLookup
        return opened.adapter.heard(opened.system, call)

    async def _take(self, tx: Tx, opened: Opened, record_id: str) -> None:
        try:
            record = await opened.adapter.read(opened.system, record_id)
        except LookupAway:
            raise
        except RecordGone:
            for link in await links_to(tx, opened.row.id, [record_id]):
                await unlink(tx, opened.row.id, link.customer_id)
            return
        except Refusal:
            return
        for link in await links_to(tx, opened.row.id, [record_id]):
            await relink(tx, opened, link.customer_id, record)

    async def _later(self, tx: Tx, job: Job, left: list[str], at: int | None) -> None:
        payload = {**job.payload, "record_ids": left}
        await jobs.enqueue(tx, READ, payload, run_at=at, order_key=f"{READ} {job.payload['lookup_id']}")

    async def _same(self, tx: Tx, job: Job) -> LookupRow | None:
        """The system, in the version this job was planned for."""
        try:
            row = await s.one_lookup(tx, job.payload["lookup_id"])
        except UnknownLookup:
            return None
        return row if row.version == job.payload["version"] else None

"""Timed work: one table, claimed in batches, kept by lease, tried again, in order per key, cancelled by key.

    await enqueue(tx, "mail.send", {"id": ...}, run_at=now + 60_000, dedupe_key="mail:1", cancel_key=task_id)
    Worker(db, {"mail.send": send}).run()         # async def send(tx: Tx, job: Job) -> None

A job is enqueued in the caller's transaction. Its handler runs in one transaction with the job's removal, so what it does
through `tx` happens once, whoever dies when; what it does to the outside may be repeated. A `Refusal` means the job no
longer fits: it is dropped. Any other failure is tried again, later and later, `ATTEMPTS` times, then kept as `failed`.
An `Errand` goes out first, without a transaction, and writes afterwards; one that stays out gives its place to another, so an
address that hangs keeps none waiting. While work is held (`holds`: after a restore) none is claimed.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.kit.clock import Millis, from_datetime, to_datetime
from parlons.kit.errors import Refusal, Unavailable
from parlons.runtime.db import Database, Tx
from parlons.runtime.log import log
from parlons.runtime.metrics import JOBS
from parlons.runtime.schema import NO_TENANT, jobs

LEASE = timedelta(seconds=60)
ATTEMPTS = 10
LOOK_ANYWAY = 1.0
"""Seconds between two looks at the table when nobody wakes the worker; so a job starts at most this late."""
PATIENT = 2.0
"""Seconds that an errand may be out before its place goes to another."""
AWAY = 100
"""Errands of a worker that may be out without a place: it bounds what hanging addresses cost."""
WAKE = "jobs"


@dataclass(frozen=True, slots=True)
class Job:
    """A job in work."""

    id: int
    tenant_id: str
    kind: str
    payload: dict[str, Any]
    run_at: Millis
    attempt: int
    """1 the first time."""
    lease: int
    """Rises with each claim; who lost the job notices by it."""


Handler = Callable[[Tx, Job], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Errand:
    """A job whose other side may take its time: no transaction is open while it does. Both parts end within `LEASE`."""

    run: Callable[[Job], Awaitable[Any]]
    """Goes out; after a crash it goes out again."""
    settle: Callable[[Tx, Job, Any], Awaitable[None]]
    """Writes what `run` brought back, in one transaction with the job's removal."""


async def enqueue(
    tx: Tx,
    kind: str,
    payload: dict[str, Any],
    *,
    run_at: int | None = None,
    dedupe_key: str | None = None,
    order_key: str | None = None,
    cancel_key: str | None = None,
) -> bool:
    """Plans a job for `run_at` (milliseconds; None: at once). False when one of this kind and `dedupe_key` waits or runs.

    Jobs with the same `order_key` run one after the other, in the order they were enqueued. `payload` holds ids, no texts.
    In a system transaction the job belongs to the installation and its handler gets a system transaction."""
    statement = insert(jobs).values(
        tenant_id=tx.tenant_id or NO_TENANT,
        kind=kind,
        payload=payload,
        run_at=to_datetime(tx.now if run_at is None else run_at),
        dedupe_key=dedupe_key,
        order_key=order_key,
        cancel_key=cancel_key,
    )
    added = await tx.scalar(statement.on_conflict_do_nothing().returning(jobs.c.id))
    tx.wake(WAKE)
    return added is not None


_HASTEN = sa.text(
    "INSERT INTO jobs (tenant_id, kind, dedupe_key, payload, run_at) "
    "SELECT :tenant, :kind, key, payload, to_timestamp(at / 1000.0) "
    "FROM json_to_recordset(:rows) AS t(key text, payload jsonb, at bigint) ORDER BY key "
    "ON CONFLICT (tenant_id, kind, dedupe_key) WHERE dedupe_key IS NOT NULL AND state <> 'failed' "
    "DO UPDATE SET run_at = least(jobs.run_at, excluded.run_at)"
).bindparams(sa.bindparam("rows", type_=sa.JSON()))


async def hasten(tx: Tx, kind: str, wanted: Mapping[str, tuple[dict[str, Any], int]]) -> None:
    """One job for each key of deduplication, with its payload and moment; one that waits comes forward to that moment if it is
    sooner. One that runs is removed after this commit only: its end sees what this transaction wrote."""
    rows = [{"key": key, "payload": payload, "at": at} for key, (payload, at) in wanted.items()]
    await tx.execute(_HASTEN, {"tenant": tx.tenant_id or NO_TENANT, "kind": kind, "rows": rows})
    tx.wake(WAKE)


async def cancel(tx: Tx, cancel_key: str) -> int:
    """Removes the jobs planned under this key; waits for one that runs. Returns how many went."""
    return len(await tx.fetch_all(sa.delete(jobs).where(*_under(tx, cancel_key)).returning(jobs.c.id)))


async def cancel_idle(tx: Tx, cancel_key: str) -> list[dict[str, Any]]:
    """Removes the jobs planned under this key that do not run; the payloads of those that do."""
    mine = _under(tx, cancel_key)
    await tx.execute(sa.delete(jobs).where(*mine, jobs.c.state != "running"))
    return [row["payload"] for row in await tx.fetch_all(sa.select(jobs.c.payload).where(*mine))]


def _under(tx: Tx, cancel_key: str) -> tuple[sa.ColumnElement[bool], ...]:
    return jobs.c.tenant_id == (tx.tenant_id or NO_TENANT), jobs.c.cancel_key == cancel_key


_CLAIM = """
UPDATE jobs SET state = 'running', attempts = attempts + 1, lease = lease + 1, lease_until = :until
WHERE id IN (
    SELECT id FROM jobs one
    WHERE kind = ANY(:kinds) AND run_at <= :now
      AND NOT EXISTS (SELECT 1 FROM holds WHERE released_at IS NULL)
      AND (state = 'waiting' OR (state = 'running' AND lease_until < :now))
      AND (order_key IS NULL OR NOT EXISTS (
          SELECT 1 FROM jobs earlier
          WHERE earlier.tenant_id = one.tenant_id AND earlier.order_key = one.order_key
            AND earlier.id < one.id AND earlier.state <> 'failed'))
    ORDER BY run_at, id LIMIT :many FOR UPDATE SKIP LOCKED)
RETURNING id, tenant_id, kind, payload, run_at, attempts, lease
"""


class Worker:
    """Carries out jobs of the kinds it has handlers for, several at once. One a process."""

    def __init__(self, db: Database, handlers: Mapping[str, Handler | Errand], *, at_once: int = 8) -> None:
        self._db = db
        self._handlers = dict(handlers)
        self._at_once = at_once
        self._woken = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._out: dict[tuple[int, int], float] = {}
        """Since when each errand is out, by its job and lease."""

    async def run(self) -> None:
        """Works for ever. Cancelled, it finishes nothing more: leases end and others take over."""
        disown = self._db.signals.own(WAKE, self._woken.set)
        try:
            while True:
                self._woken.clear()
                free = self._free()
                claimed = await self._claim_quietly(free) if free else []
                for job in claimed:
                    self._start(job)
                if not claimed or len(claimed) < free or not free:
                    await self._wait()
        finally:
            disown()
            for task in list(self._running):
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def run_due(self) -> int:
        """Carries out everything that is due now, one after the other; returns how many. For tests and for tools."""
        count = 0
        while claimed := await self._claim(self._at_once):
            for job in claimed:
                await self._carry_out(job)
            count += len(claimed)
        return count

    def _free(self) -> int:
        """Places for further jobs; none while errands that were out long come back all at once."""
        long_ago = asyncio.get_running_loop().time() - PATIENT
        away = sum(since <= long_ago for since in self._out.values())
        return max(0, self._at_once - len(self._running) + min(away, AWAY))

    def _start(self, job: Job) -> None:
        task = asyncio.get_running_loop().create_task(self._carry_out(job), name=f"job {job.kind}")
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._woken.set()

    async def _wait(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_ANYWAY):
                await self._woken.wait()

    async def _claim_quietly(self, many: int) -> list[Job]:
        try:
            return await self._claim(many)
        except Unavailable as refusal:
            log.warning("jobs.waits", code=refusal.code)
            return []

    async def _claim(self, many: int) -> list[Job]:
        now = to_datetime(self._db.clock())
        parameters = {"kinds": list(self._handlers), "now": now, "until": now + LEASE, "many": many}
        async with self._db.system() as tx:
            rows = await tx.fetch_all(_CLAIM, parameters)
        return sorted((_job(row) for row in rows), key=lambda job: (job.run_at, job.id))

    async def _carry_out(self, job: Job) -> None:
        transaction = self._db.system() if job.tenant_id == NO_TENANT else self._db.transaction(job.tenant_id)
        mine = (jobs.c.id == job.id, jobs.c.lease == job.lease)
        handler = self._handlers[job.kind]
        try:
            async with asyncio.timeout(LEASE.total_seconds()):
                brought = await self._go_out(handler, job) if isinstance(handler, Errand) else None
                async with transaction as tx:
                    if await tx.fetch_one(sa.delete(jobs).where(*mine).returning(jobs.c.id)) is None:
                        return
                    if isinstance(handler, Errand):
                        await handler.settle(tx, job, brought)
                    else:
                        await handler(tx, job)
        except Unavailable as refusal:
            log.warning("job.waits", kind=job.kind, job_id=job.id, code=refusal.code)
            await self._put_back(job, type(refusal).__name__, count=False)
        except Refusal as refusal:
            log.info("job.dropped", kind=job.kind, job_id=job.id, code=refusal.code)
            await self._forget(job)
        except Exception as error:
            log.exception("job.failed", kind=job.kind, job_id=job.id, attempt=job.attempt)
            await self._put_back(job, type(error).__name__, count=True)
        else:
            JOBS.labels(job.kind, "done").inc()

    async def _go_out(self, errand: Errand, job: Job) -> Any:
        key = (job.id, job.lease)
        self._out[key] = asyncio.get_running_loop().time()
        try:
            return await errand.run(job)
        finally:
            del self._out[key]

    async def _put_back(self, job: Job, error: str, *, count: bool) -> None:
        """Plans the next try. When even this fails, the lease ends by itself and the job is claimed again."""
        failed = count and job.attempt >= ATTEMPTS
        JOBS.labels(job.kind, "failed" if failed else "again").inc()
        later = to_datetime(self._db.clock()) + timedelta(seconds=min(3600, 2 ** min(job.attempt, 12)) if count else 1)
        values: dict[str, Any] = {"state": "failed" if failed else "waiting", "run_at": later, "error": error}
        if not count:
            values["attempts"] = jobs.c.attempts - 1
        await self._settle(sa.update(jobs).where(jobs.c.id == job.id, jobs.c.lease == job.lease).values(values))

    async def _forget(self, job: Job) -> None:
        JOBS.labels(job.kind, "dropped").inc()
        await self._settle(sa.delete(jobs).where(jobs.c.id == job.id, jobs.c.lease == job.lease))

    async def _settle(self, statement: sa.Executable) -> None:
        try:
            async with self._db.system() as tx:
                await tx.execute(statement)
        except Unavailable as refusal:
            log.warning("jobs.waits", code=refusal.code)


def _job(row: sa.RowMapping) -> Job:
    return Job(
        id=row["id"],
        tenant_id=row["tenant_id"],
        kind=row["kind"],
        payload=row["payload"],
        run_at=from_datetime(row["run_at"]),
        attempt=row["attempts"],
        lease=row["lease"],
    )

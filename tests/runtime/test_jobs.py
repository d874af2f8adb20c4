"""Jobs: with the caller's transaction, when due, once, in order per key, again after a failure, cancelled by key."""

import asyncio
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from parlons.kit.errors import Conflict
from parlons.runtime import jobs as runtime_jobs
from parlons.runtime import readers
from parlons.runtime.db import Database, Tx
from parlons.runtime.jobs import ATTEMPTS, Errand, Job, Worker, cancel, enqueue
from parlons.runtime.schema import NO_TENANT, jobs
from tests.conftest import StillClock

T = "ACaaaa"


class Log:
    """Notes what was carried out; fails as told."""

    def __init__(self) -> None:
        self.done: list[int] = []
        self.fail: Callable[[Job], Exception | None] = lambda _: None

    async def __call__(self, tx: Tx, job: Job) -> None:
        error = self.fail(job)
        if error is not None:
            raise error
        self.done.append(job.payload["n"])


async def plan(database: Database, *numbers: int, after: int = 0, **keys: str) -> None:
    async with database.transaction(T) as tx:
        for number in numbers:
            await enqueue(tx, "note", {"n": number}, run_at=tx.now + after, **keys)  # type: ignore[arg-type]


async def left(database: Database) -> list[str]:
    async with database.system() as tx:
        return list((await tx.execute(sa.select(jobs.c.state))).scalars())


async def test_a_job_runs_when_due_and_is_gone(database: Database, clock: StillClock) -> None:
    note = Log()
    worker = Worker(database, {"note": note})
    await plan(database, 1, after=5000)
    assert await worker.run_due() == 0
    clock.advance(5000)
    assert await worker.run_due() == 1
    assert (note.done, await left(database)) == ([1], [])


async def test_jobs_run_in_the_order_they_are_due(database: Database, clock: StillClock) -> None:
    note = Log()
    await plan(database, 2, after=20)
    await plan(database, 1, after=10)
    clock.advance(100)
    await Worker(database, {"note": note}).run_due()
    assert note.done == [1, 2]


async def test_a_rolled_back_job_never_was(database: Database) -> None:
    try:
        async with database.transaction(T) as tx:
            await enqueue(tx, "note", {"n": 1})
            raise KeyError
    except KeyError:
        pass
    assert await left(database) == []


async def test_one_job_for_a_dedupe_key(database: Database) -> None:
    async with database.transaction(T) as tx:
        assert await enqueue(tx, "note", {"n": 1}, dedupe_key="k")
        assert not await enqueue(tx, "note", {"n": 2}, dedupe_key="k")
        assert await enqueue(tx, "note", {"n": 3}, dedupe_key="other")
    assert len(await left(database)) == 2


async def test_one_key_in_order_even_when_the_first_fails(database: Database, clock: StillClock) -> None:
    note = Log()
    note.fail = lambda job: RuntimeError("not yet") if job.payload["n"] == 1 and job.attempt == 1 else None
    worker = Worker(database, {"note": note})
    await plan(database, 1, 2, order_key="k")
    await plan(database, 9)
    await worker.run_due()
    assert note.done == [9]
    clock.advance(10_000)
    await worker.run_due()
    assert note.done == [9, 1, 2]


async def test_a_failing_job_is_tried_later_and_later_then_kept_as_failed(
    database: Database, clock: StillClock
) -> None:
    note = Log()
    note.fail = lambda _: RuntimeError("always")
    worker = Worker(database, {"note": note})
    await plan(database, 1)
    for attempt in range(1, ATTEMPTS + 1):
        assert await worker.run_due() == 1
        assert await worker.run_due() == 0, "no second try at once"
        clock.advance(2**attempt * 1000)
    assert await left(database) == ["failed"]
    assert await worker.run_due() == 0


async def test_a_refusal_drops_the_job_and_undoes_what_it_wrote(database: Database) -> None:
    async def refuse(tx: Tx, job: Job) -> None:
        await readers.advance(tx, "x", "WS", 1)
        raise Conflict

    await plan(database, 1)
    await Worker(database, {"note": refuse}).run_due()
    assert await left(database) == []
    async with database.transaction(T) as tx:
        assert await readers.position(tx, "x", "WS") is None


async def test_cancel_by_key(database: Database) -> None:
    note = Log()
    await plan(database, 1, 2, cancel_key="WT1")
    await plan(database, 3, cancel_key="WT2")
    async with database.transaction(T) as tx:
        assert await cancel(tx, "WT1") == 2
    await Worker(database, {"note": note}).run_due()
    assert note.done == [3]


async def test_a_dead_workers_job_is_taken_over_when_its_lease_ends(database: Database, clock: StillClock) -> None:
    note = Log()
    await plan(database, 1)
    dead = Worker(database, {"note": note})
    claimed = await dead._claim(1)
    alive = Worker(database, {"note": note})
    assert await alive.run_due() == 0
    clock.advance(61_000)
    assert await alive.run_due() == 1
    await dead._carry_out(claimed[0])
    assert note.done == [1], "whoever lost the lease does nothing"


async def test_workers_share_the_work_without_doubling_it(database: Database) -> None:
    note = Log()
    await plan(database, *range(60))
    await asyncio.gather(*(Worker(database, {"note": note}).run_due() for _ in range(4)))
    assert sorted(note.done) == list(range(60))


async def test_a_running_worker_is_woken_by_a_commit(database: Database) -> None:
    done = asyncio.Event()

    async def handle(tx: Tx, job: Job) -> None:
        assert tx.tenant_id == (T if job.tenant_id == T else None)
        if job.tenant_id == NO_TENANT:
            done.set()

    running = asyncio.ensure_future(Worker(database, {"note": handle}).run())
    await plan(database, 1)
    async with database.system() as tx:
        await enqueue(tx, "note", {"n": 2})
    await asyncio.wait_for(done.wait(), 60)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_errands_that_hang_give_their_places_to_others(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime_jobs, "PATIENT", 0.0)
    monkeypatch.setattr(runtime_jobs, "AWAY", 2)
    answered, went = asyncio.Event(), asyncio.Queue[int]()

    async def out(job: Job) -> None:
        went.put_nowait(job.payload["n"])
        await answered.wait()

    async def settle(tx: Tx, job: Job, brought: None) -> None:
        went.put_nowait(-job.payload["n"])

    await plan(database, 1, 2, 3, 4)
    worker = Worker(database, {"note": Errand(out, settle)}, at_once=1)
    running = asyncio.ensure_future(worker.run())
    assert [await went.get() for _ in range(3)] == [1, 2, 3]
    assert (worker._free(), went.empty()) == (0, True), "so many may be out, and no more"
    answered.set()
    assert sorted([await went.get() for _ in range(5)]) == [-4, -3, -2, -1, 4]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

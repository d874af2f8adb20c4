"""The router as the product runs it: commands, journal, projections, events and decision records on, fsync on.

A task = created, reserved, accepted, completed, each its own command, none acknowledged before its commit. First the pure
figures, in a process of their own. Then what one owner carries through its mailbox with 100,000 tasks waiting, as facts/data.md
3c has it (`router.durable_tasks_per_s`, against SQL doing the same with as many waiting), and with nobody waiting
(`router.durable_no_backlog_tasks_per_s`, the same comparison); through command rows of a second process
(`router.road_tasks_per_s`); the latency at a steady 1,000 tasks/s against a bare group commit of the same bytes
(`router.durable_p99_ms`); `why` 1,000,000 transitions back (`why.seconds`).

`python -m benchmarks.routing [--quick]`
"""

import asyncio
import multiprocessing
import random
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import uvloop

from benchmarks import floor, routing_pure, sql_baseline
from benchmarks.floor import WORKSPACE, line
from parlons.dispatch.admission import row_of
from parlons.dispatch.dispatch import Dispatch
from parlons.dispatch.why import why_of_reservation
from parlons.routing import commands as c
from parlons.routing.transitions import ReservationCreated
from parlons.runtime.db import Database

IN_FLIGHT = 600
_ROWS = """
INSERT INTO commands (tenant_id, workspace_id, idempotency_key, body, private, private_key)
SELECT $1, $2, * FROM unnest($3::text[], $4::jsonb[], $5::jsonb[], $6::text[])
"""


class Load:
    """Drives whole lives of tasks into a dispatch."""

    def __init__(self, dispatch: Dispatch, live: list[int]) -> None:
        self._dispatch = dispatch
        self._live = live
        self._rng = random.Random(7)
        self.number = 0
        self.done = 0
        self.waits: list[float] = []
        """Seconds from a command to its acknowledgement."""
        self.last_reservation = ""
        self._offers: deque[tuple[str, str]] = deque()

    async def life(self) -> None:
        """One task from creation to completion."""
        self.number += 1
        command = floor.task(self.number, self._rng.choice(self._live), self._rng)
        created = await self._timed(command)
        offers = [one for one in created.transitions if type(one) is ReservationCreated]
        if not offers:
            await self._timed(c.CancelTask(command.task_id))
            return
        self.last_reservation = offers[0].reservation_id
        await self._timed(c.AcceptReservation(offers[0].reservation_id))
        await self._timed(c.CompleteTask(command.task_id))
        self.done += 1

    async def _timed(self, command: c.Command) -> Any:
        begun = time.perf_counter()
        outcome = await self._dispatch.send(WORKSPACE, command)
        self.waits.append(time.perf_counter() - begun)
        return outcome

    async def fill(self, waiting: int) -> None:
        """Brings `waiting` tasks more than there are workers for; offers made meanwhile are kept for `life_of_another`."""
        for _ in range(0, waiting + floor.WORKERS, IN_FLIGHT):
            await asyncio.gather(*(self._create() for _ in range(IN_FLIGHT)))

    async def life_of_another(self) -> None:
        """Under a backlog: a task comes to the end of the line, and who is at its head is accepted and completed."""
        await self._create()
        reservation_id, task_id = self._offers.popleft()
        await self._timed(c.AcceptReservation(reservation_id))
        self._keep(await self._timed(c.CompleteTask(task_id)))
        self.done += 1

    async def _create(self) -> None:
        self.number += 1
        self._keep(await self._timed(floor.task(self.number, self._rng.choice(self._live), self._rng)))

    def _keep(self, outcome: Any) -> None:
        made = (each for each in outcome.transitions if type(each) is ReservationCreated)
        self._offers.extend((each.reservation_id, each.task_id) for each in made)

    async def closed(self, seconds: float, life: Callable[[], Awaitable[None]] | None = None) -> float:
        """As fast as it goes with `IN_FLIGHT` tasks alive; tasks per second."""
        one = life or self.life
        end, begun, before = time.perf_counter() + seconds, time.perf_counter(), self.done

        async def lane() -> None:
            while time.perf_counter() < end:
                await one()

        await asyncio.gather(*(lane() for _ in range(IN_FLIGHT)))
        return (self.done - before) / (time.perf_counter() - begun)

    async def paced(self, rate: int, seconds: float) -> None:
        """`rate` tasks a second, whatever happens to those before."""
        tasks: set[asyncio.Task[None]] = set()
        begun, started = time.perf_counter(), 0
        while (gone := time.perf_counter() - begun) < seconds:
            while started < gone * rate:
                started += 1
                task = asyncio.create_task(self.life())
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            await asyncio.sleep(0.001)
        await asyncio.gather(*tasks)


def p99(values: list[float]) -> float:
    """The 99th percentile, in milliseconds."""
    found = sorted(values)
    return found[int(len(found) * 0.99)] * 1000


async def bare_commits(db: Database, total_bytes: int, commands: int, rate: int, seconds: float) -> list[float]:
    """A group commit of the same bytes and nothing else: rows of one bytea, at the same pace; seconds to durable."""
    connection = await db.connect_system()
    await connection.execute("SET ROLE NONE")
    await connection.execute("CREATE UNLOGGED TABLE IF NOT EXISTS bare_u (body bytea)")
    await connection.execute("CREATE TABLE IF NOT EXISTS bare (body bytea)")
    piece = total_bytes // commands
    waits: list[float] = []
    waiting: list[float] = []
    more = asyncio.Event()
    over = False

    async def flush() -> None:
        nonlocal waiting
        while not over or waiting:
            if not waiting:
                more.clear()
                await more.wait()
                continue
            batch, waiting = waiting, []
            body = random.randbytes(piece) * len(batch)
            await connection.execute("INSERT INTO bare VALUES ($1)", body)
            now = time.perf_counter()
            waits.extend(now - asked for asked in batch)

    flusher = asyncio.create_task(flush())
    begun, asked = time.perf_counter(), 0
    while (gone := time.perf_counter() - begun) < seconds:
        while asked < gone * rate * 3:
            asked += 1
            waiting.append(time.perf_counter())
        more.set()
        await asyncio.sleep(0.001)
    over = True
    waiting.append(time.perf_counter())
    more.set()
    await flusher
    await connection.close()
    return waits


def _second_process(dsn: str, live: list[int], seconds: float, answer: Any) -> None:
    """Another process, not the owner: its commands go by rows."""

    async def run() -> None:
        db = await Database.open(dsn, pool_size=4)
        dispatch = Dispatch(db, name="bench-2")
        await dispatch.open(WORKSPACE, floor.TENANT)
        await dispatch.ready(WORKSPACE)
        answer.put(await Rows(db, dispatch, live).run(seconds))
        await dispatch.close()
        await db.close()

    uvloop.run(run())


class Rows:
    """Whole lives of tasks by command rows, many to a transaction, as a room's transactions would bring them."""

    def __init__(self, db: Database, dispatch: Dispatch, live: list[int]) -> None:
        self._db = db
        self._dispatch = dispatch
        self._live = live
        self._rng = random.Random(11)
        self._number = 1 << 40
        self._queued: list[tuple[str, c.Command]] = []

    async def run(self, seconds: float) -> float:
        """Tasks per second."""
        end = time.perf_counter() + seconds
        begun, done = time.perf_counter(), 0

        async def lane() -> None:
            nonlocal done
            while time.perf_counter() < end:
                self._number += 1
                command = floor.task(self._number, self._rng.choice(self._live), self._rng)
                created = await self._by_row(command)
                offers = [one for one in created.transitions if type(one) is ReservationCreated]
                if not offers:
                    await self._by_row(c.CancelTask(command.task_id))
                    continue
                await self._by_row(c.AcceptReservation(offers[0].reservation_id))
                await self._by_row(c.CompleteTask(command.task_id))
                done += 1

        writer = asyncio.create_task(self._write())
        await asyncio.gather(*(lane() for _ in range(IN_FLIGHT)))
        writer.cancel()
        return done / (time.perf_counter() - begun)

    async def _by_row(self, command: c.Command) -> Any:
        self._number += 1
        key = f"bench-{self._number}"
        self._queued.append((key, command))
        return await self._dispatch.outcome_of(WORKSPACE, key)

    async def _write(self) -> None:
        """Rows as `submit` writes them, those of two milliseconds in one transaction."""
        connection = await self._db.connect_system()
        while True:
            queued, self._queued = self._queued, []
            if queued:
                rows = [(key, *row_of(command, None)) for key, command in queued]
                columns = [list(column) for column in zip(*rows, strict=True)]
                await connection.execute(_ROWS, floor.TENANT, WORKSPACE, *columns)
                self._db.signals.poke(WORKSPACE)
            await asyncio.sleep(0.002)


async def road(db: Database, live: list[int], seconds: float) -> float:
    """Tasks per second by rows of a second process."""
    context = multiprocessing.get_context("spawn")
    answer = context.Queue()
    process = context.Process(target=_second_process, args=(db.dsn, live, seconds, answer), daemon=True)
    process.start()
    rate: float = await asyncio.to_thread(answer.get, True, 120)
    await asyncio.to_thread(process.join)
    return rate


async def measure(quick: bool) -> None:
    """The durable figures."""
    seconds = 3.0 if quick else 8.0
    async with floor.database() as db:
        dispatch = Dispatch(db, name="bench")
        live = await floor.configure(dispatch, random.Random(1))
        load = Load(dispatch, live)
        await load.closed(1.0)
        rate = await load.closed(seconds)
        sql = await sql_baseline.measure(db.dsn, seconds, waiting=0)
        line("router.durable_no_backlog_tasks_per_s", rate, "1/s", round(sql, 1), round(rate / sql, 2))
        rows = await road(db, live, seconds)
        line("router.road_tasks_per_s", rows, "1/s")
        await _latency(db, load, seconds)
        await _why(dispatch, load, quick)
        await dispatch.close()
    async with floor.database() as db:
        await _under_a_backlog(db, 10_000 if quick else 100_000, seconds)


async def _under_a_backlog(db: Database, waiting: int, seconds: float) -> None:
    dispatch = Dispatch(db, name="bench-3")
    load = Load(dispatch, await floor.configure(dispatch, random.Random(1)))
    await load.fill(waiting)
    await load.closed(1.0, load.life_of_another)
    rate = await load.closed(seconds, load.life_of_another)
    await dispatch.close()
    sql = await sql_baseline.measure(db.dsn, seconds, waiting)
    note = f"{waiting:,} waiting; SQL doing the same on 8 connections: {sql:.0f}/s"
    line("router.durable_tasks_per_s", rate, "1/s", round(sql, 1), round(rate / sql, 2), note)


async def _latency(db: Database, load: Load, seconds: float) -> None:
    """Ours, then the bare commit. A checkpoint goes before, so that both find the server as it is after its first minutes:
    its log files are used again then, while a fresh server stops all commits for 15 ms to make each new one."""
    connection = await db.connect_system()
    await connection.execute("SET ROLE NONE")
    await connection.execute("CHECKPOINT")
    size = "SELECT coalesce(sum(length(body)), 0) FROM journal"
    before = await connection.fetchval(size)
    load.waits.clear()
    await load.paced(1000, seconds)
    ours, commands = p99(load.waits), len(load.waits)
    written = await connection.fetchval(size) - before
    await connection.close()
    bare = p99(await bare_commits(db, int(written), commands, 1000, seconds))
    note = "at a steady 1,000 tasks/s; baseline: a bare group commit of the same bytes at the same pace"
    line("router.durable_p99_ms", ours, "ms", round(bare, 3), round(ours / bare, 2), note)


async def _why(dispatch: Dispatch, load: Load, quick: bool) -> None:
    old = load.last_reservation
    stepper = dispatch.stepper(WORKSPACE)
    wanted = stepper.transitions + (50_000 if quick else 1_000_000)
    while stepper.transitions < wanted:
        await load.closed(1.0)
    begun = time.perf_counter()
    answer = await why_of_reservation(dispatch, WORKSPACE, old)
    spent = time.perf_counter() - begun
    assert answer["complete"], answer
    assert len(answer["candidates"]) == floor.WORKERS
    line("why.seconds", spent, "s", None, None, f"{len(answer['candidates'])} workers, {wanted:,} transitions in all")


def main() -> None:
    """Measure and print everything."""
    quick = "--quick" in sys.argv
    pure = multiprocessing.get_context("spawn").Process(target=routing_pure.main, args=(quick,))
    pure.start()
    pure.join()
    uvloop.run(measure(quick))


if __name__ == "__main__":
    main()

"""The journal: gapless, in commit order, nothing lost or doubled, erasable, fenced."""

import asyncio
import contextlib
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from itertools import pairwise

import asyncpg
import pytest

from parlons.kit.errors import Refusal
from parlons.runtime import journal, snapshots
from parlons.runtime.db import Database, Tx
from parlons.runtime.events import Audience, Event
from parlons.runtime.journal import Entry, Fenced, Lease
from parlons.runtime.outbox import take_outbox
from parlons.runtime.readers import Follower, Reader, Tail, advance
from tests.runtime.leasing import take

T, W = "ACaaaa", "WSaaaa"


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await database.connect_system()
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture
async def lease(owner: asyncpg.Connection) -> Lease:
    return await take(owner, W, T)


def entry(number: int, **more: object) -> Entry:
    return Entry(kind="event", type="thing.done", at=number, data={"n": number}, audience=Audience(), **more)  # type: ignore[arg-type]


async def test_entries_are_numbered_without_gaps_and_read_back(owner: asyncpg.Connection, lease: Lease) -> None:
    seq = await journal.append(owner, lease, 0, [entry(1), entry(2)])
    seq = await journal.append(owner, lease, seq, [entry(3)])
    assert seq == 3 == await journal.last_seq(owner, W)
    assert [(e.seq, e.data["n"]) for e in await journal.read(owner, W, 0)] == [(1, 1), (2, 2), (3, 3)]
    assert [e.seq for e in await journal.read(owner, W, 1, 1)] == [2]
    assert await journal.read(owner, W, 3) == []


async def test_a_late_owner_is_refused_and_changes_nothing(owner: asyncpg.Connection, lease: Lease) -> None:
    await take(owner, W, T)
    with pytest.raises(Fenced):
        await journal.append(owner, lease, 0, [entry(1)])
    with pytest.raises(Fenced):
        await snapshots.save_snapshot(owner, lease, 1, b"x")
    assert await journal.read(owner, W, 0) == []


async def test_what_an_append_writes_besides_needs_the_lease_too(owner: asyncpg.Connection, lease: Lease) -> None:
    part = "INSERT INTO readers (name, workspace_id, tenant_id, seq) SELECT $7::text, $1, tenant_id, $4 FROM fence"
    await journal.append(owner, lease, 0, [entry(1)], journal.Also(f", besides AS ({part})", ("kept",)))
    await take(owner, W, T)
    with pytest.raises(Fenced):
        await journal.append(owner, lease, 1, [entry(2)], journal.Also(f", besides AS ({part})", ("late",)))
    assert [row["name"] for row in await owner.fetch("SELECT name FROM readers")] == ["kept"]


async def test_a_wrong_last_sequence_is_refused(owner: asyncpg.Connection, lease: Lease) -> None:
    await journal.append(owner, lease, 0, [entry(1)])
    with pytest.raises(Fenced):
        await journal.append(owner, lease, 0, [entry(2)])


async def test_snapshots_by_sequence(owner: asyncpg.Connection, lease: Lease) -> None:
    await snapshots.save_snapshot(owner, lease, 10, b"ten")
    await snapshots.save_snapshot(owner, lease, 20, b"twenty")
    assert await snapshots.load_snapshot(owner, W) == (20, b"twenty")
    assert await snapshots.load_snapshot(owner, W, at_most=19) == (10, b"ten")
    await snapshots.forget_snapshots(owner, W, 99)
    assert await snapshots.load_snapshot(owner, W, at_most=19) is None


async def test_private_parts_are_merged_and_can_be_erased(
    database: Database, owner: asyncpg.Connection, lease: Lease
) -> None:
    for number in (1, 2):
        async with database.transaction(T) as tx:
            data = {"message": {"id": f"IM{number}"}}
            private = {"message": {"text": "bonjour"}}
            tx.publish(Event(W, "message.added", data, private=private, private_key=f"IM{number}"))
    async with owner.transaction():
        taken = await take_outbox(owner, W, 10)
        await journal.append(owner, lease, 0, taken)
    assert [e.data["message"]["text"] for e in taken] == ["bonjour", "bonjour"]
    body = await owner.fetchval("SELECT string_agg(encode(body, 'escape'), '') FROM journal")
    assert "bonjour" not in body
    assert await journal.erase_private(owner, T, ["IM1"]) == 1
    one, two = await journal.read(owner, W, 0)
    assert one.data == {"message": {"id": "IM1"}}
    assert two.data == {"message": {"id": "IM2", "text": "bonjour"}}


async def test_erasure_reaches_events_that_were_not_relayed_yet(database: Database, owner: asyncpg.Connection) -> None:
    async with database.transaction(T) as tx:
        tx.publish(Event(W, "message.added", {"id": "IM1"}, private={"text": "bonjour"}, private_key="IM1"))
    assert await journal.erase_private(owner, T, ["IM1"]) == 1
    assert [e.private for e in await take_outbox(owner, W, 10)] == [None]


async def test_erasure_reaches_events_that_are_being_relayed(
    database: Database, owner: asyncpg.Connection, lease: Lease
) -> None:
    async with database.transaction(T) as tx:
        tx.publish(Event(W, "message.added", {"id": "IM1"}, private={"text": "bonjour"}, private_key="IM1"))
    eraser = await database.connect_system()
    try:
        relaying = owner.transaction()
        await relaying.start()
        await journal.append(owner, lease, 0, await take_outbox(owner, W, 10))
        erasing = asyncio.create_task(journal.erase_private(eraser, T, ["IM1"]))
        waiting = "SELECT count(*) FROM pg_locks WHERE pid = $1 AND NOT granted"
        while not await owner.fetchval(waiting, eraser.get_server_pid()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await relaying.commit()
        await erasing
    finally:
        await eraser.close()
    assert await owner.fetchval("SELECT count(*) FROM journal_private") == 0


async def test_a_follower_is_woken_by_another_process(
    database: Database, owner: asyncpg.Connection, lease: Lease
) -> None:
    """The appending side shares nothing with the follower but the database."""
    tail = Tail(database, W)
    await database.signals.connected.wait()
    batches = aiter(Follower(tail, 0))
    pending = asyncio.ensure_future(anext(batches))
    async with owner.transaction():
        await journal.append(owner, lease, 0, [entry(1), entry(2)])
    assert [e.seq for e in await pending] == [1, 2]
    tail.close()


async def test_memory_answers_what_it_holds_and_nothing_else(
    database: Database, owner: asyncpg.Connection, lease: Lease
) -> None:
    tail = Tail(database, W, keep=3)
    entries = [entry(number) for number in range(1, 6)]
    await journal.append(owner, lease, 0, entries)
    tail.push(entries)
    assert tail.since(1) is None
    assert [e.seq for e in tail.since(2) or []] == [3, 4, 5]
    assert tail.since(5) == []
    assert tail.since(6) is None
    assert [e.seq for e in await Follower(tail, 0).read()] == [1, 2, 3, 4, 5]
    tail.close()


async def test_a_durable_reader_takes_each_entry_once(
    database: Database, owner: asyncpg.Connection, lease: Lease
) -> None:
    """Two processes run the same reader; one entry takes effect by one of them, also where another fails beside it."""
    tail = Tail(database, W)
    seen: list[int] = []
    failed: list[int] = []
    transactions: set[Tx] = set()
    taken = [*range(1, 50), *range(51, 61)]
    done = asyncio.Event()

    def effect(seq: int) -> None:
        seen.append(seq)
        if len(seen) == len(taken):
            done.set()

    async def handle(tx: Tx, e: Entry) -> None:
        if e.seq == 3 and not failed:
            failed.append(e.seq)
            raise RuntimeError("first time")
        if e.seq == 50:
            raise Refusal("It fits no more.")
        tx.after_commit(lambda: effect(e.seq))
        transactions.add(tx)

    await journal.append(owner, lease, 0, [entry(number) for number in range(1, 61)])
    wanted = frozenset({"thing.done"})
    runs = [asyncio.ensure_future(Reader(tail, T, "r", wanted, handle).run()) for _ in range(2)]
    await asyncio.wait_for(done.wait(), 60)
    for run in runs:
        run.cancel()
    await asyncio.gather(*runs, return_exceptions=True)
    tail.close()
    assert sorted(seen) == taken, "two processes commit in order; which hears of it first is as it may be"
    assert len(transactions) < len(seen), "those that wait share a transaction"


async def test_a_durable_reader_goes_on_where_it_stood(
    database: Database, owner: asyncpg.Connection, lease: Lease
) -> None:
    tail = Tail(database, W)
    await journal.append(owner, lease, 0, [entry(number) for number in range(1, 6)])
    async with database.transaction(T) as tx:
        await advance(tx, "r", W, 4)
    got: asyncio.Queue[int] = asyncio.Queue()

    async def handle(tx: object, e: Entry) -> None:
        got.put_nowait(e.seq)

    run = asyncio.ensure_future(Reader(tail, T, "r", frozenset({"thing.done"}), handle).run())
    assert await got.get() == 5
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    tail.close()


WRITERS, ROUNDS, KILLS = 50, 12, 6


async def test_every_committed_event_is_read_once_in_commit_order(empty_database: str) -> None:
    """50 writers at once with random delays and roll-backs, the relay killed with -9 again and again.

    Order: whenever a commit had returned before another was asked for, the journal has them in that order."""
    database = await Database.open(empty_database, pool_size=WRITERS + 2)
    chance = random.Random(20261121)
    asked: dict[str, float] = {}
    returned: dict[str, float] = {}
    now = asyncio.get_running_loop().time

    async def writer(number: int) -> None:
        for turn in range(ROUNDS):
            name = f"{number}-{turn}"
            await asyncio.sleep(chance.random() * 0.02)
            with contextlib.suppress(KeyError):
                async with database.transaction(T) as tx:
                    tx.publish(Event(W, "thing.done", {"name": name, "part": 1}))
                    await tx.scalar("SELECT pg_sleep(:s)", {"s": chance.random() * 0.02})
                    tx.publish(Event(W, "thing.done", {"name": name, "part": 2}))
                    if chance.random() < 0.3:
                        raise KeyError("rolled back on purpose")
                    asked[name] = now()
                returned[name] = now()

    async with asyncio.TaskGroup() as group:
        killer = group.create_task(_kill_relays(empty_database, KILLS))
        for number in range(WRITERS):
            group.create_task(writer(number))
    last = killer.result()
    try:
        entries = await _read_to_the_end(database, 2 * len(returned))
    finally:
        last.kill()
        await last.wait()
        await database.close()
    assert [e.seq for e in entries] == list(range(1, len(entries) + 1))
    names = [(e.data["name"], e.data["part"]) for e in entries]
    assert sorted(names) == sorted((name, part) for name in returned for part in (1, 2))
    order = [name for name, part in names if part == 1]
    assert all(names.index((name, 1)) < names.index((name, 2)) for name in returned)
    latest = 0.0
    for earlier, later in pairwise(order):
        latest = max(latest, asked[earlier])
        assert returned[later] >= latest, f"{later} had committed before one that the journal puts ahead of it"


async def _kill_relays(dsn: str, kills: int) -> asyncio.subprocess.Process:
    """Runs a relay, kills it in its work, and again; the last one stays alive."""
    for turn in range(kills + 1):
        relay = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.runtime.relay", dsn, W, T, stdout=asyncio.subprocess.PIPE
        )
        assert relay.stdout is not None
        if turn == kills:
            break
        for _ in range(random.randint(2, 6)):
            await relay.stdout.readline()
        os.kill(relay.pid, signal.SIGKILL)
        await relay.stdout.read()
        await relay.wait()
    return relay


async def _read_to_the_end(database: Database, count: int) -> list[Entry]:
    tail = Tail(database, W)
    entries: list[Entry] = []
    async with asyncio.timeout(60):
        async for batch in Follower(tail, 0):
            entries.extend(batch)
            if len(entries) >= count:
                break
    tail.close()
    async with database.system() as tx:
        assert await tx.scalar("SELECT count(*) FROM outbox") == 0
        entries += await journal.read(await tx.raw(), W, entries[-1].seq)
    return entries

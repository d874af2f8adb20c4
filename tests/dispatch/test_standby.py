"""Standby and fencing: who may write, what a late batch of an outbid owner is worth, that replay gives the same state."""

import asyncio
from typing import Any

import asyncpg
import pytest

from parlons.dispatch import lease as leases
from parlons.dispatch import seat
from parlons.dispatch.batch import Asked
from parlons.dispatch.dispatch import Dispatch
from parlons.dispatch.errors import NoOwner
from parlons.dispatch.replay import catch_up, opened
from parlons.kit.errors import Refusal, Unavailable
from parlons.routing import commands as c
from parlons.routing.snapshot import state_digest
from parlons.runtime import journal
from parlons.runtime.db import Database
from parlons.runtime.journal import Fenced
from tests.conftest import Postgres, StillClock
from tests.dispatch import floor
from tests.dispatch.floor import TENANT, WORKSPACE


async def digest_of(dispatch: Dispatch) -> str:
    """The state at the last commit."""
    _, digest = await dispatch.committed(WORKSPACE, lambda stepper: state_digest(stepper.state))
    assert isinstance(digest, str)
    return digest


async def follows(dispatch: Dispatch, seq: int) -> None:
    """Returns when the standby has taken in `seq`."""
    replica = dispatch.seat(WORKSPACE).replica
    while replica is not None and replica.seq < seq:
        await dispatch.screens(WORKSPACE).grown(replica.seq)


async def test_a_standby_knows_what_the_owner_knows(dispatch: Dispatch, other: Dispatch) -> None:
    await floor.prepare(dispatch, floor.worker(1, "sales"), floor.worker(2, "support"))
    await other.open(WORKSPACE, TENANT)
    await other.ready(WORKSPACE)
    for number in range(1, 30):
        outcome = await dispatch.send(WORKSPACE, floor.task(number, "sales" if number % 2 else "support"))
    await follows(other, outcome.seq)
    assert not other.owns(WORKSPACE)
    assert await digest_of(dispatch) == await digest_of(other)
    assert other.seat(WORKSPACE).replica.mismatches == 0  # type: ignore[union-attr]


async def test_nobody_is_shown_a_state_that_is_still_being_read_in(
    dispatch: Dispatch, other: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the snapshot it begins with and the journal's end lies what screens were shown before, and are not told again."""
    await floor.prepare(dispatch, floor.worker(1, "sales"))
    reads, may = asyncio.Event(), asyncio.Event()

    async def late(*given: Any) -> bool:
        reads.set()
        await may.wait()
        return await catch_up(*given)

    monkeypatch.setattr(seat, "catch_up", late)
    await other.open(WORKSPACE, TENANT)
    ready = asyncio.ensure_future(other.ready(WORKSPACE))
    await reads.wait()
    with pytest.raises(NoOwner):
        await other.committed(WORKSPACE, lambda stepper: stepper.state)
    assert not ready.done()
    may.set()
    await ready
    assert await digest_of(other) == await digest_of(dispatch)


async def test_commands_of_the_standby_go_by_the_road(dispatch: Dispatch, other: Dispatch) -> None:
    await floor.prepare(dispatch, floor.worker(1, "sales"))
    await other.open(WORKSPACE, TENANT)
    await other.ready(WORKSPACE)
    offer = floor.offer_of(await other.send(WORKSPACE, floor.task(1)))
    await other.send(WORKSPACE, c.AcceptReservation(offer.reservation_id))
    assert dispatch.state(WORKSPACE).tasks[floor.task_id(1)].status == "assigned"
    with pytest.raises(Refusal) as refused:
        await other.send(WORKSPACE, c.AcceptReservation(offer.reservation_id))
    assert refused.value.code == "wrong-status"


async def test_the_standby_takes_over_when_the_owner_leaves(dispatch: Dispatch, other: Dispatch) -> None:
    await floor.prepare(dispatch, floor.worker(1, "sales"))
    await other.open(WORKSPACE, TENANT)
    await other.ready(WORKSPACE)
    await dispatch.send(WORKSPACE, floor.task(1))
    before = await digest_of(dispatch)
    await dispatch.close()
    await other.ready(WORKSPACE, as_owner=True)
    assert await digest_of(other) == before
    await other.send(WORKSPACE, floor.task(2))


async def test_a_stalled_owner_is_ended_and_nobody_of_another_installation(
    database: Database, postgres: Postgres
) -> None:
    """Installations share a server and may, as tests do, have the same workspace."""
    dsn = await postgres.create()
    neighbours = await Database.open(dsn)
    ours, theirs = [await each.connect_system() for each in (database, neighbours)]
    for connection, each in ((ours, database), (theirs, neighbours)):
        assert await leases.try_take(connection, each, WORKSPACE, TENANT, "stalls") is not None
    ended = asyncio.Event()
    ours.add_termination_listener(lambda _: ended.set())
    await ours.execute("UPDATE leases SET until = clock_timestamp() - interval '1 second'")
    standby = await database.connect_system()
    lease = await leases.try_take(standby, database, WORKSPACE, TENANT, "takes over")
    assert lease is not None
    assert lease.epoch == 2
    await ended.wait()
    assert await theirs.fetchval("SELECT 1") == 1
    for connection in (standby, theirs):
        await connection.close()
    await neighbours.close()
    await postgres.drop(dsn)


async def test_an_outbid_owner_is_refused_by_its_epoch(dispatch: Dispatch, other: Dispatch, database: Database) -> None:
    await floor.prepare(dispatch, floor.worker(1, "sales"))
    await dispatch.send(WORKSPACE, floor.task(1))
    old = dispatch.seat(WORKSPACE).owner
    assert old is not None
    connection = await database.connect_system()
    await connection.execute("UPDATE leases SET epoch = epoch + 1 WHERE workspace_id = $1", WORKSPACE)
    late = asyncio.get_running_loop().create_future()
    old.ask(Asked(floor.task(2), None, late))
    with pytest.raises(Fenced):
        await late
    assert await connection.fetchval("SELECT count(*) FROM tasks") == 1
    await connection.close()
    await dispatch.ready(WORKSPACE, as_owner=True)
    assert list(dispatch.state(WORKSPACE).tasks) == [floor.task_id(1)]


async def test_a_stopped_owner_is_outbid_when_its_lease_ends(
    dispatch: Dispatch, other: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    await floor.prepare(dispatch, floor.worker(1, "sales"))
    await other.open(WORKSPACE, TENANT)
    await other.ready(WORKSPACE)
    old = dispatch.seat(WORKSPACE).owner
    assert old is not None
    stopped = asyncio.Event()

    async def never(connection: asyncpg.Connection, lease: object) -> bool:
        await stopped.wait()
        return True

    monkeypatch.setattr(leases, "renew", never)  # as SIGSTOP does: the lock is kept, the lease is not
    await other.ready(WORKSPACE, as_owner=True)
    late = asyncio.get_running_loop().create_future()
    old.ask(Asked(floor.task(1), None, late))
    with pytest.raises(Unavailable):
        await late
    await other.send(WORKSPACE, floor.task(2))
    assert list(other.state(WORKSPACE).tasks) == [floor.task_id(2)]


async def test_replay_from_the_beginning_and_from_a_snapshot_agree(
    dispatch: Dispatch, database: Database, clock: StillClock
) -> None:
    await floor.prepare(dispatch, floor.worker(1, "sales", capacity=2), floor.worker(2, "sales", "support"))
    for number in range(1, 20):
        await dispatch.send(WORKSPACE, floor.task(number, "support" if number % 3 else "sales"))
        clock.advance(1_500)
    await dispatch.close()
    connection = await database.connect_system()
    snapshot = await opened(connection, WORKSPACE)
    assert snapshot.seq > 0
    await connection.execute("DELETE FROM snapshots")
    beginning = await opened(connection, WORKSPACE)
    assert beginning.seq == 0
    await catch_up(connection, beginning)
    await connection.close()
    assert beginning.mismatches == 0
    assert state_digest(beginning.stepper.state) == state_digest(snapshot.stepper.state)


async def test_a_decision_that_differs_on_replay_is_noticed(dispatch: Dispatch, database: Database) -> None:
    await floor.prepare(dispatch, floor.worker(1, "sales"))
    await dispatch.send(WORKSPACE, floor.task(1))
    connection = await database.connect_system()
    replay = await opened(connection, WORKSPACE)
    entries = await journal.read(connection, WORKSPACE, 0, 10_000)
    for entry in entries:
        if entry.type == "reservation.created":
            entry.data["worker_id"] = floor.worker_id(2)
    replay.feed(entries)
    await connection.close()
    assert replay.mismatches == 1


async def test_a_fault_while_it_sits_down_does_not_end_a_seat(
    dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[Any] = []

    async def opens(*given: Any) -> Any:
        tries.append(given)
        if len(tries) == 1:
            raise ValueError("a command that this release does not know")
        return await opened(*given)

    monkeypatch.setattr(seat, "opened", opens)
    await floor.prepare(dispatch, floor.worker(1, "sales"))
    assert floor.offer_of(await dispatch.send(WORKSPACE, floor.task(1))).worker_id == floor.worker_id(1)
    assert len(tries) == 2

"""The owner: what is acknowledged is committed once; a failed commit leaves no trace; both roads, keys, timers."""

import asyncio

import asyncpg
import pytest

from parlons.dispatch.dispatch import Dispatch, submit
from parlons.dispatch.errors import AttributesNotText, AttributesTooLarge
from parlons.kit.errors import Refusal, Unavailable
from parlons.routing import commands as c
from parlons.routing import transitions as t
from parlons.runtime import journal
from parlons.runtime.db import Database
from parlons.runtime.events import Event
from tests.conftest import StillClock
from tests.dispatch import floor
from tests.dispatch.floor import TENANT, WORKSPACE


async def test_a_task_is_created_offered_accepted_and_completed(dispatch: Dispatch, database: Database) -> None:
    await floor.prepare(dispatch, floor.worker(1, "sales"))
    created = await dispatch.send(WORKSPACE, floor.task(1))
    offer = floor.offer_of(created)
    assert offer.worker_id == floor.worker_id(1)
    accepted = await dispatch.send(WORKSPACE, c.AcceptReservation(offer.reservation_id))
    done = await dispatch.send(WORKSPACE, c.CompleteTask(floor.task_id(1), "sold"))
    assert created.seq < accepted.seq < done.seq
    async with database.transaction(TENANT) as tx:
        task = await tx.fetch_one("SELECT * FROM tasks")
        reservation = await tx.fetch_one("SELECT * FROM reservations")
    assert task is not None
    assert (task["status"], task["reason"], task["worker_id"]) == ("completed", "sold", floor.worker_id(1))
    assert reservation is not None
    assert reservation["status"] == "completed"
    assert reservation["decision"]["rule"] == "sales"
    assert dispatch.state(WORKSPACE).tasks == {}


async def test_the_journal_holds_commands_and_transitions_but_no_attribute(
    dispatch: Dispatch, database: Database
) -> None:
    await floor.prepare(dispatch, floor.worker(1, "sales"))
    await dispatch.send(WORKSPACE, floor.task(1, attributes={"secret": "Aubergine"}), actor="US1")
    connection = await database.connect_system()
    entries = await journal.read(connection, WORKSPACE, 0, 10_000)
    bodies = await connection.fetch("SELECT body FROM journal")
    await connection.close()
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    create = next(entry for entry in entries if entry.type == "create_task")
    assert create.data["attributes"]["secret"] == "Aubergine"
    assert create.data["actor"] == "US1"
    assert b"Aubergine" not in b"".join(row["body"] for row in bodies)


async def test_two_tabs_accept_one_offer(dispatch: Dispatch) -> None:
    await floor.prepare(dispatch, floor.worker(1, "sales"))
    offer = floor.offer_of(await dispatch.send(WORKSPACE, floor.task(1)))
    accept = c.AcceptReservation(offer.reservation_id, floor.worker_id(1))
    results = await asyncio.gather(
        dispatch.send(WORKSPACE, accept), dispatch.send(WORKSPACE, accept), return_exceptions=True
    )
    refusals = [one for one in results if isinstance(one, Refusal)]
    assert len(refusals) == 1
    assert refusals[0].code in ("wrong-status", "reservation-gone")


async def test_an_expired_offer_is_refused_by_name(dispatch: Dispatch, clock: StillClock) -> None:
    await floor.prepare(dispatch, floor.worker(1, "sales"))
    offer = floor.offer_of(await dispatch.send(WORKSPACE, floor.task(1)))
    clock.advance(20_001)
    with pytest.raises(Refusal) as refused:
        await dispatch.send(WORKSPACE, c.AcceptReservation(offer.reservation_id))
    assert refused.value.code == "reservation-gone"
    assert dispatch.state(WORKSPACE).workers[floor.worker_id(1)].activity_id == floor.MISSED


async def test_the_routers_time_never_goes_back(dispatch: Dispatch, clock: StillClock) -> None:
    await floor.prepare(dispatch)
    first = await dispatch.send(WORKSPACE, floor.task(1))
    clock.advance(-3_600_000)
    second = await dispatch.send(WORKSPACE, floor.task(2))
    assert second.at == first.at


async def test_one_key_is_one_command_in_this_process(dispatch: Dispatch) -> None:
    await floor.prepare(dispatch, floor.worker(1, "sales"))
    once, twice = await asyncio.gather(
        dispatch.send(WORKSPACE, floor.task(1), key="k1"), dispatch.send(WORKSPACE, floor.task(2), key="k1")
    )
    later = await dispatch.send(WORKSPACE, floor.task(3), key="k1")
    assert once.seq == twice.seq == later.seq
    assert [one.type for one in later.transitions] == [one.type for one in once.transitions]
    assert list(dispatch.state(WORKSPACE).tasks) == [floor.task_id(1)]


async def test_a_row_is_carried_out_once_whatever_its_senders_do(dispatch: Dispatch, database: Database) -> None:
    await floor.prepare(dispatch, floor.worker(1, "sales"))
    for _ in range(2):
        async with database.transaction(TENANT) as tx:
            await submit(tx, WORKSPACE, floor.task(1), key="message-1")
    outcome = await dispatch.send(WORKSPACE, floor.task(1), key="message-1")
    assert floor.offer_of(outcome).task_id == floor.task_id(1)
    assert list(dispatch.state(WORKSPACE).tasks) == [floor.task_id(1)]


async def test_a_refused_row_says_why(dispatch: Dispatch, database: Database) -> None:
    await floor.prepare(dispatch)
    async with database.transaction(TENANT) as tx:
        await submit(tx, WORKSPACE, c.CompleteTask(floor.task_id(9)), key="k")
    with pytest.raises(Refusal) as refused:
        await dispatch.send(WORKSPACE, c.CompleteTask(floor.task_id(9)), key="k")
    assert refused.value.code == "unknown-task"


async def test_a_rolled_back_wish_is_none(dispatch: Dispatch, database: Database) -> None:
    await floor.prepare(dispatch)
    with pytest.raises(RuntimeError):
        await _submitted(database, floor.task(1), fail=True)
    await dispatch.send(WORKSPACE, floor.task(2))
    assert list(dispatch.state(WORKSPACE).tasks) == [floor.task_id(2)]


async def test_events_of_a_transaction_come_before_what_they_led_to(dispatch: Dispatch, database: Database) -> None:
    await floor.prepare(dispatch, floor.worker(1, "sales"))
    async with database.transaction(TENANT) as tx:
        tx.publish(Event(WORKSPACE, "message.added", {"message": {"id": "IM1"}}))
        await submit(tx, WORKSPACE, floor.task(1), key="k")
    outcome = await dispatch.send(WORKSPACE, floor.task(1), key="k")
    connection = await database.connect_system()
    entries = await journal.read(connection, WORKSPACE, 0, 10_000)
    await connection.close()
    types = [entry.type for entry in entries]
    assert types.index("message.added") < types.index("create_task")
    assert entries[-1].seq == outcome.seq


async def test_what_cannot_be_stored_is_refused_before_it_reaches_anybody(dispatch: Dispatch) -> None:
    await floor.prepare(dispatch)
    with pytest.raises(AttributesNotText):
        await dispatch.send(WORKSPACE, floor.task(1, attributes={"name": "a\x00b"}))
    with pytest.raises(AttributesTooLarge):
        await dispatch.send(WORKSPACE, floor.task(1, attributes={"name": "a" * 5000}))


async def test_a_lost_connection_undoes_what_was_not_committed(dispatch: Dispatch, database: Database) -> None:
    await floor.prepare(dispatch, floor.worker(1, "sales"))
    await dispatch.send(WORKSPACE, floor.task(1))
    owner = dispatch.seat(WORKSPACE).owner
    assert owner is not None
    login = await asyncpg.connect(database.dsn)
    async with login.transaction():
        await login.execute("LOCK TABLE journal IN EXCLUSIVE MODE")
        lost = asyncio.ensure_future(dispatch.send(WORKSPACE, floor.task(2)))
        await _submitted(database, floor.task(3))
        pid = owner._connection.get_server_pid()
        await login.execute("SELECT pg_terminate_backend($1)", pid)
        with pytest.raises(Unavailable):
            await lost
    await login.close()
    await dispatch.ready(WORKSPACE, as_owner=True)
    outcome = await dispatch.send(WORKSPACE, floor.task(3), key="row")
    assert outcome.seq
    assert set(dispatch.state(WORKSPACE).tasks) == {floor.task_id(1), floor.task_id(3)}
    async with database.transaction(TENANT) as tx:
        assert await tx.scalar("SELECT count(*) FROM tasks") == 2


async def _submitted(database: Database, command: c.Command, *, fail: bool = False) -> None:
    async with database.transaction(TENANT) as tx:
        await submit(tx, WORKSPACE, command, key="row")
        if fail:
            raise RuntimeError


async def test_an_erased_task_is_canceled(dispatch: Dispatch) -> None:
    await floor.prepare(dispatch)
    await dispatch.send(WORKSPACE, floor.task(1))
    outcome = await dispatch.send(WORKSPACE, c.EraseTask(floor.task_id(1)))
    assert outcome.only(t.TaskCanceled)[0].reason == "erased"

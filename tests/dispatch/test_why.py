"""Why: the stored decision and every worker with what spoke against him, by replay; also after an erasure."""

import asyncpg

from parlons.accounts.model import Principal, Role
from parlons.dispatch.dispatch import Dispatch
from parlons.dispatch.replay import catch_up, opened
from parlons.dispatch.why import why_of_reservation, why_of_task
from parlons.routing import commands as c
from parlons.routing.snapshot import state_digest
from parlons.runtime import journal
from parlons.runtime.db import Database
from tests.conftest import StillClock
from tests.dispatch import floor
from tests.dispatch.floor import TENANT, WORKSPACE

BOSS = Principal(TENANT, WORKSPACE, Role.SUPERVISOR, user_id="US1")


def of(answer: dict[str, object], number: int) -> dict[str, object]:
    """The candidate who is a worker of the floor."""
    candidates = answer["candidates"]
    assert isinstance(candidates, list)
    found: dict[str, object] = next(one for one in candidates if one["worker_id"] == floor.worker_id(number))
    return found


async def test_everybody_is_named_with_a_reason(dispatch: Dispatch, clock: StillClock) -> None:
    await floor.prepare(
        dispatch,
        floor.worker(1, "sales"),
        floor.worker(2, "support"),
        floor.worker(3, "sales", languages=("de",)),
        floor.worker(4, "sales"),
        floor.worker(5, "sales"),
    )
    await dispatch.send(WORKSPACE, c.SetActivity(floor.worker_id(4), floor.OFFLINE))
    clock.advance(1000)
    offer = floor.offer_of(await dispatch.send(WORKSPACE, floor.task(1)))
    await dispatch.send(WORKSPACE, c.AcceptReservation(offer.reservation_id))
    await dispatch.send(WORKSPACE, c.CompleteTask(floor.task_id(1)))
    for worker in (1, 2, 5):
        await dispatch.send(WORKSPACE, c.SetActivity(floor.worker_id(worker), floor.OFFLINE))
    answer = await why_of_reservation(dispatch, BOSS, offer.reservation_id)
    assert answer["complete"]
    assert (answer["rule"], answer["idle"], answer["considered"]) == ("sales", 2, 5)
    assert of(answer, 1)["chosen"]
    assert of(answer, 1)["eligible"]
    assert of(answer, 2)["reason"] == "queue-expression"
    assert of(answer, 3)["reason"] == "target-expression"
    assert of(answer, 4)["reason"] == "activity"
    assert of(answer, 5)["eligible"]
    story = [event["code"] for event in (await why_of_task(dispatch, BOSS, floor.task_id(1)))["events"]]
    assert story == [
        "task.created", "task-queue.entered", "reservation.created", "reservation.accepted", "reservation.completed",
        "task.completed",
    ]  # fmt: skip


async def test_why_nobody_yet(dispatch: Dispatch) -> None:
    await floor.prepare(dispatch, floor.worker(1, "support"))
    await dispatch.send(WORKSPACE, floor.task(1))
    answer = await why_of_task(dispatch, BOSS, floor.task_id(1))
    assert answer["chosen_worker_id"] is None
    assert of(answer, 1)["reason"] == "queue-expression"


async def test_an_erased_customer_leaves_state_and_why_as_they_were(dispatch: Dispatch, database: Database) -> None:
    await floor.prepare(dispatch, floor.worker(1, "sales", capacity=3), floor.worker(2, "sales", languages=("de",)))
    offer = floor.offer_of(await dispatch.send(WORKSPACE, floor.task(1, attributes={"name": "Aubergine"})))
    await dispatch.send(WORKSPACE, floor.task(2, attributes={"name": "Aubergine", "language": "it"}))
    before = await why_of_reservation(dispatch, BOSS, offer.reservation_id)
    for task_id in (floor.task_id(1), floor.task_id(2)):
        await dispatch.send(WORKSPACE, c.EraseTask(task_id))
    async with database.transaction(TENANT) as tx:
        await journal.erase_private(await tx.raw(), TENANT, [floor.task_id(1), floor.task_id(2)])
    after = await why_of_reservation(dispatch, BOSS, offer.reservation_id)
    assert after["complete"]
    assert after["candidates"] == before["candidates"]
    _, living = await dispatch.committed(WORKSPACE, lambda stepper: state_digest(stepper.state))
    connection = await database.connect_system()
    replay = await opened(connection, WORKSPACE)
    await catch_up(connection, replay)
    assert replay.mismatches == 0
    assert state_digest(replay.stepper.state) == living
    await connection.close()
    connection = await asyncpg.connect(database.dsn)
    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for row in tables:
        found = await connection.fetch(f'SELECT t::text AS whole FROM "{row["tablename"]}" t')
        hexed = b"Aubergine".hex()
        assert not [one for one in found if "Aubergine" in one["whole"] or hexed in one["whole"]], row["tablename"]
    await connection.close()

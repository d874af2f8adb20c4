"""kill -9 between a message and its task, and in the middle of carrying an outcome back: nothing is lost, nothing doubled."""

import asyncio
import sys

import pytest

from parlons.dispatch.dispatch import Dispatch
from parlons.routing import commands as c
from parlons.runtime.db import Database
from tests.conftest import StillClock
from tests.dispatch import floor
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.reception.conftest import Front, furnish, reading


async def killed(dsn: str, moment: str) -> None:
    """Runs the doomed process to its end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.reception.crash", dsn, moment, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(200):
        _, errors = await process.communicate()
    assert process.returncode == -9, errors.decode()


@pytest.mark.parametrize(("moment", "kept"), [("before-task", 0), ("before-commit", 0), ("after-commit", 1)])
async def test_a_message_and_its_task_are_kept_together_or_not_at_all(
    database: Database, empty_database: str, clock: StillClock, moment: str, kept: int
) -> None:
    await furnish(database)
    await killed(empty_database, moment)
    async with database.system() as tx:
        assert await tx.scalar("SELECT count(*) FROM messages") == kept
        assert await tx.scalar("SELECT count(*) FROM commands") == kept
        assert await tx.scalar("SELECT count(*) FROM conversations WHERE lead_task_id IS NOT NULL") == kept
    dispatch = Dispatch(database, clock=clock, name="next")
    try:
        await floor.prepare(dispatch, floor.worker(1, "sales"))
        front = Front(database, dispatch, clock)
        async with reading(dispatch):
            decision = await front.writes("Bonjour", key="c1")  # the page had no answer and sends again
            assert decision.kind == ("already" if kept else "task")
            assert (await front.accepted()).assigned_user_id == "US1"
            await front.read_to_the_end()
        assert await front.lines() == ["Bonjour", "Sofia vous répond."]
        async with database.system() as tx:
            assert await tx.scalar("SELECT count(*) FROM tasks") == 1
    finally:
        await dispatch.close()


async def test_a_reader_killed_in_the_middle_goes_on_without_doubling(
    database: Database, empty_database: str, clock: StillClock
) -> None:
    await furnish(database)
    first = Dispatch(database, clock=clock, name="first")
    front = Front(database, first, clock)
    await floor.prepare(first, floor.worker(1, "sales"))
    await front.writes()
    offer = await front.offered((await front.now()).lead_task_id)
    await first.send(WORKSPACE, c.AcceptReservation(offer["id"]))
    await first.close()
    await killed(empty_database, "reservation.accepted")
    assert (await front.now()).assigned_worker_id is None
    second = Dispatch(database, clock=clock, name="second")
    try:
        await second.open(WORKSPACE, TENANT)
        async with reading(second):
            await front.until(lambda one: one.assigned_user_id == "US1")
            await front.read_to_the_end()
        assert await front.lines() == ["Bonjour", "Sofia vous répond."]
    finally:
        await second.close()

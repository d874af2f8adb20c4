"""What a call costs the database, in what order callers stand in line, and that nothing is lost between two of its steps."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from parlons.reception.asking import point_at
from parlons.reception.points import put_entry_points
from parlons.runtime.db import Database, Tx
from parlons.runtime.events import Audience, Event
from parlons.runtime.remembered import Remembered
from parlons.testing.fake_engine import FakeEngine
from parlons.testing.statements import statements
from tests.conftest import StillClock
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.reception.test_flow_engine import engine, menu, running
from tests.voice.calls.conftest import MUSIC, NUMBER, POINT, furnish

__all__ = ["engine"]
MOST_STATEMENTS = 7
"""To store a new caller, his call, its flow and his task, once the configuration is remembered."""
MOST_OF_A_MENU = 14
"""From the ringing of a known caller to his hanging up in the menu, BEGIN and COMMIT left out."""


async def test_a_new_caller_reaches_his_queue_in_one_transaction(
    database: Database, clock: StillClock, tmp_path: Path, engine: FakeEngine
) -> None:
    await furnish(database, 1)
    database.remembered = Remembered(clock, "configuration.applied")
    async with running(database, clock, tmp_path, engine) as centre:
        first = await centre.rings_in("+33611111111")
        await centre.call("waiting", first)
        await centre.idle()
        with statements(database) as asked:
            second = await centre.rings_in("+33622222222")
            await centre.call("waiting", second)
            await centre.idle()
        (done,) = asked.with_a("INSERT INTO customers")
        kept = {table for text in done for table in re.findall(r"INSERT INTO (\w+)", text)}
        assert {"conversations", "calls", "flow_instances", "commands"} <= kept, "all of it, or nothing"
        assert len(done) <= MOST_STATEMENTS, [text[:60] for text in done]


async def test_a_known_caller_who_hangs_up_in_the_menu_costs_few_statements(
    database: Database, clock: StillClock, tmp_path: Path, engine: FakeEngine
) -> None:
    await furnish(database, 1)
    await menu(database)
    database.remembered = Remembered(clock, "configuration.applied")

    async def calls_and_leaves() -> None:
        leg_id = await centre.rings_in("+33611111111")
        call = await centre.call("menu", leg_id)
        await centre.until(lambda: engine.plays(leg_id))
        await centre.idle()
        engine.far_hangs_up(leg_id)
        await centre.until(lambda: not call.live)
        await centre.idle()

    async with running(database, clock, tmp_path, engine) as centre:
        await calls_and_leaves()
        with statements(database) as asked:
            await calls_and_leaves()
    of_call = [
        done
        for done in asked.transactions
        if any(table in text for text in done for table in ("calls", "flow_instances", "conversations"))
    ]
    stored = asked.with_a("INSERT INTO conversations")
    assert len(stored) == 1
    assert not any("FROM entry_points" in text or "FROM hours" in text or "FROM flows" in text for text in stored[0])
    done = [text for one in of_call for text in one]
    assert len(done) <= MOST_OF_A_MENU, [text[:70] for text in done]


async def test_what_is_remembered_is_forgotten_with_the_commit_that_changes_it(
    database: Database, clock: StillClock
) -> None:
    await furnish(database, 1)
    database.remembered = Remembered(clock, "configuration.applied")

    async def language() -> str:
        async with database.transaction(TENANT) as tx:
            return (await point_at(tx, "voice", NUMBER, None)).language

    assert await language() == POINT.language
    async with database.transaction(TENANT) as tx:
        await put_entry_points(tx, [replace(POINT, language="de")])
    assert await language() == POINT.language, "nobody told of a change"
    async with database.transaction(TENANT) as tx:
        tx.publish(Event(WORKSPACE, "configuration.applied", {}, audience=Audience(everyone=True)))
    assert await language() == "de"


async def test_callers_of_one_moment_stand_in_line_as_they_came(
    database: Database, clock: StillClock, tmp_path: Path, engine: FakeEngine
) -> None:
    await furnish(database, 1)
    async with running(database, clock, tmp_path, engine, workers=()) as centre:
        legs = [await centre.rings_in(f"+336000000{number:02}") for number in range(12)]
        floor = centre.controller.floor
        await centre.until(lambda: len(centre.dispatch.state(WORKSPACE).tasks) == len(floor.by_task) == len(legs))
        line = sorted(centre.dispatch.state(WORKSPACE).tasks.values(), key=lambda task: (task.virtual_start, task.id))
        assert [floor.calls[floor.by_task[task.id]].leg_id for task in line] == legs


async def test_a_process_that_dies_once_the_call_is_stored_leaves_a_caller_who_waits(
    database: Database, clock: StillClock, tmp_path: Path, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await furnish(database, 1)
    async with running(database, clock, tmp_path, engine, workers=()) as centre:
        with monkeypatch.context() as dying:
            dying.setattr(Tx, "_committed", lambda _tx: None)
            dying.setattr(centre.controller.scripting, "begins", lambda _call, _contact: None)
            leg_id = await engine.incoming(to_number=NUMBER)
            await centre.until(lambda: centre.dispatch.state(WORKSPACE).tasks)
            await centre.controller.floor.lanes.idle()
        assert "answer" not in engine.verbs(), "it died before it asked anything of the call"
    async with running(database, clock, tmp_path, engine, name="second", prepare=False) as centre:
        call = await centre.call("waiting", leg_id)
        await centre.until(lambda: [one for one in engine.plays(leg_id) if MUSIC in one.sounds])
        assert list(centre.dispatch.state(WORKSPACE).tasks) == [call.task_id], "one task, his"

"""What a call costs the database, in what order callers stand in line, and that nothing is lost between two of its steps."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from parlons.runtime.db import Database, Tx
from parlons.runtime.schema import APP_ROLE
from parlons.testing.fake_engine import FakeEngine
from tests.conftest import StillClock
from tests.dispatch.floor import WORKSPACE
from tests.reception.test_flow_engine import engine, running
from tests.voice.calls.conftest import MUSIC, NUMBER, furnish

__all__ = ["engine"]
MOST_STATEMENTS = 34
"""To store a new caller, his call, its flow and his task."""


async def test_a_new_caller_reaches_his_queue_in_one_transaction(
    database: Database, clock: StillClock, tmp_path: Path, engine: FakeEngine
) -> None:
    await furnish(database, 1)
    async with running(database, clock, tmp_path, engine) as centre:
        first = await centre.rings_in("+33611111111")
        await centre.call("waiting", first)
        await centre.idle()
        steps: dict[int, list[str]] = {}
        stored: list[list[str]] = []

        def heard(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if "set_config" in statement:  # a transaction begins
                steps[id(connection)] = []
            done = steps.setdefault(id(connection), [])
            done.append(statement)
            if statement.startswith("INSERT INTO customers"):
                stored.append(done)

        watched = database._engines[APP_ROLE].sync_engine
        sa.event.listen(watched, "before_cursor_execute", heard)
        try:
            second = await centre.rings_in("+33622222222")
            await centre.call("waiting", second)
            await centre.idle()
        finally:
            sa.event.remove(watched, "before_cursor_execute", heard)
        (done,) = stored
        kept = [text.split()[2] for text in done if text.startswith("INSERT INTO")]
        assert {"conversations", "calls", "flow_instances", "commands"} <= set(kept), "all of it, or nothing"
        assert len(done) <= MOST_STATEMENTS, [text[:60] for text in done]


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

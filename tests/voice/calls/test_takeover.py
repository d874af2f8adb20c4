"""Processes die: the web process in mid-call, the voice process, PostgreSQL. Who talks goes on; who waits is not forgotten."""

import asyncio
from pathlib import Path

import pytest

from parlons.kit.clock import Millis
from parlons.runtime.db import Database, Tx
from parlons.runtime.failures import DatabaseUnavailable
from parlons.testing.fake_engine import FakeEngine
from parlons.voice.calls import callbacks, ledger
from parlons.voice.calls.floor import Floor, browser_leg
from parlons.voice.calls.settings import QueueVoice
from tests.conftest import StillClock
from tests.dispatch import floor as routed
from tests.dispatch.floor import WORKSPACE
from tests.voice.calls.conftest import CALLER, MUSIC, Centre, Menu, furnish, open_centre, user_id
from tests.voice.calls.test_scripts import asked_to_be_called

ONE = browser_leg(user_id(1))


async def test_the_next_process_takes_talking_and_waiting_callers_over(
    database: Database, clock: StillClock, tmp_path: Path
) -> None:
    await furnish(database, 3)
    engine = FakeEngine()
    async with open_centre(database, clock, tmp_path, engine, Menu(database)) as first:
        talking = await first.talks()
        waiting = await first.rings_in("+33611111111")
        waits = await first.call("waiting", waiting)
        await first.idle()
    before = len(engine.asked)
    assert {talking.leg_id, waiting, ONE} <= set(engine.legs), "nobody on the line noticed"
    arrives = await engine.incoming(from_number="+33622222222", to_number="+33155500000")
    async with open_centre(database, clock, tmp_path, engine, Menu(database), name="second", prepare=False) as after:
        await after.idle()
        found = after.controller.floor.calls
        assert found[talking.id].state == "talking"
        assert found[waits.id].state == "waiting"
        assert engine.who_hears(talking.leg_id) == {ONE}
        assert any(MUSIC in one.sounds for one in engine.plays(waiting))
        assert "hang_up" not in [verb for verb, _ in engine.asked[before:]]
        await after.call("waiting", arrives)
        engine.far_hangs_up(talking.leg_id)
        await after.row(talking.id, "wrapping")


async def test_what_ended_meanwhile_is_ended(database: Database, clock: StillClock, tmp_path: Path) -> None:
    await furnish(database, 3)
    engine = FakeEngine()
    async with open_centre(database, clock, tmp_path, engine, Menu(database)) as first:
        talking = await first.talks()
        gone = await first.rings_in("+33611111111")
        waits = await first.call("waiting", gone)
        await first.idle()
    engine.far_hangs_up(talking.leg_id)
    engine.far_hangs_up(gone)
    async with open_centre(database, clock, tmp_path, engine, Menu(database), name="second", prepare=False) as after:
        await after.row(talking.id, "wrapping")
        await after.row(waits.id, "ended")
        await after.until(lambda: waits.task_id not in after.dispatch.state(WORKSPACE).tasks)


@pytest.mark.parametrize("dies", ["before it is taken", "after it is taken"])
async def test_a_callback_whose_process_died_is_dialled_by_the_next(
    database: Database, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dies: str
) -> None:
    await furnish(database, 3)
    engine = FakeEngine()
    async with open_centre(database, clock, tmp_path, engine, Menu(database)) as first:
        await first.phone()
        _, task_id = await asked_to_be_called(first)
        begun = asyncio.Event()
        with monkeypatch.context() as patched:
            if dies == "before it is taken":
                patched.setattr(first.controller.dialling, "taken", lambda _: begun.set())
            else:  # the row is there, in memory it never was
                patched.setattr(Floor, "add", lambda *_: begun.set())
                patched.setattr(Floor, "changed", lambda *_: None)
                patched.setattr(Floor, "post", lambda *_: None)
            await first.takes()
            await asyncio.wait_for(begun.wait(), 15)
            await first.controller.floor.lanes.idle()
    assert not engine.dialled
    async with open_centre(database, clock, tmp_path, engine, Menu(database), name="second", prepare=False) as after:
        dialled = await after.until(lambda: engine.dialled and engine.dialled[0])
        assert dialled.target.number == CALLER
        engine.far_answers(dialled.leg_id)
        assert (await after.call("talking")).task_id == task_id
        await after.idle()
    assert len(engine.dialled) == 1


async def test_a_callback_waits_for_the_database(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    await centre.phone()
    await asked_to_be_called(centre)
    taken, asked = callbacks.take, []

    async def take(tx: Tx, task_id: str) -> callbacks.Callback | None:
        asked.append(task_id)
        if len(asked) == 1:
            raise DatabaseUnavailable
        return await taken(tx, task_id)

    monkeypatch.setattr(callbacks, "take", take)
    await centre.takes()
    assert (await centre.until(lambda: centre.engine.dialled and centre.engine.dialled[0])).target.number == CALLER
    assert len(asked) == 2


async def test_calls_of_a_voice_process_that_died_end_with_a_reason(centre: Centre) -> None:
    talking = await centre.talks()
    waiting = await centre.rings_in("+33611111111")
    waits = await centre.call("waiting", waiting)
    centre.engine.dies()
    assert (await centre.row(talking.id, "wrapping")).end_cause == "lost"
    assert (await centre.row(waits.id, "ended")).end_cause == "lost"


async def test_who_fell_is_called_back_where_the_queue_says_so(centre: Centre) -> None:
    await centre.configured(queue=QueueVoice(call_back_when_dropped=True))
    talking = await centre.talks()
    waiting = await centre.rings_in("+33611111111")
    waits = await centre.call("waiting", waiting)
    task_id = waits.task_id
    await centre.known_to_router(task_id)
    centre.engine.dies()
    await centre.row(talking.id, "ended")
    await centre.row(waits.id, "ended")
    await centre.phone()
    dialled = await centre.until(lambda: centre.engine.dialled and centre.engine.dialled[0])
    assert dialled.target.number == CALLER, "the same agent, the same task"
    centre.engine.far_answers(dialled.leg_id)
    again = await centre.call("talking")
    assert again.task_id == talking.task_id or talking.task_id is None
    assert task_id in centre.dispatch.state(WORKSPACE).tasks, "who waited keeps his place"
    await centre.configured(queue=QueueVoice(wrap_up_seconds=0, call_back_when_dropped=True))
    await centre.does("hang_up", again)
    await centre.takes()
    second = await centre.until(lambda: len(centre.engine.dialled) > 1 and centre.engine.dialled[1])
    assert second.target.number == "+33611111111"


async def test_without_the_database_talk_goes_on_and_new_callers_hear_so(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "PATIENCE", 0.01)
    call = await centre.talks()
    await centre.idle()
    real = centre.db.transaction

    def away(_tenant_id: str) -> object:
        raise DatabaseUnavailable

    centre.db.transaction = away  # type: ignore[method-assign,assignment]
    try:
        await centre.does("hold", call, held=True)
        await centre.does("hold", call, held=False)
        assert centre.engine.who_hears(call.leg_id) == {ONE}
        leg_id = await centre.rings_in("+33611111111")
        await centre.until(lambda: centre.engine.plays(leg_id))
        await centre.engine.passes(5_000)
        await centre.until(lambda: leg_id not in centre.engine.legs)
    finally:
        centre.db.transaction = real  # type: ignore[method-assign]
    await centre.controller.floor.ledger.settled()
    assert (await centre.row(call.id, "talking")).version == call.version
    assert centre.dispatch.state(WORKSPACE).workers[routed.worker_id(1)].held
    assert Millis(call.started_at)

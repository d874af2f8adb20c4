"""Processes die: the web process in mid-call, the voice process, PostgreSQL. Who talks goes on; who waits is not forgotten."""

from pathlib import Path

from parlons.kit.clock import Millis
from parlons.runtime.db import Database
from parlons.testing.fake_engine import FakeEngine
from parlons.voice.calls.floor import browser_leg
from parlons.voice.calls.settings import QueueVoice
from tests.conftest import StillClock
from tests.dispatch import floor as routed
from tests.dispatch.floor import WORKSPACE
from tests.voice.calls.conftest import CALLER, MUSIC, Centre, Menu, furnish, open_centre, user_id

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


async def test_without_the_database_talk_goes_on_and_new_callers_hear_so(centre: Centre) -> None:
    call = await centre.talks()
    await centre.idle()
    from parlons.runtime.failures import DatabaseUnavailable

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

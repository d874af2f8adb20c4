"""What could be left behind: pages that never came, doors closed in mid-step, raw sound of what was deleted, messages whose
process died."""

import asyncio
from pathlib import Path

import pytest

from parlons.dispatch.dispatch import submit
from parlons.routing.commands import CancelTask, CreateTask
from parlons.routing.configuration import Target
from parlons.runtime.db import Database
from parlons.testing.fake_engine import FakeEngine
from parlons.voice.calls import incoming, recordings, wishes
from parlons.voice.calls.errors import UnknownCall, VoiceOff
from parlons.voice.calls.lanes import Lanes
from parlons.voice.calls.script import CallContact
from parlons.voice.calls.settings import QueueVoice
from parlons.voice.calls.voice import WebCaller, Wish
from tests.conftest import StillClock
from tests.dispatch.floor import SALES, TENANT, WORKSPACE
from tests.voice.calls.conftest import Centre, Menu, furnish, open_centre, queue

KEY = "f/1"


async def nothing(_script: Menu, _contact: CallContact) -> None:
    return None


async def test_a_call_that_is_over_takes_no_offer(centre: Centre) -> None:
    begun = await centre.telephone.web_call("shop", "v=0 offer", WebCaller("", None, None))
    await centre.telephone.web_renew(begun["call_id"], begun["token"], "v=0 offer")
    await centre.telephone.web_hang_up(begun["call_id"], begun["token"])
    await centre.row(begun["call_id"], "ended")
    with pytest.raises(UnknownCall):
        await centre.telephone.web_renew(begun["call_id"], begun["token"], "v=0 offer")
    assert not centre.engine.legs


async def test_a_page_whose_process_died_leaves_no_call(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "PAGE_MS", 20)
    values = {"line": "shop", "leg_id": "LC1", "name": "", "language": None, "conversation_id": None}
    begun = await centre.telephone.act(WORKSPACE, Wish("web_start", "", None, None, values))
    assert (await centre.row(begun["call"]["id"], "ended")).end_cause == "canceled"
    assert not centre.controller.floor.calls


async def test_a_wish_is_refused_while_no_voice_process_was_reached(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wishes, "READY_SECONDS", 0.02)
    centre.controller.ready.clear()
    with pytest.raises(VoiceOff):
        await centre.does("place", to={"number": "+33699999999"})


async def test_whoever_waits_for_a_lane_that_closes_is_told() -> None:
    lanes, began = Lanes(), asyncio.Event()

    async def for_ever() -> None:
        began.set()
        await asyncio.Event().wait()

    running = asyncio.create_task(lanes.run("CA1", for_ever))
    await began.wait()
    behind = asyncio.create_task(lanes.run("CA1", for_ever))
    await asyncio.sleep(0)
    await lanes.close()
    async with asyncio.timeout(5):
        for one in (running, behind, asyncio.create_task(lanes.run("CA1", for_ever))):
            with pytest.raises(VoiceOff):
                await one


async def test_of_a_recording_deleted_while_it_runs_nothing_stays(centre: Centre) -> None:
    await centre.configured(queue=QueueVoice(record="always", wrap_up_seconds=0))
    call = await centre.talks()
    await centre.until(lambda: call.notified)
    await centre.engine.passes(1000)
    await centre.until(lambda: call.recording is not None and call.recording.state == "on")
    assert call.recording is not None
    await centre.engine.passes(1000)

    async def row() -> recordings.Kept | None:
        assert call.recording is not None
        async with centre.db.transaction(TENANT) as tx:
            return await recordings.find(tx, call.recording.id)

    await centre.until(lambda: centre.engine.recordings)
    await centre.idle()
    await centre.controller.recording.settled()
    kept = await row()
    assert kept is not None
    async with centre.db.transaction(TENANT) as tx:
        await recordings.delete(tx, centre.files, kept)
    centre.engine.far_hangs_up(call.leg_id)
    await centre.row(call.id, "ended")
    async with asyncio.timeout(15):
        await centre.controller.recording.settled()
    assert not list((centre.folder / "recordings").glob("*.wav"))


async def _message_begun(centre: Centre) -> tuple[str, str]:
    """A caller who leaves a message: leg and call."""
    centre.script.first = nothing
    leg_id = await centre.rings_in()
    await centre.until(lambda: centre.script.told)
    call_id: str = centre.script.told[0][1].call_id
    await centre.controller.scripting.take_message(call_id, KEY)
    await centre.until(lambda: centre.engine.recordings)
    centre.engine.says(leg_id, 440.0)
    await centre.engine.passes(1000)
    await centre.idle()
    await centre.controller.recording.settled()
    return leg_id, call_id


@pytest.mark.parametrize("hangs_up", ["meanwhile", "after"])
async def test_a_message_is_told_though_the_process_died_in_it(
    database: Database, clock: StillClock, tmp_path: Path, hangs_up: str
) -> None:
    await furnish(database, 3)
    engine = FakeEngine()
    async with open_centre(database, clock, tmp_path, engine, Menu(database)) as first:
        leg_id, call_id = await _message_begun(first)
    if hangs_up == "meanwhile":
        engine.far_hangs_up(leg_id)
    async with open_centre(database, clock, tmp_path, engine, Menu(database), name="second", prepare=False) as after:
        await after.idle()
        if hangs_up == "after":
            assert [one.id for one in after.controller.floor.calls.values()] == [call_id]
            engine.far_hangs_up(leg_id)
        async with asyncio.timeout(15):
            outcome = await after.script.answers.get()
        assert (outcome.key, outcome.kind) == (KEY, "recorded")
        await after.controller.recording.settled()
        async with database.transaction(TENANT) as tx:
            kept = await recordings.find(tx, outcome.recording_id or "")
        assert kept is not None
        assert (kept.state, kept.kind) == ("stored", "voicemail")
        assert after.script.answers.empty()


async def test_a_task_whose_call_ended_unheard_by_the_router_ends(
    database: Database, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await furnish(database, 3)
    engine = FakeEngine()
    async with open_centre(database, clock, tmp_path, engine, Menu(database)) as first:
        await first.configured(queue=QueueVoice(wrap_up_seconds=0))
        talks = await first.talks()
        waiting = await first.rings_in("+33611111111")
        waits = await first.call("waiting", waiting)
        tasks = {talks.task_id, waits.task_id}
        await first.known_to_router(*tasks)
        with monkeypatch.context() as patched:  # killed after the rows were written, before the router was told
            patched.setattr(first.controller.floor.router, "tell", lambda *_, **__: None)
            engine.far_hangs_up(talks.leg_id)
            engine.far_hangs_up(waiting)
            await first.row(talks.id, "ended")
            await first.row(waits.id, "ended")
        assert tasks <= first.dispatch.state(WORKSPACE).tasks.keys()
    async with open_centre(database, clock, tmp_path, engine, Menu(database), name="second", prepare=False) as after:
        await after.until(lambda: not tasks & after.dispatch.state(WORKSPACE).tasks.keys())


async def test_a_task_stored_while_its_call_is_being_ended_is_offered_to_nobody(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre.script.first = nothing
    await centre.rings_in()
    await centre.until(lambda: centre.script.told)
    contact: CallContact = centre.script.told[0][1]
    ending, stored, hang_up = asyncio.Event(), asyncio.Event(), centre.engine.hang_up

    async def slowly(leg_id: str, *, text: str = "") -> None:
        ending.set()
        await stored.wait()
        await hang_up(leg_id, text=text)

    monkeypatch.setattr(centre.engine, "hang_up", slowly)
    call = centre.controller.floor.calls[contact.call_id]
    ended = asyncio.create_task(centre.telephone.act(WORKSPACE, Wish("hang_up", call.id, None, None)))
    await ending.wait()
    await queue(centre.db, centre.script.verbs, contact)
    stored.set()
    await ended
    tail = centre.dispatch.tail(WORKSPACE)
    await centre.until(lambda: [one for one in tail.since(0) or [] if one.type == "task.canceled"])
    assert not centre.dispatch.state(WORKSPACE).tasks


async def test_a_task_that_is_still_on_the_road_does_not_outlive_its_caller(centre: Centre) -> None:
    router, task_id = centre.controller.floor.router, "WT" + "9" * 32
    async with centre.dispatch.db.transaction(TENANT) as tx:
        await submit(tx, WORKSPACE, CreateTask(task_id, {}, target=Target("queue", SALES), channel="voice"), key="late")
        tx.after_commit(lambda: router.tell(CancelTask(task_id, "hangup")))
    tail = centre.dispatch.tail(WORKSPACE)
    await centre.until(lambda: [one for one in tail.since(0) or [] if one.type == "task.canceled"])
    assert task_id not in centre.dispatch.state(WORKSPACE).tasks

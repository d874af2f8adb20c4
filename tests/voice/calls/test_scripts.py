"""What a script asks of a call, and what it is told; callers from pages; callbacks; emergency; two processes."""

import asyncio
import hashlib
from pathlib import Path

import pytest

from parlons.dispatch.dispatch import submit
from parlons.kit.ids import TASK, new_id
from parlons.routing.commands import CreateTask
from parlons.routing.configuration import Target
from parlons.runtime.db import Database
from parlons.testing.fake_engine import FakeEngine
from parlons.voice.calls.errors import UnknownCall, WrongCallState
from parlons.voice.calls.floor import browser_leg
from parlons.voice.calls.script import CallContact, Outcome, Words
from parlons.voice.calls.voice import WebCaller, Wish
from tests.conftest import StillClock
from tests.dispatch import floor as routed
from tests.dispatch.floor import SALES, TENANT, WORKSPACE
from tests.voice.calls.conftest import CALLER, OUTSIDE, Centre, Menu, beside, furnish, open_centre, user_id

HELLO = [Words("Bonjour", "fr")]
ONE = browser_leg(user_id(1))


async def scripted(centre: Centre) -> tuple[str, CallContact]:
    """A caller whose script does nothing by itself: his leg, and what it was told of him."""

    async def nothing(_script: Menu, _contact: CallContact) -> None:
        return None

    centre.script.first = nothing
    leg_id = await centre.rings_in()
    await centre.until(lambda: centre.script.told)
    return leg_id, centre.script.told[0][1]


async def asked_to_be_called(centre: Centre, number: str = CALLER) -> tuple[str, str]:
    """A caller left a number and hung up: the leg he had, and the task by which he is called back."""
    leg_id, contact = await scripted(centre)
    verbs = centre.controller.scripting
    await verbs.answer(contact.call_id)
    async with centre.db.transaction(TENANT) as tx:
        task_id = new_id(TASK, centre.clock())
        command = CreateTask(task_id, {"callback": True}, target=Target("queue", SALES), channel="voice")
        await submit(tx, WORKSPACE, command, key="callback")
        await verbs.call_back(tx, contact.call_id, task_id, number)
    await verbs.hang_up(contact.call_id)
    await centre.row(contact.call_id, "ended")
    return leg_id, task_id


async def outcome(centre: Centre) -> Outcome:
    async with asyncio.timeout(15):
        return await centre.script.answers.get()


async def test_words_are_heard_and_told_of(centre: Centre) -> None:
    leg_id, contact = await scripted(centre)
    assert (contact.number, contact.from_number, contact.language) == ("+33155500000", CALLER, "fr")
    verbs = centre.controller.scripting
    await verbs.answer(contact.call_id)
    await verbs.say(contact.call_id, "f/1", HELLO)
    await verbs.say(contact.call_id, "f/1", HELLO)
    assert len(centre.engine.plays(leg_id)) == 1, "the same key again is the same words"
    await centre.engine.passes(2000)
    assert (await outcome(centre)) == Outcome("f/1", "said", why="done")
    assert centre.controller.floor.calls[contact.call_id].captions == ["Bonjour"]


async def test_words_before_the_answer_are_early_media(centre: Centre) -> None:
    _, contact = await scripted(centre)
    await centre.controller.scripting.say(contact.call_id, "f/1", HELLO)
    assert ("ring", True) in [(verb, values.get("early_media")) for verb, values in centre.engine.asked]
    assert "answer" not in centre.engine.verbs()


async def test_digits_are_gathered(centre: Centre) -> None:
    leg_id, contact = await scripted(centre)
    verbs = centre.controller.scripting
    await verbs.answer(contact.call_id)
    await verbs.ask_digits(contact.call_id, "f/2", HELLO, max_digits=4)
    centre.engine.presses(leg_id, "12#")
    found = await outcome(centre)
    assert (found.key, found.digits, found.why) == ("f/2", "12", "terminator")


async def test_a_message_is_kept_also_of_who_hangs_up(centre: Centre) -> None:
    leg_id, contact = await scripted(centre)
    await centre.controller.scripting.take_message(contact.call_id, "f/3")
    centre.engine.says(leg_id, 440.0)
    await centre.engine.passes(2000)
    centre.engine.far_hangs_up(leg_id)
    found = await outcome(centre)
    assert (found.key, found.kind, found.why) == ("f/3", "recorded", "hangup")
    await centre.controller.recording.settled()
    async with centre.db.transaction(TENANT) as tx:
        row = await tx.fetch_one("SELECT * FROM recordings WHERE id = :id", {"id": found.recording_id})
    assert row is not None
    assert (row["class"], row["state"]) == ("voicemail", "stored")


async def test_an_outside_number_is_joined(centre: Centre) -> None:
    leg_id, contact = await scripted(centre)
    verbs = centre.controller.scripting
    await verbs.dial_out(contact.call_id, "f/4", OUTSIDE, caller_number=None, timeout_ms=20_000)
    (dialled,) = centre.engine.dialled
    centre.engine.far_answers(dialled.leg_id)
    assert (await outcome(centre)).why == "answered"
    assert centre.engine.who_hears(leg_id) == {dialled.leg_id}


async def test_a_number_that_is_busy_is_told(centre: Centre) -> None:
    _, contact = await scripted(centre)
    verbs = centre.controller.scripting
    await verbs.dial_out(contact.call_id, "f/5", OUTSIDE, caller_number=None, timeout_ms=20_000)
    centre.engine.far_refuses(centre.engine.dialled[0].leg_id, 486)
    assert (await outcome(centre)).why == "busy"


async def test_a_verb_on_a_call_that_is_over_is_gone(centre: Centre) -> None:
    leg_id, contact = await scripted(centre)
    centre.engine.far_hangs_up(leg_id)
    await centre.row(contact.call_id, "ended")
    await centre.controller.scripting.say(contact.call_id, "f/6", HELLO)
    assert (await outcome(centre)).kind == "gone"
    assert ("ends", contact.call_id) in centre.script.told


async def test_a_script_that_fails_sends_the_caller_to_the_queue(centre: Centre) -> None:
    async def fails(_script: Menu, _contact: CallContact) -> None:
        raise ValueError

    centre.script.first = fails
    await centre.phone()
    leg_id = await centre.rings_in()
    await centre.takes()
    call = await centre.call("talking", leg_id)
    assert call.task_id is not None


async def test_a_task_the_router_refuses_is_said_to_the_caller(centre: Centre) -> None:
    leg_id, contact = await scripted(centre)
    verbs = centre.controller.scripting
    await verbs.answer(contact.call_id)
    async with centre.db.transaction(TENANT) as tx:
        command = CreateTask(new_id(TASK, centre.clock()), target=Target("queue", "WQ-gone"), channel="voice")
        await submit(tx, WORKSPACE, command, key="refused")
        await verbs.wait_in_queue(tx, contact.call_id, command.task_id, None)
    await centre.until(lambda: "last" in "".join(centre.controller.floor.plays.get(contact.call_id, {})))
    await centre.engine.passes(3000)
    await centre.row(contact.call_id, "ended")
    assert leg_id not in centre.engine.legs


async def test_a_callback_is_dialled_for_who_takes_it(centre: Centre) -> None:
    leg_id, task_id = await asked_to_be_called(centre)
    assert leg_id not in centre.engine.legs
    await centre.phone()
    await centre.takes()
    dialled = await centre.until(lambda: centre.engine.dialled and centre.engine.dialled[0])
    assert dialled.target.number == CALLER
    centre.engine.far_answers(dialled.leg_id)
    call = await centre.call("talking")
    assert call.task_id == task_id
    await centre.idle()
    assert centre.engine.who_hears(dialled.leg_id) == {ONE}


async def test_a_customers_page_calls_a_line(centre: Centre) -> None:
    await centre.phone()
    begun = await centre.telephone.web_call("shop", "v=0 offer", WebCaller("Claire", "fr", None))
    call_id, token = begun["call_id"], begun["token"]
    assert begun["answer_sdp"]
    await centre.takes()
    call = await centre.call("talking")
    assert call.web_token == hashlib.sha256(token.encode()).hexdigest()
    shown = await centre.telephone.web_state(call_id, token)
    assert (shown["state"], shown["agent_name"]) == ("talking", "Worker")
    with pytest.raises(UnknownCall):
        await centre.telephone.web_state(call_id, "other")
    await centre.telephone.web_hang_up(call_id, token)
    assert (await centre.row(call_id, "wrapping")).customer_name == "Claire"


async def test_keys_of_the_page_count(centre: Centre) -> None:
    async def asks(script: Menu, contact: CallContact) -> None:
        assert script.verbs is not None
        await script.verbs.answer(contact.call_id)
        await script.verbs.ask_digits(contact.call_id, "f/7", HELLO, max_digits=2)

    centre.script.first = asks
    begun = await centre.telephone.web_call("shop", "v=0 offer", WebCaller("", None, None))
    await centre.until(lambda: "gather" in centre.engine.verbs())
    assert (await centre.telephone.web_state(begun["call_id"], begun["token"]))["state"] == "menu"
    await centre.telephone.web_digits(begun["call_id"], begun["token"], "42")
    assert (await outcome(centre)).digits == "42"


async def test_who_waits_may_leave_the_queue_by_a_key(centre: Centre) -> None:
    leg_id = await centre.rings_in()
    await centre.call("waiting", leg_id)
    centre.engine.presses(leg_id, "1")
    assert await outcome(centre) == Outcome("", "digits", digits="1")


async def test_a_wish_reaches_the_process_that_has_the_call(
    database: Database, clock: StillClock, tmp_path: Path
) -> None:
    await furnish(database, 3)
    engine = FakeEngine()
    async with open_centre(database, clock, tmp_path, engine, Menu(database)) as owner:
        call = await owner.talks()
        await owner.idle()
        async with beside(owner, "second") as other:
            wish = Wish("hold", call.id, routed.worker_id(1), user_id(1), {"held": True})
            answer = await other.act(WORKSPACE, wish)
            assert answer["call"]["state"] == "held"
            with pytest.raises(WrongCallState):
                await other.act(WORKSPACE, Wish("complete_transfer", call.id, routed.worker_id(1), user_id(1)))
        assert call.state == "held"

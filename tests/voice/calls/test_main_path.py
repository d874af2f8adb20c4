"""A caller rings in, waits, is answered, talks, hangs up: what each hears, what the router and the rows say."""

from parlons.routing import commands as c
from parlons.voice.calls.floor import browser_leg
from parlons.voice.calls.settings import ContactAddress, QueueVoice
from parlons.voice.media.config import Phone
from parlons.voice.media.engine import PhoneTarget
from tests.dispatch import floor as routed
from tests.dispatch.floor import WORKSPACE
from tests.voice.calls.conftest import CALLER, MUSIC, NUMBER, Centre, user_id


async def test_a_caller_waits_with_music_and_talks_to_the_agent_who_takes_him(centre: Centre) -> None:
    await centre.phone()
    leg_id = await centre.rings_in()
    await centre.offered()
    call = await centre.call("waiting")
    assert (call.from_number, call.number, call.language) == (CALLER, NUMBER, "fr")
    await centre.until(
        lambda: [one for one in centre.engine.plays(leg_id) if one.sounds == [MUSIC] or MUSIC in one.sounds]
    )
    await centre.takes()
    await centre.call("talking")
    await centre.idle()
    agent = browser_leg(user_id(1))
    assert centre.engine.who_hears(leg_id) == {agent}
    assert centre.engine.who_hears(agent) == {leg_id}
    assert not centre.engine.plays(leg_id)
    row = await centre.row(call.id, "talking")
    assert row.worker_id == routed.worker_id(1)
    assert [one.kind for one in row.parties] == ["customer", "agent"]


async def test_the_end_of_the_talk_begins_the_wrap_up(centre: Centre) -> None:
    call = await centre.talks()
    centre.engine.far_hangs_up(call.leg_id)
    row = await centre.row(call.id, "wrapping")
    assert row.end_cause == "hangup"
    await centre.until(lambda: centre.task(call).status == "wrapping")
    assert browser_leg(user_id(1)) in centre.engine.legs, "the agent's browser stays connected"
    await centre.dispatch.send(WORKSPACE, c.CompleteTask(call.task_id or ""))
    await centre.row(call.id, "ended")
    assert not centre.controller.floor.calls


async def test_without_wrap_up_the_agent_is_free_at_once(centre: Centre) -> None:
    await centre.configured(queue=QueueVoice(wrap_up_seconds=0))
    first = await centre.talks()
    second = await centre.rings_in("+33611111111")
    await centre.call("waiting", second)
    centre.engine.far_hangs_up(first.leg_id)
    await centre.takes()
    await centre.call("talking", second)
    assert (await centre.row(first.id, "ended")).end_cause == "hangup"


async def test_who_hangs_up_while_waiting_is_no_task_any_more(centre: Centre) -> None:
    leg_id = await centre.rings_in()
    call = await centre.call("waiting", leg_id)
    task_id = call.task_id or ""
    await centre.offered()
    centre.engine.far_hangs_up(leg_id)
    await centre.row(call.id, "ended")
    await centre.until(lambda: task_id not in centre.dispatch.state(WORKSPACE).tasks)


async def test_an_agent_on_a_desk_phone_takes_the_call_by_lifting_it(centre: Centre) -> None:
    from parlons.voice.calls import settings

    async with centre.db.transaction(routed.TENANT) as tx:
        await settings.put_phone(tx, user_id(1), "sofia", "pw")
    await centre.configured(a1=[ContactAddress("phone")])
    assert centre.engine.config.phones == (Phone("sofia", "pw"),)
    centre.engine.registers("sofia")
    await centre.until(lambda: "sofia" in centre.controller.floor.phones)
    leg_id = await centre.rings_in()
    dialled = await centre.until(lambda: centre.engine.dialled and centre.engine.dialled[-1])
    assert dialled.target == PhoneTarget("sofia")
    assert (await centre.call("waiting")).state == "waiting"
    centre.engine.far_answers(dialled.leg_id)
    await centre.call("talking")
    await centre.idle()
    assert centre.engine.who_hears(leg_id) == {dialled.leg_id}
    centre.engine.far_hangs_up(dialled.leg_id)
    await centre.call("wrapping")
    assert leg_id not in centre.engine.legs


async def test_a_phone_that_refuses_gives_the_offer_back(centre: Centre) -> None:
    from parlons.voice.calls import settings

    async with centre.db.transaction(routed.TENANT) as tx:
        await settings.put_phone(tx, user_id(1), "sofia", "pw")
    await centre.configured(a1=[ContactAddress("phone"), ContactAddress("number", "+33700000001")])
    centre.engine.registers("sofia")
    await centre.until(lambda: "sofia" in centre.controller.floor.phones)
    await centre.rings_in()
    first = await centre.until(lambda: centre.engine.dialled and centre.engine.dialled[0])
    centre.engine.far_refuses(first.leg_id, 408)
    second = await centre.until(lambda: len(centre.engine.dialled) > 1 and centre.engine.dialled[1])
    assert second.target.number == "+33700000001"
    centre.engine.far_refuses(second.leg_id, 603)
    worker = centre.dispatch.state(WORKSPACE).workers[routed.worker_id(1)]
    await centre.until(lambda: not worker.held)
    call = await centre.call("waiting")
    await centre.until(lambda: call.rings == [])

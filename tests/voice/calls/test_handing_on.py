"""Hold, transfers, consultation, three-way, park, supervision: proven by who hears whom, and by what the router says."""

import asyncio

import pytest

from parlons.kit.errors import Refusal
from parlons.routing import commands as c
from parlons.voice.calls.errors import CountryNotAllowed, NoEmergencyRoute, NoPhone, NotOutside, WrongCallState
from parlons.voice.calls.floor import browser_leg
from parlons.voice.calls.model import Call
from parlons.voice.calls.settings import QueueVoice
from parlons.voice.calls.voice import Wish
from parlons.voice.media.engine import NumberTarget
from tests.dispatch import floor as routed
from tests.dispatch.floor import WORKSPACE
from tests.voice.calls.conftest import MUSIC, OUTSIDE, Centre, agent, user_id

ONE, TWO, THREE = (browser_leg(user_id(number)) for number in (1, 2, 3))


async def second(centre: Centre, number: int = 2) -> None:
    """A colleague comes to work, his browser connected."""
    await centre.dispatch.send(WORKSPACE, agent(number))
    await centre.phone(number)


def to_worker(number: int) -> dict[str, str | None]:
    return {"worker_id": routed.worker_id(number), "queue_id": None, "number": None}


async def test_on_hold_the_customer_hears_music_and_nobody_hears_him(centre: Centre) -> None:
    call = await centre.talks()
    shown = (await centre.does("hold", call, held=True))["call"]
    assert shown["state"] == "held"
    assert shown["held_since"]
    assert centre.engine.who_hears(call.leg_id) == set()
    assert any(MUSIC in one.sounds for one in centre.engine.plays(call.leg_id))
    await centre.does("hold", call, held=False)
    assert centre.engine.who_hears(call.leg_id) == {ONE}
    assert not centre.engine.plays(call.leg_id)
    assert call.state == "talking"


async def test_muted_he_hears_and_is_not_heard(centre: Centre) -> None:
    call = await centre.talks()
    await centre.does("mute", call, held=True)
    assert centre.engine.who_hears(ONE) == set()
    assert centre.engine.who_hears(call.leg_id) == {ONE}
    await centre.does("mute", call, held=False)
    assert centre.engine.who_hears(ONE) == {call.leg_id}


async def test_a_program_mutes_the_agent_and_ends_the_call_for_everybody(centre: Centre) -> None:
    call = await centre.talks()
    wish = Wish("mute", call.id, None, None, {"held": True})
    await centre.telephone.act(WORKSPACE, wish)
    assert centre.engine.who_hears(ONE) == set(), "the agent is not heard"
    assert centre.engine.who_hears(call.leg_id) == {ONE}, "the customer is"
    ended = await centre.telephone.act(WORKSPACE, Wish("hang_up", call.id, None, None))
    assert ended["call"]["ended_at"]
    assert ended["call"]["parties"] == []


async def test_a_blind_transfer_takes_the_task_along(centre: Centre) -> None:
    await second(centre)
    call = await centre.talks()
    await centre.does("transfer", call, to=to_worker(2))
    await centre.takes(2)
    await centre.until(lambda: call.worker_id == routed.worker_id(2) and call.state == "talking")
    await centre.idle()
    assert centre.engine.who_hears(call.leg_id) == {TWO}
    assert [one.worker_id for one in call.of("agent")] == [routed.worker_id(2)]
    assert not centre.dispatch.state(WORKSPACE).workers[routed.worker_id(1)].held


async def test_a_blind_transfer_nobody_takes_comes_back(centre: Centre) -> None:
    await second(centre)
    call = await centre.talks()
    await centre.does("transfer", call, to=to_worker(2))
    assert centre.engine.who_hears(call.leg_id) == set()
    await centre.dispatch.send(WORKSPACE, c.RejectReservation(await centre.offered(2)))
    await centre.until(lambda: call.state == "talking" and call.transfer is None)
    await centre.idle()
    assert centre.engine.who_hears(call.leg_id) == {ONE}


async def test_a_blind_transfer_outside_ends_the_agents_work(centre: Centre) -> None:
    call = await centre.talks()
    await centre.does("transfer", call, to={"number": OUTSIDE})
    (dialled,) = centre.engine.dialled
    centre.engine.far_answers(dialled.leg_id)
    await centre.until(lambda: not centre.dispatch.state(WORKSPACE).workers[routed.worker_id(1)].held)
    await centre.idle()
    assert centre.engine.who_hears(call.leg_id) == {dialled.leg_id}
    centre.engine.far_hangs_up(dialled.leg_id)
    await centre.row(call.id, "ended")
    assert call.leg_id not in centre.engine.legs


async def test_an_outside_number_that_refuses_gives_the_customer_back(centre: Centre) -> None:
    call = await centre.talks()
    await centre.does("transfer", call, to={"number": OUTSIDE})
    (dialled,) = centre.engine.dialled
    centre.engine.far_refuses(dialled.leg_id, 486)
    await centre.until(lambda: call.state == "talking" and call.transfer is None)
    await centre.idle()
    assert centre.engine.who_hears(call.leg_id) == {ONE}


async def test_an_attended_transfer_to_a_colleague(centre: Centre) -> None:
    await second(centre)
    call = await centre.talks()
    await centre.does("consult", call, to=to_worker(2))
    assert call.state == "consulting"
    await centre.takes(2)
    await centre.until(lambda: call.party(TWO))
    await centre.idle()
    assert centre.engine.who_hears(ONE) == {TWO}, "the customer hears music meanwhile"
    await centre.does("complete_transfer", call)
    await centre.until(lambda: call.worker_id == routed.worker_id(2) and call.state == "talking")
    await centre.idle()
    assert centre.engine.who_hears(call.leg_id) == {TWO}
    state = centre.dispatch.state(WORKSPACE)
    await centre.until(lambda: len(state.workers[routed.worker_id(2)].held) == 1)
    assert not state.workers[routed.worker_id(1)].held


async def test_a_consultation_called_back(centre: Centre) -> None:
    call = await centre.talks()
    await centre.does("consult", call, to={"number": OUTSIDE})
    (dialled,) = centre.engine.dialled
    centre.engine.far_answers(dialled.leg_id)
    await centre.until(lambda: centre.engine.who_hears(dialled.leg_id) == {ONE})
    await centre.does("cancel_consult", call)
    assert dialled.leg_id not in centre.engine.legs
    assert centre.engine.who_hears(call.leg_id) == {ONE}
    assert call.state == "talking"


async def test_three_talk_together(centre: Centre) -> None:
    call = await centre.talks()
    await centre.does("consult", call, to={"number": OUTSIDE})
    (dialled,) = centre.engine.dialled
    centre.engine.far_answers(dialled.leg_id)
    await centre.until(lambda: call.party(dialled.leg_id) and call.party(dialled.leg_id).state == "talking")  # type: ignore[union-attr]
    await centre.does("merge", call)
    assert centre.engine.who_hears(call.leg_id) == {ONE, dialled.leg_id}
    assert centre.engine.who_hears(dialled.leg_id) == {ONE, call.leg_id}
    await centre.does("remove", call, leg_id=dialled.leg_id)
    assert centre.engine.who_hears(call.leg_id) == {ONE}


async def test_four_talk_together(centre: Centre) -> None:
    await second(centre)
    call = await centre.talks()
    await centre.does("add", call, to=to_worker(2))
    await centre.takes(2)
    await centre.until(lambda: call.party(TWO))
    await centre.does("add", call, to={"number": OUTSIDE})
    (dialled,) = centre.engine.dialled
    centre.engine.far_answers(dialled.leg_id)
    await centre.until(lambda: centre.engine.who_hears(dialled.leg_id) == {ONE, TWO, call.leg_id})
    await centre.does("hang_up", call, number=2)
    await centre.until(lambda: call.party(TWO) is None)
    assert call.state == "talking"
    await centre.until(lambda: not centre.dispatch.state(WORKSPACE).workers[routed.worker_id(2)].held)


async def test_a_parked_call_is_picked_up_by_a_colleague(centre: Centre) -> None:
    await second(centre)
    call = await centre.talks()
    await centre.does("park", call)
    assert call.state == "parked"
    assert centre.engine.who_hears(call.leg_id) == set()
    await centre.does("pick_up", call, number=2)
    await centre.until(lambda: call.worker_id == routed.worker_id(2) and call.state == "talking")
    await centre.idle()
    assert centre.engine.who_hears(call.leg_id) == {TWO}


async def test_a_supervisor_listens_whispers_joins_and_takes_over(centre: Centre) -> None:
    await second(centre, 3)
    call = await centre.talks()

    async def supervise(mode: str) -> None:
        await centre.does("supervise", call, number=3, mode=mode, name="Head")

    await supervise("listen")
    assert centre.engine.who_hears(THREE) == set()
    assert THREE in centre.engine.who_hears(call.leg_id)
    assert THREE in centre.engine.who_hears(ONE)
    await supervise("whisper")
    assert centre.engine.who_hears(THREE) == {ONE}
    await supervise("barge")
    assert centre.engine.who_hears(THREE) == {ONE, call.leg_id}
    await supervise("listen")
    await supervise("takeover")
    await centre.until(lambda: call.worker_id == routed.worker_id(3) and call.state == "talking")
    await centre.idle()
    assert centre.engine.who_hears(call.leg_id) == {THREE}
    assert centre.engine.who_hears(THREE) == {call.leg_id}
    with pytest.raises(NoPhone):
        await centre.does("supervise", call, number=2, mode="listen", name="Other")


async def brought_in(centre: Centre, call: Call) -> str:
    """Somebody outside is asked into the call, and talks: his leg."""
    await centre.does("add", call, to={"number": OUTSIDE})
    leg_id = centre.engine.dialled[-1].leg_id
    centre.engine.far_answers(leg_id)
    await centre.until(lambda: ONE in centre.engine.hears(leg_id) or call.leg_id in centre.engine.hears(leg_id))
    await centre.idle()
    return leg_id


async def test_who_listens_is_not_heard_by_those_who_come_later(centre: Centre) -> None:
    await second(centre, 3)
    call = await centre.talks()
    await centre.does("supervise", call, number=3, mode="listen", name="Head")
    later = await brought_in(centre, call)
    assert THREE in centre.engine.who_hears(later)
    assert centre.engine.who_hears(THREE) == set()
    for held in (True, False):
        await centre.does("mute", call, number=3, held=held)
        assert centre.engine.who_hears(THREE) == set(), "he still listens"
    await centre.does("supervise", call, number=3, mode="whisper", name="Head")
    assert centre.engine.who_hears(THREE) == {ONE}
    await centre.does("supervise", call, number=3, mode="barge", name="Head")
    assert centre.engine.who_hears(THREE) == {ONE, call.leg_id, later}


@pytest.mark.parametrize("takes", [True, False])
async def test_who_listens_is_not_heard_by_whom_the_call_is_handed_to(centre: Centre, takes: bool) -> None:
    for number in (2, 3):
        await second(centre, number)
    call = await centre.talks()
    await centre.does("supervise", call, number=3, mode="listen", name="Head")
    await centre.does("transfer", call, to=to_worker(2))
    if takes:
        await centre.takes(2)
        await centre.until(lambda: call.worker_id == routed.worker_id(2) and call.state == "talking")
    else:
        await centre.dispatch.send(WORKSPACE, c.RejectReservation(await centre.offered(2)))
        await centre.until(lambda: call.state == "talking" and call.transfer is None)
    await centre.idle()
    assert centre.engine.who_hears(call.leg_id) == {TWO if takes else ONE, THREE}
    assert centre.engine.who_hears(THREE) == set()


async def test_who_is_muted_is_not_heard_by_those_who_come_later(centre: Centre) -> None:
    call = await centre.talks()
    await centre.does("mute", call, held=True)
    later = await brought_in(centre, call)
    assert centre.engine.who_hears(ONE) == set()
    await centre.does("mute", call, held=False)
    assert centre.engine.who_hears(ONE) == {call.leg_id, later}


async def test_click_to_call(centre: Centre) -> None:
    await centre.phone()
    shown = (await centre.does("place", to={"number": OUTSIDE}, conversation_id=None, caller_number=None))["call"]
    dialled = await centre.until(lambda: centre.engine.dialled and centre.engine.dialled[0])
    assert dialled.target.number == OUTSIDE
    assert dialled.caller.number == "+33155500000"
    worker = centre.dispatch.state(WORKSPACE).workers[routed.worker_id(1)]
    assert [one.status for one in worker.held.values()] == ["accepted"]
    centre.engine.far_rings(dialled.leg_id)
    await centre.until(lambda: centre.engine.plays(ONE))
    centre.engine.far_answers(dialled.leg_id)
    call = await centre.call("talking")
    await centre.idle()
    assert call.id == shown["id"]
    assert centre.engine.who_hears(dialled.leg_id) == {ONE}
    assert not centre.engine.plays(ONE)
    await centre.does("hang_up", call)
    await centre.row(call.id, "wrapping")


async def test_a_number_that_is_busy_frees_the_agent(centre: Centre) -> None:
    await centre.phone()
    shown = (await centre.does("place", to={"number": OUTSIDE}))["call"]
    dialled = await centre.until(lambda: centre.engine.dialled and centre.engine.dialled[0])
    centre.engine.far_refuses(dialled.leg_id, 486)
    assert (await centre.row(shown["id"], "ended")).end_cause == "busy"
    await centre.until(lambda: not centre.dispatch.state(WORKSPACE).workers[routed.worker_id(1)].held)
    assert ONE in centre.engine.legs


async def test_what_forbids_a_call(centre: Centre) -> None:
    with pytest.raises(NoPhone):
        await centre.does("place", to={"number": OUTSIDE})
    await centre.phone()
    with pytest.raises(CountryNotAllowed):
        await centre.does("place", to={"number": "+4420790000000"[:13]})
    with pytest.raises(NoEmergencyRoute):
        await centre.does("place", to={"number": "112"})
    call = await centre.talks()
    with pytest.raises(WrongCallState):
        await centre.does("complete_transfer", call)
    with pytest.raises(Refusal):
        await centre.does("place", to={"number": OUTSIDE})


@pytest.mark.parametrize("verb", ["transfer", "consult", "add"])
async def test_outside_numbers_are_those_the_queue_names(centre: Centre, verb: str) -> None:
    await centre.configured(queue=QueueVoice(transfer_outside=False, transfer_numbers=(OUTSIDE,)))
    call = await centre.talks()
    with pytest.raises(NotOutside) as refused:
        await centre.does(verb, call, to={"worker_id": None, "queue_id": None, "number": "+33688888888"})
    assert refused.value.details == {"numbers": [OUTSIDE]}
    assert call.state == "talking"
    assert centre.engine.who_hears(call.leg_id) == {ONE}
    assert not centre.engine.dialled
    await centre.does(verb, call, to={"worker_id": None, "queue_id": None, "number": OUTSIDE})
    assert [one.target for one in centre.engine.dialled] == [NumberTarget(OUTSIDE, ("TK1",))]


async def test_colleagues_call_each_other(centre: Centre) -> None:
    await second(centre)
    await centre.phone()
    shown = (await centre.does("place", to=to_worker(2)))["call"]
    assert shown["direction"] == "internal"
    await centre.takes(2)
    await centre.until(lambda: centre.engine.who_hears(ONE) == {TWO})
    call = centre.controller.floor.calls[shown["id"]]
    await centre.does("hang_up", call)
    await centre.until(lambda: call.id not in centre.controller.floor.calls or call.state in ("wrapping", "ended"))
    state = centre.dispatch.state(WORKSPACE)
    await centre.until(lambda: not state.workers[routed.worker_id(2)].held)


async def test_wrap_up_ends_by_its_clock(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    await centre.configured(queue=QueueVoice(wrap_up_seconds=1))
    call = await centre.talks()
    seen, wrap_over = asyncio.Event(), centre.controller.talking.wrap_over

    async def once_seen(call: Call) -> None:
        await seen.wait()
        await wrap_over(call)

    monkeypatch.setattr(centre.controller.talking, "wrap_over", once_seen)
    centre.engine.far_hangs_up(call.leg_id)
    assert (await centre.row(call.id, "wrapping")).wrap_until == centre.clock() + 1000
    seen.set()
    await centre.row(call.id, "ended")
    await centre.until(lambda: not centre.dispatch.state(WORKSPACE).workers[routed.worker_id(1)].held)

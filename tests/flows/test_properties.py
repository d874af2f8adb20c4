"""At every point a state survives its way through JSON, and whoever goes on from it goes the same way."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from parlons.flows.code import Coded, Contact
from parlons.flows.running import Definition, begin, resume
from parlons.flows.state import Turn, state_of
from parlons.kit.clock import Millis
from tests.flows.flow_texts import everything

RESULTS = st.lists(
    st.one_of(
        st.fixed_dictionaries({"digits": st.sampled_from(["", "1", "2", "4711", "9"])}),
        st.fixed_dictionaries({"text": st.text(max_size=5)}),
        st.fixed_dictionaries({"open": st.booleans(), "holiday": st.booleans()}),
        st.fixed_dictionaries({"found": st.booleans(), "customer": st.just({"attributes": {"tier": "gold"}})}),
        st.fixed_dictionaries(
            {"status": st.sampled_from([0, 200, 500]), "body": st.sampled_from([None, "x", {"late": True, "count": 2}])}
        ),
        st.fixed_dictionaries({"ended": st.sampled_from(["answered", "unserved", "overflow"])}),
        st.fixed_dictionaries({"made": st.booleans(), "task_id": st.sampled_from([None, "WT1"])}),
        st.just({"why": "busy"}),
        st.just({}),
    ),
    max_size=30,
)


async def coded(contact: Contact) -> None:
    """Everything that a Python flow may ask."""
    await contact.say("Bonjour {number}")
    started = await contact.now()
    choice = await contact.ask({"fr": "Un ou deux", "en": "One or two"}, choices={"1": "Un", "2": "Deux"})
    if choice == "2" or contact.random() < 0.01:
        await contact.speak("en")
    if not await contact.hours():
        await contact.voicemail()
        contact.end()
    customer = await contact.lookup_customer()
    code = await contact.ask("Code", digits=4)
    answer = await contact.http("post", f"https://x.example/{code}", body={"at": started})
    if answer.good:
        await contact.record()
    outcome = await contact.queue("Sales", attributes={"vip": customer is not None}, keys=["1"])
    if outcome == "1" and await contact.callback():
        await contact.say("ok")
    else:
        await contact.transfer("+331")


FLOWS: list[Definition] = [everything(), Coded("coded", coded, "fr")]


def walk(flow: Definition, results: list[Any], *, stored: bool) -> list[Turn]:
    """All turns; `stored`: each state goes through JSON first."""
    turn = begin(flow, {"number": "+33"}, instance="FN1", now=Millis(1000))
    turns = [turn]
    for number, result in enumerate(results):
        if turn.effect is None:
            break
        state = state_of(json.loads(json.dumps(turn.state.to_json()))) if stored else turn.state
        assert state == turn.state
        turn = resume(flow, state, result, now=Millis(2000 + number if stored else 9000))
        turns.append(turn)
    return turns


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(FLOWS), RESULTS)
def test_a_state_through_json_goes_the_same_way(flow: Definition, results: list[Any]) -> None:
    through_json = walk(flow, results, stored=True)
    in_memory = walk(flow, results, stored=False)
    assert [turn.effect and turn.effect.key for turn in through_json] == [
        turn.effect and turn.effect.key for turn in in_memory
    ]
    if not isinstance(flow, Coded):
        assert through_json == in_memory
    keys = [turn.effect.key for turn in through_json if turn.effect is not None]
    assert len(keys) == len(set(keys)), "no key comes twice"


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FLOWS), RESULTS)
def test_taking_a_result_in_twice_from_one_state_gives_one_turn(flow: Definition, results: list[Any]) -> None:
    turn = walk(flow, results, stored=False)[-1]
    before = json.dumps(turn.state.to_json())
    once = resume(flow, turn.state, {"digits": "1"}, now=Millis(5000))
    again = resume(flow, turn.state, {"digits": "1"}, now=Millis(5000))
    assert once == again
    assert json.dumps(turn.state.to_json()) == before, "a turn never changes the state it came from"


def test_what_is_over_stays_over() -> None:
    for flow in FLOWS:
        turn = walk(flow, [{"digits": ""}] * 60, stored=True)[-1]
        if turn.effect is None:
            assert resume(flow, turn.state, {"digits": "1"}, now=Millis(1)).state == turn.state

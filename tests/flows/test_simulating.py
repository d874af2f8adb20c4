"""A contact with a draft: its story is that of a real contact, with times, ways and reasons; nothing makes it endless."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parlons.flows.model import Flow, Json
from parlons.flows.rehearsing import ways_of
from parlons.flows.simulating import MOST_EVENTS, Told, simulate
from parlons.flows.testing import Caller
from parlons.flows.text import flow_of, readable
from tests.flows.drawn_flows import drawn
from tests.flows.flow_texts import everything, flow

BANK = """
a: {do: ask, answer: digits, text: Number, max_digits: 4, secret: true, save: pin, next: b, failed: z}
b: {do: branch, cases: [{when: tier == 'gold', next: z}, {when: pin == '1234' AND tier != 'x', next: y}], otherwise: z}
y: {do: say, text: "Hello", next: z}
z: {do: queue, queue: Sales, keys: {1: y}, unserved: y}
"""


def of(told: Told, event: str, *words: str) -> list[Any]:
    """These words of all such events."""
    return [tuple(each[word] for word in words) for each in told.events if each["event"] == event]


def test_it_is_the_story_of_the_contact_that_tests_play() -> None:
    acts: list[Json] = [{"presses": "1"}, {"waits": 8}, {"presses": "4711"}, {"waits": 3}, {"presses": "1"}]
    about: Json = {"customer": {"attributes": {"tier": "silver"}}, "language": "fr"}
    told = simulate(everything(), acts, **about)
    call = Caller(everything(), **about).begins().presses("1").waits(8).presses("4711").waits(3).presses("1")
    assert [text for (text,) in of(told, "said", "text")] == call.heard
    assert [(way["from"], way["to"]) for way in told.path] == [(came, to) for _, came, to in call.ways]
    assert (told.seconds, told.ended) == (call.seconds, call.ended)


def test_words_and_silence_take_their_time() -> None:
    told = simulate(
        flow("a: {do: say, text: xxxxxxxxxx, next: b}\nb: {do: ask, text: xxxxx, choices: {1: {}}}"), [{"waits": 20}]
    )
    assert of(told, "said", "seconds", "text")[:2] == [(0.0, "xxxxxxxxxx"), (0.6, "xxxxx")]
    assert of(told, "contact", "seconds", "does")[:2] == [(0.9, "waits"), (5.9, "silence")]
    written = simulate(flow("a: {do: ask, text: xxxxx, choices: {1: {}}}"), [{"waits": 86_400}], channel="webchat")
    assert (written.state["at"], written.state["silence_seconds"], written.seconds) == ("ask", None, 86_400.0)


def test_a_branch_says_what_it_compared_and_secrets_stay_hidden() -> None:
    told = simulate(flow(BANK), [{"presses": "1234"}], variables={"tier": "silver"})
    assert of(told, "branch", "step", "took", "cases") == [("b", "cases.1.next", [
        {"when": "tier == 'gold'", "held": False, "values": {"tier": "silver"}},
        {"when": "pin == '1234' AND tier != 'x'", "held": True, "values": {"pin": None, "tier": "silver"}},
    ])]  # fmt: skip
    assert told.variables["pin"] is None
    assert of(told, "contact", "does", "value") == [("presses", None)]
    assert told.told == [{"what": "answered", "label": "pin", "value": ""}]
    assert (told.state["at"], told.state["queue"], told.state["keys"]) == ("queue", "Sales", ["1"])


def test_what_those_he_waits_for_do_is_an_act_too() -> None:
    there: list[Json] = [{"presses": "1"}]
    endings = {
        how: simulate(flow(BANK), [*there, {how: True}], variables={"tier": "gold"})
        for how in ("agent_answers", "nobody_free", "hangs_up", "queue_full")
    }
    assert [told.ended for told in endings.values()] == ["answered", None, "gone", "unserved"]
    assert [(way["port"], way["to"]) for way in endings["nobody_free"].path[-2:]] == [("unserved", "y"), ("next", "z")]
    assert endings["nobody_free"].seconds - endings["queue_full"].seconds == 30.3
    keyed = simulate(flow(BANK), [*there, {"presses": "1"}], variables={"tier": "gold"})
    assert keyed.path[-2]["port"] == "keys.1"
    over = simulate(flow(BANK), [*there, {"hangs_up": True}, {"presses": "1"}, {"nobody_free": True}])
    assert over.events[-1]["event"] == "end"


def test_a_draft_is_walked_as_far_as_it_goes() -> None:
    told = simulate(
        readable({"name": "F", "start": "a", "steps": {"a": {"do": "say", "text": "x", "next": "b"}, "b": 7}})[0]
    )
    assert (told.ended, told.falls, told.path[-1]["to"]) == ("no-such-step", True, "b")
    broken = simulate(flow("a: {do: branch, cases: [{when: 'a ==', next: b}]}\nb: {do: queue}"))
    assert (broken.ended, broken.falls, broken.events[-1]["event"]) == ("error", True, "end")


def test_a_circle_comes_to_an_end() -> None:
    told = simulate(flow("a: {do: set, values: {x: 1}, next: b}\nb: {do: branch, cases: [], otherwise: a}"))
    assert (told.ended, told.falls) == ("no-end", True)
    spoken = simulate(flow("a: {do: say, text: x, next: a}"))
    assert spoken.cut or spoken.falls
    assert len(spoken.events) <= MOST_EVENTS


def test_a_variable_that_holds_itself_twice_does_not_grow_for_ever() -> None:
    steps = "\n".join(f's{n}: {{do: set, values: {{x: ["{{x}}", {{a: "{{x}}"}}]}}, next: s{n + 1}}}' for n in range(60))
    told = simulate(flow(f"a: {{do: set, values: {{x: [1]}}, next: s0}}\n{steps}\ns60: {{do: end}}"))
    assert told.ended == "end"
    assert len(str(told.variables)) < 1_000_000


def test_another_flow_is_told_by_its_name() -> None:
    other = flow("a: {do: say, text: x}", name="Other")
    told = simulate(
        flow("a: {do: transfer, flow: Other, come_back: true, next: b}\nb: {do: end}"), library={"Other": other}
    )
    assert [(each["flow"], each["from"], each["to"], each["port"]) for each in told.path] == [
        ("F", None, "a", None), ("Other", None, "a", None), ("Other", "a", None, None), ("F", None, "b", None),
        ("F", "b", None, None),
    ]  # fmt: skip


ACTS = st.one_of(
    st.fixed_dictionaries({"presses": st.sampled_from("012*#")}),
    st.fixed_dictionaries({"says": st.text(max_size=5)}),
    st.fixed_dictionaries({"waits": st.integers(0, 100_000)}),
    st.sampled_from([{"nobody_free": True}, {"agent_answers": True}, {"queue_full": True}, {"hangs_up": True}]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drawn(), st.lists(ACTS, max_size=8), st.sampled_from(["voice", "webchat"]))
def test_whatever_the_contact_does_each_way_is_one_of_the_flow(data: Json, acts: list[Json], channel: str) -> None:
    found, _ = flow_of(data)
    assert isinstance(found, Flow)
    told = simulate(found, acts, channel=channel)
    ways = {(name, target) for name, _, target in ways_of(found)}
    for way in told.path:
        assert way["from"] is None or (way["from"], way["to"]) in ways or way["to"] is None
        assert way["to"] is None or way["from"] is None or way["ports"]
    times = [each["seconds"] for each in told.events if each["event"] != "said"]
    assert times == sorted(times)
    assert (told.ended is not None) == (told.state["at"] == "over")

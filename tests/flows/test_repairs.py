"""What is offered for a problem puts it right; half-written drafts are told what is wrong with them and nothing else."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parlons.flows.drafts import NOWHERE, DraftTooLarge, Names, draft_of_text, examined
from parlons.flows.model import Json
from parlons.flows.repairs import MOST_OFFERS, Offer, applied, offers_for
from parlons.kit.marked import write
from tests.flows.drawn_flows import drawn

HEAD = "name: F\nstart: a\nsteps:\n"


def offered(text: str, names: Names = NOWHERE) -> list[tuple[str, list[Offer]]]:
    """The code of each problem with its offers."""
    draft = draft_of_text(text, names)
    problems = [each.problem for each in draft.found]
    return list(zip([each.code for each in problems], offers_for(draft.data, draft.flow, problems, names), strict=True))


def first(text: str, names: Names = NOWHERE) -> tuple[str, Json | None]:
    """The first problem and the best that is offered for it."""
    code, offers = offered(text, names)[0]
    return code, offers[0].as_json() if offers else None


CASES = [
    ("  a: {do: say, text: x, next: agnet}\n  agent: {do: queue}", "no-such-step",
     {"offer": "connect", "step": "a", "path": ["next"], "to": "agent"}),
    ("  a: {do: say, text: x, next: person}", "no-such-step",
     {"offer": "add", "kind": "queue", "to": "person", "step": None, "path": []}),
    ("  a: {do: say, text: x}\n  agent: {do: queue}", "unreachable-step",
     {"offer": "connect", "step": "a", "path": ["next"], "to": "agent"}),
    ("  a: {do: queue}\n  b: {do: queue}", "unreachable-step",
     {"offer": "connect", "step": "a", "path": ["unserved"], "to": "b"}),
    ("  a: {do: ask, text: x, choices: {1: {}}, next: a, failed: a}\n  agent: {do: queue}", "no-way-out",
     {"offer": "connect", "step": "a", "path": ["no_input"], "to": "agent"}),
    ("  a: {do: say, text: x}", "no-person", {"offer": "add", "kind": "queue", "to": "agent", "step": "a", "path": ["next"]}),
    ("  a: {do: queue, nxt: b}", "invalid-step", {"offer": "unset", "step": "a", "path": ["nxt"]}),
    ("  a: {do: queue, max_waiting: 5}", "invalid-step", {"offer": "unset", "step": "a", "path": ["max_waiting"]}),
    ("  a: {do: queue, queue: Sale}", "no-such-name", {"offer": "set", "step": "a", "path": ["queue"], "value": "Sales"}),
    ("  a: 7", "invalid-step", None),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "code", "offer"), CASES)
def test_the_best_offer_for_each_kind_of_problem(steps: str, code: str, offer: Json | None) -> None:
    assert first(HEAD + steps, Names(queues=["Sales"])) == (code, offer)


def test_a_flow_that_begins_nowhere_begins_where_nothing_leads() -> None:
    text = "name: F\nstart: z\nsteps:\n  b: {do: queue}\n  a: {do: say, text: x, next: b}"
    assert first(text) == ("no-such-step", {"offer": "start", "to": "a"})
    assert first(text.replace("start: z\n", "")) == ("invalid-step", {"offer": "start", "to": "a"})


def test_a_fallback_that_nobody_made_is_put_right_in_the_head() -> None:
    text = "name: F\nstart: a\nfallback: Sale\nsteps: {a: {do: queue}}"
    wanted = {"offer": "set", "step": None, "path": ["fallback"], "value": "Sales"}
    assert first(text, Names(queues=["Sales"])) == ("no-such-name", wanted)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drawn(), st.data())
def test_every_offer_does_away_with_its_problem_and_adds_no_other(data: Json, more: st.DataObject) -> None:
    """Flows are broken by leading one field of theirs astray or taking a step away."""
    names = list(data["steps"])
    broken = more.draw(st.sampled_from(names))
    if more.draw(st.booleans()):
        data["steps"].pop(broken)
    else:
        data["steps"][broken] = {**data["steps"][broken], "next": more.draw(st.sampled_from([*names, "nowhere"]))}
    draft = draft_of_text(write(data))
    problems = [each.problem for each in draft.found]
    for problem, offers in zip(problems, offers_for(draft.data, draft.flow, problems, NOWHERE), strict=True):
        assert len(offers) <= MOST_OFFERS
        for offer in offers:
            _, after = examined(applied(draft.data, offer), NOWHERE)
            assert not any((each.code, each.path) == (problem.code, problem.path) for each in after)


def test_a_step_that_cannot_be_read_is_no_missing_one() -> None:
    draft = draft_of_text(HEAD + "  a: {do: say, text: x, next: b}\n  b: {do: sy}\n")
    assert [(each.problem.code, each.step, each.port, each.fault.line) for each in draft.found] == [
        ("invalid-step", "b", "do", 5)
    ]  # fmt: skip
    assert list(draft.flow.steps) == ["a"]
    assert not draft.valid


def test_what_is_no_yaml_is_told_with_its_place() -> None:
    draft = draft_of_text("name: [")
    assert (draft.picture, draft.text, [each.problem.code for each in draft.found]) == (None, "name: [", ["unreadable"])
    assert draft.found[0].fault.line > 0
    assert draft_of_text("- a").picture is None


def test_a_flow_in_python_is_valid_as_it_is() -> None:
    draft = draft_of_text("name: F\npython: mine\nfallback: Sales")
    assert draft.valid
    assert draft.picture is not None
    assert draft.picture.nodes == ()


def test_what_is_larger_than_any_flow_is_refused() -> None:
    for text in (
        "x" * 1_000_001,
        "steps:\n" + "".join(f"  s{n}: 1\n" for n in range(2_001)),
        "a: " + "[" * 39 + "]" * 39,
    ):
        with pytest.raises(DraftTooLarge):
            draft_of_text(text)

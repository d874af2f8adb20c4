"""Random flows that hold together, and random events: the work of an event is bounded, nothing raises, and who does nothing, or
meets a world in which nothing works, comes to a person or to the end."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parlons.flows.interpreter import MOST_AT_ONCE, MOST_QUIET, begin, resume
from parlons.flows.model import Flow, Step
from parlons.flows.state import Turn, state_of
from parlons.flows.text import data_of, dump, flow_of, parse
from parlons.flows.validate import check, grave

NAMES = ["a", "b", "c", "d", "e", "f", "g"]
TARGET = st.sampled_from(NAMES)
MAYBE = st.one_of(st.none(), TARGET)
TEXT = st.sampled_from(["Bonjour {x}", {"fr": "Bonjour", "en": "Hello"}])


def step(kind: str, **fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    """A step of a kind; what is None is left out."""
    made = st.fixed_dictionaries({"do": st.just(kind), **fields})
    return made.map(lambda data: {name: value for name, value in data.items() if value is not None})


def asks(answer: str, **fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    tries, saved = st.integers(1, 4), st.sampled_from([None, "x", "y"])
    return step(
        "ask", answer=st.just(answer), text=TEXT, tries=tries, save=saved, next=MAYBE, no_input=MAYBE, failed=MAYBE,
        secret=st.booleans(), **fields,
    )  # fmt: skip


STEPS = st.one_of(
    step("say", text=TEXT, next=MAYBE),
    asks("choice", choices=st.dictionaries(st.sampled_from("123"), st.fixed_dictionaries({"next": TARGET}), min_size=1)),
    asks("yes_no", yes=MAYBE, no=MAYBE),
    asks("digits", max_digits=st.integers(1, 9)),
    asks("number", minimum=st.sampled_from([None, 3.0])),
    asks("date", earliest=st.sampled_from([None, "{x}", "2026-01-01"])),
    asks("text"),
    step("branch", cases=st.lists(st.fixed_dictionaries({"when": st.sampled_from(["x == '1'", "y > 3"]), "next": TARGET}),
                                  min_size=1, max_size=2), otherwise=MAYBE),
    step("hours", open=MAYBE, closed=MAYBE, holiday=MAYBE),
    step("set", values=st.just({"x": "{y}", "z": 1}), next=MAYBE),
    step("language", language=st.sampled_from(["fr", "{x}"]), next=MAYBE),
    step("http", url=st.just("https://x.example/{x}"), save=st.sampled_from([None, "y"]), next=MAYBE, failed=MAYBE),
    step("authenticate", text=TEXT, of=st.just("{x}"), url=st.just("https://x.example"), body=st.just("{pin}"),
         save=st.sampled_from([None, "y"]), next=MAYBE, locked=MAYBE, failed=MAYBE),
    step("one_time_code", text=TEXT, message=st.just("{code}"), next=MAYBE, locked=MAYBE, failed=MAYBE),
    step("voice_bot", url=st.just("wss://bot.example"), save=st.sampled_from([None, "y"]), next=MAYBE, failed=MAYBE),
    step("bot", url=st.just("wss://bot.example"), save=st.sampled_from([None, "y"]), next=MAYBE, failed=MAYBE),
    step("book", act=st.sampled_from(["book", "move", "cancel"]), next=MAYBE, none=MAYBE, failed=MAYBE),
    step("articles", about=st.just("{x}x"), next=MAYBE, none=MAYBE, failed=MAYBE),
    step("survey", survey=st.just("S"), next=MAYBE),
    step("send", text=TEXT, next=MAYBE, failed=MAYBE),
    step("lookup_customer", next=MAYBE, not_found=MAYBE),
    step("queue", keys=st.dictionaries(st.sampled_from("12"), TARGET, max_size=2), unserved=MAYBE),
    step("callback", next=MAYBE, withheld=MAYBE),
    step("voicemail", next=MAYBE, empty=MAYBE),
    step("transfer", number=st.just("+331"), next=MAYBE, failed=MAYBE),
    step("record", next=MAYBE),
    step("end", text=st.sampled_from([None, "Bye"])),
)  # fmt: skip


def made(steps: dict[str, dict[str, Any]]) -> Flow | None:
    found, _ = flow_of({"name": "F", "start": "a", "steps": steps})
    return found if found is not None and not grave(check(found)) else None


FLOWS = st.fixed_dictionaries(dict.fromkeys(NAMES, STEPS)).map(made).filter(lambda found: found is not None)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 10), st.text(max_size=6), st.sampled_from(["1", "2", "oui"])
)
EVENTS = st.one_of(
    st.fixed_dictionaries({"digits": st.text("0123456789*#", max_size=10)}),
    st.fixed_dictionaries(
        {"text": st.one_of(st.text(max_size=20), st.sampled_from(["1", "oui", "5/11/2026", "12,5"]))}
    ),
    st.fixed_dictionaries(
        {
            "reply": st.one_of(
                SCALARS,
                st.dictionaries(
                    st.sampled_from(
                        ["say", "ask", "done", "data", "choices", "tell", "state", "verified", "max_digits"]
                    ),
                    st.one_of(SCALARS, st.sampled_from(["text", "choice", "digits", {"1": "A"}, ["x"]])),
                    max_size=5,
                ),
            )
        }
    ),
    st.fixed_dictionaries({"ended": st.sampled_from(["answered", "unserved", "overflow", "callback"])}),
    st.fixed_dictionaries({"articles": st.just([{"id": "AR1", "title": "{x}"}])}),
    st.fixed_dictionaries({"slots": st.lists(st.integers(0, 10**13), max_size=3), "zone": st.just("Europe/Paris")}),
    st.fixed_dictionaries(
        {"done": st.booleans(), "starts_at": st.integers(0, 10**13), "zone": st.just("Europe/Paris")}
    ),
    st.fixed_dictionaries({"status": st.sampled_from([0, 200, 404]), "body": st.one_of(SCALARS, st.just({"a": [1]}))}),
    st.dictionaries(
        st.sampled_from(
            ["open", "asked", "allowed", "sent", "right", "found", "made", "known", "task_id", "why", "customer"]
        ),
        SCALARS,
        max_size=4,
    ),
)
BUSY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def bounded(turn: Turn) -> Turn:
    """A turn does a bounded amount of work and can be kept."""
    assert len(turn.trace) <= MOST_AT_ONCE + 1
    assert (turn.effect is None) == (turn.state.ended is not None)
    assert state_of(json.loads(json.dumps(turn.state.to_json()))) == turn.state
    return turn


@BUSY
@given(FLOWS, st.lists(EVENTS, max_size=60))
def test_random_events_in_random_flows_are_bounded_and_never_raise(flow: Flow, events: list[dict[str, Any]]) -> None:
    turn = bounded(begin(flow, {}, instance="FN1"))
    for event in events:
        if turn.effect is None:
            return
        turn = bounded(resume(flow, turn.state, event))


def at_a_person(flow: Flow, turn: Turn) -> bool:
    """Whether the contact waits for one, or leaves word for one, now."""
    step: Step | None = flow.steps.get(turn.state.step or "")
    return turn.effect is not None and step is not None and step.PERSON


@BUSY
@given(FLOWS, st.lists(EVENTS, max_size=25))
def test_who_does_nothing_from_anywhere_comes_to_a_person_or_to_the_end(
    flow: Flow, before: list[dict[str, Any]]
) -> None:
    turn = begin(flow, {}, instance="FN1")
    for event in before:
        if turn.effect is not None:
            turn = resume(flow, turn.state, event)
    for _ in range(MOST_QUIET + 2):
        if turn.effect is None or at_a_person(flow, turn):
            return
        turn = resume(flow, turn.state, {"why": "timeout"})
    raise AssertionError(f"trapped at {turn.state.step}")


@BUSY
@given(FLOWS)
def test_a_random_flow_comes_back_from_its_text(flow: Flow) -> None:
    assert parse(dump(flow))[0] == flow
    assert flow_of(data_of(flow))[0] == flow


def test_an_address_that_is_tried_for_ever_ends_with_a_person() -> None:
    source = (
        "name: F\nstart: a\nsteps:\n  a: {do: http, url: 'https://x.example', next: b, failed: a}\n  b: {do: queue}\n"
    )
    flow = parse(source)[0]
    turn = begin(flow, {}, instance="FN1")
    count = 0
    while turn.effect is not None:
        turn, count = resume(flow, turn.state, {"status": 0}), count + 1
    assert (turn.falls, count) == ("no-answer", MOST_QUIET + 1)

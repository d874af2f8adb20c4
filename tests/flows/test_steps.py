"""Every kind of step, by a scripted caller on a virtual clock."""

from typing import Any

import pytest

from parlons.flows.testing import SILENCE, Caller
from tests.flows.flow_texts import everything, flow

INVALID, SILENT = "Sorry, I did not understand.", "I did not hear you."
GOLD = {"id": "CU1", "name": "Claire", "language": "fr", "attributes": {"tier": "gold"}}


def test_a_gold_customer_goes_straight_to_the_queue() -> None:
    call = Caller(everything(), customer=GOLD).plays("1")
    assert call.ended == "answered"
    assert call.heard == ["Bonjour, Acme", "Pour le français, le 1. For English, press 2."]
    assert [kind for kind, _ in call.did] == ["ask", "hours", "lookup_customer", "queue"]
    assert call.trace == ["hello", "tongue", "hours", "who", "tier", "wait"]


def test_another_language_is_spoken_from_its_step_on() -> None:
    call = Caller(everything(), opened=False).plays("2")
    assert call.heard[-3:] == [
        "Please leave your message after the tone.",
        "Thank you. Your message is kept, and we will come back to you.",
        "Goodbye",
    ]
    assert call.ended == "end"


def test_a_language_the_flow_has_no_words_in_falls_back_to_its_own() -> None:
    assert Caller(everything(), language="de").plays().heard[0] == "Bonjour, Acme"
    assert Caller(everything(), language="en-GB").plays().heard[0] == "Hello, Acme"


def test_on_a_holiday_the_flow_says_goodbye() -> None:
    assert Caller(everything(), opened=False, holiday=True).plays("1").trace[-2:] == ["hours", "bye"]


def test_what_an_address_answers_leads_the_way_and_reaches_the_task() -> None:
    answers = {"https://shop.example/4711": {"status": 200, "body": {"late": True, "count": 3}}}
    call = Caller(everything(), http=answers).plays("1", "4711#")
    assert call.trace[-5:] == ["order", "late", "note", "tape", "wait"]
    assert call.did[-1][1]["attributes"] == {"topic": "late", "count": 3}
    assert ("record", {"on": True}) in call.did
    assert "Enregistré" in call.heard


@pytest.mark.parametrize("answer", [{"status": 0}, {"status": 500, "body": {"late": True}}])
def test_an_address_that_fails_leads_elsewhere(answer: dict[str, Any]) -> None:
    call = Caller(everything(), http={"https://shop.example/4711": answer}).plays("1", "4711")
    assert call.trace[-2:] == ["order", "wait"]


def test_a_variable_cannot_leave_its_place_in_an_address() -> None:
    steps = 'a: {do: http, url: "https://x.example/{who}?q={who}"}'
    call = Caller(flow(steps), variables={"who": "a/../b?c=d&é"}).plays()
    escaped = "a%2F..%2Fb%3Fc%3Dd%26%C3%A9"
    assert call.did[0][1]["url"] == f"https://x.example/{escaped}?q={escaped}"


# -- ask ---------------------------------------------------------------------------------------------------------------

MENU = """
a: {do: ask, text: Choose, choices: {1: {next: b, label: Sales}, 22: {next: c}}, save: choice}
b: {do: say, text: "You chose {choice}"}
c: {do: say, text: Other}
"""


def test_a_choice_is_taken_by_key_or_by_name() -> None:
    assert Caller(flow(MENU)).plays("1").heard == ["Choose", "You chose 1"]
    assert Caller(flow(MENU)).plays("sales.").heard == ["Choose", "You chose 1"]
    assert Caller(flow(MENU)).plays("22").heard == ["Choose", "Other"]
    assert Caller(flow(MENU)).plays("22").did[0][1]["max_digits"] == 2


def test_wrong_keys_and_silence_are_asked_again_then_a_person_is_needed() -> None:
    call = Caller(flow(MENU)).plays("7", SILENCE, "8")
    assert call.heard == ["Choose", INVALID, "Choose", SILENT, "Choose"]
    assert call.turn is not None
    assert (call.ended, call.turn.falls) == ("falls:no-answer", "no-answer")
    assert len(set(call.keys)) == 3


def test_silence_to_the_end_has_a_way_of_its_own() -> None:
    steps = """
a: {do: ask, text: Choose, choices: {1: {next: b}}, tries: 2, no_input: b, failed: c, invalid: No}
b: {do: say, text: Silent}
c: {do: say, text: Wrong}
"""
    assert Caller(flow(steps)).plays().heard[-1] == "Silent"
    assert Caller(flow(steps)).plays("9", "9").heard == ["Choose", "No", "Choose", "Wrong"]


def test_silence_costs_its_wait_on_the_clock() -> None:
    steps = "a: {do: ask, text: X, choices: {1: {next: a}}, tries: 2, first_seconds: 7, failed: b}\nb: {do: end}"
    call = Caller(flow(steps)).plays()
    assert call.seconds == pytest.approx(2 * 7 + len("XX" + SILENT) * 0.06)


DIGITS = """
a: {do: ask, answer: digits, text: Code, min_digits: 4, max_digits: 6, match: "[1-9].*", save: code, next: b, tries: 1, failed: c}
b: {do: say, text: "Code {code}"}
c: {do: say, text: No}
"""


@pytest.mark.parametrize(
    ("given", "heard"),
    [("1234#", "Code 1234"), ("12 34-56", "Code 123456"), ("123", "No"), ("1234567", "No"), ("0123", "No"),
     ("abcd", "No"), ("١٢٣٤", "No"), (SILENCE, "No")],
)  # fmt: skip
def test_digits_are_held_against_their_rules(given: str, heard: str) -> None:
    assert Caller(flow(DIGITS)).plays(given).heard[-1] == heard


def test_free_words_are_kept_as_they_are() -> None:
    steps = 'a: {do: ask, answer: text, text: Why, save: why, next: b}\nb: {do: say, text: "Because {why}"}'
    assert Caller(flow(steps)).plays("il pleut!").heard[-1] == "Because il pleut!"


# -- branch, set -------------------------------------------------------------------------------------------------------


def test_a_branch_takes_the_first_way_that_holds() -> None:
    steps = """
a:
  do: branch
  cases:
    - {when: "age >= 65 AND country IN ['FR', 'BE']", next: b}
    - {when: tags HAS 'vip', next: c}
  otherwise: d
b: {do: say, text: b}
c: {do: say, text: c}
d: {do: say, text: d}
"""
    cases = [({"age": 70, "country": "FR", "tags": ["vip"]}, "b"), ({"age": 70, "tags": ["vip"]}, "c"), ({}, "d")]
    assert [Caller(flow(steps), variables=given).plays().heard for given, _ in cases] == [[way] for _, way in cases]


def test_set_copies_values_with_their_kind_and_all_from_before() -> None:
    steps = """
a: {do: set, values: {x: "{y}", y: "{x}", text: "{n} items", deep: {list: ["{n}"]}}, next: b}
b: {do: queue, attributes: {x: "{x}", y: "{y}", text: "{text}", deep: "{deep.list.0}"}}
"""
    call = Caller(flow(steps), variables={"x": 1, "y": [2], "n": 3}).plays()
    assert call.did[0][1]["attributes"] == {"x": [2], "y": 1, "text": "3 items", "deep": 3}


# -- people ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("queue", "way"),
    [
        ("answered", "wait"),
        ("unserved", "message"),
        ("overflow", "message"),
        ("1", "back"),
        ("2", "out"),
        ("3", "proof"),
    ],
)
def test_what_becomes_of_waiting_leads_the_way(queue: str, way: str) -> None:
    call = Caller(everything(), customer=GOLD, queue=queue).plays("1")
    assert way in call.trace
    assert call.did[3][1]["keys"] == ["1", "2", "3"]


def test_a_queue_without_more_words_tells_why_it_is_over() -> None:
    assert Caller(flow("a: {do: queue, text: Wait}"), queue="unserved").plays().ended == "unserved"
    assert Caller(flow("a: {do: queue, text: Wait}"), queue="answered").plays().heard == ["Wait"]


def test_a_callback_needs_a_number() -> None:
    steps = "a: {do: callback, next: b, withheld: c}\nb: {do: say, text: b}\nc: {do: say, text: c}"
    assert Caller(flow(steps)).plays().heard == ["Thank you. You keep your place, and we call you back.", "b"]
    assert Caller(flow(steps), number=None).plays().heard == ["c"]
    assert Caller(flow("a: {do: callback}"), number=None).plays().ended == "falls:no-number"


def test_a_message_without_a_word_has_a_way_of_its_own() -> None:
    steps = "a: {do: voicemail, text: Speak, thanks: Thanks, next: b, empty: c}\nb: {do: say, text: b}\nc: {do: say, text: c}"
    assert Caller(flow(steps)).plays().heard == ["Speak", "Thanks", "b"]
    assert Caller(flow(steps), voicemail=False).plays().heard == ["Speak", "c"]


@pytest.mark.parametrize(("why", "ended", "heard"), [("answered", "transferred", ["T"]), ("busy", "end", ["T", "f"])])
def test_a_transfer_to_a_number(why: str, ended: str, heard: list[str]) -> None:
    steps = 'a: {do: transfer, text: T, number: "+331", failed: b}\nb: {do: say, text: f}'
    call = Caller(flow(steps), dialled=why).plays()
    assert (call.ended, call.heard) == (ended, heard)


def test_another_flow_takes_over_and_may_come_back() -> None:
    first = flow("a: {do: transfer, flow: Other, come_back: true, next: b}\nb: {do: say, text: 'back, {x}'}")
    other = flow("a: {do: set, values: {x: 7}, next: c}\nc: {do: say, text: there}", name="Other")
    call = Caller(first, library={"Other": other}).plays()
    assert (call.heard, call.ended) == (["there", "back, 7"], "end")
    gone = flow("a: {do: transfer, flow: Other}")
    assert Caller(gone, library={"Other": other}).plays().heard == ["there"]
    assert Caller(gone).plays().ended == "falls:no-such-flow"


def test_a_record_notice_comes_before_the_recording() -> None:
    call = Caller(flow("a: {do: record, text: Notice, next: b}\nb: {do: end, text: Bye}")).plays()
    assert call.heard == ["Notice", "Bye"]
    assert call.did == [("record", {"on": True})]


def test_a_flow_that_turns_in_circles_is_stopped() -> None:
    steps = "a: {do: set, values: {x: 1}, next: a}"
    assert Caller(flow(steps)).plays().ended == "falls:no-end"
    asking = "a: {do: ask, text: X, choices: {1: {next: a}}}"
    call = Caller(flow(asking)).plays(*(["1"] * 6_000), most=6_000)
    assert call.ended == "falls:no-such-step"

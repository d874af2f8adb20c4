"""A flow as people write it: there and back, and what is wrong, where, and how to mend it."""

import pytest

from parlons.flows.model import Problem
from parlons.flows.text import InvalidFlow, data_of, dump, faults, flow_of, parse
from parlons.flows.validate import check, grave
from parlons.flows.vocabulary import BUILT_IN, STANDARD, vocabulary
from tests.flows.flow_texts import EVERY_STEP, everything, flow


def test_every_step_comes_back_as_it_was() -> None:
    first = everything()
    assert {type(step) for step in first.steps.values()} == set(BUILT_IN)
    again, _ = parse(dump(first))
    assert again == first
    assert data_of(again) == data_of(first)
    assert flow_of(data_of(first), flow_id="FW1:2")[0] is not None


def test_a_good_flow_has_no_problem() -> None:
    assert check(everything(), queues=["Sales"], flows=[], workflows=[]) == []


def wrong(before: str, after: str) -> list[str]:
    """What is said when `before` is written as `after`."""
    assert before in EVERY_STEP
    try:
        found, text = parse(EVERY_STEP.replace(before, after, 1))
    except InvalidFlow as error:
        return [str(fault) for fault in error.faults]
    return [str(fault) for fault in faults(text, check(found, queues=["Sales"], flows=["Night"], workflows=[]))]


MISTAKES = """
next: tongue => next: tonge
  line 9, column 80: steps.hello.next: there is no step 'tonge'. Did you mean tongue?
start: hello => start: helo
  line 3, column 8: start: there is no step 'helo'. Did you mean hello?
do: hours => do: hour
  line 16, column 15: steps.hours.do: hour is no kind of step. Did you mean hours?
closed: message => closd: message
  line 16, column 33: steps.hours.closd: closd is not known here. Did you mean closed?
tries: 2 => tries: two
  line 30, column 12: steps.code.tries: expected int, got str. See docs/reference/flows.md.
tries: 2 => tries: 20
  line 30, column 12: steps.code.tries: tries is a number from 1 to 10. Three are usual.
language: en, =>
  line 15, column 12: steps.english: language is missing. Add `language: ...` here.
, en: Goodbye =>
  line 53, column 24: steps.bye.text: the words in en are missing. Add `en: ...`.
min_digits: 4 => min_digits: 9
  line 27, column 17: steps.code.max_digits: min_digits and max_digits do not fit. 1 <= min <= max <= 32.
    queue: Sales =>     queue: Sails
  line 44, column 12: steps.wait.queue: there is no queue 'Sails'. Did you mean Sales?
fallback: Sales => fallback: Nobody
  line 6, column 11: fallback: there is no queue 'Nobody'. Name one that exists.
number: "+33140000000" => flow: Nigt
  line 51, column 29: steps.out.flow: there is no flow 'Nigt'. Did you mean Night?
number: "+33140000000" => queue: Sales, flow: Night
  line 51, column 8: steps.out: a transfer goes to one place. Name `queue`, `flow` or `number`, one of them.
https://shop => ftp://shop
  line 34, column 26: steps.order.url: an address begins with https:// or http://. Write it whole.
1: {label => x: {label
  line 13, column 18: steps.tongue.choices.x: 'x' is no key of a telephone. Use digits, * or #.
steps: => stepps:
  line 8, column 1: stepps: stepps is not known here. Did you mean steps?
languages: [fr, en] => languages: fr
  line 5, column 12: languages: languages is not as it must be. Write a list such as [fr, en].
gold' => gold
  line 21, column 44: steps.tier.cases[1].when: this string has no end. Close it with '.
order.late == true AND => order.late = = true AND
  line 38, column 29: steps.late.cases[1].when: a value is missing before '='.
"""
"""What is written => how it is written wrongly, and what is said then."""


def mistakes() -> list[tuple[str, str, str]]:
    lines = MISTAKES.strip().splitlines()
    found = []
    for change, said in zip(lines[::2], lines[1::2], strict=True):
        before, _, after = change.partition("=>")
        found.append((before.removesuffix(" "), after.removeprefix(" "), said.strip()))
    return found


@pytest.mark.parametrize(("before", "after", "said"), mistakes())
def test_what_is_wrong_is_told_with_its_place_and_a_remedy(before: str, after: str, said: str) -> None:
    found = wrong(before, after)
    assert any(each.startswith(said) for each in found), found


def light(found: list[Problem]) -> list[str]:
    return [problem.message for problem in found if not problem.grave]


def test_a_step_nobody_comes_to_is_told() -> None:
    found = check(flow("a: {do: queue}\nb: {do: end}"))
    assert light(found) == ["no way leads to this step"]
    assert grave(found) == []


def test_a_flow_without_a_person_is_told() -> None:
    assert light(check(flow("a: {do: end}"))) == ["nobody can reach a person"]
    assert light(check(flow('a: {do: transfer, number: "+331"}'))) == []


def test_a_circle_without_a_way_out_is_refused() -> None:
    steps = "a: {do: ask, text: X, answer: text, next: b}\nb: {do: say, text: X, next: a}"
    (problem,) = grave(check(flow(steps)))
    assert (problem.path, problem.message) == (("steps", "a"), "from here nothing leads out again")


def test_a_circle_in_which_nobody_is_asked_is_refused() -> None:
    steps = "a: {do: say, text: X, next: b}\nb: {do: hours, open: a, closed: c}\nc: {do: queue}"
    (problem,) = grave(check(flow(steps)))
    assert "without anybody being asked" in problem.message


def test_a_menu_that_comes_back_to_itself_is_fine() -> None:
    steps = (
        "a: {do: ask, text: X, choices: {1: {next: b}, 2: {next: c}}}\nb: {do: say, text: X, next: a}\nc: {do: queue}"
    )
    assert check(flow(steps)) == []


@pytest.mark.parametrize("text", ["", "- a", "name: F", "name: F\nstart: a\nsteps: {}", "name: F\nstart: a\nsteps: {a: 1}",
                                  "name: F\nstart: a\nsteps: {a: {text: x}}", "name: [\n", "a: *b"])  # fmt: skip
def test_what_is_no_flow_is_refused(text: str) -> None:
    with pytest.raises(InvalidFlow) as refused:
        parse(text)
    assert refused.value.faults


def test_a_room_may_add_kinds_of_steps() -> None:
    from parlons.flows.model import Step

    class Wave(Step, frozen=True, kw_only=True, tag="wave"):
        SAYS = ()
        next: str | None = None

    more = vocabulary([Wave])
    found, _ = parse("name: F\nstart: a\nsteps: {a: {do: wave}}", more)
    assert isinstance(found.steps["a"], Wave)
    assert "wave" not in STANDARD.kinds
    with pytest.raises(ValueError, match="say"):
        vocabulary([BUILT_IN[0]])


CODES = {
    "a: {do: say, text: X, next: b}": "no-such-step",
    "a: {do: queue}\nb: {do: end}": "unreachable-step",
    "a: {do: say, text: {fr: X}, next: b}\nb: {do: queue}": "missing-language",
    "a: {do: ask, text: X, answer: text, next: b}\nb: {do: say, text: X, next: a}": "no-way-out",
    "a: {do: say, text: X, next: b}\nb: {do: hours, open: a, closed: c}\nc: {do: queue}": "idle-circle",
    "a: {do: ask, text: X, choices: {1: {next: b}}, failed: a}\nb: {do: queue}": "silent-circle",
    "a: {do: end}": "no-person",
    "a: {do: ask, text: X, tries: 0, choices: {1: {next: b}}}\nb: {do: queue}": "invalid-step",
}


@pytest.mark.parametrize(("steps", "code"), CODES.items())
def test_every_problem_has_a_code_and_a_line(steps: str, code: str) -> None:
    source = f"name: F\nstart: a\nlanguages: [fr, en]\nsteps:\n  {steps.replace(chr(10), chr(10) + '  ')}\n"
    found, text = parse(source)
    told = [fault for fault in faults(text, check(found)) if fault.code == code]
    assert told
    assert told[0].line >= 4
    assert told[0].as_json()["code"] == code


def test_silence_that_is_counted_or_comes_to_a_person_is_no_circle() -> None:
    counted = """
a: {do: ask, text: X, choices: {1: {next: d}}, failed: b}
b: {do: set, values: {again: true}, next: c}
c: {do: branch, cases: [{when: again == true, next: d}], otherwise: a}
d: {do: queue}
"""
    assert check(flow(counted)) == []
    assert check(flow("a: {do: ask, text: X, choices: {1: {next: b}}, failed: b}\nb: {do: queue, unserved: a}")) == []


@pytest.mark.parametrize(
    ("more", "path"),
    [("answer: date, minimum: 3", "minimum"), ("answer: number, minimum: 3, maximum: 1", "maximum"),
     ("answer: date, earliest: soon", "earliest"), ("answer: text, yes: b", "yes"), ("answer: yes_no, match: x", "match"),
     ("answer: digits, choices: {1: {next: b}}", "choices")],
)  # fmt: skip
def test_words_that_do_not_fit_the_answer_are_told(more: str, path: str) -> None:
    (problem,) = grave(check(flow(f"a: {{do: ask, text: X, next: b, failed: b, {more}}}\nb: {{do: queue}}")))
    assert problem.path == ("steps", "a", path)

"""What an answer means; what could be meant in two ways is asked for again."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlons.flows.answers import Order, date_of, number_of, yes_or_no
from parlons.flows.testing import Caller
from tests.flows.flow_texts import flow

DAY = date(2026, 11, 5)


@pytest.mark.parametrize(
    ("text", "order"),
    [("05112026", "dmy"), ("11052026", "mdy"), ("20261105", "ymd"), ("5/11/2026", "dmy"), ("5.11.2026", "ymd"),
     ("11/5/2026", "mdy"), ("2026-11-05", "mdy"), ("5 novembre 2026", "dmy"), ("le 5 Nov. 2026", "dmy"),
     ("November 5th, 2026", "dmy"), ("5th of November 2026", "mdy")],
)  # fmt: skip
def test_one_day_is_said_in_many_ways(text: str, order: Order) -> None:
    assert date_of(text, order) == DAY


@pytest.mark.parametrize("text", ["5/11/26", "31/02/2026", "05112", "novembre", "٠٥١١٢٠٢٦", "5 foovember 2026", ""])
def test_what_is_no_day_is_none(text: str) -> None:
    assert date_of(text, "dmy") is None


@pytest.mark.parametrize(
    ("text", "language", "number"),
    [("12", "fr", 12), ("12,5", "fr", 12.5), ("12.5", "fr", 12.5), ("12*5", "en", 12.5), ("1 200,50", "fr", 1200.5),
     ("1,200", "en-GB", 1200), ("1.200", "fr", 1200), ("1.200", "en", 1.2), ("1.200,50 €", "fr", 1200.5), ("-3", "en", -3),
     ("$1,200.50", "en", 1200.5), ("12 euros", "fr", 12), ("1,2,3", "en", None), ("douze", "fr", None),
     ("9" * 20, "en", None), ("١٢", "fr", None), ("nan", "en", None), ("1e9", "en", None)],
)  # fmt: skip
def test_numbers_are_read_by_the_language(text: str, language: str, number: float | None) -> None:
    assert number_of(text, language) == number


@pytest.mark.parametrize(("text", "means"), [("Oui !", True), ("oui, merci", True), ("y", True), ("1", True), ("NON", False),
                                             ("no thanks", False), ("2", False), ("peut-être", None), ("", None)])  # fmt: skip
def test_yes_and_no(text: str, means: bool | None) -> None:
    assert yes_or_no(text) is means


@given(st.text(max_size=80))
def test_whatever_is_said_is_read_without_an_error(text: str) -> None:
    date_of(text, "dmy")
    yes_or_no(text)
    for language in ("fr", "en"):
        number = number_of(text, language)
        assert number is None or abs(number) < 1e15


STEPS = """
a: {do: ask, text: Day, answer: date, earliest: "{first}", save: day, next: b, tries: 2, failed: z}
b: {do: ask, text: Amount, answer: number, minimum: 5, maximum: 10.5, save: amount, next: c, tries: 2, failed: z}
c: {do: ask, text: Sure, answer: yes_no, save: sure, yes: d, next: z, failed: z}
d: {do: queue, attributes: {day: "{day}", amount: "{amount}", sure: "{sure}"}}
z: {do: say, text: No}
"""


def asked(*answers: str, **more: Any) -> Caller:
    return Caller(flow(STEPS), variables={"first": "2026-11-05"}, **more).plays(*answers)


def test_answers_are_kept_with_their_kind() -> None:
    assert asked("05112026", "10*5", "1").did[-1][1]["attributes"] == {
        "day": "2026-11-05",
        "amount": 10.5,
        "sure": True,
    }


@pytest.mark.parametrize("answers", [("4/11/2026", "x"), ("05112026", "4", "11"), ("05112026", "6", "non")])
def test_what_is_out_of_bounds_is_refused(answers: tuple[str, ...]) -> None:
    assert asked(*answers).heard[-1] == "No"


def test_a_date_that_cannot_be_says_what_is_needed() -> None:
    assert any("year in four digits" in each for each in asked("5/11/26").heard)
    assert any("quatre chiffres" in each for each in asked("5/11/26", language="fr").heard)


def test_yes_and_no_are_offered_as_choices() -> None:
    call = asked("05112026", "6", "oui", language="fr")
    assert call.did[2][1]["choices"] == [{"key": "1", "label": "Oui"}, {"key": "2", "label": "Non"}]


def test_digits_are_nothing_but_keys() -> None:
    steps = "a: {do: ask, answer: digits, text: X, max_digits: 8, tries: 1, next: b, failed: c}\nb: {do: end}\nc: {do: queue}"
    assert Caller(flow(steps)).plays("12ab").trace == ["a", "c"]


def test_what_is_secret_stays_in_the_flow() -> None:
    steps = """
a: {do: ask, answer: digits, text: PIN, max_digits: 4, secret: true, save: pin, next: b, failed: c}
b: {do: http, url: "https://x.example/{pin}", next: c}
c: {do: queue, attributes: {seen: "{result.a.digits}"}}
"""
    call = Caller(flow(steps)).plays("4711")
    assert call.did[1][1]["url"] == "https://x.example/4711"
    assert call.did[2][1]["attributes"] == {"seen": None}
    assert call.turn is not None
    assert call.turn.state.hidden == ("pin",)
    assert [(told.label, told.value) for told in call.turn.state.told if told.what == "answered"] == [("pin", "")]

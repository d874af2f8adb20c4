"""Which recordings say a number, a time, a day: tables in both languages, and that every piece is on this machine."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlons.voice.calls import prompts_numbers as numbers
from parlons.voice.calls.prompts_shipped import PACKAGES, SHIPPED, installed, recordings, shipped_pieces


def said(value: int, language: str) -> str:
    pieces = numbers.number(value, language)
    assert pieces is not None
    return " ".join(piece.removeprefix("digits/") for piece in pieces)


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (0, "0", "0"),
        (17, "17", "17"),
        (21, "20 1", "20 et 1"),
        (22, "20 2", "20 2"),
        (61, "60 1", "60 et 1"),
        (70, "70", "70"),
        (71, "70 1", "60 et 11"),
        (77, "70 7", "60 17"),
        (80, "80", "80"),
        (81, "80 1", "80 1"),
        (90, "90", "90"),
        (91, "90 1", "80 11"),
        (99, "90 9", "80 19"),
        (100, "1 hundred", "hundred"),
        (101, "1 hundred 1", "hundred 1"),
        (271, "2 hundred 70 1", "2 hundred 60 et 11"),
        (1000, "1 thousand", "thousand"),
        (1999, "1 thousand 9 hundred 90 9", "thousand 9 hundred 80 19"),
        (21_000, "20 1 thousand", "20 et 1 thousand"),
        (1_000_001, "1 million 1", "1 million 1"),
        (-5, "minus 5", "minus 5"),
    ],
)
def test_numbers(value: int, english: str, french: str) -> None:
    assert said(value, "en") == english
    assert said(value, "fr") == french


def worth(pieces: list[str], language: str) -> int:
    """What a listener adds up."""
    total = group = 0
    for piece in pieces:
        word = piece.removeprefix("digits/")
        if word == "et":
            continue
        if word in ("thousand", "million"):
            total, group = total + (group or 1) * (1_000 if word == "thousand" else 1_000_000), 0
        elif word == "hundred":
            group = (group or 1) * 100
        else:
            group += int(word)
    return total + group


@given(st.integers(0, numbers.LARGEST), st.sampled_from(["en", "fr"]))
def test_what_is_heard_is_the_number(value: int, language: str) -> None:
    pieces = numbers.number(value, language)
    assert pieces is not None
    assert worth(pieces, language) == value


def test_too_large_is_left_to_others() -> None:
    assert numbers.number(10**9, "en") is None


def test_keys() -> None:
    assert numbers.digits("06 12*#") == ["digits/0", "digits/6", "digits/1", "digits/2", "digits/star", "digits/pound"]
    assert numbers.digits("12a") is None


@pytest.mark.parametrize(
    ("at", "english", "french"),
    [
        ("00:00", "12 oclock a-m", "0 oclock"),
        ("09:05", "9 oh 5 a-m", "9 oclock 5"),
        ("14:30", "2 30 p-m", "14 oclock 30"),
        ("11:00", "11 oclock a-m", "11 oclock"),
        ("21:00", "9 oclock p-m", None),
    ],
)
def test_times(at: str, english: str, french: str | None) -> None:
    for language, wanted in (("en", english), ("fr", french)):
        pieces = numbers.time_of_day(time.fromisoformat(at), language)
        assert wanted == (pieces and " ".join(piece.removeprefix("digits/") for piece in pieces))


def test_days() -> None:
    assert numbers.day(date(2026, 3, 1), "fr") == ["digits/day-0", "digits/h-1", "digits/mon-2"]
    assert numbers.day(date(2026, 11, 23), "fr") == ["digits/day-1", "digits/20", "digits/3", "digits/mon-10"]
    assert numbers.day(date(2026, 11, 23), "en") == ["digits/day-1", "digits/mon-10", "digits/20", "digits/h-3"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_piece_is_in_the_package(language: str) -> None:
    if not installed(language):
        pytest.skip(f"Debian's {PACKAGES[language]} is not installed here")
    named = [*(f"number:{value}" for value in [*range(1100), 10**6, 10**7 + 321_717]), "digits:0123456789*#+"]
    named += [f"time:{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 1, 9, 10, 21, 59)]
    named += [f"date:{date(2026, 1, 1) + timedelta(days=number)}" for number in range(365)]
    named += [f"position:{place}" for place in range(1, 200)] + ["wait:3-5", "wait:12-20"]
    for name in [*named, *SHIPPED]:
        pieces = shipped_pieces(name, language)
        if pieces is not None:
            assert recordings(pieces, language) is not None, (name, pieces)


def test_what_cannot_be_said_by_recordings() -> None:
    assert shipped_pieces("wait:3-5", "en") is None
    assert shipped_pieces("wait:3-5", "fr") == ["queue-holdtime", "digits/3", "digits/at", "digits/5", "queue-minutes"]
    for wrong in ("wait:some", "number:many", "time:25:00", "colour:red", "unheard-of", "position:"):
        assert shipped_pieces(wrong, "fr") is None

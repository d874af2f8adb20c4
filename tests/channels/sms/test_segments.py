"""What a text costs, the same in Python and on the desk; and that cutting loses and tears nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlons.channels.sms.segments import JOINED, segments, width

CASES = json.loads(Path(__file__).with_name("segments.json").read_text())
TEXTS = st.text(
    st.one_of(st.sampled_from("aé€[’…«»\n\u00a0😀êç"), st.characters(exclude_categories=["Cs"])), max_size=400
)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_shared_cases(case: dict[str, Any]) -> None:
    made = segments(case["text"])
    count = len(made.parts) if made.units else 0
    assert (made.alphabet, made.units, count) == (case["encoding"], case["units"], case["segments"])


@given(TEXTS)
def test_cutting_loses_nothing_and_fits(text: str) -> None:
    made = segments(text, simplify=False)
    assert "".join(made.parts) == text.replace("\r\n", "\n") == made.text
    for part in made.parts:
        size = sum(width(character, made.alphabet) for character in part)
        assert size <= (JOINED[made.alphabet] if len(made.parts) > 1 else {"gsm7": 160, "ucs2": 70}[made.alphabet])


@given(TEXTS)
def test_letters_are_never_changed(text: str) -> None:
    made = segments(text).text
    assert [c for c in made if c.isalnum()] == [c for c in text if c.isalnum()]
    assert made == text.replace("\r\n", "\n") or segments(text).alphabet == "gsm7"


def test_a_mark_is_made_plain_only_where_it_saves_the_alphabet() -> None:
    assert segments("C’est l’heure").text == "C'est l'heure"
    assert segments("C’est prêt").text == "C’est prêt"

"""Patterns of administrators on the words of customers: none of them is tried for ever, and what cannot be used is refused."""

import pytest

from parlons.flows.entities import entity
from parlons.flows.patterns import LONGEST_PATTERN, BadPattern, compiled, first_of, fits
from parlons.flows.text import flow_of
from parlons.flows.validate import check

ENDLESS = [
    ("(x+x+)+y", "x" * 500),
    ("(a|a)*b", "a" * 500),
    ("(.*,){25}z", "a," * 250),
    (r"^(\w+\s?)*$", "word " * 99 + "!"),
    ("(a?){200}a{200}", "a" * 199),
]
"""Each would keep a matcher that tries one way after the other busy for longer than anybody lives."""


@pytest.mark.parametrize(("pattern", "text"), ENDLESS)
def test_no_pattern_is_tried_for_ever(pattern: str, text: str) -> None:
    assert not fits(pattern, text)
    assert entity(f"^{pattern}$", text, language="en") is None


@pytest.mark.parametrize(
    ("pattern", "text", "whole", "first"),
    [
        ("[1-9].*", "4711", True, "4711"),
        ("[1-9].*", "x4711", False, "4711"),
        ("AB-([0-9]+)", "AB-12", True, "12"),
        (r"\p{L}+ é?", "Élodie é", True, "Élodie é"),
        ("(a)|b", "b", True, None),
        ("a", "\ud800a", False, "a"),
        ("a" * 600, "a" * 600, False, None),
    ],
)
def test_what_is_found(pattern: str, text: str, whole: bool, first: str | None) -> None:
    assert (fits(pattern, text), first_of(pattern, text)) == (whole, first)


@pytest.mark.parametrize(
    "pattern", ["(?=a)b", "(?<!a)b", r"(a)\1", "(", "((a{99}){99}){99}", "\ud800", "a" * (LONGEST_PATTERN + 1)]
)
def test_what_cannot_be_used_is_refused_with_the_flow(pattern: str) -> None:
    with pytest.raises(BadPattern):
        compiled(pattern)
    ask = {"do": "ask", "answer": "text", "text": "Which?", "match": pattern, "next": "end"}
    free = {"do": "understand", "text": "What?", "intents": {"order": {"next": "end"}}, "entities": {"which": pattern}}
    for step, path in ((ask, ("match",)), (free, ("entities", "which"))):
        flow, _ = flow_of({"name": "F", "start": "ask", "steps": {"ask": step, "end": {"do": "end"}}})
        assert flow is not None
        assert [problem.path[2:] for problem in check(flow) if "cannot be used" in problem.message] == [path]

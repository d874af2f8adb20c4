"""The catalogue of kinds says what the kinds themselves say: every word, way and limit, of a kind nobody thought of too."""

from typing import Any, ClassVar, Literal

import msgspec
import pytest

from parlons.flows.kinds import Field, kind_of, matches
from parlons.flows.model import Step
from parlons.flows.steps.asking import Ask
from parlons.flows.steps.asking_systems import Http, LookupCustomer
from parlons.flows.steps.choosing import Branch, Set
from parlons.flows.steps.reaching_people import Queue
from parlons.flows.vocabulary import STANDARD
from parlons.flows.words import Texts


def field(kind: type[Step], name: str) -> Field:
    """One field of a kind."""
    return next(each for each in kind_of(kind).fields if each.name == name)


@pytest.mark.parametrize("name", sorted(STANDARD.kinds))
def test_every_word_of_a_kind_is_there_once_and_its_own_lists_agree(name: str) -> None:
    kind = kind_of(STANDARD.kinds[name])
    assert [each.name for each in kind.fields] == [word for word in STANDARD.fields(name) if word not in ("do", "at")]
    told = {pattern[0] for pattern in kind.words}
    assert set(STANDARD.kinds[name].SAYS) <= told
    assert set(STANDARD.kinds[name].LEADS) <= {pattern[0] for pattern in kind.ways}


def test_types_come_from_annotations_and_from_what_a_kind_does() -> None:
    assert [(each.name, each.type) for each in kind_of(Queue).fields] == [
        ("queue", "queue"), ("workflow", "workflow"), ("priority", "number"), ("attributes", "mapping"), ("text", "words"),
        ("keys", "mapping"), ("max_waiting", "number"), ("overflow", "step"), ("unserved", "step"),
    ]  # fmt: skip
    keys, cases = field(Queue, "keys").of, field(Branch, "cases").of
    assert keys is not None
    assert keys.type == "step"
    assert cases is not None
    assert [(each.name, each.type, each.required) for each in cases.fields] == [
        ("when", "expression", True), ("next", "step", True)
    ]  # fmt: skip
    assert field(Set, "values").of == Field("*", "value")
    assert [each.type for each in (field(Http, "headers").of or keys).options] == ["text", "group"]


def test_limits_and_conditions_are_those_that_a_kind_enforces() -> None:
    tries, seconds, journey = field(Ask, "tries"), field(Http, "timeout_seconds"), field(LookupCustomer, "journey")
    assert [(each.minimum, each.maximum) for each in (tries, seconds, journey)] == [(1, 10), (1, 20), (0, 50)]
    assert (seconds.type, seconds.default) == ("duration", 5)
    conditions = {each.name: each.only_when[1] for each in kind_of(Ask).fields if each.only_when is not None}
    assert conditions == {
        "choices": ("choice",), "yes": ("yes_no",), "no": ("yes_no",), "minimum": ("number",), "maximum": ("number",),
        "earliest": ("date",), "latest": ("date",), "match": ("choice", "digits", "text"),
    }  # fmt: skip


class Surprise(Step, frozen=True, kw_only=True, tag="surprise"):
    """A kind of tomorrow."""

    LEADS: ClassVar[tuple[str, ...]] = ("then",)
    SAYS: ClassVar[tuple[str, ...]] = ("greeting",)

    greeting: Texts
    mode: Literal["a", "b"] = "a"
    then: str | None = None
    lines: list[str] = msgspec.field(default_factory=list)
    rate: float = 0.5


def test_a_kind_of_tomorrow_is_understood() -> None:
    kind = kind_of(Surprise)
    assert (kind.name, kind.category, kind.ways, kind.words) == (
        "surprise", "test_kinds", (("then",),), (("greeting",),)
    )  # fmt: skip
    assert [(each.name, each.type) for each in kind.fields] == [
        ("greeting", "words"), ("mode", "choice"), ("then", "step"), ("lines", "list"), ("rate", "number")
    ]  # fmt: skip


def test_what_has_another_form_is_passed_over() -> None:
    pattern = ("choices", "*", "next")
    data: Any = {"choices": {"1": {"next": "a"}, "2": 7, "3": {}}}
    assert list(matches(data, pattern)) == [(("choices", "1", "next"), "a")]
    assert list(matches({"choices": [{"next": "a"}]}, pattern)) == [(("choices", 0, "next"), "a")]
    assert list(matches({"choices": "x"}, pattern)) == list(matches(None, pattern)) == []

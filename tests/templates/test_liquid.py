"""Texts with variables: what is filled, what is missing, what is refused, and that values are never read as Liquid."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlons.templates.liquid import MAX_TEXT, VARIABLES, InvalidTemplate, UnknownVariable, check, fill
from parlons.templates.model import Reader, language_for, values_for

CLAIRE = {
    "name": "Claire Rousseau",
    "language": "fr",
    "attributes": {"order": "A 12", "nested": {"no": 1}},
    "addresses": [{"kind": "email", "value": "first@x.fr"}, {"kind": "email", "value": "second@x.fr"}],
}
VALUES = values_for(Reader(CLAIRE, "Sofia Marin", "Atelier Nord", "Jacket"))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Bonjour {{ customer.first_name }},", "Bonjour Claire,"),
        ("{{ customer.name | upcase }}", "CLAIRE ROUSSEAU"),
        ("{{ customer.email }}", "first@x.fr"),
        ("{{ customer.phone | default: 'no number' }}", "no number"),
        ("{% if customer.language == 'fr' %}Merci{% else %}Thanks{% endif %} !", "Merci !"),
        ("{% assign who = agent.first_name | append: ', ' | append: firm.name %}{{ who }}", "Sofia, Atelier Nord"),
        ("{{ customer.attributes.order }} / {{ conversation.subject }}", "A 12 / Jacket"),
        ("no variable at all", "no variable at all"),
    ],
)
def test_variables_are_filled(source: str, text: str) -> None:
    check(source)
    assert fill(source, VALUES).text == text


def test_pieces_tell_what_was_filled_and_what_is_missing() -> None:
    found = fill("A {{ customer.first_name }} b {{ customer.phone }}.", VALUES)
    assert [(piece.text, piece.filled) for piece in found.pieces] == [
        ("A ", False), ("Claire", True), (" b ", False), ("", True), (".", False),
    ]  # fmt: skip
    assert found.missing == ("customer.phone",)
    assert found.text == "A Claire b ."


@pytest.mark.parametrize(
    "source",
    [
        "{% for x in (1..1000000) %}x{% endfor %}",
        "{% include 'secret' %}",
        "{% render 'secret' %}",
        "{% capture x %}x{% endcapture %}",
        "{{ 'a' | replace: 'a', 'aaaa' }}",
        "{{ customer.name",
        "{% if customer.name %}",
        "{{ customer.name | no_such_filter }}",
        " ",
        "x" * (MAX_TEXT + 1),
    ],
)
def test_what_could_run_away_or_cannot_be_read_is_refused(source: str) -> None:
    with pytest.raises(InvalidTemplate) as refused:
        check(source, field="texts.fr")
    assert refused.value.details["field"] == "texts.fr"


@pytest.mark.parametrize(
    "name", ["customer", "customers.name", "customer.name.__class__", "customer.attributes", "agent.password", "self"]
)
def test_only_known_variables_may_be_named(name: str) -> None:
    with pytest.raises(UnknownVariable) as refused:
        check("{{ " + name + " }}")
    assert refused.value.details["name"] == name


def test_every_variable_of_the_list_may_be_named() -> None:
    for name in VARIABLES:
        check("{{ " + name + " }}")
        assert fill("{{ " + name + " }}", VALUES).text or name == "customer.phone"


@given(st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"]), max_size=200))
def test_a_value_is_written_as_it_is(value: str) -> None:
    """Whatever a customer calls himself: neither Liquid nor a mark of ours in his name has any meaning."""
    hostile = value + "{{ agent.name }}{% raw %}\ue001<b>"
    found = fill("<{{ customer.name }}>", {"customer": {"name": hostile}, "agent": {"name": "Sofia"}})
    assert len(found.pieces) == 3
    unmarked = "".join(c for c in hostile if c not in "\ue000\ue001\ue002")
    assert found.pieces[1].text == unmarked


@pytest.mark.parametrize(
    ("wanted", "language"), [(["fr-CA", "en"], "fr"), ([None, "de", "en"], "en"), (["de"], "en"), ([], "en")]
)
def test_the_language_is_the_customers_if_there_is_a_text_in_it(wanted: list[str | None], language: str) -> None:
    assert language_for({"fr": "x", "en": "y"}, wanted) == language

"""What is taken over, what is written, what stays as two values."""

import pytest

from parlons.crm.fields import Field, compare, differences, prefill, same, taken, written
from parlons.crm.model import LONGEST_PAUSE_MS, pause
from parlons.customers.model import Address, Customer
from parlons.kit.clock import Millis

SPLIT = (Field("first", {}, "first_name"), Field("last", {}, "last_name"), Field("mail", {}, "email"))
PLAIN = (Field("name", {}, "name"), Field("lang", {}, "language"), Field("tier", {}, "attributes.tier"))


def customer(name: str = "", language: str | None = None, **attributes: object) -> Customer:
    mail = Address("AD1", "email", "claire@x.example", True)
    return Customer("CU1", "FI1", name, language, dict(attributes), (mail,), Millis(0), None, 1)


@pytest.mark.parametrize(
    ("base", "theirs", "wanted", "clean", "clash"),
    [
        ({"a": "1"}, {"a": "1"}, {"a": "2"}, {"a": "2"}, {}),
        ({"a": "1"}, {"a": "3"}, {"a": "2"}, {}, {"a": "3"}),
        ({"a": "1"}, {"a": "2"}, {"a": "2"}, {}, {}),
        ({}, {"a": None}, {"a": "2"}, {"a": "2"}, {}),
        ({}, {"a": ""}, {"a": None}, {}, {}),
        ({"a": 1, "b": "x"}, {"a": "1", "b": "y"}, {"a": "2", "b": "z"}, {"a": "2"}, {"b": "y"}),
    ],
)
def test_what_is_written_where_others_write_too(
    base: dict[str, object], theirs: dict[str, object], wanted: dict[str, object], clean: object, clash: object
) -> None:
    assert compare(base, theirs, wanted) == (clean, clash)


@pytest.mark.parametrize(
    ("ours", "before", "after", "change"),
    [
        (customer(), {}, {"name": "Claire R."}, {"name": "Claire R."}),
        (customer("Claire"), {"name": "Claire"}, {"name": "Claire R."}, {"name": "Claire R."}),
        (customer("Clara"), {"name": "Claire"}, {"name": "Claire R."}, {}),
        (customer("Claire"), {"name": "Claire"}, {"name": ""}, {}),
        (customer("C", "fr", tier="gold", own=1), {"tier": "gold"}, {"tier": "blue"},
         {"attributes": {"tier": "blue", "own": 1}}),
        (customer("C"), {}, {"lang": "fr"}, {"language": "fr"}),
    ],
)  # fmt: skip
def test_what_a_customer_takes_over(
    ours: Customer, before: dict[str, object], after: dict[str, object], change: object
) -> None:
    assert taken(PLAIN, ours, before, after) == change


def test_a_name_in_two_fields_is_one_here() -> None:
    ours = customer("Claire Rousseau")
    assert prefill(SPLIT, ours) == {"first": "Claire", "last": "Rousseau", "mail": "claire@x.example"}
    assert taken(SPLIT, customer(), {}, {"first": "Claire", "last": "Roux"}) == {"name": "Claire Roux"}
    (found,) = differences(SPLIT, ours, {"first": "Claire", "last": "Roux"})
    assert (found.to, found.ours, found.theirs) == ("name", "Claire Rousseau", "Claire Roux")
    assert written(SPLIT, ours, "name") == {"first": "Claire", "last": "Rousseau"}


def test_nothing_is_nothing_and_a_number_its_text() -> None:
    assert same(None, "")
    assert same(3, "3")
    assert not same(False, "no")


def test_pauses_grow_to_half_a_minute() -> None:
    assert [pause(1), pause(3), pause(99)] == [2000, 8000, LONGEST_PAUSE_MS]

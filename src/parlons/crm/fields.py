"""What a field of a record is of our customer, and what becomes of two values that differ. Pure.

A value is taken over where ours is empty, or where ours is still the one they had before. Any other difference is shown with
both values until a person says which holds. A change of ours is written only where the record still says what the author saw.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from parlons.customers.model import EMAIL, PHONE, Customer

Values = dict[str, Any]
NAME, FIRST, LAST, LANGUAGE, ATTRIBUTE = "name", "first_name", "last_name", "language", "attributes."
MEANT = ("", NAME, FIRST, LAST, EMAIL, PHONE, LANGUAGE)
"""What a field may be of a customer, besides `attributes.ANYTHING`."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record that agents see."""

    name: str
    """Its name there."""
    label: dict[str, str] = field(default_factory=dict)
    """By language."""
    to: str = ""
    edit: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """Something of a customer that stands otherwise here and there."""

    to: str
    ours: Any
    theirs: Any


def same(one: Any, other: Any) -> bool:
    """Whether two values say the same: nothing is nothing, and a number is its text."""
    return _text(one) == _text(other)


def compare(base: Values, theirs: Values, wanted: Values) -> tuple[Values, Values]:
    """(what can be written, their values where somebody else changed it since `base`). What says so already is neither."""
    clean, clash = {}, {}
    for name, value in wanted.items():
        present = theirs.get(name)
        if same(present, value):
            continue
        if same(present, base.get(name)):
            clean[name] = value
        else:
            clash[name] = present
    return clean, clash


def prefill(fields: Sequence[Field], customer: Customer) -> Values:
    """What a new record of this customer begins with."""
    known = {one.name: _ours(one.to, customer) for one in fields if one.to}
    return {name: value for name, value in known.items() if _text(value)}


def differences(fields: Sequence[Field], customer: Customer, values: Values) -> list[Difference]:
    """Where the customer and his record disagree, as both say something."""
    found = []
    for to, theirs in said(fields, values).items():
        ours = _ours(to, customer)
        if _text(ours) and _text(theirs) and not same(ours, theirs):
            found.append(Difference(to, ours, theirs))
    return found


def taken(fields: Sequence[Field], customer: Customer, before: Values, after: Values) -> Values:
    """What the customer takes over of a record that was so and is so now: arguments of `update_customer`."""
    old, found = said(fields, before), {}
    for to, theirs in said(fields, after).items():
        ours = _ours(to, customer)
        if _text(theirs) and not same(ours, theirs) and (not _text(ours) or same(ours, old.get(to))):
            found[to] = theirs
    return as_change(customer, found)


def as_change(customer: Customer, found: Mapping[str, Any]) -> Values:
    """Values by what they are of a customer, as arguments of `update_customer`."""
    change: Values = {to: _text(value) for to, value in found.items() if to in (NAME, LANGUAGE)}
    own = {to.removeprefix(ATTRIBUTE): value for to, value in found.items() if to.startswith(ATTRIBUTE)}
    return change | ({"attributes": {**customer.attributes, **own}} if own else {})


def written(fields: Sequence[Field], customer: Customer, to: str) -> Values:
    """Our value, in the record's fields."""
    split = (FIRST, LAST) if to == NAME and not any(one.to == NAME for one in fields) else (to,)
    return {one.name: _ours(one.to, customer) for one in fields if one.to in split}


def said(fields: Sequence[Field], values: Values) -> Values:
    """What a record says of a customer's name, language and attributes."""
    found = {
        one.to: values.get(one.name) for one in fields if one.to in (NAME, LANGUAGE) or one.to.startswith(ATTRIBUTE)
    }
    if NAME not in found:
        parts = [_text(values.get(one.name)) for to in (FIRST, LAST) for one in fields if one.to == to]
        if any(parts):
            found[NAME] = " ".join(filter(None, parts))
    return found


def _ours(to: str, customer: Customer) -> Any:
    if to in (FIRST, LAST):
        first, _, last = customer.name.strip().rpartition(" ")
        return first if to == FIRST else last
    if to in (EMAIL, PHONE):
        return next((one.value for one in customer.addresses if one.kind == to), None)
    if to.startswith(ATTRIBUTE):
        return customer.attributes.get(to.removeprefix(ATTRIBUTE))
    return {NAME: customer.name, LANGUAGE: customer.language}.get(to)


def _text(value: Any) -> str:
    if value is None or value is False:
        return ""
    return "true" if value is True else str(value).strip()

"""What a customer is: addresses by which he is known, touches he left, the page he looks at now. Pure.

Decides how an address is written so that two spellings of one address meet, and what the API shows of a customer. Does not
decide who may see him (http) nor how rows are found (store). Source: RFC 5321 2.4 (the domain of a mailbox is
case-insensitive; providers treat the local part so as well), ITU-T E.164.
"""

import re
from dataclasses import dataclass
from typing import Any

from parlons.kit.clock import Millis, to_iso
from parlons.kit.errors import Invalid

EMAIL, PHONE, WEBCHAT, EXTERNAL = "email", "phone", "webchat", "external"
KINDS = (EMAIL, PHONE, WEBCHAT, EXTERNAL)
SHOWN = (EMAIL, PHONE, EXTERNAL)
"""Kinds a person can read, best first; a visitor's id is none."""
UNREADABLE = "push:"
"""External addresses that name a browser, not a person."""
PREFERRED_CHANNEL = "preferred_channel"
"""The attribute that names the channel he wants, set by his own wish or for him; obeyed wherever we may choose."""
MAX_ADDRESS, MAX_NAME = 320, 200
PAGE = "page"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|[^@\s]+@localhost")
_PHONE = re.compile(r"\+[1-9]\d{5,14}")


class InvalidAddress(Invalid):
    """This address cannot be used."""

    code = "invalid-address"


class InvalidCustomer(Invalid):
    """A value of this customer is not acceptable."""

    code = "invalid-customer"


@dataclass(frozen=True, slots=True)
class Address:
    """One way in which a customer is known to a firm."""

    id: str
    kind: str
    value: str
    verified: bool
    """Proven by the customer: only a verified address leads back to him."""


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer of one firm."""

    id: str
    firm_id: str
    name: str
    language: str | None
    attributes: dict[str, Any]
    addresses: tuple[Address, ...]
    created_at: Millis
    erased_at: Millis | None
    version: int
    merged_into: str | None = None
    """The customer he turned out to be."""

    @property
    def preferred_channel(self) -> str | None:
        """The channel he wants."""
        wish = self.attributes.get(PREFERRED_CHANNEL)
        return wish if isinstance(wish, str) else None

    def reach(self) -> str | None:
        """The address a person would read out, if there is one."""
        for kind in SHOWN:
            for address in self.addresses:
                if address.kind == kind and not address.value.startswith(UNREADABLE):
                    return address.value
        return None


@dataclass(frozen=True, slots=True)
class Touch:
    """One thing a customer did: a page looked at, a chat, a form, a task."""

    id: str
    firm_id: str
    customer_id: str | None
    visitor_id: str | None
    kind: str
    data: dict[str, Any]
    at: Millis
    until: Millis | None
    """When he left the page; None on a page: he is looking at it."""


@dataclass(frozen=True, slots=True)
class Card:
    """What a list shows of a customer."""

    id: str
    name: str
    address: str | None
    lives_on: dict[str, Any] | None
    """The page he looks at now: `url`, `title`, `since_at`."""


def normal(kind: str, value: str) -> str:
    """`value` as it is stored and looked up; raises InvalidAddress."""
    text = value.strip()
    match kind:
        case "email":
            text = text.lower()
            fits = _EMAIL.fullmatch(text) is not None
        case "phone":
            text = "+" + text[2:] if text.startswith("00") else text
            text = text.replace("(0)", "") if text.startswith("+") else text  # +33 (0)6: the 0 is for calls at home
            text = re.sub(r"[\s().\-/]", "", text)
            fits = _PHONE.fullmatch(text) is not None
        case "webchat" | "external":
            fits = bool(text)
        case _:
            raise InvalidAddress(f"An address is one of {', '.join(KINDS)}.", kind=kind)
    if not fits or len(text) > MAX_ADDRESS or "\x00" in text:
        raise InvalidAddress(f"This is no {kind} address Parlons can use.", kind=kind)
    return text


def clean_name(name: str) -> str:
    """A customer's name on one line; raises InvalidCustomer when it is too long."""
    text = " ".join(name.replace("\x00", "").split())
    if len(text) > MAX_NAME:
        raise InvalidCustomer(f"A name has at most {MAX_NAME} characters.", field="name")
    return text


def live_page(touch: Touch) -> dict[str, Any]:
    """The page of `touch` as screens show it."""
    data = touch.data
    shown = {"url": data.get("url"), "title": data.get("title"), "since_at": to_iso(touch.at)}
    return {**shown, "product": data["product"]} if data.get("product") else shown


def customer_json(customer: Customer) -> dict[str, Any]:
    """The customer as the API shows him."""
    return {
        "id": customer.id,
        "firm_id": customer.firm_id,
        "name": customer.name,
        "language": customer.language,
        "attributes": customer.attributes,
        "addresses": [
            {"id": a.id, "kind": a.kind, "value": a.value, "verified": a.verified} for a in customer.addresses
        ],
        "created_at": to_iso(customer.created_at),
        "erased_at": to_iso(customer.erased_at) if customer.erased_at is not None else None,
        "merged_into": customer.merged_into,
        "version": customer.version,
    }


def touch_json(touch: Touch) -> dict[str, Any]:
    """The touch as the API shows it."""
    return {
        "id": touch.id,
        "kind": touch.kind,
        "data": touch.data,
        "at": to_iso(touch.at),
        "until_at": to_iso(touch.until) if touch.until is not None else None,
    }

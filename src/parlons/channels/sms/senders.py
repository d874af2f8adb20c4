"""Who a text message is from and to, as carriers want it written. Pure.

Sources: SMPP 3.4, 5.2.5 and 5.2.6 (type of number, numbering plan); TS 23.040 9.1.2.5 (a name has at most 11 characters of
the 7-bit alphabet). A name and most short codes cannot be answered; that is the country's rule, not decided here.
"""

import re
from dataclasses import dataclass
from typing import Literal

from parlons.kit.errors import Invalid

Kind = Literal["number", "short", "name"]
UNKNOWN, INTERNATIONAL, NATIONAL, NETWORK, NAME = 0, 1, 2, 3, 5
_NUMBER = re.compile(r"\+[1-9]\d{5,14}")
_SHORT = re.compile(r"\d{3,8}")
_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 .\-_&]{1,11}")


class InvalidSender(Invalid):
    """A sender of text messages is a number like +33612345678, a short code of 3 to 8 digits or a name of at most 11 letters."""

    code = "invalid-sender"


@dataclass(frozen=True, slots=True)
class Address:
    """An address on the wire."""

    ton: int
    npi: int
    digits: str


def cleaned(text: str) -> str:
    """An address as people type it, without what is only for the eye."""
    text = " ".join(text.split())
    digits = re.sub(r"[\s().\-/]", "", text)
    digits = "+" + digits[2:] if digits.startswith("00") else digits
    return digits if re.fullmatch(r"\+?\d+", digits) else text


def kind_of(sender: str) -> Kind:
    """What this sender is; raises InvalidSender."""
    if _NUMBER.fullmatch(sender):
        return "number"
    if _SHORT.fullmatch(sender):
        return "short"
    if _NAME.fullmatch(sender) and sender == sender.strip():
        return "name"
    raise InvalidSender(field="sender")


def on_the_wire(address: str) -> Address:
    """How a sender or a receiver is written in SMPP."""
    match kind_of(address):
        case "number":
            return Address(INTERNATIONAL, 1, address.removeprefix("+"))
        case "short":
            return Address(NETWORK, 0, address)
        case "name":
            return Address(NAME, 0, address)


def from_the_wire(digits: str, ton: int, *, country_code: str = "") -> str:
    """The address of somebody who wrote: E.164 where it is a number, else as it came.

    `country_code`: digits put before numbers that come in national form (`33` for 0612345678); empty: none come so."""
    text = digits.strip()
    if ton == NAME or not re.fullmatch(r"\+?\d+", text):
        return text
    if text.startswith("+"):
        return text
    if text.startswith("00"):
        return "+" + text[2:]
    if ton == NATIONAL or text.startswith("0"):
        return f"+{country_code}{text.removeprefix('0')}" if country_code else text
    if len(text) <= 6 or ton == NETWORK:
        return text
    return "+" + text

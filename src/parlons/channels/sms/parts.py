"""Long messages: the header that joins parts, the other two ways carriers do it, and parts put together again. Pure.

Sources: 3GPP TS 23.040 9.2.3.24.1 and .8 (concatenation with an 8 or a 16 bit reference), SMPP 3.4 5.3.2.22-25 (sar_*) and
5.3.2.32 (message_payload). Parts come in any order and more than once; who sends two long messages with one reference at
the same time is told apart only by their number of parts, as on a telephone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from parlons.channels.sms.coding import Coding, decode

UDHI = 0x40
"""Bit of esm_class: the octets begin with a user data header."""
MISSING = "[…]"
_JOIN_8, _JOIN_16 = 0x00, 0x08
SAR_REFERENCE, SAR_TOTAL, SAR_NUMBER, PAYLOAD = 0x020C, 0x020E, 0x020F, 0x0424


@dataclass(frozen=True, slots=True)
class Place:
    """Which part of which long message."""

    reference: int
    total: int
    """[2, 255]"""
    number: int
    """[1, total]"""


def header(place: Place) -> bytes:
    """The six octets before a part, with an 8 bit reference."""
    return bytes((5, _JOIN_8, 3, place.reference & 0xFF, place.total, place.number))


def opened(octets: bytes) -> tuple[Place | None, bytes]:
    """The place and the rest of octets that begin with a user data header. A header that is broken is left off as it is."""
    if not octets:
        return None, b""
    length = octets[0]
    elements, rest = octets[1 : 1 + length], octets[1 + length :]
    place, at = None, 0
    while at + 2 <= len(elements):
        kind, size = elements[at], elements[at + 1]
        value = elements[at + 2 : at + 2 + size]
        if kind == _JOIN_8 and len(value) == 3:
            place = _place(value[0], value[1], value[2])
        elif kind == _JOIN_16 and len(value) == 4:
            place = _place(int.from_bytes(value[:2], "big"), value[2], value[3])
        at += 2 + size
    return place, rest


def options(place: Place) -> dict[int, bytes]:
    """The place as SMPP's own optional parameters say it."""
    return {
        SAR_REFERENCE: (place.reference & 0xFFFF).to_bytes(2, "big"),
        SAR_TOTAL: bytes((place.total,)),
        SAR_NUMBER: bytes((place.number,)),
    }


def by_options(options: dict[int, bytes]) -> Place | None:
    """The inverse of `options`."""
    values = [options.get(tag) for tag in (SAR_REFERENCE, SAR_TOTAL, SAR_NUMBER)]
    if any(not value for value in values):
        return None
    reference, total, number = (int.from_bytes(value or b"", "big") for value in values)
    return _place(reference, total, number)


def joined(total: int, parts: Mapping[int, tuple[int, bytes]], coding: Coding) -> str | None:
    """The whole text; what is missing reads as `[...]`. None when no part is text.

    Parts of one coding are joined before they are read: a sign may have been torn between two of them."""
    codings = {data_coding for data_coding, _ in parts.values()}
    if len(codings) == 1 and len(parts) == total:
        return decode(b"".join(parts[number][1] for number in _all(total)), codings.pop(), coding)
    texts = [decode(parts[number][1], parts[number][0], coding) if number in parts else None for number in _all(total)]
    if not any(texts):
        return None
    return "".join(MISSING if text is None else text for text in texts)


def _all(total: int) -> range:
    return range(1, total + 1)


def _place(reference: int, total: int, number: int) -> Place | None:
    return Place(reference, total, number) if total >= 2 and 1 <= number <= total else None

"""How many text messages a text is, and where it is cut. Pure; the desk's counter is its twin (web: `sync/segments.ts`).

Sources: 3GPP TS 23.038 6.2.1 (the 7-bit alphabet and its extension), TS 23.040 9.2.3.24 (a long message gives six octets of
each part to the header that joins them: 153 of 160 septets, 67 of 70 UTF-16 units remain). A character of the extension
takes two septets, one beyond the Basic Multilingual Plane two units; neither is cut in two. What only looks nicer than its
plain form (curly quotes, dashes, unbreakable spaces) is made plain where the whole text then fits the 7-bit alphabet: a
French apostrophe would otherwise more than halve what fits.
"""

from dataclasses import dataclass
from typing import Literal

Alphabet = Literal["gsm7", "ucs2"]
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The 7-bit alphabet in its order; 0x1b is the escape into `EXTENSION` and no character itself."""
ESCAPE = 0x1B
EXTENSION = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
SEPTETS = {character: code for code, character in enumerate(BASIC) if code != ESCAPE}
PLAIN = {
    "\u00a0": " ", "\u202f": " ", "\u2007": " ", "\u2009": " ", "\t": " ",
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u02bc": "'", "`": "'", "\u00b4": "'",
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"', "\u00bb": '"',
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
    "\u2026": "...", "\u2022": "-", "\u00ad": "", "\u200b": "", "\ufeff": "",
}  # fmt: skip
"""Marks whose plain form says the same. Letters are never changed: `ça` stays `ça`."""
SINGLE: dict[Alphabet, int] = {"gsm7": 160, "ucs2": 70}
JOINED: dict[Alphabet, int] = {"gsm7": 153, "ucs2": 67}
MOST_PARTS = 255
"""What the header of a long message can count."""


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text becomes on the air."""

    text: str
    """As it is sent: plain marks where that made it fit."""
    alphabet: Alphabet
    parts: tuple[str, ...]
    """The text, cut; one empty part for an empty text."""
    units: int
    """Septets or UTF-16 units of the whole text."""
    left: int
    """Units that still fit without one part more."""


def segments(text: str, *, simplify: bool = True) -> Segments:
    """How `text` goes out. `simplify`: marks may be made plain where this alone keeps the 7-bit alphabet."""
    text = text.replace("\r\n", "\n")
    plain = "".join(PLAIN.get(character, character) for character in text) if simplify else text
    if fits(text) or not fits(plain):
        plain = text
    alphabet: Alphabet = "gsm7" if fits(plain) else "ucs2"
    widths = [width(character, alphabet) for character in plain]
    units = sum(widths)
    if units <= SINGLE[alphabet]:
        return Segments(plain, alphabet, (plain,), units, SINGLE[alphabet] - units)
    parts, left = _cut(plain, widths, JOINED[alphabet])
    return Segments(plain, alphabet, parts, units, left)


def fits(text: str) -> bool:
    """Whether the 7-bit alphabet has every character of `text`."""
    return all(character in SEPTETS or character in EXTENSION for character in text)


def width(character: str, alphabet: Alphabet) -> int:
    """Units this character takes."""
    if alphabet == "gsm7":
        return 2 if character in EXTENSION else 1
    return 2 if ord(character) > 0xFFFF else 1


def _cut(text: str, widths: list[int], room: int) -> tuple[tuple[str, ...], int]:
    parts: list[str] = []
    start = used = 0
    for at, size in enumerate(widths):
        if used + size > room:
            parts.append(text[start:at])
            start, used = at, 0
        used += size
    parts.append(text[start:])
    return tuple(parts), room - used

"""Text to the octets of a short message and back, as the carrier means them. Pure.

Sources: SMPP 3.4, 5.2.19 (data_coding); 3GPP TS 23.038 4 (the same octet as carriers pass it through). The value 0 means
"the centre's default alphabet", which is GSM 7-bit unpacked by habit but Latin-1 at some; some send GSM octets under 1
(IA5). So what 0 and 1 mean is a setting of the sender. Octets that fit no alphabet are kept readable, never refused: a
message somebody wrote is not lost because its coding is wrong.
"""

from dataclasses import dataclass
from typing import Literal

from parlons.channels.sms.segments import BASIC, ESCAPE, EXTENSION, SEPTETS, Alphabet

Charset = Literal["gsm7", "latin1", "ascii"]
GSM, IA5, BINARY, LATIN1, BINARY_4, UCS2 = 0x00, 0x01, 0x02, 0x03, 0x04, 0x08
_EXTENDED = {code: character for character, code in EXTENSION.items()}


@dataclass(frozen=True, slots=True)
class Coding:
    """One carrier's habit."""

    default: Charset = "gsm7"
    """What data_coding 0 means there."""
    ia5: Charset = "gsm7"
    """What data_coding 1 means there."""


USUAL = Coding()


def encode(text: str, alphabet: Alphabet, coding: Coding = USUAL) -> tuple[int, bytes]:
    """data_coding and octets of one part. A carrier whose default is not GSM gets UTF-16 for what its default lacks."""
    if alphabet == "ucs2":
        return UCS2, text.encode("utf-16-be", "surrogatepass")
    if coding.default == "gsm7":
        return GSM, gsm_octets(text)
    try:
        return GSM, text.encode(coding.default)
    except UnicodeEncodeError:
        return UCS2, text.encode("utf-16-be", "surrogatepass")


def decode(octets: bytes, data_coding: int, coding: Coding = USUAL) -> str | None:
    """The text, or None for octets that are no text (a picture, a ring tone, settings)."""
    match _charset(data_coding, coding):
        case "gsm7":
            return gsm_text(octets)
        case "ucs2":
            return octets[: len(octets) // 2 * 2].decode("utf-16-be", "replace")
        case None:
            return None
        case charset:
            return octets.decode(charset, "replace")


def gsm_octets(text: str) -> bytes:
    """GSM 7-bit, one septet in each octet; a character the alphabet lacks becomes a question mark."""
    out = bytearray()
    for character in text:
        if character in EXTENSION:
            out += bytes((ESCAPE, EXTENSION[character]))
        else:
            out.append(SEPTETS.get(character, SEPTETS["?"]))
    return bytes(out)


def gsm_text(octets: bytes) -> str:
    """The inverse of `gsm_octets`. An unknown extension reads as its basic character (23.038 6.2.1.1)."""
    out: list[str] = []
    escaped = False
    for octet in octets:
        if octet == ESCAPE and not escaped:
            escaped = True
            continue
        septet = octet & 0x7F
        if octet > 0x7F:  # no septet: a sender that means Latin-1
            out.append(chr(octet))
        elif escaped and septet in _EXTENDED:
            out.append(_EXTENDED[septet])
        else:
            out.append(" " if septet == ESCAPE else BASIC[septet])
        escaped = False
    return "".join(out)


def _charset(data_coding: int, coding: Coding) -> str | None:
    match data_coding:
        case 0x00:
            return coding.default
        case 0x01:
            return coding.ia5
        case 0x03:
            return "latin-1"
        case 0x08:
            return "ucs2"
        case 0x02 | 0x04:
            return None
        case 0x05:
            return "shift_jisx0213"
        case 0x06:
            return "iso8859-5"
        case 0x07:
            return "iso8859-8"
        case 0x0E:
            return "euc_kr"
    if data_coding & 0xF0 == 0xF0:  # GSM message class: bit 2 tells text from octets
        return None if data_coding & 0x04 else "gsm7"
    if data_coding & 0xC0 == 0x00:  # GSM general coding with class: bits 2 and 3 are the alphabet
        return {0x00: "gsm7", 0x08: "ucs2"}.get(data_coding & 0x0C)
    if data_coding & 0xF0 == 0xE0:
        return "ucs2"
    return "gsm7"

"""Telephone numbers as calls need them: normal form, country, emergency numbers, and who may be called. Pure.

Sources: ITU-T E.164; ITU-T E.161.1 and national plans for emergency numbers (112 in the European Union, 911 in North America).
"""

import re

import phonenumbers

from parlons.voice.calls.errors import InvalidNumber

EMERGENCY = frozenset(
    {"112", "911", "999", "000", "110", "111", "113", "114", "115", "116", "117", "118", "119", "15", "17", "18",
     "100", "101", "102", "103", "104", "122", "123", "133", "144", "191", "193", "196"}
)  # fmt: skip
"""Never queued, never limited; dialled as they are."""
_CLEAN = re.compile(r"[\s().\-/]")
_E164 = re.compile(r"\+[1-9]\d{5,14}")


def is_emergency(number: str) -> bool:
    """Whether this, as dialled, is an emergency number."""
    return _CLEAN.sub("", number) in EMERGENCY


def normal_number(number: str, country: str | None = None) -> str:
    """E.164 of what a person typed; `country` (ISO 3166) reads national forms. An emergency number stays as it is.

    Raises InvalidNumber."""
    text = _CLEAN.sub("", number)
    if text in EMERGENCY:
        return text
    text = "+" + text[2:] if text.startswith("00") else text
    if _E164.fullmatch(text):
        return text
    try:
        parsed = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise InvalidNumber from None
    if not phonenumbers.is_possible_number(parsed):
        raise InvalidNumber
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def rate_of(number: str, rates: dict[str, float]) -> float:
    """The price of a minute: of the longest prefix in `rates` (`+33`, `+3389`), else of `default`, else 0."""
    best = max(
        (prefix for prefix in rates if prefix.startswith("+") and number.startswith(prefix)), key=len, default=""
    )
    return rates[best] if best else rates.get("default", 0.0)

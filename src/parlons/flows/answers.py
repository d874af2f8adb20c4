"""What an answer means: a date, a number, yes or no, as people key them or write them in French and English. Pure.

What could be meant in two ways is not guessed: it is asked for again.
"""

import re
import unicodedata
from datetime import date
from typing import Literal

Order = Literal["dmy", "mdy", "ymd"]
"""Day, month and year in the order in which they are keyed and written."""

YES = frozenset({"1", "yes", "y", "yeah", "yep", "ok", "okay", "oui", "o", "ouais", "si", "d'accord", "true"})
NO = frozenset({"2", "no", "n", "nope", "non", "false"})
_LONGEST = 60
"""Characters of an answer that may be a date or a number."""
_MONTHS = (
    ("jan", "janv", "january", "janvier"), ("feb", "fev", "fevr", "february", "fevrier"), ("mar", "mars", "march"),
    ("apr", "avr", "april", "avril"), ("may", "mai"), ("jun", "june", "juin"), ("jul", "juil", "july", "juillet"),
    ("aug", "august", "aout"), ("sep", "sept", "september", "septembre"), ("oct", "october", "octobre"),
    ("nov", "november", "novembre"), ("dec", "december", "decembre"),
)  # fmt: skip
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_PARTS = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")
_DAY_FIRST = re.compile(r"(\d{1,2})(?:er|st|nd|rd|th)?(?: of)? ([a-z]+)\.?,? (\d{4})")
_MONTH_FIRST = re.compile(r"([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
_KEYED = re.compile(r"\d{8}")
_GROUPS = re.compile(r"\d{1,3}(?:[.,]\d{3})+")


def date_of(given: str, order: Order) -> date | None:
    """The day that is meant, with its year in four digits; None: none, or one that does not exist."""
    text = " ".join(_plain(given).split())[:_LONGEST]
    if found := _KEYED.fullmatch(text):
        keyed = found.group()
        cut = (4, 6) if order == "ymd" else (2, 4)
        return _day(order, keyed[: cut[0]], keyed[cut[0] : cut[1]], keyed[cut[1] :])
    if found := _ISO.fullmatch(text):
        return _day("ymd", *found.groups())
    if found := _PARTS.fullmatch(text):
        return _day("mdy" if order == "mdy" else "dmy", *found.groups())
    if (found := _DAY_FIRST.search(text)) and found[2] in _MONTH:
        return _day("dmy", found[1], str(_MONTH[found[2]]), found[3])
    if (found := _MONTH_FIRST.search(text)) and found[1] in _MONTH:
        return _day("mdy", str(_MONTH[found[1]]), found[2], found[3])
    return None


def number_of(given: str, language: str) -> int | float | None:
    """The number that is meant; a telephone's `*` is the decimal sign. In English a comma parts thousands, elsewhere a full
    stop does, where three digits follow each."""
    text = re.sub(r"[\s\u00a0\u202f'’€$£]|(?:eur|usd|gbp|euros?|dollars?)$", "", _plain(given)[:_LONGEST]).replace(
        "*", "."
    )
    sign, text = ("-", text[1:]) if text.startswith("-") else ("", text)
    thousands, decimal = (",", ".") if language.partition("-")[0] == "en" else (".", ",")
    if "." in text and "," in text:
        decimal = "." if text.rindex(".") > text.rindex(",") else ","
        thousands = "," if decimal == "." else "."
    if thousands in text:
        whole = text.partition(decimal)[0]
        # A lone sign without groups of three is a decimal sign, whatever the language: 12,5 and 12.5 are one number.
        text = text.replace(thousands, "") if _GROUPS.fullmatch(whole) else text
    text = text.replace(",", ".")
    if re.fullmatch(r"[0-9]{1,15}", text):
        return int(sign + text)
    return float(sign + text) if re.fullmatch(r"[0-9]{1,12}\.[0-9]{1,6}", text) else None


def yes_or_no(given: str) -> bool | None:
    """Whether it says yes; None: neither."""
    text = _plain(given).replace("’", "'").strip(" .!,")
    first = re.split(r"[ ,.!]", text, maxsplit=1)[0]
    for word in (text, first):
        if word in YES:
            return True
        if word in NO:
            return False
    return None


def _day(order: Order, first: str, second: str, third: str) -> date | None:
    year, month, day = {
        "ymd": (first, second, third), "dmy": (third, second, first), "mdy": (third, first, second)
    }[order]  # fmt: skip
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _plain(text: str) -> str:
    """Small letters without accents; digits of other scripts are none."""
    parts = unicodedata.normalize("NFD", text.strip().casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign) and (sign.isascii() or not sign.isdigit()))

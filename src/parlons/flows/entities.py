"""What free words name: days, amounts, numbers, order numbers, telephone numbers, e-mail addresses, or a pattern of one's own.
Pure.

Of each kind the first that is named counts. What could be meant in two ways, such as a day without its year before it, is
taken as people mean it: the next such day.
"""

import re
import unicodedata
from datetime import date, timedelta

import phonenumbers

from parlons.flows.answers import date_of, number_of
from parlons.flows.patterns import LONGEST_TEXT, first_of

KINDS = ("date", "amount", "number", "order_number", "phone", "email")
Value = str | int | float
_DATE = re.compile(
    r"\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b|\b\d{1,2}[-/.]\d{1,2}[-/.]\d{4}\b|"
    r"\b\d{1,2}(?:er|st|nd|rd|th)?(?: of)? [a-z]{3,9}\.?,?(?: \d{4})?\b|\b[a-z]{3,9}\.? \d{1,2}(?:st|nd|rd|th)?(?:,? \d{4})?\b"
)
_DAYS = (
    ("monday", "lundi"), ("tuesday", "mardi"), ("wednesday", "mercredi"), ("thursday", "jeudi"), ("friday", "vendredi"),
    ("saturday", "samedi"), ("sunday", "dimanche"),
)  # fmt: skip
_AHEAD = {
    "day after tomorrow": 2, "apres-demain": 2, "apres demain": 2, "tomorrow": 1, "demain": 1, "today": 0, "aujourd'hui": 0
}  # fmt: skip
_FIGURE = r"\d{1,3}(?:[ \u00a0\u202f.,']\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,6})?"
_AMOUNT = re.compile(
    rf"(?:€|\$|£|\beur\b|\busd\b|\bgbp\b) ?({_FIGURE})|({_FIGURE}) ?(?:€|\$|£|(?:eur|usd|gbp|euros?|dollars?|pounds?|livres?)\b)"
)
_NUMBER = re.compile(rf"(?<![\w.,])(?:{_FIGURE})(?![\w])")
_ORDER = re.compile(r"(?<![\w])(?=[\w-]*\d[\w-]*\d[\w-]*\d)[A-Za-z]{0,4}-?\d[\w-]{2,18}(?![\w])")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,4}")
_REGIONS = {"fr": "FR", "en": "GB"}
"""Where a number without its country is dialled."""


def entity(kind: str, text: str, *, language: str, today: date | None = None) -> Value | None:
    """The first thing of this kind that the text names, as a flow keeps it; None: none. `kind`: one of KINDS, else a regular
    expression, whose first group counts if it has one. `today`: for days without a year and such as tomorrow."""
    text = text[:LONGEST_TEXT]
    match kind:
        case "date":
            day = _date(_plain(text), language, today)
            return day.isoformat() if day is not None else None
        case "amount":
            found = _AMOUNT.search(text.casefold())
            return number_of(found[1] or found[2], language) if found is not None else None
        case "number":
            found = _NUMBER.search(text)
            return number_of(found[0], language) if found is not None else None
        case "order_number":
            return _order(text, language)
        case "phone":
            return _phone(text, language)
        case "email":
            found = _EMAIL.search(text)
            return found[0].casefold() if found is not None else None
    return first_of(kind, text)


def _date(text: str, language: str, today: date | None) -> date | None:
    for found in _DATE.finditer(text):
        named = date_of(found[0], "dmy")
        if named is None and today is not None:
            named = _coming(found[0], today)
        if named is not None:
            return named
    if today is None:
        return None
    for words, days in _AHEAD.items():
        if words in text:
            return today + timedelta(days=days)
    for number, names in enumerate(_DAYS):
        if any(re.search(rf"\b{name}\b", text) for name in names):
            return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)
    return None


def _coming(text: str, today: date) -> date | None:
    """A day and a month: this year's, or next year's where that is past."""
    for year in (today.year, today.year + 1):
        day = date_of(f"{text.rstrip('.,')} {year}", "dmy")
        if day is not None and day >= today:
            return day
    return None


def _order(text: str, language: str) -> str | None:
    """Three digits at least, letters before them or not; neither a day, an amount, a year nor a telephone number."""
    for taken in (*_DATE.finditer(_same_length(text)), *_AMOUNT.finditer(_same_length(text))):
        text = text[: taken.start()] + " " * (taken.end() - taken.start()) + text[taken.end() :]
    for phone in _phones(text, language):
        text = text[: phone.start] + " " * (phone.end - phone.start) + text[phone.end :]
    found = _ORDER.search(text)
    return found[0].upper() if found is not None else None


def _phones(text: str, language: str) -> "phonenumbers.PhoneNumberMatcher":
    return phonenumbers.PhoneNumberMatcher(text, _REGIONS.get(language.partition("-")[0]))


def _phone(text: str, language: str) -> str | None:
    found = next(iter(_phones(text, language)), None)
    if found is None:
        return None
    return str(phonenumbers.format_number(found.number, phonenumbers.PhoneNumberFormat.E164))


def _same_length(text: str) -> str:
    """Small letters, each sign in its place."""
    return "".join(sign.lower() if len(sign.lower()) == 1 else sign for sign in text)


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFD", text.casefold().replace("’", "'"))
    return "".join(sign for sign in parts if not unicodedata.combining(sign))

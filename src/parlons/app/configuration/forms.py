"""One normal form for each value of a configuration file, so that two can be compared; a room's refusal becomes a fault."""

import re
from collections.abc import Callable
from datetime import date
from difflib import get_close_matches
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, Field, ValidationInfo

from parlons.accounts.opening import public_holidays
from parlons.intents.matching import MAX_PHRASE, MOST_OF_ONE
from parlons.kit.errors import Refusal
from parlons.kit.hours import WEEKDAYS, format_interval, parse_day
from parlons.templates.liquid import check as check_template
from parlons.webhooks.kinds import KINDS

_SECRET_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,99}")
_T = TypeVar("_T")


def checked(check: Callable[[_T], _T]) -> AfterValidator:
    """A rule of a room as a rule of the file: its refusal becomes a fault with a place."""

    def one(value: _T) -> _T:
        try:
            return check(value)
        except Refusal as refusal:
            raise ValueError(refusal.message) from None

    return AfterValidator(one)


def week(week: Any) -> Any:
    """`mon-fri: [..]` spelt out day by day, in the order of the week."""
    if not isinstance(week, dict):
        return week
    found: dict[str, Any] = {}
    for key, intervals in week.items():
        first, _, last = str(key).partition("-")
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
            raise ValueError(f"{key!r} is no day; write {', '.join(WEEKDAYS)}, or a range such as mon-fri")
        begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        for day in WEEKDAYS[begin : end + 1] if begin <= end else WEEKDAYS[begin:] + WEEKDAYS[: end + 1]:
            if day in found:
                raise ValueError(f"{day} stands here twice")
            found[day] = intervals
    return {day: found[day] for day in WEEKDAYS if found.get(day)}


def week_text(week: dict[str, list[str]]) -> dict[str, list[str]]:
    """The shortest way to write a week: equal neighbours as a range."""
    found: dict[str, list[str]] = {}
    index = 0
    while index < len(WEEKDAYS):
        last = index
        while last + 1 < len(WEEKDAYS) and week.get(WEEKDAYS[last + 1]) == week.get(WEEKDAYS[index]):
            last += 1
        if week.get(WEEKDAYS[index]):
            found[WEEKDAYS[index] if last == index else f"{WEEKDAYS[index]}-{WEEKDAYS[last]}"] = week[WEEKDAYS[index]]
        index = last + 1
    return found


def intervals(texts: list[str]) -> list[str]:
    """Opening times of a day."""
    return [format_interval(interval) for interval in parse_day(texts)]


def day(text: str) -> str:
    """A day of the calendar."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"{text!r} is no day; write it as 2026-12-24") from None


def holidays(text: str) -> str:
    """A country whose public holidays are known."""
    country, region = split_holidays(text)
    public_holidays(country, region, 2026)
    return text


def split_holidays(text: str) -> tuple[str, str | None]:
    """Country and region of `FR` or `DE-BY`."""
    country, _, region = text.partition("-")
    return country, region or None


def falling(numbers: list[int]) -> list[int]:
    """Each once, the greatest first."""
    return sorted(set(numbers), reverse=True)


def fillable(text: str) -> str:
    """A text with variables that can be filled."""
    try:
        check_template(text)
    except Refusal as refusal:
        name = refusal.details.get("name")
        raise ValueError(f"{refusal.message.rstrip('.')}{f': {name}' if name else ''}") from None
    return text


def recontact_texts(texts: dict[str, str], info: ValidationInfo) -> dict[str, str]:
    """A message has words that can be filled; a callback has none."""
    if info.data.get("how") == "callback" and texts:
        raise ValueError("a callback has no words; leave them out")
    if info.data.get("how") == "message" and not texts:
        raise ValueError("a message needs its words in one language at least")
    return texts if info.data.get("template") else {language: fillable(text) for language, text in texts.items()}


def web_template(text: str) -> str:
    """An address of the web with variables that can be filled; they stand after the host."""
    text = text.strip()
    if not text:
        return ""
    if re.match(r"https?://[A-Za-z0-9.:\[\]-]+([/?#]|$)", text) is None or re.search(
        r"\s", re.sub(r"{[{%].*?[}%]}", "", text)
    ):
        raise ValueError("write an address such as https://crm.example/search?phone={{ customer.phone }}")
    return fillable(text)


def lookup_fields(fields: list[Any]) -> list[Any]:
    """Each name once, each meaning once."""
    names = [one.name for one in fields]
    meanings = [one.to for one in fields if one.to and one.to not in ("email", "phone")]
    for kind, given in (("field", names), ("meaning", meanings)):
        if len(set(given)) != len(given):
            raise ValueError(f"a {kind} stands here twice")
    return fields


def told(kinds: list[str]) -> list[str]:
    """Events that webhooks are told of, each once."""
    for kind in kinds:
        if kind not in KINDS:
            near = get_close_matches(kind, KINDS, 1)
            raise ValueError(f"there is no event {kind!r}" + (f"; did you mean {near[0]}?" if near else ""))
    return sorted(set(kinds))


def secret(name: str) -> str:
    """The name of an environment variable."""
    if _SECRET_NAME.fullmatch(name) is None:
        raise ValueError("a secret is named by an environment variable, such as SHOP_SECRET, never written here")
    return name


def _once(phrases: list[str]) -> list[str]:
    """Each phrase once, in their order."""
    return list(dict.fromkeys(phrases))


Phrase = Annotated[str, AfterValidator(str.strip), Field(min_length=1, max_length=MAX_PHRASE)]
Phrases = dict[Literal["en", "fr"], Annotated[list[Phrase], Field(max_length=MOST_OF_ONE), AfterValidator(_once)]]
"""What people say, by language."""

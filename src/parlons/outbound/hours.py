"""When people may be written to unasked, by their country. Pure; the time is given.

Most countries say nothing of messages; `OTHERS` is what is held decent there. In a country of several time zones a moment counts
only if it is allowed in all of them. Sources: France, charte de deontologie SMS+ (AF2M): not from 20:00 to 8:00, not on Sundays
and public holidays; United States, 47 CFR 64.1200(c)(1): 8:00 to 21:00 at the called party's location; Germany and Austria:
quiet on Sundays and public holidays by custom (Sonntagsruhe). The calendar of public holidays is `holidays`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from parlons.accounts.opening import public_holidays
from parlons.kit import phone
from parlons.kit.clock import Millis, from_datetime, to_datetime


@dataclass(frozen=True, slots=True)
class Rule:
    """The open hours of a day, `[opens, closes)`, at the recipient's."""

    opens: int
    closes: int
    sundays: bool = True
    public_holidays: bool = True


OTHERS = Rule(8, 21)
RULES = {
    "FR": Rule(8, 20, sundays=False, public_holidays=False),
    "DE": Rule(8, 20, sundays=False, public_holidays=False),
    "AT": Rule(8, 20, sundays=False, public_holidays=False),
    "US": Rule(8, 21),
}
ZONES = {
    "FR": ("Europe/Paris",),
    "BE": ("Europe/Brussels",),
    "LU": ("Europe/Luxembourg",),
    "CH": ("Europe/Zurich",),
    "DE": ("Europe/Berlin",),
    "AT": ("Europe/Vienna",),
    "NL": ("Europe/Amsterdam",),
    "ES": ("Europe/Madrid", "Atlantic/Canary"),
    "IT": ("Europe/Rome",),
    "PT": ("Europe/Lisbon", "Atlantic/Azores"),
    "GB": ("Europe/London",),
    "IE": ("Europe/Dublin",),
    "PL": ("Europe/Warsaw",),
    "MA": ("Africa/Casablanca",),
    "TN": ("Africa/Tunis",),
    "DZ": ("Africa/Algiers",),
    "SN": ("Africa/Dakar",),
    "CI": ("Africa/Abidjan",),
    "RE": ("Indian/Reunion",),
    "GP": ("America/Guadeloupe",),
    "MQ": ("America/Martinique",),
    "GF": ("America/Cayenne",),
    "US": ("America/New_York", "America/Los_Angeles", "Pacific/Honolulu"),
    "CA": ("America/St_Johns", "America/Vancouver"),
}
"""The outermost zones of each country; any other country goes by the zone of the send."""
_STEP = timedelta(minutes=15)
_AHEAD = 14 * 96
"""Quarters of an hour looked at: two weeks."""


def country_of(kind: str, value: str, known: str) -> str:
    """Two letters: that of a telephone number, else what is `known` of the customer; empty: nobody knows."""
    found = phone.country_of(value) if kind == "phone" else None
    if found:
        return found
    return known.upper() if len(known) == 2 and known.isalpha() else ""


def opens_at(now: int, country: str, zone: str) -> Millis:
    """`now` if it is allowed, else the next moment that is, on a quarter of an hour. `zone`: of the send, for countries not in
    `ZONES`."""
    rule, zones = RULES.get(country, OTHERS), ZONES.get(country, (zone,))
    at = to_datetime(now)
    if all(_open(rule, country, at.astimezone(ZoneInfo(one))) for one in zones):
        return Millis(now)
    at = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
    for _ in range(_AHEAD):
        at += _STEP
        if all(_open(rule, country, at.astimezone(ZoneInfo(one))) for one in zones):
            break
    return from_datetime(at)


def _open(rule: Rule, country: str, here: datetime) -> bool:
    if not rule.opens <= here.hour < rule.closes or (not rule.sundays and here.weekday() == 6):
        return False
    return rule.public_holidays or here.date() not in public_holidays(country, None, here.year)

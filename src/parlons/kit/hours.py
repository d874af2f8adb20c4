"""Opening hours: whether a place is open at an instant, and when it opens next. Pure: time and holidays are handed in.

Decides on weekly intervals in a time zone, closed on holidays, overruled by exceptional days. An interval belongs to the
day on which it opens, also when it crosses midnight. On the day clocks go back an opening takes the first of two equal
wall times and a closing the last; in the gap of the day clocks go forward a wall time stands for the instant as much
later. Source: PEP 495 (fold), IANA time zones. Does not know which days are holidays: `parlons.accounts.opening` does.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from parlons.kit.clock import Millis, from_datetime, to_datetime
from parlons.kit.errors import Invalid

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_INTERVAL = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_DAY = 24 * 60
_HORIZON_DAYS = 400
"""How far `next_opening` looks: more than a year, so that a place open on one day a year is found."""


class InvalidHours(Invalid):
    """Opening hours cannot be read."""

    code = "invalid-hours"


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Open from `opens` until `closes`, in minutes after midnight of the day it opens."""

    opens: int
    """[0, 1439]"""
    closes: int
    """(opens, opens + 1440]: beyond 1440 it closes on the following day."""


@dataclass(frozen=True, slots=True)
class Hours:
    """The opening hours of one place."""

    zone: str
    """IANA name, such as `Europe/Paris`."""
    week: tuple[tuple[Interval, ...], ...]
    """Seven days, Monday first."""
    holidays: frozenset[date] = frozenset()
    """Closed the whole day, unless `days` says otherwise."""
    days: Mapping[date, tuple[Interval, ...]] = field(default_factory=dict)
    """Exceptional days: their intervals replace those of the week and overrule a holiday; none = closed."""


ALWAYS = Hours("UTC", ((Interval(0, _DAY),),) * 7)
"""Open at every instant."""


def is_open(hours: Hours, at: Millis) -> bool:
    """Whether the place is open at `at`; the closing instant itself is closed."""
    today = _local_date(hours, at)
    return any(opens <= at < closes for opens, closes in _spans(hours, today - timedelta(days=1), 2))


def next_opening(hours: Hours, at: Millis) -> Millis | None:
    """The first instant not before `at` at which the place is open; None when there is none within 400 days."""
    first = _local_date(hours, at) - timedelta(days=1)
    for opens, closes in _spans(hours, first, _HORIZON_DAYS):
        if closes > at:
            return max(opens, at)
    return None


def open_spans(hours: Hours, start: Millis, end: Millis) -> list[tuple[Millis, Millis]]:
    """The spans within [start, end) at which the place is open, in order, none touching another."""
    first = _local_date(hours, start) - timedelta(days=1)
    found: list[tuple[Millis, Millis]] = []
    for opens, closes in _spans(hours, first, (end - start) // 86_400_000 + 4):
        opens, closes = max(opens, start), min(closes, end)
        if opens >= closes:
            continue
        if found and opens <= found[-1][1]:
            opens, closes = found[-1][0], max(closes, found.pop()[1])
        found.append((opens, closes))
    return found


def _local_date(hours: Hours, at: Millis) -> date:
    return to_datetime(at).astimezone(_zone(hours.zone)).date()


def _spans(hours: Hours, first: date, count: int) -> Iterator[tuple[Millis, Millis]]:
    """The open spans that begin on `count` days from `first`, in order of opening, as instants; empty ones left out."""
    zone = _zone(hours.zone)
    for offset in range(count):
        day = first + timedelta(days=offset)
        for interval in _intervals(hours, day):
            opens = _instant(day, interval.opens, zone)
            closes = max(_instant(day, interval.closes, zone, fold) for fold in (0, 1))
            if opens < closes:
                yield opens, closes


def _intervals(hours: Hours, day: date) -> tuple[Interval, ...]:
    exceptional = hours.days.get(day)
    if exceptional is not None:
        return exceptional
    return () if day in hours.holidays else hours.week[day.weekday()]


def _instant(day: date, minutes: int, zone: ZoneInfo, fold: int = 0) -> Millis:
    days, rest = divmod(minutes, _DAY)
    wall = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), zone)
    return from_datetime(wall.replace(fold=fold))


@lru_cache(maxsize=128)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InvalidHours(f"{name!r} is no time zone; write one such as Europe/Paris", zone=name) from None


def parse_interval(text: str) -> Interval:
    """Read `09:00-12:30`; `22:00-02:00` closes on the next day, `00:00-24:00` is the whole day. Raises InvalidHours."""
    match = _INTERVAL.fullmatch(text.strip())
    if match is None:
        raise InvalidHours(f"{text!r} is no interval; write it as 09:00-12:30", interval=text)
    from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
    opens, closes = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    if from_minute > 59 or to_minute > 59 or opens >= _DAY or closes > _DAY:
        raise InvalidHours(f"{text!r} is no interval of a day: hours go from 00:00 to 24:00", interval=text)
    if closes <= opens:
        closes += _DAY
    return Interval(opens, closes)


def format_interval(interval: Interval) -> str:
    """The text `parse_interval` reads back to the same interval."""
    closes = interval.closes if interval.closes <= _DAY else interval.closes - _DAY
    return f"{_clock(interval.opens)}-{_clock(closes)}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def parse_day(texts: Iterable[str]) -> tuple[Interval, ...]:
    """The intervals of one day in order of opening; raises InvalidHours when two overlap."""
    intervals = sorted(map(parse_interval, texts))
    for earlier, later in pairwise(intervals):
        if later.opens < earlier.closes:
            raise InvalidHours(f"{format_interval(earlier)} and {format_interval(later)} overlap; write them as one")
    return tuple(intervals)


def parse_week(week: Mapping[str, Sequence[str]]) -> tuple[tuple[Interval, ...], ...]:
    """Seven days from `{"mon": ["09:00-12:00"], ...}`; a day that is not named is closed. Raises InvalidHours."""
    for name in week:
        if name not in WEEKDAYS:
            raise InvalidHours(f"{name!r} is no day of the week; write one of {', '.join(WEEKDAYS)}", day=name)
    return tuple(parse_day(week.get(name, ())) for name in WEEKDAYS)


def check_zone(name: str) -> str:
    """`name` when it is an IANA time zone; raises InvalidHours."""
    return _zone(name).key


def parse_hours(data: Mapping[str, Any], holidays: frozenset[date] = frozenset()) -> Hours:
    """Hours from `{"zone", "week": {"mon": [..]}, "days": {"2026-12-24": [..]}}`, as rows and files hold them."""
    days = {date.fromisoformat(day): parse_day(texts) for day, texts in data.get("days", {}).items()}
    return Hours(check_zone(data["zone"]), parse_week(data["week"]), holidays, days)

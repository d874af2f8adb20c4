"""How a day and a time are said, in both languages, on the clocks of a zone. Pure."""

from datetime import date, datetime
from datetime import time as wall_time
from zoneinfo import ZoneInfo

from parlons.kit.clock import Millis, from_datetime, to_datetime
from parlons.kit.languages import nearest

_MONTHS = {
    "en": "January February March April May June July August September October November December".split(),  # noqa: SIM905
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),  # noqa: SIM905
}
_DAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),  # noqa: SIM905
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche".split(),  # noqa: SIM905
}


def local(at: int, zone: str) -> datetime:
    """A moment on the clocks of a zone."""
    return to_datetime(at).astimezone(ZoneInfo(zone))


def beginning(when: date, zone: str) -> Millis:
    """Of a day, on the clocks of a zone."""
    return from_datetime(datetime.combine(when, wall_time(), ZoneInfo(zone)))


def day_of(when: date, language: str) -> str:
    """3 March 2026, 1er mars 2026."""
    language = nearest(language)
    number = "1er" if language == "fr" and when.day == 1 else str(when.day)
    return f"{number} {_MONTHS[language][when.month - 1]} {when.year}"


def day(at: int, zone: str, language: str) -> str:
    """The day of a moment, such as 3 March 2026."""
    return day_of(local(at, zone), language)


def weekday(at: int, zone: str, language: str) -> str:
    """Tuesday 3 March 2026."""
    return f"{_DAYS[nearest(language)][local(at, zone).weekday()]} {day(at, zone, language)}"


def time(at: int, zone: str, language: str) -> str:
    """14:30, 14 h 30."""
    when = local(at, zone)
    return (
        f"{when.hour}\u00a0h\u00a0{when.minute:02d}"
        if nearest(language) == "fr"
        else f"{when.hour:02d}:{when.minute:02d}"
    )


def moment(at: int, zone: str, language: str) -> str:
    """Tuesday 3 March 2026, 14:30."""
    return f"{weekday(at, zone, language)}, {time(at, zone, language)}"

"""Hours of the day in which nobody is told anything, by the clock of who would be told. Pure."""

from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone(name: str) -> tzinfo:
    """The time zone of this name; one nobody knows is UTC."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def within(begins: str, ends: str, at: time) -> bool:
    """22:00 to 07:00 passes midnight; equal times never hold."""
    first, last, now = time.fromisoformat(begins), time.fromisoformat(ends), at.replace(second=0, microsecond=0)
    return first <= now < last if first <= last else now >= first or now < last


def seconds_of_quiet(begins: str, ends: str, now: datetime, time_zone: str) -> int:
    """How long it stays quiet from `now`; 0: it is not. No hours given: never quiet."""
    here = now.astimezone(zone(time_zone))
    if not begins or not ends or not within(begins, ends, here.time()):
        return 0
    last = time.fromisoformat(ends)
    over = here.replace(hour=last.hour, minute=last.minute, second=0, microsecond=0)
    if over <= here:
        over += timedelta(days=1)
    return max(1, int((over - here).total_seconds()))

"""Opening hours as data: rows become `kit.hours.Hours`, with the public holidays of a country or region laid in.

Source of the holidays: the `holidays` library (public holidays by ISO 3166 country and subdivision). Which days count is
decided there; a firm that opens on one of them, or closes on another, says so by an exceptional day.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping

from parlons.accounts import store
from parlons.accounts.errors import HoursNotFound, UnknownHolidays
from parlons.accounts.model import Principal
from parlons.kit.clock import Millis, to_datetime, to_iso
from parlons.kit.hours import Hours, check_zone, is_open, next_opening, open_spans, parse_day, parse_hours, parse_week
from parlons.runtime.db import Tx

Json = dict[str, Any]
BEHIND, AHEAD = 31 * 86_400_000, 14 * 86_400_000
"""Milliseconds: as long as an answer may be due, and until after the next holidays."""


@dataclass(frozen=True, slots=True)
class HoursRow:
    """Opening hours as they are written down. `id` and `firm_id` are the caller's to make and to check."""

    id: str
    firm_id: str
    name: str
    zone: str
    week: dict[str, list[str]]
    """`{"mon": ["09:00-12:00"]}`; a day not named is closed."""
    country: str | None = None
    region: str | None = None
    days: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    """Exceptional days: `{"2026-12-24": ("Christmas Eve", ["09:00-12:00"])}`; no interval: closed."""

    def check(self) -> None:
        """Raise InvalidHours or UnknownHolidays when something here cannot be."""
        check_zone(self.zone)
        parse_week(self.week)
        for _, intervals in self.days.values():
            parse_day(intervals)
        if self.country is not None:
            public_holidays(self.country, self.region, 2026)


@lru_cache(maxsize=512)
def public_holidays(country: str, region: str | None, year: int) -> frozenset[date]:
    """The public holidays of a year; raises UnknownHolidays."""
    import holidays  # hundreds of countries: loaded when the first firm names one

    try:
        return frozenset(holidays.country_holidays(country, subdiv=region, years=year, expand=False))
    except NotImplementedError:
        raise UnknownHolidays(country=country, region=region) from None


def hours_of_row(row: RowMapping, days: Iterable[RowMapping], at: Millis) -> Hours:
    """`Hours` good for decisions from `at` until the end of the next year."""
    closed: frozenset[date] = frozenset()
    if row["country"] is not None:
        year = to_datetime(at).year
        # A day of another year may be today's somewhere on earth; next_opening looks about a year ahead.
        closed = frozenset().union(
            *(public_holidays(row["country"], row["region"], near) for near in (year - 1, year, year + 1, year + 2))
        )
    exceptional = {day["day"].isoformat(): day["intervals"] for day in days}
    return parse_hours({"zone": row["zone"], "week": row["week"], "days": exceptional}, closed)


async def hours_of(tx: Tx, hours_id: str, at: Millis) -> Hours:
    """The opening hours with this id; raises HoursNotFound."""

    async def read() -> Hours:
        return await _hours_of(tx, hours_id, at)

    return await tx.remembered(("hours", hours_id, to_datetime(at).year), read)


async def _hours_of(tx: Tx, hours_id: str, at: Millis) -> Hours:
    row = await tx.fetch_one(sa.select(store.hours).where(store.hours.c.id == hours_id))
    if row is None:
        raise HoursNotFound
    days = await tx.fetch_all(sa.select(store.holidays).where(store.holidays.c.hours_id == hours_id))
    return hours_of_row(row, days, at)


async def firm_hours(tx: Tx, firm_id: str, at: Millis) -> Hours | None:
    """The usual opening hours of a firm, or None: it is always open."""

    async def read() -> tuple[str | None]:
        return (await tx.scalar(sa.select(store.firms.c.hours_id).where(store.firms.c.id == firm_id)),)

    (hours_id,) = await tx.remembered(("usual hours", firm_id), read)
    return None if hours_id is None else await hours_of(tx, hours_id, at)


async def opening_of(tx: Tx, firm_id: str, at: Millis) -> Json:
    """When a firm is open by its usual hours, around `at`: from `BEHIND` before it until `AHEAD` after it."""
    hours = await firm_hours(tx, firm_id, at)
    start, end = Millis(at - BEHIND), Millis(at + AHEAD)
    spans = [] if hours is None else open_spans(hours, start, end)
    return {
        "always": hours is None,
        "from_at": to_iso(start),
        "until_at": to_iso(end),
        "spans": [{"opens_at": to_iso(opens), "closes_at": to_iso(closes)} for opens, closes in spans],
    }


async def hours_named(tx: Tx, firm_id: str, name: str, at: Millis) -> Hours | None:
    """The firm's opening hours with this name, or None."""
    mine = (store.hours.c.firm_id == firm_id, store.hours.c.name == name)
    hours_id = await tx.scalar(sa.select(store.hours.c.id).where(*mine))
    return None if hours_id is None else await hours_of(tx, hours_id, at)


async def list_hours(
    tx: Tx, principal: Principal, *, at: Millis, firm_id: str | None = None, after: str | None = None, limit: int = 100
) -> list[Json]:
    """Opening hours by id, of one firm or of all the principal may see."""
    table = store.hours
    query = sa.select(table).order_by(table.c.id).limit(limit)
    if after is not None:
        query = query.where(table.c.id > after)
    if firm_id is not None:
        query = query.where(table.c.firm_id == firm_id)
    if principal.firm_ids is not None:
        query = query.where(table.c.firm_id.in_(sorted(principal.firm_ids)))
    rows = await tx.fetch_all(query)
    days = await _days(tx, [row["id"] for row in rows])
    return [_hours_json(row, days.get(row["id"], []), at) for row in rows]


async def _days(tx: Tx, hours_ids: list[str]) -> dict[str, list[RowMapping]]:
    table = store.holidays
    query = sa.select(table).where(table.c.hours_id == sa.any_(sa.cast(hours_ids, store.firms.c.languages.type)))
    found: dict[str, list[RowMapping]] = {}
    for row in await tx.fetch_all(query.order_by(table.c.day)) if hours_ids else []:
        found.setdefault(row["hours_id"], []).append(row)
    return found


def _hours_json(row: RowMapping, days: list[RowMapping], at: Millis) -> Json:
    hours = hours_of_row(row, days, at)
    opens = next_opening(hours, at)
    return {
        "id": row["id"],
        "firm_id": row["firm_id"],
        "name": row["name"],
        "zone": row["zone"],
        "week": row["week"],
        "country": row["country"],
        "region": row["region"],
        "days": {day["day"].isoformat(): {"label": day["label"], "intervals": day["intervals"]} for day in days},
        "open": is_open(hours, at),
        "next_opening_at": None if opens is None else to_iso(opens),
        "version": row["version"],
    }


async def all_hours(tx: Tx) -> list[HoursRow]:
    """Every opening hours of the tenant, for export and comparison."""
    rows = await tx.fetch_all(sa.select(store.hours).order_by(store.hours.c.id))
    days = await _days(tx, [row["id"] for row in rows])
    return [
        HoursRow(
            id=row["id"],
            firm_id=row["firm_id"],
            name=row["name"],
            zone=row["zone"],
            week=row["week"],
            country=row["country"],
            region=row["region"],
            days={day["day"].isoformat(): (day["label"], day["intervals"]) for day in days.get(row["id"], [])},
        )
        for row in rows
    ]

"""What a firm offers: its settings, the slots its hours give or its own calendar tells, and which of them are free.

The calendar's answer is fetched outside a transaction (`looked_up`), then handed in. It says
`{"slots": [{"starts_at": "2026-11-24T09:00:00+01:00", "length_minutes": 30, "places": 1}]}`; the last two default to the
firm's settings. What was booked here is subtracted from it, so a calendar that does not know of it yet does no harm.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import RowMapping

from parlons.accounts import audit, opening
from parlons.accounts.errors import HoursNotFound
from parlons.accounts.model import Principal
from parlons.accounts.queries import firm
from parlons.appointments.model import (
    DAY_MS,
    LONGEST_MINUTES,
    MINUTE_MS,
    MOST_CAPACITY,
    AppointmentChanged,
    Json,
    NoAppointments,
    Settings,
    SlotsUnknown,
    settings_of,
)
from parlons.appointments.slots import Slot, Taken, free, steps
from parlons.appointments.store import appointments, standing
from parlons.appointments.store import settings as table
from parlons.kit.clock import Millis, from_datetime, to_datetime, to_iso
from parlons.kit.errors import Refusal
from parlons.kit.hours import ALWAYS, Hours, open_spans
from parlons.runtime.db import Database, Tx
from parlons.runtime.safe_http import SafeHttp

LARGEST, MOST_LOOKED_UP, PATIENCE = 256_000, 5_000, 5.0
MOST_DAYS = 62
"""Of one question."""


async def settings_row(tx: Tx, firm_id: str, *, lock: bool = False) -> RowMapping | None:
    """The row of a firm."""
    query = sa.select(table).where(table.c.tenant_id == tx.tenant_id, table.c.firm_id == firm_id)
    return await tx.fetch_one(query.with_for_update() if lock else query)


async def settings_for(tx: Tx, firm_id: str) -> Settings:
    """How a firm takes appointments; raises NoAppointments."""
    row = await settings_row(tx, firm_id)
    found = settings_of(row["settings"]) if row is not None else None
    if found is None or not found.active:
        raise NoAppointments
    return found


async def set_settings(tx: Tx, principal: Principal, firm_id: str, wanted: Settings, version: int | None) -> Json:
    """Change how a firm takes appointments; `version`: the one before the caller, None: there was none. What is booked stays.
    Raises FirmNotFound, HoursNotFound, InvalidAppointments, AppointmentChanged."""
    await firm(tx, principal, firm_id)
    wanted.check()
    if wanted.hours_id is not None:
        hours_id = wanted.hours_id
        mine = [one for one in await opening.all_hours(tx) if (one.id, one.firm_id) == (hours_id, firm_id)]
        if not mine:
            raise HoursNotFound
    row = await settings_row(tx, firm_id, lock=True)
    if (row["version"] if row else None) != version:
        raise AppointmentChanged("Somebody changed this meanwhile.", version=row["version"] if row else None)
    await put_settings(tx, principal.workspace_id, firm_id, wanted)
    before = dict(row["settings"]) if row else {}
    now = Millis(tx.now)
    await audit.record(
        tx, principal, "appointments.set", firm_id, now=now, before=before, after=wanted.json(), firm_id=firm_id
    )
    return {"firm_id": firm_id, **wanted.json(), "version": (version or 0) + 1}


async def put_settings(tx: Tx, workspace_id: str, firm_id: str, wanted: Settings | None) -> None:
    """As it is from now on; None: the firm takes none. For a configuration, which was checked."""
    mine = (table.c.tenant_id == tx.tenant_id, table.c.firm_id == firm_id)
    if wanted is None:
        await tx.execute(table.delete().where(*mine))
        return
    row = {"firm_id": firm_id, "tenant_id": tx.tenant_id, "workspace_id": workspace_id}
    new = insert(table).values(**row, settings=wanted.json(), version=1)
    changed = {"settings": new.excluded.settings, "version": table.c.version + 1}
    await tx.execute(new.on_conflict_do_update(index_elements=[table.c.firm_id], set_=changed, where=mine[0]))


async def all_settings(tx: Tx, firm_ids: Sequence[str] | None) -> list[Json]:
    """How each of these firms (None: all) takes appointments; those that never said are left out."""
    query = sa.select(table).where(table.c.tenant_id == tx.tenant_id)
    if firm_ids is not None:
        query = query.where(table.c.firm_id.in_(list(firm_ids)))
    rows = await tx.fetch_all(query.order_by(table.c.firm_id))
    return [
        {"firm_id": row["firm_id"], **settings_of(row["settings"]).json(), "version": row["version"]} for row in rows
    ]


async def looked_up(
    db: Database, http: SafeHttp, tenant_id: str, firm_id: str, first: int, last: int
) -> list[Slot] | None:
    """What the firm's own calendar tells of [first, last); None: it has none. Raises NoAppointments, SlotsUnknown."""
    async with db.transaction(tenant_id) as tx:
        settings = await settings_for(tx, firm_id)
        last = min(last, tx.now + settings.horizon_days * DAY_MS)
    if not settings.lookup_url:
        return None
    if first >= last:  # nobody is asked about what is too far ahead
        return []
    mark = "&" if "?" in settings.lookup_url else "?"
    asked = urlencode({"from": to_iso(first), "until": to_iso(last)})
    try:
        answer = await http.request(
            "GET", f"{settings.lookup_url}{mark}{asked}", timeout_seconds=PATIENCE, largest=LARGEST
        )
    except Refusal as refusal:
        raise SlotsUnknown(reason=refusal.code) from None
    if answer.status != 200:
        raise SlotsUnknown(reason="status", status=answer.status)
    try:
        slots = [_slot(one, settings) for one in answer.json()["slots"][:MOST_LOOKED_UP]]
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
        raise SlotsUnknown(reason="not-understood") from None
    return sorted({one.starts_at: one for one in slots if first <= one.starts_at < last}.values())


def _slot(told: Any, settings: Settings) -> Slot:
    """One slot of a calendar's answer; raises ValueError, KeyError or TypeError."""
    starts_at = from_datetime(datetime.fromisoformat(told["starts_at"]))
    minutes, places = int(told.get("length_minutes", settings.length_minutes)), int(told.get("places", 1))
    if not 1 <= minutes <= LONGEST_MINUTES or not 0 <= places <= MOST_CAPACITY:
        raise ValueError("a slot out of bounds")
    return Slot(starts_at, Millis(starts_at + minutes * MINUTE_MS), places)


async def hours_for(tx: Tx, firm_id: str, settings: Settings) -> Hours:
    """The hours that appointments lie in; without any, always in the settings' time zone."""
    if settings.hours_id is not None:
        try:
            return await opening.hours_of(tx, settings.hours_id, Millis(tx.now))
        except HoursNotFound:
            pass  # they were removed since
    found = await opening.firm_hours(tx, firm_id, Millis(tx.now))
    return found or Hours(settings.zone, ALWAYS.week)


async def offered(
    tx: Tx,
    firm_id: str,
    *,
    first: int,
    last: int,
    told: Sequence[Slot] | None,
    lead: bool,
    besides: str | None = None,
) -> tuple[Settings, Hours, list[Slot]]:
    """The free slots that begin in [first, last). `told`: by the firm's calendar; `lead`: a customer asks; `besides`: the
    appointment that is moved, which takes no place."""
    settings = await settings_for(tx, firm_id)
    hours = await hours_for(tx, firm_id, settings)
    first = max(first, tx.now + (settings.lead_minutes * MINUTE_MS if lead else 0))
    last = min(last, tx.now + settings.horizon_days * DAY_MS, first + MOST_DAYS * DAY_MS)
    if told is not None:
        slots = [one for one in told if first <= one.starts_at < last]
    elif first < last:
        length = settings.length_minutes * MINUTE_MS
        spans = _spans(hours, first, last, length)
        slots = steps(spans, length_ms=length, step_ms=length, places=settings.capacity, first=first, last=last)
    else:
        slots = []
    return settings, hours, free(slots, await taken(tx, firm_id, first, last, besides=besides))


def _spans(hours: Hours, first: int, last: int, step_ms: int) -> list[tuple[Millis, Millis]]:
    """The open spans around [first, last), whole: what has been open for longer than a week steps from a fixed instant, so
    that every question finds the same slots."""
    start = Millis(first - 8 * DAY_MS)
    found = open_spans(hours, start, Millis(last + DAY_MS))
    return [(Millis(-(-opens // step_ms) * step_ms) if opens == start else opens, closes) for opens, closes in found]


async def taken(tx: Tx, firm_id: str, first: int, last: int, *, besides: str | None = None) -> list[Taken]:
    """The places that somebody has around [first, last)."""
    c = appointments.c
    around = LONGEST_MINUTES * MINUTE_MS
    query = sa.select(c.starts_at, c.ends_at, c.seat).where(
        c.tenant_id == tx.tenant_id,
        c.firm_id == firm_id,
        standing,
        c.starts_at > to_datetime(first - around),
        c.starts_at < to_datetime(last + around),
    )
    if besides is not None:
        query = query.where(c.id != besides)
    rows = await tx.fetch_all(query)
    return [Taken(from_datetime(row["starts_at"]), from_datetime(row["ends_at"]), row["seat"]) for row in rows]

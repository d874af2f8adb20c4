"""The customer systems as this process calls them: which adapter, configured how, and whether it answers now.

While a system is away nothing is sent to it before its next try; the first answer ends that, and everything that waits goes
on at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from pydantic import ValidationError

from parlons.crm.fields import Field
from parlons.crm.model import WAITING, LookupRow, UnknownLookup, pause
from parlons.crm.store import lookups, read_lookups, writes
from parlons.customers.lookups.plugin import Lookup, LookupAway, System
from parlons.customers.model import Customer
from parlons.kit.clock import to_datetime
from parlons.kit.errors import Refusal
from parlons.runtime import jobs
from parlons.runtime.db import Database, Tx

WRITE = "crm.write"


@dataclass(frozen=True, slots=True)
class Opened:
    """One configured system, ready to be called."""

    row: LookupRow
    adapter: Lookup
    system: System
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Systems:
    """All of a process."""

    db: Database
    adapters: Mapping[str, Lookup]
    url: str
    """Of the desk."""

    def opened(self, row: LookupRow) -> Opened:
        """Ready to be called; raises LookupAway when its kind is not here or takes its settings no more."""
        adapter = self.adapters.get(row.system)
        if adapter is None:
            raise LookupAway(reason="no-adapter")
        try:
            settings = adapter.settings.model_validate(row.settings)
        except ValidationError:
            raise LookupAway(reason="settings") from None
        fields = fields_of(row, adapter)
        names = tuple(dict.fromkeys(one.name for one in fields))
        return Opened(row, adapter, System(row.id, row.version, settings, row.secrets, names), fields)

    async def of_customer(self, tx: Tx, customer: Customer) -> list[LookupRow]:
        """Those in which he may stand."""
        c = lookups.c
        firm = sa.or_(c.firm_id.is_(None), c.firm_id == customer.firm_id)
        return await read_lookups(tx, c.active, firm)


def fields_of(row: LookupRow, adapter: Lookup) -> tuple[Field, ...]:
    """Those that are configured, else the usual ones of its kind."""
    return row.fields or tuple(Field(one.name, {}, one.to, one.edit) for one in adapter.usual)


async def one_lookup(tx: Tx, lookup_id: str) -> LookupRow:
    """One; raises UnknownLookup."""
    found = await read_lookups(tx, lookups.c.id == lookup_id)
    if not found:
        raise UnknownLookup
    return found[0]


def is_away(row: LookupRow, now: int) -> bool:
    """Whether it is not to be called yet."""
    return row.away_until is not None and row.away_until > now


def reason_of(refusal: Refusal) -> str:
    """Why a system did not do it, in a word that people and tables are shown."""
    return str(refusal.details.get("reason") or refusal.code)


async def mark_away(tx: Tx, row: LookupRow, reason: str) -> int:
    """It did not answer; when it is tried again, in milliseconds."""
    until = tx.now + pause(row.failures + 1)
    c = lookups.c
    values = {
        "failures": c.failures + 1,
        "away_since": sa.func.coalesce(c.away_since, to_datetime(tx.now)),
        "away_until": to_datetime(until),
        "reason": reason[:100],
    }
    await tx.execute(lookups.update().where(c.tenant_id == tx.tenant_id, c.id == row.id).values(values))
    return until


async def mark_well(tx: Tx, row: LookupRow) -> None:
    """It answers; what waits for it goes on at once."""
    if not row.failures:
        return
    fresh = {"failures": 0, "away_since": None, "away_until": None, "reason": ""}
    await tx.execute(lookups.update().where(lookups.c.tenant_id == tx.tenant_id, lookups.c.id == row.id).values(fresh))
    # One that is out stays as it is: planned again, it would go out a second time beside the first.
    out = [one["write_id"] for one in await jobs.cancel_idle(tx, f"{WRITE} {row.id}")]
    c = writes.c
    query = sa.select(c.id).where(c.tenant_id == tx.tenant_id, c.lookup_id == row.id, c.state == WAITING)
    for each in await tx.fetch_all(query.where(c.id.not_in(out)).order_by(c.id)):
        await plan(tx, row.id, each["id"])


async def plan(tx: Tx, lookup_id: str, write_id: str, at: int | None = None) -> None:
    """A write is carried out at once, or at `at`; one after the other for each system."""
    key = f"{WRITE} {lookup_id}"
    await jobs.enqueue(tx, WRITE, {"write_id": write_id}, run_at=at, order_key=key, cancel_key=key)

"""Reading the audit: filtered pages, newest first, and the same as CSV that no spreadsheet takes for formulas.

Somebody of some firms reads what was done to those firms, to people who reach no further, and what he did himself.
Source of the cells' rule: OWASP, CSV Injection.
"""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from parlons.accounts import store
from parlons.accounts.model import Principal
from parlons.accounts.queries import Json, covers
from parlons.kit.clock import from_datetime, to_iso
from parlons.runtime.db import Tx

MOST = 100_000
"""Rows of one export."""
_COLUMNS = ("at", "actor", "actor_name", "action", "object_id", "object_name", "firm_id", "diff")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows; what is None does not narrow."""

    actor: str | None = None
    action: str | None = None
    """`user.updated`, or `user` for all acts on users."""
    object_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Not included."""


async def audit_rows(
    tx: Tx, principal: Principal, wanted: Filter | None = None, *, before: str | None = None, limit: int = 100
) -> list[Json]:
    """Audit rows, newest first; `before` is the id after which to go on."""
    table, wanted = store.audit, wanted or Filter()
    query = sa.select(table).where(_visible(principal)).order_by(table.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(table.c.id < before)
    if wanted.actor is not None:
        query = query.where(table.c.actor == wanted.actor)
    if wanted.action is not None:
        below = table.c.action.startswith(f"{wanted.action}.", autoescape=True)
        query = query.where(sa.or_(table.c.action == wanted.action, below))
    if wanted.object_id is not None:
        query = query.where(table.c.object_id == wanted.object_id)
    if wanted.since is not None:
        query = query.where(table.c.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(table.c.at < wanted.until)
    rows = await tx.fetch_all(query)
    names = await _names(tx, {row["actor"] for row in rows} | {row["object_id"] for row in rows})
    return [
        {
            "id": row["id"],
            "at": to_iso(from_datetime(row["at"])),
            "actor": row["actor"],
            "actor_name": names.get(row["actor"]),
            "action": row["action"],
            "object_id": row["object_id"],
            "object_name": names.get(row["object_id"]),
            "firm_id": row["firm_id"],
            "diff": row["diff"],
        }
        for row in rows
    ]


async def audit_csv(tx: Tx, principal: Principal, wanted: Filter) -> str:
    """All rows of the filter (the newest `MOST`) as CSV with a line of names."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for row in await audit_rows(tx, principal, wanted, limit=MOST):
        diff = json.dumps(row["diff"], ensure_ascii=False, sort_keys=True) if row["diff"] else ""
        writer.writerow([cell(value) for value in (*(row[name] for name in _COLUMNS[:-1]), diff)])
    return out.getvalue()


def cell(value: str | None) -> str:
    """A text that stays a text in a spreadsheet: what would begin a formula gets an apostrophe before it."""
    text = value or ""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _visible(principal: Principal) -> sa.ColumnElement[bool]:
    if principal.firm_ids is None:
        return sa.true()
    table, users = store.audit, store.users
    mine = sa.select(users.c.id).where(covers(principal, users.c.firm_ids, users.c.queue_ids))
    return sa.or_(
        table.c.firm_id.in_(sorted(principal.firm_ids)), table.c.actor == principal.actor, table.c.object_id.in_(mine)
    )


async def _names(tx: Tx, ids: set[str]) -> dict[str, str]:
    """What users, firms, roles and keys are called; ids of other things are left out."""
    if not ids:
        return {}
    tables: Sequence[Any] = (store.users, store.firms, store.roles, store.api_keys)
    parts = [sa.select(table.c.id, table.c.name).where(table.c.id.in_(ids)) for table in tables]
    return {row["id"]: row["name"] for row in await tx.fetch_all(sa.union_all(*parts))}

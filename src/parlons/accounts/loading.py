"""Whole configurations at once: all firms, hours and users read and written by a few statements, however many there are.

The caller (the configuration file) has checked names, rights and references, makes the ids, keeps the audit rows and tells
the router; here rows are only laid down. `put_*` makes a row of a new id and sets all given columns of a known one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from parlons.accounts import store
from parlons.accounts.errors import EmailTaken, FirmInUse, RoleInUse
from parlons.accounts.opening import HoursRow
from parlons.accounts.rights import Right, whole
from parlons.accounts.sessions import rights_of_role
from parlons.kit.clock import Millis, to_datetime
from parlons.runtime.db import Tx

_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class FirmRow:
    """A firm."""

    id: str
    name: str
    colour: str | None
    languages: list[str]
    hours_id: str | None
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user, as far as a file may set one."""

    id: str
    worker_id: str | None
    email: str
    name: str
    role: str
    firm_ids: list[str] | None
    locale: str
    queue_ids: list[str] | None = None


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role of the tenant's own."""

    id: str
    name: str
    rights: list[str]


async def all_roles(tx: Tx) -> list[RoleRow]:
    """Every own role of the tenant, by name; rights only a newer version knows are left out."""
    rows = await tx.fetch_all(sa.select(store.roles).order_by(store.roles.c.name))
    return [
        RoleRow(row["id"], row["name"], sorted(each.value for each in rights_of_role(row["name"], row["rights"])))
        for row in rows
    ]


async def put_roles(tx: Tx, rows: Sequence[RoleRow], *, now: Millis) -> None:
    """Make or set these roles; people who have one keep it under its new name."""
    for row in rows:
        before = await tx.scalar(sa.select(store.roles.c.name).where(store.roles.c.id == row.id))
        if before is not None and before != row.name:
            users = store.users
            await tx.execute(sa.update(users).where(users.c.role == before).values(role=row.name))
    values = [
        {
            "id": row.id,
            "tenant_id": tx.tenant_id,
            "name": row.name,
            "rights": sorted(whole(map(Right, row.rights))),
            "created_at": to_datetime(now),
        }
        for row in rows
    ]
    await _put(tx, store.roles, values, ("name", "rights"))


async def remove_roles(tx: Tx, ids: Sequence[str]) -> None:
    """Remove roles; raises RoleInUse when somebody still has one."""
    if not ids:
        return
    roles, users = store.roles, store.users
    held = sa.select(users.c.id).join(roles, users.c.role == roles.c.name).where(users.c.active, roles.c.id.in_(ids))
    if await tx.scalar(held.limit(1)) is not None:
        raise RoleInUse
    await tx.execute(sa.delete(roles).where(roles.c.id.in_(ids)))


async def all_firms(tx: Tx) -> list[FirmRow]:
    """Every firm of the tenant, by id."""
    rows = await tx.fetch_all(sa.select(store.firms).order_by(store.firms.c.id))
    return [
        FirmRow(row["id"], row["name"], row["colour"], list(row["languages"]), row["hours_id"], row["is_default"])
        for row in rows
    ]


async def all_users(tx: Tx) -> list[UserRow]:
    """Every active user of the tenant, by id."""
    rows = await tx.fetch_all(sa.select(store.users).where(store.users.c.active).order_by(store.users.c.id))
    return [
        UserRow(
            row["id"],
            row["worker_id"],
            row["email"],
            row["name"],
            row["role"],
            row["firm_ids"],
            row["locale"],
            row["queue_ids"],
        )
        for row in rows
    ]


async def inactive_users(tx: Tx, emails: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """Id and worker of users who were deactivated, by e-mail address: naming one again brings the same person back."""
    users = store.users
    query = sa.select(users.c.email, users.c.id, users.c.worker_id).where(~users.c.active, users.c.email.in_(emails))
    return {row["email"]: (row["id"], row["worker_id"]) for row in await tx.fetch_all(query)} if emails else {}


async def put_firms(tx: Tx, rows: Sequence[FirmRow], *, now: Millis) -> None:
    """Make or set these firms; `is_default` is never changed."""
    values = [
        {
            "id": row.id,
            "tenant_id": tx.tenant_id,
            "name": row.name,
            "colour": row.colour,
            "languages": row.languages,
            "hours_id": row.hours_id,
            "created_at": to_datetime(now),
        }
        for row in rows
    ]
    await _put(tx, store.firms, values, ("name", "colour", "languages", "hours_id"))


async def put_hours(tx: Tx, rows: Sequence[HoursRow]) -> None:
    """Make or set these opening hours, with exactly these exceptional days."""
    values = [
        {
            "id": row.id,
            "tenant_id": tx.tenant_id,
            "firm_id": row.firm_id,
            "name": row.name,
            "zone": row.zone,
            "week": row.week,
            "country": row.country,
            "region": row.region,
        }
        for row in rows
    ]
    await _put(tx, store.hours, values, ("firm_id", "name", "zone", "week", "country", "region"))
    ids = sa.cast([row.id for row in rows], store.firms.c.languages.type)
    await tx.execute(sa.delete(store.holidays).where(store.holidays.c.hours_id == sa.any_(ids)))
    days = [
        {
            "hours_id": row.id,
            "tenant_id": tx.tenant_id,
            "day": date.fromisoformat(day),
            "label": label,
            "intervals": intervals,
        }
        for row in rows
        for day, (label, intervals) in row.days.items()
    ]
    await _insert(tx, store.holidays, days)


async def put_users(tx: Tx, workspace_id: str, rows: Sequence[UserRow], *, now: Millis) -> None:
    """Make or set these users and let them in; raises EmailTaken when another tenant has one of the addresses."""
    values = [
        {
            "id": row.id,
            "tenant_id": tx.tenant_id,
            "workspace_id": workspace_id,
            "worker_id": row.worker_id,
            "email": row.email,
            "name": row.name,
            "role": row.role,
            "firm_ids": row.firm_ids,
            "queue_ids": row.queue_ids,
            "locale": row.locale,
            "active": True,
            "created_at": to_datetime(now),
        }
        for row in rows
    ]
    try:
        await _put(
            tx, store.users, values, ("worker_id", "email", "name", "role", "firm_ids", "queue_ids", "locale", "active")
        )
    except IntegrityError as error:
        raise EmailTaken from error


async def deactivate_users(tx: Tx, user_ids: Sequence[str]) -> None:
    """These users are out: no sign-in, no session, no link."""
    if user_ids:
        await tx.execute(sa.update(store.users).where(store.users.c.id.in_(user_ids)).values(active=False))
        for table in (store.sessions, store.login_links):
            await tx.execute(sa.delete(table).where(table.c.user_id.in_(user_ids)))


async def end_sessions(tx: Tx, user_ids: Sequence[str]) -> None:
    """Users whose rights shrank sign in again, with the rights they have now."""
    if user_ids:
        await tx.execute(sa.delete(store.sessions).where(store.sessions.c.user_id.in_(user_ids)))


async def remove_hours(tx: Tx, ids: Sequence[str]) -> None:
    """Remove opening hours; a firm that had them as its usual ones has none."""
    if ids:
        await tx.execute(sa.update(store.firms).where(store.firms.c.hours_id.in_(ids)).values(hours_id=None))
        await tx.execute(sa.delete(store.hours).where(store.hours.c.id.in_(ids)))


async def remove_firms(tx: Tx, ids: Sequence[str]) -> None:
    """Remove firms with their opening hours; raises FirmInUse when a person has rights to one of them."""
    if not ids:
        return
    users = store.users
    wanted = sa.cast(list(ids), store.firms.c.languages.type)
    if await tx.scalar(sa.select(users.c.id).where(users.c.active, users.c.firm_ids.overlap(wanted)).limit(1)):
        raise FirmInUse
    await tx.execute(sa.delete(store.hours).where(store.hours.c.firm_id == sa.any_(wanted)))
    await tx.execute(sa.delete(store.firms).where(store.firms.c.id == sa.any_(wanted), ~store.firms.c.is_default))


async def workspace_settings(tx: Tx, workspace_id: str) -> dict[str, Any]:
    """What the workspace's router goes by, as last configured."""
    found = await tx.scalar(sa.select(store.workspaces.c.settings).where(store.workspaces.c.id == workspace_id))
    return dict(found or {})


async def put_workspace_settings(tx: Tx, workspace_id: str, settings: Mapping[str, Any]) -> None:
    """Keep what the router is told in the same transaction."""
    table = store.workspaces
    update = sa.update(table).where(table.c.id == workspace_id)
    await tx.execute(update.values(settings=dict(settings), version=table.c.version + 1))


async def _put(tx: Tx, table: sa.Table, rows: list[dict[str, Any]], columns: Sequence[str]) -> None:
    for start in range(0, len(rows), _CHUNK):
        statement = insert(table).values(rows[start : start + _CHUNK])
        fresh: dict[str, Any] = {column: statement.excluded[column] for column in columns}
        if "version" in table.c:
            fresh["version"] = table.c.version + 1
        await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=fresh))


async def _insert(tx: Tx, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), _CHUNK):
        await tx.execute(insert(table).values(rows[start : start + _CHUNK]))

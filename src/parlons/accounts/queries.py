"""Reads for screens and other rooms: users, firms, keys, audit. Each returns JSON-able objects as the API shows them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping

from parlons.accounts import store
from parlons.accounts.errors import FirmNotFound, KeyNotFound, UserNotFound
from parlons.accounts.model import Principal
from parlons.accounts.rights import PRESETS
from parlons.kit.clock import from_datetime, to_datetime, to_iso
from parlons.kit.errors import Invalid
from parlons.runtime.db import Tx

Json = dict[str, Any]
PREFERENCES = ("theme", "contrast", "keymap", "sound", "sounds", "quiet", "notifications", "density")


def user_json(row: RowMapping) -> Json:
    """A user as administrators and supervisors see one."""
    return {
        "id": row["id"],
        "workspace_id": row["workspace_id"],
        "worker_id": row["worker_id"],
        "email": row["email"],
        "name": row["name"],
        "role": row["role"],
        "firm_ids": row["firm_ids"],
        "queue_ids": row["queue_ids"],
        "locale": row["locale"],
        "active": row["active"],
        "created_at": _iso(row["created_at"]),
        "signed_in_at": _iso(row["signed_in_at"]),
        "version": row["version"],
    }


def firm_json(row: RowMapping) -> Json:
    """A firm."""
    return {
        "id": row["id"],
        "name": row["name"],
        "colour": row["colour"],
        "languages": list(row["languages"]),
        "hours_id": row["hours_id"],
        "is_default": row["is_default"],
        "created_at": _iso(row["created_at"]),
        "version": row["version"],
    }


def key_json(row: RowMapping) -> Json:
    """An API key without its secret."""
    return {
        "id": row["id"],
        "name": row["name"],
        "prefix": row["prefix"],
        "scopes": list(row["scopes"]),
        "firm_ids": row["firm_ids"],
        "queue_ids": row["queue_ids"],
        "per_minute": row["per_minute"],
        "created_by": row["created_by"],
        "created_at": _iso(row["created_at"]),
        "used_at": _iso(row["used_at"]),
        "expires_at": _iso(row["expires_at"]),
        "revoked_at": _iso(row["revoked_at"]),
    }


def _iso(at: Any) -> str | None:
    return None if at is None else to_iso(from_datetime(at))


async def me(tx: Tx, principal: Principal) -> Json:
    """The signed-in person with tenant and firms: what a screen needs before all else. Keys have no `user`."""
    user: Json | None = None
    if principal.user_id is not None:
        row = await _user_row(tx, principal.user_id)
        preferences = {name: row["preferences"].get(name) for name in PREFERENCES}
        user = {
            "id": row["id"],
            "name": row["name"],
            "email": row["email"],
            "role": principal.role.value,
            "role_name": row["role"],
            "locale": row["locale"],
            "firm_ids": row["firm_ids"],
            "queue_ids": row["queue_ids"],
            "has_password": row["password_hash"] is not None,
            **preferences,
        }
    tenant = await tx.fetch_one(sa.select(store.tenants))
    firms = await firms_of(tx, principal)
    return {
        "user": user,
        "role": principal.role.value,
        "rights": sorted(principal.rights),
        "worker_id": principal.worker_id,
        "workspace_id": principal.workspace_id,
        "tenant": {"id": principal.tenant_id, "name": tenant["name"] if tenant else ""},
        "firms": firms,
    }


async def _user_row(tx: Tx, user_id: str) -> RowMapping:
    row = await tx.fetch_one(sa.select(store.users).where(store.users.c.id == user_id))
    if row is None:
        raise UserNotFound
    return row


async def user(tx: Tx, principal: Principal, user_id: str) -> Json:
    """One user; raises UserNotFound, also for people of firms which the principal may not see."""
    row = await _user_row(tx, user_id)
    if not shares_firm(principal, row["firm_ids"]):
        raise UserNotFound
    return (await _with_links(tx, [user_json(row)]))[0]


async def users(
    tx: Tx,
    principal: Principal,
    *,
    after: str | None = None,
    limit: int = 100,
    text: str = "",
    role: str | None = None,
    active: bool | None = None,
) -> list[Json]:
    """The users who share a firm with the principal, by id, each with the link he has not used yet (`invited`)."""
    table = store.users
    query = sa.select(table).order_by(table.c.id).limit(limit)
    if after is not None:
        query = query.where(table.c.id > after)
    if principal.firm_ids is not None:
        mine = sa.cast(sorted(principal.firm_ids), table.c.firm_ids.type)
        query = query.where(sa.or_(table.c.firm_ids.is_(None), table.c.firm_ids.overlap(mine)))
    for word in text.split():
        query = query.where(
            sa.or_(table.c.name.icontains(word, autoescape=True), table.c.email.icontains(word, autoescape=True))
        )
    if role is not None:
        await _check_role(tx, role)
        query = query.where(table.c.role == role)
    if active is not None:
        query = query.where(table.c.active == active)
    return await _with_links(tx, [user_json(row) for row in await tx.fetch_all(query)])


async def _check_role(tx: Tx, name: str) -> None:
    if name not in PRESETS and await tx.fetch_one(sa.select(store.roles).where(store.roles.c.name == name)) is None:
        raise Invalid("role: there is no role of this name; GET /roles lists them.", field="role")


async def _with_links(tx: Tx, found: list[Json]) -> list[Json]:
    """`invited`: until when a link that was not used opens, or null."""
    links = store.login_links
    query = (
        sa.select(links.c.user_id, sa.func.max(links.c.expires_at).label("until"))
        .where(
            links.c.user_id.in_([each["id"] for each in found]),
            links.c.used_at.is_(None),
            links.c.expires_at > to_datetime(tx.now),
        )
        .group_by(links.c.user_id)
    )
    until = {row["user_id"]: _iso(row["until"]) for row in await tx.fetch_all(query)} if found else {}
    return [{**each, "invited": until.get(each["id"])} for each in found]


def covers(
    principal: Principal, firm_ids: sa.ColumnElement[Any], queue_ids: sa.ColumnElement[Any]
) -> sa.ColumnElement[bool]:
    """Rows of which no firm and no queue is beyond the principal's."""
    return sa.and_(_within(firm_ids, principal.firm_ids), _within(queue_ids, principal.queue_ids))


def _within(column: sa.ColumnElement[Any], mine: frozenset[str] | None) -> sa.ColumnElement[bool]:
    if mine is None:
        return sa.true()
    return sa.and_(column.is_not(None), column.op("<@")(sa.cast(sorted(mine), column.type)))


def shares_firm(principal: Principal, firm_ids: list[str] | None) -> bool:
    """Whether a user of these firms (None: of all) is somebody the principal may know of."""
    return principal.firm_ids is None or firm_ids is None or not principal.firm_ids.isdisjoint(firm_ids)


async def user_names(tx: Tx, user_ids: list[str]) -> dict[str, str]:
    """Display names by user id; ids nobody has are left out."""
    if not user_ids:
        return {}
    rows = await tx.fetch_all(sa.select(store.users.c.id, store.users.c.name).where(store.users.c.id.in_(user_ids)))
    return {row["id"]: row["name"] for row in rows}


async def users_by_id(tx: Tx, user_ids: Sequence[str]) -> dict[str, Json]:
    """Users by id, inactive ones too; ids nobody has are left out."""
    if not user_ids:
        return {}
    rows = await tx.fetch_all(sa.select(store.users).where(store.users.c.id.in_(user_ids)))
    return {row["id"]: user_json(row) for row in rows}


async def quiet_of(tx: Tx, user_id: str) -> Json | None:
    """When this person wants no sound and no notification (`schemas.Quiet`), as he set it."""
    preferences = await tx.scalar(sa.select(store.users.c.preferences).where(store.users.c.id == user_id))
    found: Json | None = (preferences or {}).get("quiet")
    return found


async def users_by_worker(tx: Tx, worker_ids: list[str] | None = None) -> dict[str, Json]:
    """Active users by the worker they are: of these workers, or of all."""
    table = store.users
    query = sa.select(table).where(table.c.worker_id.is_not(None), table.c.active)
    if worker_ids is not None:
        query = query.where(table.c.worker_id.in_(worker_ids))
    return {row["worker_id"]: user_json(row) for row in await tx.fetch_all(query)}


async def firm(tx: Tx, principal: Principal, firm_id: str) -> Json:
    """One firm; raises FirmNotFound, also for one the principal may not see."""
    row = await tx.fetch_one(sa.select(store.firms).where(store.firms.c.id == firm_id))
    if row is None or not principal.sees(firm_id):
        raise FirmNotFound
    return firm_json(row)


async def firm_name(tx: Tx, firm_id: str) -> str:
    """What a firm is called, for its customers; empty when there is none."""
    mine = sa.and_(store.firms.c.tenant_id == tx.tenant_id, store.firms.c.id == firm_id)
    return str(await tx.scalar(sa.select(store.firms.c.name).where(mine)) or "")


async def firms_of(tx: Tx, principal: Principal, *, after: str | None = None, limit: int | None = 100) -> list[Json]:
    """The firms the principal may see: the default firm first on the first page, then by id. `limit` None: all."""
    table = store.firms
    query = sa.select(table).order_by(table.c.id)
    if limit is not None:
        query = query.limit(limit)
    if after is not None:
        query = query.where(table.c.id > after)
    if principal.firm_ids is not None:
        query = query.where(table.c.id.in_(sorted(principal.firm_ids)))
    return [firm_json(row) for row in await tx.fetch_all(query)]


async def keys(tx: Tx, principal: Principal, *, after: str | None = None, limit: int = 100) -> list[Json]:
    """API keys by id, revoked ones too; to somebody of some firms or queues those which reach no further."""
    table = store.api_keys
    query = (
        sa.select(table).where(covers(principal, table.c.firm_ids, table.c.queue_ids)).order_by(table.c.id).limit(limit)
    )
    if after is not None:
        query = query.where(table.c.id > after)
    return [key_json(row) for row in await tx.fetch_all(query)]


async def key(tx: Tx, key_id: str) -> Json:
    """One API key; raises KeyNotFound."""
    row = await tx.fetch_one(sa.select(store.api_keys).where(store.api_keys.c.id == key_id))
    if row is None:
        raise KeyNotFound
    return key_json(row)

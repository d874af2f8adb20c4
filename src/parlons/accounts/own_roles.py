"""Roles: the presets, which stay as they are, and the tenant's own, made of the same rights.

People hold a role by its name; renaming one renames it for them. Whoever makes or changes a role sees all firms and has its
rights himself. Losing the right to serve takes people's workers away, gaining it gives them one.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from parlons.accounts import audit, store
from parlons.accounts.agents import SyncAgent
from parlons.accounts.commands import check_name, write_unique
from parlons.accounts.errors import BeyondYourRights, InvalidAccount, RoleInUse, RoleNameTaken, RoleNotFound
from parlons.accounts.model import Principal
from parlons.accounts.people import agent_of, check_covers, check_keeper, hold_people
from parlons.accounts.queries import Json
from parlons.accounts.rights import PRESETS, Right, Rights, whole
from parlons.accounts.sessions import rights_of_role, tell_rights_changed
from parlons.kit.clock import Millis, to_datetime
from parlons.kit.errors import Conflict
from parlons.kit.ids import ROLE, WORKER, new_id
from parlons.runtime.db import Tx


async def roles(tx: Tx) -> list[Json]:
    """All roles, presets first, each with how many active people have it."""
    users = store.users
    counted = sa.select(users.c.role, sa.func.count().label("people")).where(users.c.active).group_by(users.c.role)
    people = {row["role"]: row["people"] for row in await tx.fetch_all(counted)}
    found = [
        {
            "id": None,
            "name": preset.name,
            "rights": sorted(preset.rights),
            "preset": True,
            "bound": preset.bound,
            "people": people.get(preset.name, 0),
            "version": 1,
        }
        for preset in PRESETS.values()
    ]
    rows = await tx.fetch_all(sa.select(store.roles).order_by(store.roles.c.name))
    return found + [_json(row, people.get(row["name"], 0)) for row in rows]


def _json(row: Any, people: int) -> Json:
    return {
        "id": row["id"],
        "name": row["name"],
        "rights": sorted(rights_of_role(row["name"], row["rights"])),
        "preset": False,
        "bound": False,
        "people": people,
        "version": row["version"],
    }


def check_role_name(name: str) -> str:
    """The name as it is kept; raises InvalidAccount, and RoleNameTaken for a preset's."""
    name = check_name(name)
    if name.casefold() in PRESETS:
        raise RoleNameTaken
    return name


def _checked(principal: Principal, rights: Sequence[Right]) -> Rights:
    if principal.firm_ids is not None:
        raise BeyondYourRights("Roles are made by who sees all firms.")
    if not rights:
        raise InvalidAccount("A role needs at least one right.", field="rights")
    found = whole(rights)
    check_covers(principal, found, None, None)
    return found


async def create_role(tx: Tx, principal: Principal, *, name: str, rights: Sequence[Right], now: Millis) -> Json:
    """A new role; raises RoleNameTaken, InvalidAccount, BeyondYourRights."""
    row = {
        "id": new_id(ROLE, now),
        "tenant_id": principal.tenant_id,
        "name": check_role_name(name),
        "rights": sorted(_checked(principal, rights)),
        "created_at": to_datetime(now),
        "version": 1,
    }
    await write_unique(tx, sa.insert(store.roles).values(row), RoleNameTaken)
    after = {"name": row["name"], "rights": row["rights"]}
    await audit.record(tx, principal, "role.created", str(row["id"]), now=now, after=after)
    return _json(row, 0)


async def update_role(
    tx: Tx,
    principal: Principal,
    role_id: str,
    *,
    name: str | None,
    rights: Sequence[Right] | None,
    version: int | None,
    sync: SyncAgent,
    now: Millis,
) -> Json:
    """Rename a role or change its rights, for everybody who has it at once. Raises Conflict, LastAdministrator, AgentBusy."""
    await hold_people(tx)
    before = await _own(tx, role_id)
    if version is not None and before["version"] != version:
        raise Conflict(version=before["version"])
    held = rights_of_role(before["name"], before["rights"])
    _checked(principal, sorted(held))
    values: dict[str, Any] = {}
    if name is not None:
        values["name"] = check_role_name(name)
    if rights is not None:
        values["rights"] = sorted(_checked(principal, rights))
    after = {**before, **values}
    update = sa.update(store.roles).where(store.roles.c.id == role_id)
    await write_unique(tx, update.values(**values, version=store.roles.c.version + 1), RoleNameTaken)
    users = store.users
    await tx.execute(sa.update(users).where(users.c.role == before["name"]).values(role=after["name"]))
    await check_keeper(tx)
    people = await _holders(tx, after["name"])
    serves = Right.SERVE in after["rights"]
    for user in people:
        if serves != (Right.SERVE in held):
            await _serve(tx, user, serves, sync, now)
        tell_rights_changed(tx, user["workspace_id"], user["id"])
    facts = ("name", "rights")
    await audit.record(
        tx, principal, "role.updated", role_id, now=now, before=_part(before, facts), after=_part(after, facts)
    )
    return _json({**after, "version": before["version"] + 1}, len(people))


async def remove_role(tx: Tx, principal: Principal, role_id: str, *, now: Millis) -> None:
    """Remove a role nobody has; raises RoleInUse with how many have it, RoleNotFound."""
    await hold_people(tx)
    before = await _own(tx, role_id)
    _checked(principal, sorted(rights_of_role(before["name"], before["rights"])))
    if people := len(await _holders(tx, before["name"])):
        raise RoleInUse(people=people)
    await tx.execute(sa.delete(store.roles).where(store.roles.c.id == role_id))
    facts = ("name", "rights")
    await audit.record(tx, principal, "role.removed", role_id, now=now, before=_part(before, facts), after={})


def _part(row: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: row[name] for name in names}


async def _own(tx: Tx, role_id: str) -> dict[str, Any]:
    row = await tx.fetch_one(sa.select(store.roles).where(store.roles.c.id == role_id).with_for_update())
    if row is None:
        raise RoleNotFound
    return dict(row)


async def _holders(tx: Tx, name: str) -> list[dict[str, Any]]:
    users = store.users
    query = sa.select(users).where(users.c.role == name, users.c.active).order_by(users.c.id)
    return [dict(row) for row in await tx.fetch_all(query)]


async def people_with(tx: Tx, right: Right, firm_id: str | None) -> list[str]:
    """The active people who have this right for what concerns a firm (None: for what concerns all)."""
    users = store.users
    rows = await tx.fetch_all(sa.select(users, store.own_rights).where(users.c.active).order_by(users.c.id))
    return [
        row["id"]
        for row in rows
        if right in rights_of_role(row["role"], row["own_rights"])
        and (row["firm_ids"] is None or (firm_id is not None and firm_id in row["firm_ids"]))
    ]


async def _serve(tx: Tx, user: dict[str, Any], serves: bool, sync: SyncAgent, now: Millis) -> None:
    """The person's worker comes or goes with the right to serve."""
    if user["worker_id"] is None:
        user["worker_id"] = new_id(WORKER, now)
        await tx.execute(
            sa.update(store.users).where(store.users.c.id == user["id"]).values(worker_id=user["worker_id"])
        )
    await sync(tx, agent_of({**user, "active": serves}))

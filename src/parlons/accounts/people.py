"""The writers of people: who is there, with which role, for which firms and queues; and who may say so.

Nobody makes, changes or unmakes somebody whose rights, firms or queues go beyond his own. Of those who can invite people and
change the settings for all firms (`rights.keeps`) the last one stays, whichever way he would go. A user who serves customers
has a worker: `sync` tells the router of it in the same transaction (see agents.py).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from parlons.accounts import audit, queries, store
from parlons.accounts.agents import Agent, KnownQueues, SyncAgent
from parlons.accounts.commands import check_email, check_firms, check_locale, check_name, write_unique
from parlons.accounts.errors import BeyondYourRights, EmailTaken, InvalidAccount, LastAdministrator, UserNotFound
from parlons.accounts.links import issue_link
from parlons.accounts.model import Principal
from parlons.accounts.queries import Json
from parlons.accounts.rights import PRESETS, Right, Rights, keeps, may_give
from parlons.accounts.sessions import rights_of_role, sign_out_everywhere, tell_rights_changed
from parlons.kit.clock import Millis, to_datetime
from parlons.kit.errors import Conflict
from parlons.kit.ids import USER, WORKER, new_id
from parlons.runtime.db import Tx
from parlons.runtime.events import Audience, Event

_LOCK = 0x7065_6F70


@dataclass(frozen=True, slots=True)
class UserChange:
    """Values of a user that may be set; None leaves a value as it is. `all_firms`, `all_queues`: without bounds."""

    email: str | None = None
    name: str | None = None
    role: str | None = None
    firm_ids: tuple[str, ...] | None = None
    all_firms: bool = False
    queue_ids: tuple[str, ...] | None = None
    all_queues: bool = False
    locale: str | None = None
    active: bool | None = None
    attributes: dict[str, Any] | None = None
    channels: dict[str, int] | None = None

    def values(self) -> dict[str, Any]:
        """The columns to set."""
        values: dict[str, Any] = {}
        if self.email is not None:
            values["email"] = check_email(self.email)
        if self.name is not None:
            values["name"] = check_name(self.name)
        if self.role is not None:
            values["role"] = self.role
        if self.firm_ids is not None or self.all_firms:
            values["firm_ids"] = None if self.all_firms else sorted(set(self.firm_ids or ()))
        if self.queue_ids is not None or self.all_queues:
            values["queue_ids"] = None if self.all_queues else sorted(set(self.queue_ids or ()))
        if self.locale is not None:
            values["locale"] = check_locale(self.locale)
        if self.active is not None:
            values["active"] = self.active
        return values


async def create_user(
    tx: Tx, principal: Principal, change: UserChange, *, sync: SyncAgent, queues: KnownQueues, now: Millis
) -> Json:
    """A new user without password: send a one-time link. Raises EmailTaken, InvalidAccount, FirmNotYours, BeyondYourRights."""
    if change.email is None or change.role is None:
        raise InvalidAccount("A user needs an e-mail address and a role.", field="email")
    values = {
        "name": change.email.partition("@")[0],
        "locale": "en",
        "active": True,
        "firm_ids": None,
        "queue_ids": None,
        **change.values(),
    }
    rights = await _check_given(tx, principal, values, values, queues)
    row = {
        "id": new_id(USER, now),
        "tenant_id": principal.tenant_id,
        "workspace_id": principal.workspace_id,
        "worker_id": new_id(WORKER, now) if Right.SERVE in rights else None,
        "created_at": to_datetime(now),
        **values,
    }
    await write_unique(tx, sa.insert(store.users).values(row), EmailTaken)
    if row["worker_id"] is not None:
        await sync(tx, agent_of(row, change))
    await audit.record(tx, principal, "user.created", row["id"], now=now, after=_facts(row))
    return await _user_changed(tx, row["id"])


async def update_user(
    tx: Tx,
    principal: Principal,
    user_id: str,
    change: UserChange,
    *,
    sync: SyncAgent,
    queues: KnownQueues,
    now: Millis,
    version: int | None = None,
) -> Json:
    """Set the given values. Raises Conflict when `version` is not the present one, LastAdministrator, EmailTaken,
    BeyondYourRights."""
    await hold_people(tx)
    before = await covered_user(tx, principal, user_id)
    if version is not None and before["version"] != version:
        raise Conflict(version=before["version"])
    values = change.values()
    after = {**before, **values}
    rights = await _check_given(tx, principal, values, after, queues)
    serves = Right.SERVE in rights
    if serves and before["worker_id"] is None:
        after["worker_id"] = values["worker_id"] = new_id(WORKER, now)
    if values:
        update = sa.update(store.users).where(store.users.c.id == user_id)
        await write_unique(tx, update.values(**values, version=store.users.c.version + 1), EmailTaken)
    await check_keeper(tx)
    if after["worker_id"] is not None:
        await sync(tx, agent_of({**after, "active": after["active"] and serves}, change))
    if not after["active"] or after["role"] != before["role"]:
        await sign_out_everywhere(tx, after["workspace_id"], user_id)
    elif any(after[word] != before[word] for word in ("firm_ids", "queue_ids")):
        tell_rights_changed(tx, after["workspace_id"], user_id)
    await audit.record(tx, principal, "user.updated", user_id, now=now, before=_facts(before), after=_facts(after))
    return await _user_changed(tx, user_id)


async def invite(tx: Tx, principal: Principal, user_id: str, *, now: Millis) -> str:
    """The token of a fresh one-time link, the only one that is good; raises UserNotFound, BeyondYourRights."""
    await covered_user(tx, principal, user_id)
    await _void_links(tx, user_id)
    return await issue_link(tx, principal, user_id, now=now)


async def revoke_link(tx: Tx, principal: Principal, user_id: str, *, now: Millis) -> None:
    """Links of this user that were not used open nothing any more; a second time changes nothing."""
    await covered_user(tx, principal, user_id)
    if await _void_links(tx, user_id):
        await audit.record(tx, principal, "link.revoked", user_id, now=now)


async def reset(tx: Tx, principal: Principal, user_id: str, *, now: Millis) -> str:
    """Whoever is signed in as this user is out, the password is gone; the token of the link that lets the person in."""
    row = await covered_user(tx, principal, user_id)
    await tx.execute(sa.update(store.users).where(store.users.c.id == user_id).values(password_hash=None))
    await sign_out_everywhere(tx, row["workspace_id"], user_id)
    await audit.record(tx, principal, "user.reset", user_id, now=now)
    return await issue_link(tx, principal, user_id, now=now)


async def _void_links(tx: Tx, user_id: str) -> bool:
    links = store.login_links
    gone = sa.delete(links).where(links.c.user_id == user_id, links.c.used_at.is_(None)).returning(links.c.user_id)
    return bool(await tx.fetch_all(gone))


async def covered_user(tx: Tx, principal: Principal, user_id: str) -> dict[str, Any]:
    """The row of a user, locked; raises UserNotFound, and BeyondYourRights when he has rights which the principal has not."""
    await queries.user(tx, principal, user_id)
    users = store.users
    query = sa.select(users, store.own_rights).where(users.c.id == user_id).with_for_update(of=users)
    row = await tx.fetch_one(query)
    if row is None:
        raise UserNotFound
    rights = rights_of_role(row["role"], row["own_rights"])
    if user_id != principal.user_id:  # of himself he may give up what he likes
        check_covers(principal, rights, row["firm_ids"], row["queue_ids"])
    return {name: value for name, value in row.items() if name != "own_rights"}


def check_covers(
    principal: Principal, rights: Rights, firm_ids: Collection[str] | None, queue_ids: Collection[str] | None
) -> None:
    """Raise BeyondYourRights unless all of this is within the principal's own rights."""
    beyond = rights - may_give(principal.rights)
    firms = principal.firm_ids is None or (firm_ids is not None and principal.firm_ids.issuperset(firm_ids))
    queues = principal.queue_ids is None or (queue_ids is not None and principal.queue_ids.issuperset(queue_ids))
    if beyond or not firms or not queues:
        raise BeyondYourRights(rights=sorted(beyond))


async def _check_given(
    tx: Tx, principal: Principal, values: Mapping[str, Any], after: Mapping[str, Any], queues: KnownQueues
) -> Rights:
    """The rights of the role in `after`; raises when the role, a firm or a queue is not there or not the principal's to give."""
    if "firm_ids" in values:
        await check_firms(tx, principal, values["firm_ids"])
    await check_queues(tx, principal, values.get("queue_ids"), queues)
    rights = await rights_named(tx, after["role"])
    if {"role", "firm_ids", "queue_ids"} & values.keys():
        check_covers(principal, rights, after["firm_ids"], after["queue_ids"])
    preset = PRESETS.get(after["role"])
    if preset is not None and preset.bound and after["firm_ids"] is None:
        raise InvalidAccount("Somebody from outside is bound to firms: name them.", field="firm_ids")
    return rights


async def check_queues(tx: Tx, principal: Principal, queue_ids: Collection[str] | None, queues: KnownQueues) -> None:
    """Raise InvalidAccount unless these queues are there, in firms of the principal."""
    if not queue_ids:
        return
    known = await queues(tx, principal.workspace_id)
    if not all(queue_id in known and principal.sees(known[queue_id]) for queue_id in queue_ids):
        raise InvalidAccount("One of these queues does not exist.", field="queue_ids")


async def rights_named(tx: Tx, name: str) -> Rights:
    """The rights of a role; raises InvalidAccount when there is none of this name."""
    if name in PRESETS:
        return PRESETS[name].rights
    own = await tx.scalar(sa.select(store.roles.c.rights).where(store.roles.c.name == name))
    if own is None:
        raise InvalidAccount("There is no such role.", field="role")
    return rights_of_role(name, own)


async def hold_people(tx: Tx) -> None:
    """Changes of people's rights come one after the other within a tenant: two who unmake each other cannot both succeed."""
    await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK, sa.func.hashtext(tx.tenant_id))))


async def check_keeper(tx: Tx) -> None:
    """Raise LastAdministrator when nobody would be left who can put everything right; after `hold_people` and the write."""
    users = store.users
    query = sa.select(users.c.role, store.own_rights).where(
        users.c.active, users.c.firm_ids.is_(None), users.c.queue_ids.is_(None)
    )
    rows = await tx.fetch_all(query.distinct())
    if not any(keeps(rights_of_role(row["role"], row["own_rights"]), None, None) for row in rows):
        raise LastAdministrator


def agent_of(row: Mapping[str, Any], change: UserChange | None = None) -> Agent:
    """What the router is told of a user's row."""
    return Agent(
        workspace_id=row["workspace_id"],
        user_id=row["id"],
        worker_id=row["worker_id"],
        name=row["name"],
        firm_ids=None if row["firm_ids"] is None else tuple(row["firm_ids"]),
        active=row["active"],
        attributes=change.attributes if change is not None else None,
        channels=change.channels if change is not None else None,
    )


def _facts(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("email", "name", "role", "firm_ids", "queue_ids", "locale", "active", "worker_id")
    return {name: row.get(name) for name in names}


async def _user_changed(tx: Tx, user_id: str) -> Json:
    row = await tx.fetch_one(sa.select(store.users).where(store.users.c.id == user_id))
    assert row is not None
    user = queries.user_json(row)
    personal = {name: user.pop(name) for name in ("name", "email")}
    first, *others = (None,) if row["firm_ids"] is None else row["firm_ids"] or ("-",)
    tx.publish(
        Event(
            workspace_id=row["workspace_id"],
            type="user.updated",
            data={"user": dict(user)},
            private={"user": personal},
            private_key=user_id,
            audience=Audience(first, (user_id,), firms=tuple(others)),
        )
    )
    return {**user, **personal}

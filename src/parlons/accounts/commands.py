"""Writers of this room: one's own preferences and password, firms. People, roles and keys: people.py, own_roles.py, keys.py.

Each command checks rights and values, writes, keeps an audit row, and publishes what screens must know; the caller's
transaction carries all of it or nothing.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from parlons.accounts import audit, queries, store
from parlons.accounts.agents import FirmUses
from parlons.accounts.errors import (
    DefaultFirm,
    FirmInUse,
    FirmNameTaken,
    InvalidAccount,
    UserNotFound,
    WrongPassword,
)
from parlons.accounts.model import Principal
from parlons.accounts.passwords import hash_password, password_matches
from parlons.accounts.queries import Json
from parlons.accounts.sessions import normal_email, sign_out_everywhere
from parlons.kit.clock import Millis, to_datetime
from parlons.kit.errors import Conflict
from parlons.kit.ids import FIRM, new_id
from parlons.runtime.db import Tx
from parlons.runtime.events import Audience, Event

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
LOCALES = ("en", "fr")


def check_email(email: str) -> str:
    """The address as it is stored; raises InvalidAccount."""
    email = normal_email(email)
    if _EMAIL.fullmatch(email) is None:
        raise InvalidAccount("This is no e-mail address.", field="email")
    return email


def check_name(name: str) -> str:
    """The display name without spaces around it; raises InvalidAccount."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 64:
        raise InvalidAccount("A name has 1 to 64 characters.", field="name")
    return name


def check_locale(locale: str) -> str:
    """A language the screens speak; raises InvalidAccount."""
    if locale not in LOCALES:
        raise InvalidAccount(f"The screens speak {' and '.join(LOCALES)}.", field="locale")
    return locale


def check_colour(colour: str | None) -> str | None:
    """A colour as #rrggbb; raises InvalidAccount."""
    if colour is not None and _COLOUR.fullmatch(colour.lower()) is None:
        raise InvalidAccount("A colour is written #rrggbb.", field="colour")
    return colour and colour.lower()


def check_languages(languages: list[str] | tuple[str, ...]) -> list[str]:
    """Language tags such as fr or pt-BR, the firm's first language first; raises InvalidAccount."""
    if not languages or any(_LANGUAGE.fullmatch(tag) is None for tag in languages):
        raise InvalidAccount("Name at least one language, such as fr or en.", field="languages")
    return list(dict.fromkeys(languages))


async def check_firms(tx: Tx, principal: Principal, firm_ids: list[str] | None) -> None:
    """Nobody gives rights he has not, and a right names a firm that is there."""
    if firm_ids is None:
        if principal.firm_ids is not None:
            raise InvalidAccount("You may give rights to your own firms only.", field="firm_ids")
        return
    for firm_id in firm_ids:
        principal.check_firm(firm_id)
    known = await tx.scalar(sa.select(sa.func.count()).select_from(store.firms).where(store.firms.c.id.in_(firm_ids)))
    if known != len(set(firm_ids)):
        raise InvalidAccount("One of these firms does not exist.", field="firm_ids")


async def write_unique(tx: Tx, statement: sa.Executable, taken: type[Conflict]) -> None:
    """Execute under a savepoint, so that a value already taken is a refusal and leaves the transaction usable."""
    try:
        async with tx.conn.begin_nested():
            await tx.execute(statement)
    except IntegrityError as error:
        raise taken from error


async def update_me(tx: Tx, principal: Principal, *, name: str | None, locale: str | None, preferences: Json) -> Json:
    """Set the caller's own name, language and preferences; returns what `queries.me` returns."""
    assert principal.user_id is not None
    row = await tx.fetch_one(sa.select(store.users).where(store.users.c.id == principal.user_id).with_for_update())
    if row is None:
        raise UserNotFound
    values: dict[str, Any] = {"preferences": {**row["preferences"], **preferences}}
    if name is not None:
        values["name"] = check_name(name)
    if locale is not None:
        values["locale"] = check_locale(locale)
    update = sa.update(store.users).where(store.users.c.id == principal.user_id)
    await tx.execute(update.values(**values, version=store.users.c.version + 1))
    me = await queries.me(tx, principal)
    user = dict(me["user"])
    personal = {name: user.pop(name) for name in ("name", "email")}
    tx.publish(
        Event(
            workspace_id=principal.workspace_id,
            type="me.updated",
            data={"me": {"user": user}},
            private={"me": {"user": personal}},
            private_key=principal.user_id,
            audience=Audience(user_ids=(principal.user_id,), supervisors=False),
        )
    )
    return me


async def change_password(
    tx: Tx, principal: Principal, *, password: str, current: str | None, by_link: bool, now: Millis
) -> None:
    """Set the caller's password and end all sessions, this one too. The old one is asked unless a link was just used."""
    assert principal.user_id is not None
    table = store.users
    row = await tx.fetch_one(sa.select(table).where(table.c.id == principal.user_id))
    if row is None:
        raise UserNotFound
    if (
        row["password_hash"] is not None
        and not by_link
        and not await password_matches(row["password_hash"], current or "")
    ):
        raise WrongPassword("The present password is not this one.")
    hashed = await hash_password(password)
    await tx.execute(sa.update(table).where(table.c.id == principal.user_id).values(password_hash=hashed))
    await sign_out_everywhere(tx, principal.workspace_id, principal.user_id)
    await audit.record(tx, principal, "password.changed", principal.user_id, now=now)


async def create_firm(
    tx: Tx, principal: Principal, *, name: str, colour: str | None, languages: list[str], now: Millis
) -> Json:
    """A new firm; raises FirmNameTaken, InvalidAccount, and Forbidden for who has rights to some firms only."""
    if principal.firm_ids is not None:
        raise InvalidAccount("Firms are added by who sees all of them.", field="firm_ids")
    row: dict[str, Any] = {
        "id": new_id(FIRM, now),
        "tenant_id": principal.tenant_id,
        "name": check_name(name),
        "colour": check_colour(colour),
        "languages": check_languages(languages),
        "created_at": to_datetime(now),
    }
    await write_unique(tx, sa.insert(store.firms).values(row), FirmNameTaken)
    after = {field: row[field] for field in ("name", "colour", "languages")}
    await audit.record(tx, principal, "firm.created", row["id"], now=now, after=after, firm_id=row["id"])
    return await _firm_changed(tx, principal, row["id"])


async def update_firm(
    tx: Tx, principal: Principal, firm_id: str, changes: Mapping[str, Any], *, now: Millis, version: int | None = None
) -> Json:
    """Set any of name, colour, languages, hours_id; raises Conflict when `version` is not the present one."""
    before = await queries.firm(tx, principal, firm_id)
    if version is not None and before["version"] != version:
        raise Conflict(version=before["version"])
    checks: dict[str, Callable[[Any], Any]] = {
        "name": check_name,
        "colour": check_colour,
        "languages": check_languages,
    }
    values = {field: checks[field](value) if field in checks else value for field, value in changes.items()}
    hours_id = values.get("hours_id")
    if hours_id is not None:
        found = sa.select(store.hours.c.id).where(store.hours.c.id == hours_id, store.hours.c.firm_id == firm_id)
        if await tx.scalar(found) is None:
            raise InvalidAccount("These opening hours belong to another firm or do not exist.", field="hours_id")
    if values:
        update = sa.update(store.firms).where(store.firms.c.id == firm_id)
        await write_unique(tx, update.values(**values, version=store.firms.c.version + 1), FirmNameTaken)
    after = {**before, **values}
    await audit.record(tx, principal, "firm.updated", firm_id, now=now, before=before, after=after, firm_id=firm_id)
    return await _firm_changed(tx, principal, firm_id)


async def remove_firm(tx: Tx, principal: Principal, firm_id: str, *, uses: FirmUses, now: Millis) -> None:
    """Remove a firm that nothing belongs to any more; raises DefaultFirm, FirmInUse."""
    firm = await queries.firm(tx, principal, firm_id)
    if firm["is_default"]:
        raise DefaultFirm
    users, hours = store.users, store.hours
    if await tx.scalar(sa.select(users.c.id).where(sa.any_(users.c.firm_ids) == firm_id).limit(1)) is not None:
        raise FirmInUse
    if await tx.scalar(sa.select(hours.c.id).where(hours.c.firm_id == firm_id).limit(1)) is not None:
        raise FirmInUse
    if used := await uses(tx, firm_id):
        raise FirmInUse(used=used)
    await write_unique(tx, sa.delete(store.firms).where(store.firms.c.id == firm_id), FirmInUse)
    await audit.record(tx, principal, "firm.removed", firm_id, now=now, before=firm, after={}, firm_id=firm_id)
    tx.publish(
        Event(
            principal.workspace_id,
            "firm.removed",
            {"removed": {"firm": firm_id}},
            firm_id,
            audience=_firm_audience(firm_id),
        )
    )


async def _firm_changed(tx: Tx, principal: Principal, firm_id: str) -> Json:
    firm = await queries.firm(tx, principal, firm_id)
    tx.publish(Event(principal.workspace_id, "firm.updated", {"firm": firm}, firm_id, audience=_firm_audience(firm_id)))
    return firm


def _firm_audience(firm_id: str) -> Audience:
    return Audience(firm_id=firm_id, everyone=True)

"""What became of the configuration: who changed what, when, by which road; and the change that takes one back.

A revision holds each thing before and after, never a secret. Undoing it is a change like any other: it is checked as a whole,
and refused when a field it would bring back was changed again since.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import RowMapping

from parlons.accounts.audit import difference
from parlons.accounts.model import Principal
from parlons.app.configuration.check import Parsed, Thing
from parlons.app.configuration.current import Current, thing_text
from parlons.app.configuration.plan import Plan
from parlons.app.configuration.refusals import ChangedSince, UnknownSetting
from parlons.app.configuration.store import changes, revisions
from parlons.app.configuration.wanted import SECRETS, Wanted, name_of, nothing, public
from parlons.kit.clock import to_datetime
from parlons.kit.pages import InvalidCursor
from parlons.runtime.db import Tx

Json = dict[str, Any]
REVISION = "RV"


async def keep(tx: Tx, principal: Principal, plan: Plan, wanted: Wanted) -> str:
    """Write down what a plan changes, in the same transaction; returns the revision."""
    revision = tx.new_id(REVISION)
    owner = {"tenant_id": principal.tenant_id}
    values = {
        "id": revision,
        "workspace_id": principal.workspace_id,
        "at": to_datetime(tx.now),
        "actor": principal.actor,
        "author": principal.name,
        "road": wanted.road,
        "undoes": wanted.undoes,
    }
    await tx.execute(sa.insert(revisions), [values | owner])
    rows = [
        {
            "revision_id": revision,
            "position": position,
            "kind": change.kind,
            "name": change.name,
            "act": change.act,
            "before": public(change.kind, change.before) if change.before else {},
            "after": public(change.kind, change.after) if change.after else {},
            **owner,
        }
        for position, change in enumerate(plan.changes)
    ]
    await tx.execute(sa.insert(changes), rows)
    return revision


async def latest(tx: Tx, principal: Principal, kind: str, name: str) -> Json | None:
    """Who changed a thing last, and when."""
    query = _revisions(principal).join(changes, changes.c.revision_id == revisions.c.id)
    row = await tx.fetch_one(
        query.where(changes.c.kind == kind, changes.c.name == name).order_by(revisions.c.number.desc()).limit(1)
    )
    return None if row is None else _head(row)


async def newest(tx: Tx, principal: Principal) -> str | None:
    """The revision that is valid now."""
    found: str | None = await tx.scalar(_revisions(principal).order_by(revisions.c.number.desc()).limit(1))
    return found


async def listed(
    tx: Tx,
    principal: Principal,
    *,
    kind: str | None,
    name: str | None,
    actor: str | None,
    before: str | None,
    limit: int,
) -> list[Json]:
    """Revisions, newest first, each with what it changed by name and field."""
    query = _revisions(principal).order_by(revisions.c.number.desc()).limit(limit)
    touched = [
        column == value for column, value in ((changes.c.kind, kind), (changes.c.name, name)) if value is not None
    ]
    if touched:
        named = sa.select(changes.c.revision_id).where(changes.c.tenant_id == principal.tenant_id, *touched)
        query = query.where(revisions.c.id.in_(named))
    if actor is not None:
        query = query.where(revisions.c.actor == actor)
    if before is not None:
        place = await tx.scalar(
            _revisions(principal).with_only_columns(revisions.c.number).where(revisions.c.id == before)
        )
        if place is None:
            raise InvalidCursor
        query = query.where(revisions.c.number < place)
    found = {row["id"]: {**_head(row), "changes": []} for row in await tx.fetch_all(query)}
    if found:
        some = sa.select(changes).where(changes.c.revision_id.in_(list(found)), changes.c.position < _MOST_LISTED)
        for row in await tx.fetch_all(some.order_by(changes.c.revision_id, changes.c.position)):
            told = {"kind": row["kind"], "name": row["name"], "act": row["act"]}
            found[row["revision_id"]]["changes"].append({**told, "fields": list(_diff(row))})
    return list(found.values())


_MOST_LISTED = 50
"""Changes of one revision that a list shows; its own page shows all."""


async def one(tx: Tx, principal: Principal, revision: str) -> Json:
    """A revision whole: every change with its fields, and both texts."""
    head, rows = await _read(tx, principal, revision)
    return {
        **_head(head),
        "changes": [
            {
                "kind": row["kind"],
                "name": row["name"],
                "act": row["act"],
                "fields": list(_diff(row)),
                "diff": _diff(row),
                "before": thing_text(row["kind"], row["before"]),
                "after": thing_text(row["kind"], row["after"]),
            }
            for row in rows
        ],
    }


async def undoing(tx: Tx, principal: Principal, revision: str) -> Wanted:
    """The change that takes a revision back; what has changed since is refused when it is laid down."""
    _, rows = await _read(tx, principal, revision)
    later = {
        (row["kind"], row["name"]): await _later(tx, principal, revision, row["kind"], row["name"])
        for row in rows[:200]
    }
    wanted = Wanted(nothing(), road="undo", undoes=revision, watch=True)

    def check(current: Current) -> None:
        for row in rows:
            _check_unchanged(row, current, later.get((row["kind"], row["name"])))

    wanted.check = check
    for row in reversed(rows):
        _take_back(row, wanted)
    return wanted


def _take_back(row: RowMapping, wanted: Wanted) -> None:
    kind, name, before, after = row["kind"], row["name"], row["before"], row["after"]
    if row["act"] == "add":
        wanted.remove.append((kind, name))
        return
    former = name_of(kind, before)
    if row["act"] == "change" and former != name:
        wanted.rename.append((kind, name, former))
    fields = before if row["act"] == "remove" else {word: before.get(word) for word in _diff(row)}
    if kind == "user" and "channels" in fields:
        fields = {**fields, "channels": {**dict.fromkeys(after.get("channels", ()), 1), **before["channels"]}}
    named = {
        word: before[word]
        for word in ("name", "firm", "email", "key", "channel", "address", "system")
        if word in before
    }
    _add(wanted.parsed, kind, former, {**named, **_bare(kind, fields)})


def _add(parsed: Parsed, kind: str, name: str, thing: Thing) -> None:
    parsed.things[kind][name] = thing
    parsed.paths[kind, name] = ()


def _bare(kind: str, thing: Thing) -> Thing:
    """Without secrets: the ones there are stay."""
    if kind == "user" and thing.get("phone") is not None:
        return {**thing, "phone": {**thing["phone"], "password": None}}
    return {word: value for word, value in thing.items() if word != SECRETS.get(kind)}


def _check_unchanged(row: RowMapping, current: Current, later: Json | None) -> None:
    kind, name = row["kind"], row["name"]
    there = current.things[kind].get(name)
    if row["act"] == "remove":
        same = there is None
    else:
        now = None if there is None else public(kind, there)
        fields = row["after"] if row["act"] == "add" else _diff(row)
        same = now is not None and all(now.get(word) == row["after"].get(word) for word in fields)
    if not same:
        raise ChangedSince(kind=kind, name=name, later=later)


async def _later(tx: Tx, principal: Principal, revision: str, kind: str, name: str) -> Json | None:
    found = await latest(tx, principal, kind, name)
    return None if found is None or found["id"] == revision else found


async def _read(tx: Tx, principal: Principal, revision: str) -> tuple[RowMapping, list[RowMapping]]:
    head = await tx.fetch_one(_revisions(principal).where(revisions.c.id == revision))
    if head is None:
        raise UnknownSetting(revision=revision)
    query = sa.select(changes).where(changes.c.revision_id == revision).order_by(changes.c.position)
    return head, await tx.fetch_all(query)


def _revisions(principal: Principal) -> sa.Select[Any]:
    return sa.select(revisions).where(
        revisions.c.tenant_id == principal.tenant_id, revisions.c.workspace_id == principal.workspace_id
    )


def _head(row: RowMapping) -> Json:
    return {word: row[word] for word in ("id", "at", "actor", "author", "road", "undoes")}


def _diff(row: RowMapping) -> dict[str, list[Any]]:
    return difference(row["before"], row["after"])

"""Two rows that are one person: merged by somebody who knows, and separated again exactly as they were.

Addresses and touches move to the customer who is kept; what he lacks (a name, an attribute) is taken over; the other row stays,
empty-handed, and leads to him. What moved is remembered by ids, never by values, so that erasing finds nothing here. Whatever
came to the kept one since stays his. Conversations are moved by their own room. Source: GDPR art. 16 (putting right).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from parlons.customers.commands import CustomerErased, UnknownCustomer, _change, _locked
from parlons.customers.model import Card, Customer
from parlons.customers.store import addresses, customers, merges, read_customer, touches
from parlons.kit import ids
from parlons.kit.clock import to_datetime
from parlons.kit.errors import Conflict, Invalid, NotFound
from parlons.runtime.db import Tx


class NotMergeable(Invalid):
    """Two customers of one firm can be merged; these are one and the same, or of two firms."""

    code = "not-mergeable"


class AlreadyMerged(Conflict):
    """One of these customers has been merged with another meanwhile."""

    code = "already-merged"


class UnknownMerge(NotFound):
    """There is no such merge, or it was undone."""

    code = "unknown-merge"


@dataclass(frozen=True, slots=True)
class Merge:
    """One merge that holds."""

    id: str
    firm_id: str
    kept_id: str
    merged_id: str
    moved: dict[str, Any]


async def merge(tx: Tx, kept_id: str, other_id: str, *, by: str, conversation_ids: list[str]) -> tuple[Merge, Customer]:
    """`other_id` is `kept_id`; `conversation_ids`: those the caller moves. Raises NotMergeable, AlreadyMerged, CustomerErased."""
    first, second = sorted((kept_id, other_id))
    found = {
        first: await _locked(tx, first),
        second: await _locked(tx, second),
    }  # one order: two merges cannot lock each other
    kept, other = found[kept_id], found[other_id]
    if kept_id == other_id or kept.firm_id != other.firm_id:
        raise NotMergeable
    if kept.merged_into is not None or other.merged_into is not None:
        raise AlreadyMerged
    moved: dict[str, Any] = {"conversations": conversation_ids, **_lacking(kept, other)}
    moved.update(await _move_addresses(tx, kept, other))
    moved["touches"] = await _move_touches(tx, touches.c.customer_id == other_id, kept_id)
    merge_id = tx.new_id(ids.MERGE)
    made = Merge(merge_id, kept.firm_id, kept_id, other_id, moved)
    row = {"id": made.id, "firm_id": made.firm_id, "kept_id": kept_id, "merged_id": other_id, "moved": moved}
    await tx.execute(merges.insert().values(tenant_id=tx.tenant_id, by_user=by, at=to_datetime(tx.now), **row))
    await _change(tx, other_id, merged_into=kept_id)
    taken: dict[str, Any] = {name: getattr(other, name) for name in moved["fields"]}
    taken["attributes"] = {**{key: other.attributes[key] for key in moved["attributes"]}, **kept.attributes}
    return made, await _change(tx, kept_id, **taken)


async def separate(tx: Tx, merge_id: str) -> Merge:
    """Two people after all: what moved goes back; what changed since stays. Raises UnknownMerge, AlreadyMerged."""
    found = await held(tx, merge_id)
    if found is None:
        raise UnknownMerge
    kept, other = await _locked(tx, found.kept_id), await _locked(tx, found.merged_id)
    if kept.merged_into is not None:
        raise AlreadyMerged("The customer kept was merged with another since; separate those first.")
    moved = found.moved
    still = sa.and_(_here(tx, addresses), addresses.c.customer_id == kept.id)
    await tx.execute(
        addresses.update().where(still, addresses.c.id.in_(moved["addresses"])).values(customer_id=other.id)
    )
    for mine, his in moved["proven"]:
        given = await tx.execute(addresses.update().where(still, addresses.c.id == mine).values(verified=False))
        await tx.execute(
            addresses.update().where(_here(tx, addresses), addresses.c.id == his).values(verified=bool(given.rowcount))
        )
    await _move_touches(tx, sa.and_(touches.c.customer_id == kept.id, touches.c.id.in_(moved["touches"])), other.id)
    await tx.execute(
        merges.update().where(_here(tx, merges), merges.c.id == merge_id).values(undone_at=to_datetime(tx.now))
    )
    await _change(tx, other.id, merged_into=None)
    await _change(tx, kept.id, **_given_back(kept, other, moved))
    return found


async def held(tx: Tx, merge_id: str) -> Merge | None:
    """The merge, while it holds."""
    where = sa.and_(_here(tx, merges), merges.c.id == merge_id, merges.c.undone_at.is_(None))
    row = await tx.fetch_one(sa.select(merges).where(where))
    return Merge(row["id"], row["firm_id"], row["kept_id"], row["merged_id"], row["moved"]) if row else None


def _lacking(kept: Customer, other: Customer) -> dict[str, list[str]]:
    """What the kept one takes over because he has nothing of it: names of fields and attributes."""
    fields = [name for name in ("name", "language") if not getattr(kept, name) and getattr(other, name)]
    return {"fields": fields, "attributes": sorted(other.attributes.keys() - kept.attributes.keys())}


def _given_back(kept: Customer, other: Customer, moved: dict[str, Any]) -> dict[str, Any]:
    """The kept one's own fields again; what somebody wrote since is his."""
    taken = [key for key in moved["attributes"] if kept.attributes.get(key) == other.attributes.get(key)]
    back: dict[str, Any] = {"attributes": {k: v for k, v in kept.attributes.items() if k not in taken}}
    empty = {"name": "", "language": None}
    for name in moved["fields"]:
        if getattr(kept, name) == getattr(other, name):
            back[name] = empty[name]
    return back


async def _move_addresses(tx: Tx, kept: Customer, other: Customer) -> dict[str, list[Any]]:
    """All but those the kept one has too; of these the proof moves, if only the other had given it."""
    own = {(one.kind, one.value): one for one in kept.addresses}
    double = [(own[one.kind, one.value], one) for one in other.addresses if (one.kind, one.value) in own]
    proven = [(mine.id, his.id) for mine, his in double if his.verified and not mine.verified]
    for mine, his in proven:
        await tx.execute(addresses.update().where(_here(tx, addresses), addresses.c.id == his).values(verified=False))
        await tx.execute(addresses.update().where(_here(tx, addresses), addresses.c.id == mine).values(verified=True))
    moving = [one.id for one in other.addresses if (one.kind, one.value) not in own]
    await tx.execute(
        addresses.update().where(_here(tx, addresses), addresses.c.id.in_(moving)).values(customer_id=kept.id)
    )
    return {"addresses": moving, "proven": [list(pair) for pair in proven]}


async def _move_touches(tx: Tx, where: sa.ColumnElement[bool], to: str) -> list[str]:
    statement = touches.update().where(_here(tx, touches), where).values(customer_id=to).returning(touches.c.id)
    tx.kept.pop(Card, None)
    return [row["id"] for row in await tx.fetch_all(statement)]


def _here(tx: Tx, table: sa.Table) -> sa.ColumnElement[bool]:
    return table.c.tenant_id == tx.tenant_id


async def standing(tx: Tx, customer_id: str) -> str:
    """Whom this id stands for now: himself, or the one he was merged into."""
    known = customer_id
    where = sa.and_(_here(tx, customers), customers.c.merged_into.is_not(None))
    while (
        found := await tx.scalar(sa.select(customers.c.merged_into).where(where, customers.c.id == known))
    ) is not None:
        known = found
    return known


async def standing_customer(tx: Tx, customer_id: str) -> Customer:
    """Who this id stands for now; raises UnknownCustomer, CustomerErased."""
    known = await read_customer(tx, customer_id)
    if known is not None and known.merged_into is not None:
        known = await read_customer(tx, await standing(tx, known.merged_into))
    if known is None:
        raise UnknownCustomer
    if known.erased_at is not None:
        raise CustomerErased
    return known


async def merged_with(tx: Tx, customer_id: str) -> list[str]:
    """Everybody who is or was one with him, himself first: under all these ids the journal may hold words of his."""
    known = [customer_id]
    for one in known:
        pairs = sa.select(merges.c.kept_id, merges.c.merged_id).where(
            _here(tx, merges), sa.or_(merges.c.kept_id == one, merges.c.merged_id == one)
        )
        for row in await tx.fetch_all(pairs):
            known += [other for other in (row["kept_id"], row["merged_id"]) if other not in known]
    return known


async def one_person(tx: Tx, customer_id: str) -> list[str]:
    """The ids that are one person now: whom it stands for, and all who were merged into him."""
    known = [await standing(tx, customer_id)]
    for one in known:
        rows = await tx.fetch_all(sa.select(customers.c.id).where(_here(tx, customers), customers.c.merged_into == one))
        known += [row["id"] for row in rows]
    return known


async def with_others(tx: Tx, customer_ids: Iterable[str]) -> set[str]:
    """Those of these ids that stand for one person together with other ids (`one_person`)."""
    wanted = list(customer_ids)
    c = merges.c
    rows = await tx.fetch_all(
        sa.select(c.kept_id, c.merged_id).where(
            _here(tx, merges), c.undone_at.is_(None), sa.or_(c.kept_id.in_(wanted), c.merged_id.in_(wanted))
        )
    )
    return {one for row in rows for one in (row["kept_id"], row["merged_id"])} & set(wanted)


async def moved_conversations(tx: Tx, customer_id: str) -> list[str]:
    """Conversations that came to him by a merge: a browser of his own does not show them, nobody proved that they are his."""
    rows = await tx.fetch_all(
        sa.select(merges.c.moved).where(
            _here(tx, merges), merges.c.kept_id == customer_id, merges.c.undone_at.is_(None)
        )
    )
    return [one for row in rows for one in row["moved"]["conversations"]]


async def merges_of(tx: Tx, customer_id: str) -> list[dict[str, Any]]:
    """The merges that hold into this customer, newest first, each with the other's name. Of who was erased none: nobody can be
    separated whom nobody knows any more."""
    gone = sa.select(customers.c.id).where(
        _here(tx, customers), customers.c.id == customer_id, customers.c.erased_at.is_not(None)
    )
    if await tx.scalar(gone) is not None:
        return []
    query = sa.select(merges).where(_here(tx, merges), merges.c.kept_id == customer_id, merges.c.undone_at.is_(None))
    told = []
    for row in await tx.fetch_all(query.order_by(merges.c.at.desc(), merges.c.id.desc())):
        other = await read_customer(tx, row["merged_id"])
        name = other.name if other else ""
        told.append(
            {
                "id": row["id"],
                "customer_id": row["merged_id"],
                "name": name,
                "by_user_id": row["by_user"],
                "at": row["at"].isoformat(),
                "conversations": len(row["moved"]["conversations"]),
            }
        )
    return told

"""What is read of customers: one, many by a search, what lists show, the journey."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from parlons.customers.model import PAGE, Card, Customer, live_page, touch_json
from parlons.customers.store import (
    addresses,
    customers,
    read_cards,
    read_customer,
    read_customers,
    read_touches,
    touches,
)
from parlons.runtime.db import Tx

MAX_JOURNEY = 200


async def customer(tx: Tx, customer_id: str) -> Customer | None:
    """One customer, also an erased one."""
    return await read_customer(tx, customer_id)


async def by_ids(tx: Tx, customer_ids: Iterable[str]) -> dict[str, Customer]:
    """Several, also erased ones, by id."""
    wanted = list(customer_ids)
    found = await read_customers(tx, customers.c.id.in_(wanted)) if wanted else []
    return {one.id: one for one in found}


async def ids_of_addresses(tx: Tx, firm_id: str, kind: str, values: Iterable[str]) -> list[str]:
    """The customers of a firm who have one of these addresses."""
    known = sa.and_(addresses.c.tenant_id == tx.tenant_id, addresses.c.firm_id == firm_id, addresses.c.kind == kind)
    query = sa.select(addresses.c.customer_id).where(known, addresses.c.value.in_(list(values))).distinct()
    return sorted(row["customer_id"] for row in await tx.fetch_all(query))


async def cards(tx: Tx, customer_ids: Iterable[str]) -> dict[str, Card]:
    """What lists show of these customers, by id."""
    return await read_cards(tx, customer_ids)


async def search(
    tx: Tx, *, text: str, firm_ids: frozenset[str] | None, after: str | None, limit: int
) -> list[Customer]:
    """Customers whose name or address contains `text`, of these firms (None: all), in order of id after `after`."""
    where: sa.ColumnElement[bool] = sa.and_(customers.c.erased_at.is_(None), customers.c.merged_into.is_(None))
    if firm_ids is not None:
        where = sa.and_(where, customers.c.firm_id.in_(firm_ids))
    if after is not None:
        where = sa.and_(where, customers.c.id > after)
    if wanted := text.strip():
        owners = sa.select(addresses.c.customer_id).where(
            addresses.c.tenant_id == tx.tenant_id,
            addresses.c.kind != "webchat",
            addresses.c.value.icontains(wanted, autoescape=True),
        )
        named = customers.c.name.icontains(wanted, autoescape=True)
        where = sa.and_(where, sa.or_(named, customers.c.id.in_(owners)))
    return await read_customers(tx, where, limit=limit)


async def alike(tx: Tx, found: Customer, limit: int = 10) -> list[Customer]:
    """Others of his firm who may be the same person: they share an address that one of them only claims, or the name."""
    mine = [address.value for address in found.addresses if address.kind != "webchat"]
    sharing = sa.select(addresses.c.customer_id).where(
        addresses.c.tenant_id == tx.tenant_id, addresses.c.firm_id == found.firm_id, addresses.c.value.in_(mine)
    )
    same: sa.ColumnElement[bool] = customers.c.id.in_(sharing)
    if found.name:
        same = sa.or_(same, sa.func.lower(customers.c.name) == found.name.lower())
    there = sa.and_(customers.c.erased_at.is_(None), customers.c.merged_into.is_(None))
    where = sa.and_(there, customers.c.firm_id == found.firm_id, customers.c.id != found.id, same)
    return await read_customers(tx, where, limit=limit)


async def ids_matching(tx: Tx, text: str, firm_ids: frozenset[str] | None, limit: int = 200) -> list[str]:
    """Ids of customers a search finds: for rooms which list things of customers."""
    return [found.id for found in await search(tx, text=text, firm_ids=firm_ids, after=None, limit=limit)]


async def journey(tx: Tx, customer_id: str, *, limit: int = MAX_JOURNEY) -> dict[str, Any]:
    """Every touch, newest first, and the page he looks at now."""
    known = await read_touches(tx, touches.c.customer_id == customer_id, limit=limit)
    live = next((touch for touch in known if touch.kind == PAGE and touch.until is None), None)
    return {"lives_on": live_page(live) if live else None, "items": [touch_json(touch) for touch in known]}

"""Tables of customers, and rows read as values. Private to this room."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import RowMapping

from parlons.customers.model import PAGE, Address, Card, Customer, Touch, live_page
from parlons.kit.clock import from_datetime
from parlons.runtime.db import Tx
from parlons.runtime.prepared import Prepared, Row, insertion
from parlons.runtime.schema import metadata

customers = sa.Table(
    "customers",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("workspace_id", sa.Text, nullable=False),
    sa.Column("firm_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    sa.Column("language", sa.Text),
    sa.Column("attributes", JSONB, nullable=False, server_default="{}"),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("erased_at", sa.DateTime(timezone=True)),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("merged_into", sa.Text, sa.ForeignKey("customers.id")),
    sa.Index("ix_customers_firm", "tenant_id", "firm_id", "id"),
)

addresses = sa.Table(
    "addresses",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("firm_id", sa.Text, nullable=False),
    sa.Column("customer_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("verified", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(["customer_id"], ["customers.id"]),
    sa.UniqueConstraint("customer_id", "kind", "value"),
    sa.Index(
        "uq_addresses_verified",
        "tenant_id",
        "firm_id",
        "kind",
        "value",
        unique=True,
        postgresql_where=sa.text("verified"),
    ),
    sa.Index("ix_addresses_value", "tenant_id", "firm_id", "kind", "value"),
)

touches = sa.Table(
    "touches",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("firm_id", sa.Text, nullable=False),
    sa.Column("customer_id", sa.Text),
    sa.Column("visitor_id", sa.Text),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("data", JSONB, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("until", sa.DateTime(timezone=True)),
    sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(["customer_id"], ["customers.id"]),
    sa.Index("ix_touches_customer", "tenant_id", "customer_id", "at"),
    sa.Index("ix_touches_visitor", "tenant_id", "visitor_id", "at"),
    sa.Index(
        "ix_touches_live",
        "tenant_id",
        "customer_id",
        postgresql_where=sa.text("kind = 'page' AND until IS NULL"),
    ),
)

merges = sa.Table(
    "customer_merges",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("firm_id", sa.Text, nullable=False),
    sa.Column("kept_id", sa.Text, sa.ForeignKey("customers.id"), nullable=False),
    sa.Column("merged_id", sa.Text, sa.ForeignKey("customers.id"), nullable=False),
    sa.Column("moved", JSONB, nullable=False),
    sa.Column("by_user", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("undone_at", sa.DateTime(timezone=True)),
    sa.Index("ix_customer_merges_kept", "tenant_id", "kept_id"),
    sa.Index("ix_customer_merges_merged", "tenant_id", "merged_id"),
)


def _owner(*, verified: bool) -> Prepared:
    """The customer whom an address leads to: proven, or only claimed by one who has proven nothing."""
    query = (
        sa.select(customers)
        .join(addresses, addresses.c.customer_id == customers.c.id)
        .where(
            addresses.c.tenant_id == sa.bindparam("tenant"),
            addresses.c.firm_id == sa.bindparam("of_firm"),
            addresses.c.kind == sa.bindparam("of_kind"),
            addresses.c.value == sa.bindparam("of_value"),
            customers.c.tenant_id == sa.bindparam("tenant"),
        )
    )
    if verified:
        return Prepared(query.where(addresses.c.verified))
    other = addresses.alias("other")
    proven = sa.exists().where(
        other.c.tenant_id == sa.bindparam("tenant"), other.c.customer_id == customers.c.id, other.c.verified
    )
    return Prepared(query.where(customers.c.merged_into.is_(None), ~proven).order_by(customers.c.id))


# Without LIMIT: the planner would rather walk all customers in the order of their ids until one fits.
OWNER_PROVEN, OWNER_CLAIMED = _owner(verified=True), _owner(verified=False)
ADDRESSES = Prepared(
    sa.select(addresses)
    .where(addresses.c.tenant_id == sa.bindparam("tenant"), addresses.c.customer_id == sa.bindparam("of_id"))
    .order_by(addresses.c.created_at, addresses.c.id)
)
"""Of one customer."""
_his = sa.and_(addresses.c.tenant_id == customers.c.tenant_id, addresses.c.customer_id == customers.c.id)
_one = sa.select(customers).where(
    customers.c.tenant_id == sa.bindparam("tenant"), customers.c.id == sa.bindparam("of_id")
)
_LOCKED = Prepared(_one.with_for_update())
"""Without his addresses: what is read with a row that was waited for is as old as the wait."""
_BY_ID = Prepared(
    sa.select(
        customers,
        addresses.c.id.label("address_id"),
        addresses.c.kind.label("address_kind"),
        addresses.c.value.label("address_value"),
        addresses.c.verified.label("address_verified"),
    )
    .select_from(customers.outerjoin(addresses, _his))
    .where(customers.c.tenant_id == sa.bindparam("tenant"), customers.c.id == sa.bindparam("of_id"))
    .order_by(addresses.c.created_at, addresses.c.id)
)
"""A row for each of his addresses."""
NEW_CUSTOMER = insertion(
    customers, "id", "tenant_id", "workspace_id", "firm_id", "name", "language", "created_at", "updated_at"
)
NEW_ADDRESS = insertion(addresses)
NEW_TOUCH = insertion(touches)
_LIVE_PAGE = Prepared(
    sa.select(touches)
    .where(
        touches.c.tenant_id == sa.bindparam("tenant"),
        touches.c.customer_id == sa.bindparam("customer"),
        touches.c.kind == PAGE,
        touches.c.until.is_(None),
    )
    .order_by(touches.c.at.desc(), touches.c.id.desc())
    .limit(1)
)


async def read_customers(tx: Tx, where: sa.ColumnElement[bool], *, limit: int | None = None) -> list[Customer]:
    """Customers in order of their ids, each with his addresses."""
    query = sa.select(customers).where(customers.c.tenant_id == tx.tenant_id, where).order_by(customers.c.id)
    rows = await tx.fetch_all(query.limit(limit))
    known = await _addresses_of(tx, [row["id"] for row in rows])
    return [_customer(row, known.get(row["id"], ())) for row in rows]


async def read_customer(tx: Tx, customer_id: str, *, lock: bool = False) -> Customer | None:
    """One customer; `lock` keeps his row until the transaction ends."""
    known: Customer | None = None if lock else tx.kept.get((Customer, customer_id))
    if known is not None:
        return known
    rows = await tx.run(_LOCKED if lock else _BY_ID, tenant=tx.tenant_id, of_id=customer_id)
    if not rows:
        return None
    if lock:
        return customer_of(rows[0], await tx.run(ADDRESSES, tenant=tx.tenant_id, of_id=customer_id))
    his = [row for row in rows if row["address_id"] is not None]
    names = ("address_id", "address_kind", "address_value", "address_verified")
    return _customer(rows[0], tuple(Address(*(row[name] for name in names)) for row in his))


async def _addresses_of(tx: Tx, ids: Iterable[str]) -> dict[str, tuple[Address, ...]]:
    query = (
        sa.select(addresses)
        .where(addresses.c.tenant_id == tx.tenant_id, addresses.c.customer_id.in_(list(ids)))
        .order_by(addresses.c.created_at, addresses.c.id)
    )
    known: dict[str, tuple[Address, ...]] = {}
    for row in await tx.fetch_all(query):
        address = Address(row["id"], row["kind"], row["value"], row["verified"])
        known[row["customer_id"]] = (*known.get(row["customer_id"], ()), address)
    return known


def customer_of(row: Row, known: list[Row]) -> Customer:
    """A row of `customers` and his of `addresses` as a value."""
    return _customer(row, tuple(Address(one["id"], one["kind"], one["value"], one["verified"]) for one in known))


def _customer(row: RowMapping | Row, known: tuple[Address, ...]) -> Customer:
    return Customer(
        id=row["id"],
        firm_id=row["firm_id"],
        name=row["name"],
        language=row["language"],
        attributes=row["attributes"],
        addresses=known,
        created_at=from_datetime(row["created_at"]),
        erased_at=from_datetime(row["erased_at"]) if row["erased_at"] else None,
        version=row["version"],
        merged_into=row["merged_into"],
    )


def touch_of(row: RowMapping | dict[str, Any]) -> Touch:
    """A row of `touches` as a value."""
    return Touch(
        id=row["id"],
        firm_id=row["firm_id"],
        customer_id=row["customer_id"],
        visitor_id=row["visitor_id"],
        kind=row["kind"],
        data=row["data"],
        at=from_datetime(row["at"]),
        until=from_datetime(row["until"]) if row["until"] else None,
    )


async def read_touches(tx: Tx, where: sa.ColumnElement[bool], *, limit: int) -> list[Touch]:
    """Touches, newest first."""
    query = sa.select(touches).where(touches.c.tenant_id == tx.tenant_id, where)
    rows = await tx.fetch_all(query.order_by(touches.c.at.desc(), touches.c.id.desc()).limit(limit))
    return [touch_of(row) for row in rows]


async def read_cards(tx: Tx, ids: Iterable[str]) -> dict[str, Card]:
    """What lists show of these customers: three queries, however many they are, once in a transaction."""
    kept: dict[str, Card] = tx.kept.setdefault(Card, {})
    asked = set(ids)
    wanted = list(asked - kept.keys())
    for one in wanted:
        known: Customer | None = tx.kept.get((Customer, one))
        if known is None and len(wanted) == 1:
            known = await read_customer(tx, one)
        if known is not None:
            kept[one] = await _card_of(tx, known)
    if wanted := [one for one in wanted if one not in kept]:
        kept.update(await _read_cards(tx, wanted))
    return {one: kept[one] for one in asked if one in kept}


async def _card_of(tx: Tx, known: Customer) -> Card:
    found = await tx.run(_LIVE_PAGE, apart=True, tenant=tx.tenant_id, customer=known.id)
    return Card(known.id, known.name, known.reach(), live_page(touch_of(found[0])) if found else None)


async def _read_cards(tx: Tx, wanted: list[str]) -> dict[str, Card]:
    live: dict[str, Touch] = {}
    open_page = sa.and_(touches.c.customer_id.in_(wanted), touches.c.kind == PAGE, touches.c.until.is_(None))
    for touch in await read_touches(tx, open_page, limit=10 * len(wanted)):
        if touch.customer_id is not None:
            live.setdefault(touch.customer_id, touch)
    found = await read_customers(tx, customers.c.id.in_(wanted))
    return {c.id: Card(c.id, c.name, c.reach(), live_page(live[c.id]) if c.id in live else None) for c in found}


opt_outs = sa.Table(
    "opt_outs",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("firm_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, primary_key=True),
    sa.Column("customer_id", sa.Text),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("word", sa.Text, nullable=False, server_default=""),
    sa.Column("message_id", sa.Text),
    sa.Column("at", sa.DateTime(timezone=True), primary_key=True),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.Index("ix_opt_outs_customer", "tenant_id", "customer_id"),
)

purpose_opt_outs = sa.Table(
    "purpose_opt_outs",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("customer_id", sa.Text, primary_key=True),
    sa.Column("purpose", sa.Text, primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), primary_key=True),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
)

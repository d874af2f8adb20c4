"""Tables of customers, and rows read as values. Private to this room."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import RowMapping

from parlons.customers.model import PAGE, Address, Card, Customer, Touch, live_page
from parlons.kit.clock import from_datetime
from parlons.runtime.db import Tx
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


async def read_customers(tx: Tx, where: sa.ColumnElement[bool], *, limit: int | None = None) -> list[Customer]:
    """Customers in order of their ids, each with his addresses."""
    query = sa.select(customers).where(customers.c.tenant_id == tx.tenant_id, where).order_by(customers.c.id)
    rows = await tx.fetch_all(query.limit(limit))
    known = await _addresses_of(tx, [row["id"] for row in rows])
    return [_customer(row, known.get(row["id"], ())) for row in rows]


async def read_customer(tx: Tx, customer_id: str, *, lock: bool = False) -> Customer | None:
    """One customer; `lock` keeps his row until the transaction ends."""
    query = sa.select(customers).where(customers.c.tenant_id == tx.tenant_id, customers.c.id == customer_id)
    row = await tx.fetch_one(query.with_for_update() if lock else query)
    if row is None:
        return None
    known = await _addresses_of(tx, [customer_id])
    return _customer(row, known.get(customer_id, ()))


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


def _customer(row: RowMapping, known: tuple[Address, ...]) -> Customer:
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
    )


def touch_of(row: RowMapping) -> Touch:
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
    if wanted:
        kept.update(await _read_cards(tx, wanted))
    return {one: kept[one] for one in asked if one in kept}


async def _read_cards(tx: Tx, wanted: list[str]) -> dict[str, Card]:
    live: dict[str, Touch] = {}
    open_page = sa.and_(touches.c.customer_id.in_(wanted), touches.c.kind == PAGE, touches.c.until.is_(None))
    for touch in await read_touches(tx, open_page, limit=10 * len(wanted)):
        if touch.customer_id is not None:
            live.setdefault(touch.customer_id, touch)
    found = await read_customers(tx, customers.c.id.in_(wanted))
    return {c.id: Card(c.id, c.name, c.reach(), live_page(live[c.id]) if c.id in live else None) for c in found}

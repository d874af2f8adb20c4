"""Tables of customer systems, links, writes and panels, and rows read as values. Private to this room."""

from dataclasses import asdict
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import RowMapping

from parlons.crm.fields import Field
from parlons.crm.model import Link, LookupRow, Write
from parlons.kit.clock import from_datetime
from parlons.runtime.db import Tx
from parlons.runtime.schema import at_column, metadata, tenant_column, text_column
from parlons.runtime.vault import Sealed

lookups = sa.Table(
    "lookups",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    tenant_column(),
    text_column("workspace_id"),
    text_column("firm_id", nullable=True),
    text_column("name"),
    text_column("system"),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("settings", JSONB, nullable=False),
    sa.Column("secrets", Sealed("lookups.secrets"), nullable=False),
    sa.Column("fields", JSONB, nullable=False),
    text_column("pop_url"),
    sa.Column("write_contacts", sa.Boolean, nullable=False),
    sa.Column("create_missing", sa.Boolean, nullable=False),
    text_column("language"),
    sa.Column("poll_minutes", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("position", JSONB, nullable=False, server_default="{}"),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    at_column("away_since", nullable=True),
    at_column("away_until", nullable=True),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.UniqueConstraint("workspace_id", "name"),
)

links = sa.Table(
    "record_links",
    metadata,
    sa.Column("lookup_id", sa.Text, primary_key=True),
    sa.Column("customer_id", sa.Text, primary_key=True),
    tenant_column(),
    text_column("record_id"),
    sa.Column("values", JSONB, nullable=False),
    text_column("url"),
    at_column("read_at"),
    sa.Index("ix_record_links_record", "tenant_id", "lookup_id", "record_id"),
    sa.Index("ix_record_links_customer", "tenant_id", "customer_id"),
)

writes = sa.Table(
    "record_writes",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    tenant_column(),
    text_column("workspace_id"),
    text_column("lookup_id"),
    text_column("customer_id"),
    text_column("key"),
    text_column("kind"),
    at_column("created_at"),
    text_column("conversation_id", nullable=True),
    sa.Column("values", JSONB, nullable=False),
    sa.Column("base", JSONB, nullable=False),
    sa.Column("theirs", JSONB, nullable=False),
    text_column("state"),
    text_column("reason"),
    sa.Column("attempts", sa.Integer, nullable=False),
    text_column("external_id"),
    text_column("by_user_id", nullable=True),
    at_column("settled_at", nullable=True),
    sa.UniqueConstraint("lookup_id", "key"),
    sa.Index("ix_record_writes_customer", "tenant_id", "customer_id", "id"),
    sa.Index("ix_record_writes_waiting", "tenant_id", "lookup_id", "id", postgresql_where=sa.text("state = 'waiting'")),
)
panels = sa.Table(
    "desk_panels",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    tenant_column(),
    text_column("workspace_id"),
    text_column("firm_id", nullable=True),
    text_column("name"),
    sa.Column("active", sa.Boolean, nullable=False),
    text_column("url"),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("secrets", Sealed("desk_panels.secrets"), nullable=False),
    sa.UniqueConstraint("workspace_id", "name"),
)
_TIMES = frozenset({"away_since", "away_until", "read_at", "created_at", "settled_at"})


def lookup_of(row: RowMapping) -> LookupRow:
    """A row of `lookups` as a value."""
    plain = _values(row, LookupRow)
    plain["secrets"] = orjson.loads(row["secrets"]) if row["secrets"] else {}
    plain["fields"] = tuple(Field(**one) for one in row["fields"])
    return LookupRow(**plain)


def lookup_columns(one: LookupRow) -> dict[str, Any]:
    """What of it is configured, as columns."""
    own = {"position", "failures", "away_since", "away_until", "reason", "version"}
    plain = {name: value for name, value in asdict(one).items() if name not in own}
    return {**plain, "fields": list(plain["fields"]), "secrets": orjson.dumps(one.secrets).decode()}


async def read_lookups(tx: Tx, *where: sa.ColumnElement[bool]) -> list[LookupRow]:
    """Customer systems in order of their names."""
    query = sa.select(lookups).where(lookups.c.tenant_id == tx.tenant_id, *where).order_by(lookups.c.name)
    return [lookup_of(row) for row in await tx.fetch_all(query)]


async def read_links(tx: Tx, *where: sa.ColumnElement[bool]) -> list[Link]:
    """Links in order of their customers, kept to this transaction."""
    query = sa.select(links).where(links.c.tenant_id == tx.tenant_id, *where).order_by(links.c.customer_id)
    return [Link(**_values(row, Link)) for row in await tx.fetch_all(query.with_for_update())]


async def read_link(tx: Tx, lookup_id: str, customer_id: str) -> Link | None:
    """A customer's link, kept to this transaction."""
    found = await read_links(tx, links.c.lookup_id == lookup_id, links.c.customer_id == customer_id)
    return found[0] if found else None


async def read_writes(tx: Tx, *where: sa.ColumnElement[bool], limit: int = 200) -> list[Write]:
    """Writes, the oldest first."""
    query = sa.select(writes).where(writes.c.tenant_id == tx.tenant_id, *where).order_by(writes.c.id)
    return [write_of(row) for row in await tx.fetch_all(query.limit(limit))]


def write_of(row: RowMapping) -> Write:
    """A row of `record_writes` as a value."""
    return Write(**_values(row, Write))


def _values(row: RowMapping, kind: type[LookupRow | Link | Write]) -> dict[str, Any]:
    return {
        name: from_datetime(row[name]) if name in _TIMES and row[name] is not None else row[name]
        for name in kind.__dataclass_fields__
    }

"""The tables of accounts. Private to this room. E-mail addresses and names of staff stand here only."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB

from parlons.runtime.schema import metadata


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _tenant() -> sa.Column[str]:
    return sa.Column("tenant_id", sa.Text, nullable=False)


def _id() -> sa.Column[str]:
    return sa.Column("id", sa.Text, primary_key=True)


def _at(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer, nullable=False, server_default="1")


def _firms() -> sa.Column[object]:
    return sa.Column("firm_ids", ARRAY(sa.Text), comment="null: all firms of the tenant")


tenants = sa.Table(
    "tenants",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    _text("name"),
    _at("created_at", nullable=False),
)

workspaces = sa.Table(
    "workspaces",
    metadata,
    _id(),
    _tenant(),
    _text("name"),
    sa.Column("is_default", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("settings", JSONB, nullable=False, server_default="{}", comment="what its router goes by, as configured"),
    _at("created_at", nullable=False),
    _version(),
    sa.Index("uq_workspaces_default", "tenant_id", unique=True, postgresql_where=sa.text("is_default")),
)

hours = sa.Table(
    "hours",
    metadata,
    _id(),
    _tenant(),
    _text("firm_id"),
    _text("name"),
    _text("zone"),
    sa.Column("week", JSONB, nullable=False),
    sa.Column("country", sa.Text, comment="ISO 3166-1; closed on its holidays"),
    sa.Column("region", sa.Text, comment="ISO 3166-2 without the country"),
    _version(),
    sa.UniqueConstraint("tenant_id", "firm_id", "name"),
)

holidays = sa.Table(
    "holidays",
    metadata,
    sa.Column("hours_id", sa.Text, sa.ForeignKey("hours.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    _tenant(),
    sa.Column("label", sa.Text, nullable=False, server_default=""),
    sa.Column("intervals", JSONB, nullable=False, comment="open nevertheless; empty: closed"),
)

firms = sa.Table(
    "firms",
    metadata,
    _id(),
    _tenant(),
    _text("name"),
    sa.Column("colour", sa.Text, comment="#rrggbb"),
    sa.Column("languages", ARRAY(sa.Text), nullable=False),
    sa.Column("hours_id", sa.Text, comment="its usual opening hours"),
    sa.Column("is_default", sa.Boolean, nullable=False, server_default=sa.false()),
    _at("created_at", nullable=False),
    _version(),
    sa.UniqueConstraint("tenant_id", "name"),
    sa.Index("uq_firms_default", "tenant_id", unique=True, postgresql_where=sa.text("is_default")),
)

users = sa.Table(
    "users",
    metadata,
    _id(),
    _tenant(),
    _text("workspace_id"),
    sa.Column("worker_id", sa.Text, unique=True),
    sa.Column("email", sa.Text, nullable=False, unique=True, comment="lower case; unique over all tenants"),
    _text("name"),
    _text("role"),
    _firms(),
    _text("password_hash", nullable=True),
    sa.Column("locale", sa.Text, nullable=False, server_default="en"),
    sa.Column("preferences", JSONB, nullable=False, server_default="{}"),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    _at("created_at", nullable=False),
    _at("signed_in_at"),
    _version(),
    sa.Index("ix_users_tenant_id", "tenant_id", "id"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", BYTEA, primary_key=True),
    _tenant(),
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("by_link", sa.Boolean, nullable=False),
    _at("created_at", nullable=False),
    _at("seen_at", nullable=False),
    _at("expires_at", nullable=False),
)

login_links = sa.Table(
    "login_links",
    metadata,
    sa.Column("token_hash", BYTEA, primary_key=True),
    _tenant(),
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    _text("created_by"),
    _at("created_at", nullable=False),
    _at("expires_at", nullable=False),
    _at("used_at"),
)

api_keys = sa.Table(
    "api_keys",
    metadata,
    _id(),
    _tenant(),
    _text("workspace_id"),
    _text("name"),
    sa.Column("prefix", sa.Text, nullable=False, comment="what lists show of the secret"),
    sa.Column("secret_hash", BYTEA, nullable=False, unique=True),
    sa.Column("scopes", ARRAY(sa.Text), nullable=False),
    _firms(),
    _text("created_by"),
    _at("created_at", nullable=False),
    _at("used_at"),
    _at("expires_at"),
    _at("revoked_at"),
    sa.Index("ix_api_keys_tenant_id", "tenant_id", "id"),
)

audit = sa.Table(
    "audit",
    metadata,
    _id(),
    _tenant(),
    _at("at", nullable=False),
    sa.Column("actor", sa.Text, nullable=False, comment="a user, a key, or system"),
    sa.Column("action", sa.Text, nullable=False, comment="user.created ..."),
    sa.Column("object_id", sa.Text, nullable=False),
    sa.Column("firm_id", sa.Text),
    sa.Column("diff", JSONB, nullable=False, comment="{field: [before, after]}"),
    sa.Index("ix_audit_tenant_id", "tenant_id", "id"),
    sa.Index("ix_audit_object_id", "tenant_id", "object_id"),
)

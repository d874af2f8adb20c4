"""The tables of accounts. Private to this room. E-mail addresses and names of staff stand here only."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB

from parlons.runtime.schema import at_column, metadata, tenant_column, text_column
from parlons.runtime.vault import Sealed


def _id() -> sa.Column[str]:
    return sa.Column("id", sa.Text, primary_key=True)


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer, nullable=False, server_default="1")


def _firms() -> sa.Column[object]:
    return sa.Column("firm_ids", ARRAY(sa.Text), comment="null: all firms of the tenant")


tenants = sa.Table(
    "tenants",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    text_column("name"),
    at_column("created_at"),
)

workspaces = sa.Table(
    "workspaces",
    metadata,
    _id(),
    tenant_column(),
    text_column("name"),
    sa.Column("is_default", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("settings", JSONB, nullable=False, server_default="{}", comment="what its router goes by, as configured"),
    at_column("created_at"),
    _version(),
    sa.Index("uq_workspaces_default", "tenant_id", unique=True, postgresql_where=sa.text("is_default")),
)

hours = sa.Table(
    "hours",
    metadata,
    _id(),
    tenant_column(),
    text_column("firm_id"),
    text_column("name"),
    text_column("zone"),
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
    tenant_column(),
    sa.Column("label", sa.Text, nullable=False, server_default=""),
    sa.Column("intervals", JSONB, nullable=False, comment="open nevertheless; empty: closed"),
)

firms = sa.Table(
    "firms",
    metadata,
    _id(),
    tenant_column(),
    text_column("name"),
    sa.Column("colour", sa.Text, comment="#rrggbb"),
    sa.Column("languages", ARRAY(sa.Text), nullable=False),
    sa.Column("hours_id", sa.Text, comment="its usual opening hours"),
    sa.Column("is_default", sa.Boolean, nullable=False, server_default=sa.false()),
    at_column("created_at"),
    _version(),
    sa.UniqueConstraint("tenant_id", "name"),
    sa.Index("uq_firms_default", "tenant_id", unique=True, postgresql_where=sa.text("is_default")),
)

roles = sa.Table(
    "roles",
    metadata,
    _id(),
    tenant_column(),
    text_column("name"),
    sa.Column("rights", ARRAY(sa.Text), nullable=False),
    at_column("created_at"),
    _version(),
    sa.UniqueConstraint("tenant_id", "name"),
)

users = sa.Table(
    "users",
    metadata,
    _id(),
    tenant_column(),
    text_column("workspace_id"),
    sa.Column("worker_id", sa.Text, unique=True),
    sa.Column("email", sa.Text, nullable=False, unique=True, comment="lower case; unique over all tenants"),
    text_column("name"),
    sa.Column("role", sa.Text, nullable=False, comment="the name of a preset or of one of roles"),
    _firms(),
    sa.Column("queue_ids", ARRAY(sa.Text), comment="null: all queues of the firms"),
    text_column("password_hash", nullable=True),
    sa.Column("locale", sa.Text, nullable=False, server_default="en"),
    sa.Column("preferences", JSONB, nullable=False, server_default="{}"),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    at_column("created_at"),
    at_column("signed_in_at", nullable=True),
    _version(),
    sa.Index("ix_users_tenant_id", "tenant_id", "id"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", BYTEA, primary_key=True),
    tenant_column(),
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("by_link", sa.Boolean, nullable=False),
    at_column("created_at"),
    at_column("seen_at"),
    at_column("expires_at"),
)

login_links = sa.Table(
    "login_links",
    metadata,
    sa.Column("token_hash", BYTEA, primary_key=True),
    tenant_column(),
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    text_column("created_by"),
    at_column("created_at"),
    at_column("expires_at"),
    at_column("used_at", nullable=True),
)

key_secrets = sa.Table(
    "key_secrets",
    metadata,
    sa.Column("key_id", sa.Text, primary_key=True),
    tenant_column(),
    sa.Column("secret", Sealed("key_secrets.secret"), nullable=False, comment="access tokens are verified with it"),
)

account_tokens = sa.Table(
    "account_tokens",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("token_hash", BYTEA, nullable=False, unique=True),
    sa.Column(
        "token", Sealed("account_tokens.token"), nullable=False, comment="what goes out to its addresses is signed with"
    ),
    at_column("created_at"),
)

api_keys = sa.Table(
    "api_keys",
    metadata,
    _id(),
    tenant_column(),
    text_column("workspace_id"),
    text_column("name"),
    sa.Column("prefix", sa.Text, nullable=False, comment="what lists show of the secret"),
    sa.Column("secret_hash", BYTEA, nullable=False, unique=True),
    sa.Column("scopes", ARRAY(sa.Text), nullable=False),
    _firms(),
    sa.Column("queue_ids", ARRAY(sa.Text), comment="null: all queues of the firms"),
    sa.Column("per_minute", sa.Integer, comment="requests; null: no limit"),
    text_column("created_by"),
    at_column("created_at"),
    at_column("used_at", nullable=True),
    at_column("expires_at", nullable=True),
    at_column("revoked_at", nullable=True),
    sa.Index("ix_api_keys_tenant_id", "tenant_id", "id"),
)

audit = sa.Table(
    "audit",
    metadata,
    _id(),
    tenant_column(),
    at_column("at"),
    sa.Column("actor", sa.Text, nullable=False, comment="a user, a key, or system"),
    sa.Column("action", sa.Text, nullable=False, comment="user.created ..."),
    sa.Column("object_id", sa.Text, nullable=False),
    sa.Column("firm_id", sa.Text),
    sa.Column("diff", JSONB, nullable=False, comment="{field: [before, after]}"),
    sa.Index("ix_audit_tenant_id", "tenant_id", "id"),
    sa.Index("ix_audit_object_id", "tenant_id", "object_id"),
    sa.Index("ix_audit_actor", "tenant_id", "actor", "id"),
)

own_rights = (
    sa.select(roles.c.rights)
    .where(roles.c.tenant_id == users.c.tenant_id, roles.c.name == users.c.role)
    .scalar_subquery()
    .label("own_rights")
)
"""Beside a user's columns: the rights of his role when it is one of the tenant's own."""

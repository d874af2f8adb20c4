"""The tables of runtime, the two roles, and the rule every table of every room obeys: `tenant_id` and forced row-level security.

Each room declares its `Table`s on `metadata` in its own store.py and creates them in its own migration, where it ends with
`secure("table", ...)`. What a policy says is decided here and nowhere else. Source: PostgreSQL 15 manual, 5.8 Row Security
Policies. Nothing newer than PostgreSQL 15 is used.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB

APP_ROLE = "parlons_app"
"""Serves requests; sees the rows of `app.tenant` only."""
SYSTEM_ROLE = "parlons_system"
"""Journal, jobs, leases and look-ups by key across tenants."""
TENANT_SETTING = "app.tenant"
NO_TENANT = "-"
"""`tenant_id` of rows which belong to the installation, such as its own maintenance jobs."""

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""All tables of all rooms."""


def secure_statements(table: str) -> list[str]:
    """The statements that put `table` under forced row-level security and grant it to both roles."""
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY tenant ON {table} TO {APP_ROLE} "
        f"USING (tenant_id = current_setting('{TENANT_SETTING}', true)) "
        f"WITH CHECK (tenant_id = current_setting('{TENANT_SETTING}', true))",
        f"CREATE POLICY system ON {table} TO {SYSTEM_ROLE} USING (true) WITH CHECK (true)",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP_ROLE}, {SYSTEM_ROLE}",
    ]


def secure(*tables: str) -> None:
    """Called at the end of a migration, once for each table it creates. A table without it fails the catalogue test."""
    from alembic import op

    for table in tables:
        for statement in secure_statements(table):
            op.execute(statement)


def text_column(name: str, *, nullable: bool = False) -> sa.Column[str]:
    """A text, given by who writes the row."""
    return sa.Column(name, sa.Text, nullable=nullable)


def at_column(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    """A moment, given by who writes the row."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def tenant_column() -> sa.Column[str]:
    """Whose row it is; read by the policy of `secure`."""
    return sa.Column("tenant_id", sa.Text, nullable=False)


def _workspace(*, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column("workspace_id", sa.Text, nullable=False, primary_key=primary_key)


def _time(name: str, *, default: bool = True, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(
        name,
        sa.DateTime(timezone=True),
        nullable=nullable,
        server_default=sa.func.clock_timestamp() if default else None,
    )


outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    tenant_column(),
    _workspace(),
    sa.Column("at", sa.BigInteger, nullable=False, comment="milliseconds UTC"),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("data", JSONB, nullable=False),
    sa.Column("audience", JSONB, nullable=False),
    sa.Column("private", JSONB),
    sa.Column("private_key", sa.Text),
    sa.Index("ix_outbox_workspace_id_id", "workspace_id", "id"),
    sa.Index("ix_outbox_private_key", "private_key", postgresql_where=sa.text("private_key IS NOT NULL")),
)

journal = sa.Table(
    "journal",
    metadata,
    tenant_column(),
    _workspace(primary_key=True),
    sa.Column("first_seq", sa.BigInteger, nullable=False),
    sa.Column("last_seq", sa.BigInteger, primary_key=True),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), primary_key=True, server_default=sa.func.clock_timestamp()),
    sa.Column("body", BYTEA, nullable=False),
    postgresql_partition_by="RANGE (at)",
)

journal_private = sa.Table(
    "journal_private",
    metadata,
    tenant_column(),
    _workspace(primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), primary_key=True, server_default=sa.func.clock_timestamp()),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("data", JSONB, nullable=False),
    sa.Index("ix_journal_private_key", "key"),
    postgresql_partition_by="RANGE (at)",
)

readers = sa.Table(
    "readers",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    _workspace(primary_key=True),
    tenant_column(),
    sa.Column("seq", sa.BigInteger, nullable=False),
    _time("updated_at"),
)

commands = sa.Table(
    "commands",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    tenant_column(),
    _workspace(),
    sa.Column("idempotency_key", sa.Text, nullable=False),
    sa.Column("body", JSONB, nullable=False),
    sa.Column("private", JSONB),
    sa.Column("private_key", sa.Text),
    sa.Column("state", sa.Text, nullable=False, server_default="new", comment="new done refused"),
    sa.Column("result", JSONB),
    _time("created_at"),
    sa.UniqueConstraint("workspace_id", "idempotency_key"),
    sa.Index("ix_commands_new", "workspace_id", "id", postgresql_where=sa.text("state = 'new'")),
    sa.Index("ix_commands_private_key", "private_key", postgresql_where=sa.text("private_key IS NOT NULL")),
    sa.Index("ix_commands_created_at", "created_at"),
)

leases = sa.Table(
    "leases",
    metadata,
    _workspace(primary_key=True),
    tenant_column(),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    _time("until", default=False),
    sa.Column("last_seq", sa.BigInteger, nullable=False, server_default="0"),
)

snapshots = sa.Table(
    "snapshots",
    metadata,
    _workspace(primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    tenant_column(),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    _time("at"),
    sa.Column("body", BYTEA, nullable=False),
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    tenant_column(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("payload", JSONB, nullable=False),
    _time("run_at", default=False),
    sa.Column("state", sa.Text, nullable=False, server_default="waiting", comment="waiting running failed"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    _time("lease_until", default=False, nullable=True),
    sa.Column("lease", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("dedupe_key", sa.Text),
    sa.Column("order_key", sa.Text),
    sa.Column("cancel_key", sa.Text),
    sa.Column("error", sa.Text),
    _time("created_at"),
    sa.Index("ix_jobs_due", "run_at", "id", postgresql_where=sa.text("state <> 'failed'")),
    sa.Index(
        "uq_jobs_dedupe_key",
        "tenant_id",
        "kind",
        "dedupe_key",
        unique=True,
        postgresql_where=sa.text("dedupe_key IS NOT NULL AND state <> 'failed'"),
    ),
    sa.Index(
        "ix_jobs_order_key",
        "tenant_id",
        "order_key",
        "id",
        postgresql_where=sa.text("order_key IS NOT NULL AND state <> 'failed'"),
    ),
    sa.Index("ix_jobs_cancel_key", "tenant_id", "cancel_key", postgresql_where=sa.text("cancel_key IS NOT NULL")),
)

holds = sa.Table(
    "holds",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    tenant_column(),
    _time("since"),
    sa.Column("backup", JSONB, nullable=False, comment="what the restored backup said of itself"),
    _time("released_at", default=False, nullable=True),
    sa.Index("uq_holds_open", "tenant_id", unique=True, postgresql_where=sa.text("released_at IS NULL")),
)

files = sa.Table(
    "files",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    tenant_column(),
    sa.Column("firm_id", sa.Text),
    sa.Column("class", sa.Text, nullable=False, key="cls", comment="attachment recording export ..."),
    sa.Column("owner_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("content_type", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    _time("created_at"),
    _time("delete_after", default=False, nullable=True),
    sa.Index("ix_files_owner_id", "tenant_id", "owner_id"),
    sa.Index("ix_files_delete_after", "delete_after", postgresql_where=sa.text("delete_after IS NOT NULL")),
)

idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("scope", sa.Text, primary_key=True, comment="principal, method and path"),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("request", sa.Text, nullable=False, comment="sha256 of the body"),
    sa.Column("status", sa.Integer),
    sa.Column("content_type", sa.Text),
    sa.Column("response", BYTEA),
    _time("created_at"),
    sa.Index("ix_idempotency_keys_created_at", "created_at"),
)

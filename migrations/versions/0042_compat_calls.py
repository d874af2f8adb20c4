"""Calls that call XML leads, and what the API for existing clients keeps of applications, numbers, queues and conferences."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0042_compat_calls"
down_revision = "0041_key_pace"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        CREATE TABLE compat_things (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            name text NOT NULL,
            data text NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL
        )
    """)
    op.execute("CREATE INDEX ix_compat_things_name ON compat_things (tenant_id, name)")
    op.execute("""
        CREATE TABLE compat_calls (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            parent_id text,
            to_address text NOT NULL,
            from_address text NOT NULL,
            status text NOT NULL,
            started_at timestamptz NOT NULL,
            ended_at timestamptz,
            updated_at timestamptz NOT NULL,
            data text NOT NULL
        )
    """)
    op.execute("CREATE INDEX ix_compat_calls_started ON compat_calls (tenant_id, started_at)")
    secure("compat_things", "compat_calls")

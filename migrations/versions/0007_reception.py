"""Tables of reception: entry_points, conversation_entries, notices."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0007_reception"
down_revision = "0006_channels"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        CREATE TABLE entry_points (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            channel text NOT NULL,
            address text NOT NULL,
            firm_id text NOT NULL,
            name text NOT NULL DEFAULT '',
            workflow_id text,
            task_channel text NOT NULL,
            priority integer NOT NULL,
            ttl_seconds integer NOT NULL,
            hours_id text,
            offline_workflow_id text,
            offline_task_channel text NOT NULL,
            offline_ttl_seconds integer NOT NULL,
            language text,
            attributes jsonb NOT NULL DEFAULT '{}',
            texts jsonb NOT NULL DEFAULT '{}',
            UNIQUE (tenant_id, channel, address)
        )
    """)
    op.execute("CREATE INDEX ix_entry_points_firm ON entry_points (tenant_id, firm_id)")
    op.execute("""
        CREATE TABLE conversation_entries (
            conversation_id text PRIMARY KEY REFERENCES conversations (id),
            tenant_id text NOT NULL,
            entry_point_id text NOT NULL
        )
    """)
    op.execute("""
        CREATE TABLE notices (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            user_id text NOT NULL,
            kind text NOT NULL,
            data jsonb NOT NULL,
            at timestamptz NOT NULL,
            seen_at timestamptz
        )
    """)
    op.execute("CREATE INDEX ix_notices_user ON notices (tenant_id, user_id, at)")
    secure("entry_points", "conversation_entries", "notices")

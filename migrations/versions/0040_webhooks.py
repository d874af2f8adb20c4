"""Webhooks: addresses that are told what happens, what they were told, and how they answered."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0040_webhooks"
down_revision = "0039_flow_texts"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        CREATE TABLE webhooks (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            firm_id text,
            name text NOT NULL,
            url text NOT NULL,
            events text[] NOT NULL,
            active boolean NOT NULL DEFAULT true,
            secret text NOT NULL,
            old_secret text,
            old_secret_until timestamptz,
            failures integer NOT NULL DEFAULT 0,
            failing_since timestamptz,
            rests_until timestamptz,
            disabled_at timestamptz,
            disabled_why text NOT NULL DEFAULT '',
            created_at timestamptz NOT NULL,
            since_seq bigint,
            version integer NOT NULL DEFAULT 1,
            UNIQUE (workspace_id, name)
        )
    """)
    op.execute("""
        CREATE TABLE webhook_messages (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            type text NOT NULL,
            body text NOT NULL,
            created_at timestamptz NOT NULL
        )
    """)
    op.execute("CREATE INDEX ix_webhook_messages_created_at ON webhook_messages (created_at)")
    op.execute("""
        CREATE TABLE webhook_deliveries (
            webhook_id text NOT NULL REFERENCES webhooks ON DELETE CASCADE,
            message_id text NOT NULL REFERENCES webhook_messages ON DELETE CASCADE,
            tenant_id text NOT NULL,
            n bigint GENERATED ALWAYS AS IDENTITY,
            state text NOT NULL DEFAULT 'waiting',
            attempts integer NOT NULL DEFAULT 0,
            next_at timestamptz NOT NULL,
            attempted_at timestamptz,
            status integer,
            duration_ms integer,
            error text NOT NULL DEFAULT '',
            PRIMARY KEY (webhook_id, message_id)
        )
    """)
    op.execute("CREATE INDEX ix_webhook_deliveries_n ON webhook_deliveries (webhook_id, n)")
    op.execute("CREATE INDEX ix_webhook_deliveries_message_id ON webhook_deliveries (message_id)")
    op.execute(
        "CREATE INDEX ix_webhook_deliveries_waiting ON webhook_deliveries (webhook_id, next_at) WHERE state = 'waiting'"
    )
    secure("webhooks", "webhook_messages", "webhook_deliveries")
    # Only what happens from now on is of interest: the journal so far need not be read.
    op.execute("""
        INSERT INTO readers (name, workspace_id, tenant_id, seq)
        SELECT 'webhooks', workspace_id, tenant_id, last_seq FROM leases
    """)

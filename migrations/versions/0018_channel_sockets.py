"""Tables of the channel socket: accounts, deliveries with their receipts, what was received, and who wants no messages."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0018_channel_sockets"
down_revision = "0017_split"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        CREATE TABLE channel_accounts (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            firm_id text NOT NULL,
            channel text NOT NULL,
            key text NOT NULL,
            name text NOT NULL DEFAULT '',
            address text NOT NULL,
            settings jsonb NOT NULL DEFAULT '{}',
            secrets text,
            per_second double precision,
            position jsonb NOT NULL DEFAULT '{}',
            version integer NOT NULL DEFAULT 1,
            created_at timestamptz NOT NULL,
            UNIQUE (channel, key)
        )
    """)
    op.execute("CREATE UNIQUE INDEX uq_channel_accounts_address ON channel_accounts (tenant_id, channel, address)")
    op.execute("""
        CREATE TABLE channel_received (
            tenant_id text NOT NULL,
            account_id text NOT NULL,
            provider_id text NOT NULL,
            conversation_id text,
            message_id text,
            thread text,
            at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, account_id, provider_id)
        )
    """)
    op.execute("CREATE INDEX ix_channel_received_conversation ON channel_received (tenant_id, conversation_id, at)")
    op.execute("CREATE INDEX ix_channel_received_thread ON channel_received (tenant_id, account_id, thread) "
               "WHERE thread IS NOT NULL")  # fmt: skip
    op.execute("""
        CREATE TABLE deliveries (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            conversation_id text NOT NULL REFERENCES conversations (id),
            message_id text NOT NULL REFERENCES messages (id),
            number integer NOT NULL,
            channel text NOT NULL,
            account_id text NOT NULL,
            address text NOT NULL,
            state text NOT NULL DEFAULT 'queued',
            code text NOT NULL DEFAULT '',
            reason text NOT NULL DEFAULT '',
            tries integer NOT NULL DEFAULT 0,
            rounds integer NOT NULL DEFAULT 1,
            parts integer NOT NULL DEFAULT 1,
            cost text NOT NULL DEFAULT '',
            data jsonb NOT NULL DEFAULT '{}',
            due_at timestamptz NOT NULL,
            asked_at timestamptz NOT NULL,
            changed_at timestamptz NOT NULL,
            UNIQUE (message_id)
        )
    """)
    op.execute("CREATE INDEX ix_deliveries_due ON deliveries (account_id, due_at) WHERE state = 'queued'")
    op.execute("CREATE INDEX ix_deliveries_order ON deliveries (conversation_id, account_id, number) "
               "WHERE state IN ('queued', 'sending')")  # fmt: skip
    op.execute("CREATE INDEX ix_deliveries_flight ON deliveries (account_id) WHERE state = 'sending'")
    op.execute("CREATE INDEX ix_deliveries_conversation ON deliveries (tenant_id, conversation_id, number)")
    op.execute("""
        CREATE TABLE delivery_receipts (
            tenant_id text NOT NULL,
            account_id text NOT NULL,
            provider_id text NOT NULL,
            delivery_id text,
            part integer NOT NULL DEFAULT 0,
            state text NOT NULL,
            code text NOT NULL DEFAULT '',
            reason text NOT NULL DEFAULT '',
            cost text NOT NULL DEFAULT '',
            at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, account_id, provider_id)
        )
    """)
    op.execute("CREATE INDEX ix_delivery_receipts_delivery ON delivery_receipts (delivery_id, part)")
    op.execute("CREATE INDEX ix_delivery_receipts_early ON delivery_receipts (at) WHERE delivery_id IS NULL")
    op.execute("""
        CREATE TABLE opt_outs (
            tenant_id text NOT NULL,
            firm_id text NOT NULL,
            kind text NOT NULL,
            value text NOT NULL,
            customer_id text,
            channel text NOT NULL,
            word text NOT NULL DEFAULT '',
            message_id text,
            at timestamptz NOT NULL,
            ended_at timestamptz,
            PRIMARY KEY (tenant_id, firm_id, kind, value, at)
        )
    """)
    op.execute("CREATE INDEX ix_opt_outs_customer ON opt_outs (tenant_id, customer_id)")
    op.execute("ALTER TABLE legs ADD COLUMN account_id text")
    op.execute("ALTER TABLE conversations ADD COLUMN account_id text")
    op.execute("ALTER TABLE messages ADD COLUMN content jsonb, ADD COLUMN delivery jsonb")
    secure("channel_accounts", "channel_received", "deliveries", "delivery_receipts", "opt_outs")

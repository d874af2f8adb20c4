"""Tables of customer systems, of customers' links to their records, and of what is written there."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0045_lookups"
down_revision = "0044_key_secrets"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        CREATE TABLE lookups (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            firm_id text,
            name text NOT NULL,
            system text NOT NULL,
            active boolean NOT NULL,
            settings jsonb NOT NULL,
            secrets text NOT NULL,
            fields jsonb NOT NULL,
            pop_url text NOT NULL,
            write_contacts boolean NOT NULL,
            create_missing boolean NOT NULL,
            language text NOT NULL,
            poll_minutes integer NOT NULL,
            version integer NOT NULL DEFAULT 1,
            position jsonb NOT NULL DEFAULT '{}',
            failures integer NOT NULL DEFAULT 0,
            away_since timestamptz,
            away_until timestamptz,
            reason text NOT NULL DEFAULT '',
            UNIQUE (workspace_id, name)
        )
    """)
    op.execute("""
        CREATE TABLE record_links (
            lookup_id text NOT NULL,
            customer_id text NOT NULL,
            tenant_id text NOT NULL,
            record_id text NOT NULL,
            values jsonb NOT NULL,
            url text NOT NULL,
            read_at timestamptz NOT NULL,
            PRIMARY KEY (lookup_id, customer_id)
        )
    """)
    op.execute("CREATE INDEX ix_record_links_record ON record_links (tenant_id, lookup_id, record_id)")
    op.execute("CREATE INDEX ix_record_links_customer ON record_links (tenant_id, customer_id)")
    op.execute("""
        CREATE TABLE record_writes (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            lookup_id text NOT NULL,
            customer_id text NOT NULL,
            key text NOT NULL,
            kind text NOT NULL,
            created_at timestamptz NOT NULL,
            conversation_id text,
            values jsonb NOT NULL,
            base jsonb NOT NULL,
            theirs jsonb NOT NULL,
            state text NOT NULL,
            reason text NOT NULL,
            attempts integer NOT NULL,
            external_id text NOT NULL,
            by_user_id text,
            settled_at timestamptz,
            UNIQUE (lookup_id, key)
        )
    """)
    op.execute("CREATE INDEX ix_record_writes_customer ON record_writes (tenant_id, customer_id, id)")
    op.execute(
        "CREATE INDEX ix_record_writes_waiting ON record_writes (tenant_id, lookup_id, id) WHERE state = 'waiting'"
    )
    secure("lookups", "record_links", "record_writes")

"""Tables of customers: customers, addresses, touches."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0003_customers"
down_revision = "0002_accounts"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        CREATE TABLE customers (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            firm_id text NOT NULL,
            name text NOT NULL DEFAULT '',
            language text,
            attributes jsonb NOT NULL DEFAULT '{}',
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            erased_at timestamptz,
            version integer NOT NULL DEFAULT 1
        )
    """)
    op.execute("CREATE INDEX ix_customers_firm ON customers (tenant_id, firm_id, id)")
    op.execute("""
        CREATE TABLE addresses (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            firm_id text NOT NULL,
            customer_id text NOT NULL REFERENCES customers (id),
            kind text NOT NULL,
            value text NOT NULL,
            verified boolean NOT NULL,
            created_at timestamptz NOT NULL,
            UNIQUE (customer_id, kind, value)
        )
    """)
    op.execute(
        "CREATE UNIQUE INDEX uq_addresses_verified ON addresses (tenant_id, firm_id, kind, value) WHERE verified"
    )
    op.execute("CREATE INDEX ix_addresses_value ON addresses (tenant_id, firm_id, kind, value)")
    op.execute("""
        CREATE TABLE touches (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            firm_id text NOT NULL,
            customer_id text REFERENCES customers (id),
            visitor_id text,
            kind text NOT NULL,
            data jsonb NOT NULL,
            at timestamptz NOT NULL,
            until timestamptz,
            seen_at timestamptz NOT NULL
        )
    """)
    op.execute("CREATE INDEX ix_touches_customer ON touches (tenant_id, customer_id, at)")
    op.execute("CREATE INDEX ix_touches_visitor ON touches (tenant_id, visitor_id, at)")
    op.execute("CREATE INDEX ix_touches_live ON touches (tenant_id, customer_id) WHERE kind = 'page' AND until IS NULL")
    secure("customers", "addresses", "touches")

"""Visitors of a firm's site who want to be told that they were answered, or are answered elsewhere when they have left."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0028_visitor_push"
down_revision = "0026_recontact"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        CREATE TABLE visitor_pushes (
            visitor_id text PRIMARY KEY REFERENCES visitors (id) ON DELETE CASCADE,
            tenant_id text NOT NULL,
            firm_id text NOT NULL,
            widget_key text NOT NULL,
            customer_id text NOT NULL,
            named text NOT NULL,
            locale text NOT NULL,
            time_zone text NOT NULL,
            page text NOT NULL,
            address_hash bytea,
            address text,
            public_key text,
            secret text,
            accepted_at timestamptz NOT NULL,
            ended_at timestamptz,
            ended_by text
        )
    """)
    op.execute("CREATE UNIQUE INDEX uq_visitor_pushes_address ON visitor_pushes (tenant_id, address_hash)")
    op.execute("CREATE INDEX ix_visitors_conversation_id ON visitors (tenant_id, conversation_id)")
    op.execute("ALTER TABLE widgets ADD COLUMN away_minutes integer")
    secure("visitor_pushes")

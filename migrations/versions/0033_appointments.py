"""Appointments, and how a firm takes them; links to a customer's own page; calls asked for there; purposes refused."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0033_appointments"
down_revision = "0032_flow_attempts"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        CREATE TABLE appointment_settings (
            firm_id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            settings jsonb NOT NULL,
            version integer NOT NULL
        )
    """)
    op.execute("""
        CREATE TABLE appointments (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            firm_id text NOT NULL,
            customer_id text NOT NULL,
            starts_at timestamptz NOT NULL,
            ends_at timestamptz NOT NULL,
            zone text NOT NULL,
            seat integer NOT NULL,
            state text NOT NULL,
            about text NOT NULL DEFAULT '',
            reminders jsonb NOT NULL DEFAULT '[]',
            made_by text NOT NULL,
            made_by_id text,
            made_at timestamptz NOT NULL,
            changed_at timestamptz NOT NULL,
            version integer NOT NULL
        )
    """)
    op.execute("""
        CREATE UNIQUE INDEX uq_appointments_seat ON appointments (tenant_id, firm_id, starts_at, seat)
        WHERE state IN ('booked', 'changed')
    """)
    op.execute("CREATE INDEX ix_appointments_firm ON appointments (tenant_id, firm_id, starts_at)")
    op.execute("CREATE INDEX ix_appointments_customer ON appointments (tenant_id, customer_id, starts_at)")
    op.execute("""
        CREATE TABLE customer_links (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            firm_id text NOT NULL,
            customer_id text NOT NULL,
            made_at timestamptz NOT NULL,
            made_by text NOT NULL,
            expires_at timestamptz NOT NULL,
            revoked_at timestamptz
        )
    """)
    op.execute("CREATE INDEX ix_customer_links_customer ON customer_links (tenant_id, customer_id)")
    op.execute("""
        CREATE TABLE wished_calls (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            firm_id text NOT NULL,
            customer_id text NOT NULL,
            address_id text NOT NULL,
            wished_at timestamptz NOT NULL,
            about text NOT NULL DEFAULT '',
            state text NOT NULL,
            code text NOT NULL DEFAULT '',
            task_id text,
            made_at timestamptz NOT NULL
        )
    """)
    op.execute("CREATE INDEX ix_wished_calls_customer ON wished_calls (tenant_id, customer_id)")
    op.execute("""
        CREATE TABLE purpose_opt_outs (
            tenant_id text NOT NULL,
            customer_id text NOT NULL,
            purpose text NOT NULL,
            at timestamptz NOT NULL,
            ended_at timestamptz,
            PRIMARY KEY (tenant_id, customer_id, purpose, at)
        )
    """)
    secure("appointment_settings", "appointments", "customer_links", "wished_calls", "purpose_opt_outs")

"""Tables of sends to many and their recipients; deliveries say which send they belong to, and can be held."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0021_sends"
down_revision = "0020_surveys"

_TABLES = """
CREATE TABLE sends (
    id text PRIMARY KEY,
    tenant_id text NOT NULL,
    workspace_id text NOT NULL,
    firm_id text NOT NULL,
    account_id text NOT NULL,
    channel text NOT NULL,
    name text NOT NULL,
    purpose text NOT NULL,
    state text NOT NULL,
    texts jsonb NOT NULL,
    segment jsonb,
    zone text NOT NULL,
    starts_at timestamptz,
    per_second double precision,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    ended_at timestamptz,
    paced_at timestamptz,
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX ix_sends_tenant ON sends (tenant_id, id);
CREATE INDEX ix_sends_running ON sends (id) WHERE state = 'running';
CREATE TABLE send_recipients (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id text NOT NULL,
    send_id text NOT NULL REFERENCES sends (id) ON DELETE CASCADE,
    customer_id text,
    kind text NOT NULL,
    value text NOT NULL,
    name text NOT NULL DEFAULT '',
    language text,
    country text NOT NULL DEFAULT '',
    attributes jsonb NOT NULL DEFAULT '{}',
    trial boolean NOT NULL DEFAULT false,
    state text NOT NULL DEFAULT 'waiting',
    code text NOT NULL DEFAULT '',
    due_at timestamptz,
    message_id text
);
CREATE UNIQUE INDEX uq_send_recipients_address ON send_recipients (send_id, kind, value) WHERE NOT trial;
CREATE INDEX ix_send_recipients_due ON send_recipients (send_id, due_at, id) WHERE state = 'waiting';
CREATE INDEX ix_send_recipients_customer ON send_recipients (tenant_id, customer_id);
CREATE INDEX ix_send_recipients_value ON send_recipients (tenant_id, kind, value);
ALTER TABLE deliveries ADD COLUMN send_id text, ADD COLUMN held boolean NOT NULL DEFAULT false;
CREATE INDEX ix_deliveries_send ON deliveries (send_id, state) WHERE send_id IS NOT NULL
"""


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    for statement in _TABLES.split(";"):
        op.execute(statement)
    secure("sends", "send_recipients")

"""Tables of calls: trunks, phones, calls and their legs, recordings, settings of queues and of the tenant, callbacks."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0008_voice"
down_revision = "0007_reception"

CONFIGURED = """
CREATE TABLE trunks (
    id text PRIMARY KEY,
    tenant_id text NOT NULL,
    name text NOT NULL,
    data jsonb NOT NULL,
    password text NOT NULL DEFAULT '',
    UNIQUE (tenant_id, name)
);

CREATE TABLE phones (
    username text PRIMARY KEY,
    tenant_id text NOT NULL,
    user_id text NOT NULL,
    password text NOT NULL
);

CREATE TABLE voice_settings (
    queue_id text PRIMARY KEY,
    tenant_id text NOT NULL,
    data jsonb NOT NULL
);

CREATE TABLE voice_limits (
    workspace_id text PRIMARY KEY,
    tenant_id text NOT NULL,
    data jsonb NOT NULL
);

CREATE TABLE contact_addresses (
    user_id text PRIMARY KEY,
    tenant_id text NOT NULL,
    addresses jsonb NOT NULL
)
"""

CALLS = """
CREATE TABLE calls (
    id text PRIMARY KEY,
    tenant_id text NOT NULL,
    workspace_id text NOT NULL,
    firm_id text,
    conversation_id text,
    customer_id text,
    task_id text,
    queue_id text,
    worker_id text,
    direction text NOT NULL,
    state text NOT NULL,
    started_at timestamptz NOT NULL,
    answered_at timestamptz,
    ended_at timestamptz,
    end_cause text,
    waited_ms bigint,
    position integer,
    forecast_hit boolean,
    charged_ms bigint NOT NULL DEFAULT 0,
    cost double precision NOT NULL DEFAULT 0,
    placed_by text,
    body jsonb NOT NULL,
    version bigint NOT NULL
) WITH (fillfactor = 70);

CREATE INDEX ix_calls_open ON calls (workspace_id) WHERE state <> 'ended';

CREATE INDEX ix_calls_conversation ON calls (tenant_id, conversation_id);

CREATE INDEX ix_calls_customer ON calls (tenant_id, customer_id);

CREATE INDEX ix_calls_task ON calls (tenant_id, task_id);

CREATE INDEX ix_calls_placed ON calls (tenant_id, started_at) WHERE direction = 'out';

CREATE INDEX ix_calls_answered ON calls (tenant_id, queue_id, answered_at) WHERE waited_ms IS NOT NULL;

CREATE TABLE call_legs (
    call_id text NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    leg_id text NOT NULL,
    tenant_id text NOT NULL,
    kind text NOT NULL,
    worker_id text,
    started_at timestamptz NOT NULL,
    answered_at timestamptz,
    ended_at timestamptz,
    cause text,
    PRIMARY KEY (call_id, leg_id, started_at)
);

CREATE TABLE recordings (
    id text PRIMARY KEY,
    tenant_id text NOT NULL,
    workspace_id text NOT NULL,
    firm_id text,
    call_id text NOT NULL,
    conversation_id text,
    file_id text,
    state text NOT NULL,
    class text NOT NULL,
    channels integer NOT NULL DEFAULT 2,
    ms bigint NOT NULL DEFAULT 0,
    gaps jsonb NOT NULL DEFAULT '[]',
    peaks jsonb NOT NULL DEFAULT '[]',
    key_id text,
    path text NOT NULL,
    keep_days integer,
    started_at timestamptz NOT NULL,
    retention_until timestamptz
);

CREATE INDEX ix_recordings_conversation ON recordings (tenant_id, conversation_id);

CREATE INDEX ix_recordings_call ON recordings (tenant_id, call_id);

CREATE TABLE callbacks (
    id text PRIMARY KEY,
    tenant_id text NOT NULL,
    workspace_id text NOT NULL,
    firm_id text,
    conversation_id text NOT NULL,
    customer_id text NOT NULL,
    task_id text NOT NULL,
    queue_id text,
    number text NOT NULL,
    caller_number text NOT NULL DEFAULT '',
    why text NOT NULL,
    state text NOT NULL,
    created_at timestamptz NOT NULL,
    virtual_start_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0
);

CREATE UNIQUE INDEX uq_callbacks_waiting ON callbacks (tenant_id, firm_id, number) WHERE state = 'waiting';

CREATE INDEX ix_callbacks_task ON callbacks (tenant_id, task_id)
"""


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    for statement in (CONFIGURED + ";" + CALLS).split(";"):
        op.execute(statement)
    secure(
        "trunks", "phones", "voice_settings", "voice_limits", "contact_addresses",
        "calls", "call_legs", "recordings", "callbacks",
    )  # fmt: skip

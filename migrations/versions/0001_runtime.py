"""Tables of runtime: outbox, journal and its side table, readers, commands, leases, snapshots, jobs, files, idempotency keys."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0001_runtime"
down_revision = None

TABLES = """
CREATE TABLE outbox (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    type TEXT NOT NULL,
    data JSONB NOT NULL,
    audience JSONB NOT NULL,
    private JSONB,
    private_key TEXT,
    CONSTRAINT pk_outbox PRIMARY KEY (id)
);

CREATE INDEX ix_outbox_private_key ON outbox (private_key) WHERE private_key IS NOT NULL;

CREATE INDEX ix_outbox_workspace_id_id ON outbox (workspace_id, id);

CREATE TABLE journal (
    tenant_id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    body BYTEA NOT NULL,
    CONSTRAINT pk_journal PRIMARY KEY (workspace_id, last_seq, at)
)
 PARTITION BY RANGE (at);

CREATE TABLE journal_private (
    tenant_id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    key TEXT NOT NULL,
    data JSONB NOT NULL,
    CONSTRAINT pk_journal_private PRIMARY KEY (workspace_id, seq, at)
)
 PARTITION BY RANGE (at);

CREATE INDEX ix_journal_private_key ON journal_private (key);

CREATE TABLE readers (
    name TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_readers PRIMARY KEY (name, workspace_id)
);

CREATE TABLE commands (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    body JSONB NOT NULL,
    private JSONB,
    private_key TEXT,
    state TEXT DEFAULT 'new' NOT NULL,
    result JSONB,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_commands PRIMARY KEY (id),
    CONSTRAINT uq_commands_workspace_id_idempotency_key UNIQUE (workspace_id, idempotency_key)
);

CREATE INDEX ix_commands_created_at ON commands (created_at);

CREATE INDEX ix_commands_new ON commands (workspace_id, id) WHERE state = 'new';

CREATE INDEX ix_commands_private_key ON commands (private_key) WHERE private_key IS NOT NULL;

CREATE TABLE leases (
    workspace_id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    owner TEXT NOT NULL,
    until TIMESTAMP WITH TIME ZONE NOT NULL,
    last_seq BIGINT DEFAULT '0' NOT NULL,
    CONSTRAINT pk_leases PRIMARY KEY (workspace_id)
);

CREATE TABLE snapshots (
    workspace_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    tenant_id TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    body BYTEA NOT NULL,
    CONSTRAINT pk_snapshots PRIMARY KEY (workspace_id, seq)
);

CREATE TABLE jobs (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload JSONB NOT NULL,
    run_at TIMESTAMP WITH TIME ZONE NOT NULL,
    state TEXT DEFAULT 'waiting' NOT NULL,
    attempts INTEGER DEFAULT '0' NOT NULL,
    lease_until TIMESTAMP WITH TIME ZONE,
    lease BIGINT DEFAULT '0' NOT NULL,
    dedupe_key TEXT,
    order_key TEXT,
    cancel_key TEXT,
    error TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_jobs PRIMARY KEY (id)
);

CREATE INDEX ix_jobs_cancel_key ON jobs (tenant_id, cancel_key) WHERE cancel_key IS NOT NULL;

CREATE INDEX ix_jobs_due ON jobs (run_at, id) WHERE state <> 'failed';

CREATE INDEX ix_jobs_order_key ON jobs (tenant_id, order_key, id) WHERE order_key IS NOT NULL AND state <> 'failed';

CREATE UNIQUE INDEX uq_jobs_dedupe_key ON jobs (tenant_id, kind, dedupe_key) WHERE dedupe_key IS NOT NULL AND state <> 'failed';

CREATE TABLE files (
    id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    firm_id TEXT,
    class TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    path TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    delete_after TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_files PRIMARY KEY (id)
);

CREATE INDEX ix_files_delete_after ON files (delete_after) WHERE delete_after IS NOT NULL;

CREATE INDEX ix_files_owner_id ON files (tenant_id, owner_id);

CREATE TABLE idempotency_keys (
    tenant_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    request TEXT NOT NULL,
    status INTEGER,
    content_type TEXT,
    response BYTEA,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (tenant_id, scope, key)
);

CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys (created_at)
"""

DEFAULTS = """
CREATE TABLE journal_default PARTITION OF journal DEFAULT;

CREATE TABLE journal_private_default PARTITION OF journal_private DEFAULT;

ALTER TABLE journal_default ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

ALTER TABLE journal_private_default ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

ALTER TABLE leases SET (fillfactor = 50)
"""


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    for statement in (TABLES + ";" + DEFAULTS).split(";"):
        op.execute(statement)
    secure(
        "outbox",
        "journal",
        "journal_private",
        "readers",
        "commands",
        "leases",
        "snapshots",
        "jobs",
        "files",
        "idempotency_keys",
    )

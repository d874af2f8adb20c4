"""Tables of dispatch: projections of the router's tasks, reservations, workers and configuration."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0005_dispatch"
down_revision = "0004_conversations"

TABLES = """
CREATE TABLE tasks (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    firm_id TEXT,
    conversation_id TEXT,
    channel TEXT NOT NULL,
    status TEXT NOT NULL,
    priority BIGINT NOT NULL,
    workflow_id TEXT,
    queue_id TEXT,
    worker_id TEXT,
    reservation_id TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    virtual_start_at TIMESTAMP WITH TIME ZONE NOT NULL,
    entered_queue_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    reason TEXT,
    version BIGINT NOT NULL,
    CONSTRAINT pk_tasks PRIMARY KEY (workspace_id, id)
) WITH (fillfactor = 70);

CREATE INDEX ix_tasks_conversation_id ON tasks (conversation_id) WHERE conversation_id IS NOT NULL;

CREATE TABLE reservations (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    worker_id TEXT NOT NULL,
    queue_id TEXT,
    firm_id TEXT,
    status TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    accepted_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    reason TEXT,
    seq BIGINT NOT NULL,
    decision JSONB NOT NULL,
    CONSTRAINT pk_reservations PRIMARY KEY (workspace_id, id)
) WITH (fillfactor = 70);

CREATE INDEX ix_reservations_task_id ON reservations (workspace_id, task_id)
"""

CONFIGURED = """
CREATE TABLE {name} (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    firm_id TEXT,
    name TEXT NOT NULL,
    data JSONB NOT NULL,
    removed BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT pk_{name} PRIMARY KEY (workspace_id, id)
)
"""

CONFIGURED_TABLES = ("workers", "queues", "workflows", "activities", "task_channels")


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    for statement in TABLES.split(";"):
        op.execute(statement)
    for name in CONFIGURED_TABLES:
        op.execute(CONFIGURED.format(name=name))
    secure("tasks", "reservations", *CONFIGURED_TABLES)

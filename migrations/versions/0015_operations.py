"""Held work: after a restore jobs wait until the operator releases them."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0015_operations"
down_revision = "0014_templates"

TABLES = """
CREATE TABLE holds (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id TEXT NOT NULL,
    since TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    backup JSONB NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_holds PRIMARY KEY (id)
);

CREATE UNIQUE INDEX uq_holds_open ON holds (tenant_id) WHERE released_at IS NULL
"""


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    for statement in TABLES.split(";"):
        op.execute(statement)
    secure("holds")

"""Tables of templates (texts by language and version) and of merged customers; who is named in notes; splits."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0014_templates"
down_revision = "0013_rights"

_TABLES = """
CREATE TABLE templates (
    id text PRIMARY KEY,
    tenant_id text NOT NULL,
    kind text NOT NULL,
    firm_id text,
    queue_id text,
    shortcut text NOT NULL,
    title text NOT NULL,
    texts jsonb NOT NULL,
    version integer NOT NULL DEFAULT 1,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    removed_at timestamptz
);
CREATE UNIQUE INDEX uq_templates_shortcut ON templates (tenant_id, kind, coalesce(firm_id, ''), coalesce(queue_id, ''), shortcut)
    WHERE removed_at IS NULL;
CREATE TABLE template_versions (
    template_id text NOT NULL REFERENCES templates (id),
    version integer NOT NULL,
    tenant_id text NOT NULL,
    shortcut text NOT NULL,
    title text NOT NULL,
    texts jsonb NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (template_id, version)
);
CREATE TABLE customer_merges (
    id text PRIMARY KEY,
    tenant_id text NOT NULL,
    firm_id text NOT NULL,
    kept_id text NOT NULL REFERENCES customers (id),
    merged_id text NOT NULL REFERENCES customers (id),
    moved jsonb NOT NULL,
    by_user text NOT NULL,
    at timestamptz NOT NULL,
    undone_at timestamptz
);
CREATE INDEX ix_customer_merges_kept ON customer_merges (tenant_id, kept_id);
CREATE INDEX ix_customer_merges_merged ON customer_merges (tenant_id, merged_id);
ALTER TABLE customers ADD COLUMN merged_into text REFERENCES customers (id);
ALTER TABLE conversations ADD COLUMN mentioned text[] NOT NULL DEFAULT '{}';
ALTER TABLE notes ADD COLUMN mentions text[] NOT NULL DEFAULT '{}'
"""


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    for statement in _TABLES.split(";"):
        op.execute(statement)
    secure("templates", "template_versions", "customer_merges")

"""Table of voice's prompts: recordings and uploads of a firm, by name and language."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0010_prompts"
down_revision = "0009_flows"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        CREATE TABLE prompts (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            firm_id text,
            name text NOT NULL,
            language text NOT NULL,
            words text NOT NULL DEFAULT '',
            file_id text NOT NULL,
            ms integer NOT NULL,
            updated_at timestamptz NOT NULL
        )
    """)
    op.execute("CREATE UNIQUE INDEX uq_prompts ON prompts (tenant_id, firm_id, name, language) NULLS NOT DISTINCT")
    secure("prompts")

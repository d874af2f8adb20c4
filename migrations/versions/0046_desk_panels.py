"""The table of a company's own panels at the desk."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0046_desk_panels"
down_revision = "0045_lookups"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        CREATE TABLE desk_panels (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            firm_id text,
            name text NOT NULL,
            active boolean NOT NULL,
            url text NOT NULL,
            height integer NOT NULL,
            secrets text NOT NULL,
            UNIQUE (workspace_id, name)
        )
    """)
    secure("desk_panels")

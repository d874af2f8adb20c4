"""The account's own token, and what the API for existing clients keeps beside the router: callback addresses and times."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0037_compat"
down_revision = "0036_flow_traffic"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        CREATE TABLE account_tokens (
            tenant_id text PRIMARY KEY,
            token_hash bytea NOT NULL UNIQUE,
            token text NOT NULL,
            created_at timestamptz NOT NULL
        )
    """)
    op.execute("""
        CREATE TABLE compat_notes (
            workspace_id text NOT NULL,
            id text NOT NULL,
            tenant_id text NOT NULL,
            data text NOT NULL DEFAULT '',
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (workspace_id, id)
        )
    """)
    secure("account_tokens", "compat_notes")

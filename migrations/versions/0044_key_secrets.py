"""The secrets of API keys, sealed: access tokens that programs sign with them are verified."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0044_key_secrets"
down_revision = "0042_compat_calls"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        CREATE TABLE key_secrets (
            key_id text PRIMARY KEY,
            tenant_id text NOT NULL,
            secret text NOT NULL
        )
    """)
    secure("key_secrets")

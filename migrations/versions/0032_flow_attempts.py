"""How often somebody tried to prove something to a flow: a PIN cannot be found by trying."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0032_flow_attempts"
down_revision = "0031_flow_trials"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        CREATE TABLE flow_attempts (
            tenant_id text NOT NULL,
            key text NOT NULL,
            count integer NOT NULL,
            began_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, key)
        )
    """)
    secure("flow_attempts")

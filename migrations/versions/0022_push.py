"""Tables of push: one pair of keys a tenant, the devices people are told on."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0022_push"
down_revision = "0021_sends"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        CREATE TABLE push_keys (
            tenant_id text PRIMARY KEY,
            public_key text NOT NULL,
            private_key text NOT NULL,
            made_at timestamptz NOT NULL
        )
    """)
    op.execute("""
        CREATE TABLE push_devices (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            user_id text NOT NULL,
            session_hash bytea NOT NULL,
            address_hash bytea NOT NULL,
            address text NOT NULL,
            public_key text NOT NULL,
            secret text NOT NULL,
            locale text NOT NULL,
            time_zone text NOT NULL,
            names boolean NOT NULL DEFAULT false,
            made_at timestamptz NOT NULL
        )
    """)
    op.execute("CREATE UNIQUE INDEX uq_push_devices_address ON push_devices (tenant_id, address_hash)")
    op.execute("CREATE INDEX ix_push_devices_user ON push_devices (tenant_id, user_id)")
    secure("push_keys", "push_devices")

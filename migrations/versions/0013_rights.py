"""Tables of roles and rights: a tenant's own roles, and the queues a person is bound to."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0013_rights"
down_revision = "0012_settings"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        CREATE TABLE roles (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            name text NOT NULL,
            rights text[] NOT NULL,
            created_at timestamptz NOT NULL,
            version integer NOT NULL DEFAULT 1,
            UNIQUE (tenant_id, name)
        )
    """)
    op.execute("ALTER TABLE users ADD COLUMN queue_ids text[]")
    op.execute("COMMENT ON COLUMN users.queue_ids IS 'null: all queues of the firms'")
    op.execute("CREATE INDEX ix_audit_actor ON audit (tenant_id, actor, id)")
    secure("roles")

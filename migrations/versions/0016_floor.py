"""Tables of the supervisor's floor: memos to people, moves for a time, alerts, layouts, what each person did in the day."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0016_floor"
down_revision = "0015_operations"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        CREATE TABLE floor_memos (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            user_id text NOT NULL,
            kind text NOT NULL,
            message_id text,
            conversation_id text,
            by_user_id text,
            by_name text NOT NULL DEFAULT '',
            text text NOT NULL DEFAULT '',
            data jsonb NOT NULL DEFAULT '{}',
            at timestamptz NOT NULL,
            until timestamptz,
            seen_at timestamptz
        )
    """)
    op.execute("CREATE INDEX ix_floor_memos_user ON floor_memos (tenant_id, user_id) WHERE seen_at IS NULL")
    op.execute("CREATE INDEX ix_floor_memos_message ON floor_memos (tenant_id, message_id, at)")
    op.execute("CREATE INDEX ix_floor_memos_conversation ON floor_memos (tenant_id, conversation_id)")
    op.execute("""
        CREATE TABLE floor_moves (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            worker_id text NOT NULL,
            firm_ids text[] NOT NULL DEFAULT '{}',
            given jsonb NOT NULL,
            before jsonb NOT NULL,
            reason text NOT NULL DEFAULT '',
            by_user_id text,
            by_name text NOT NULL DEFAULT '',
            made_at timestamptz NOT NULL,
            until timestamptz NOT NULL,
            ended_at timestamptz
        )
    """)
    op.execute("CREATE INDEX ix_floor_moves_open ON floor_moves (tenant_id, worker_id) WHERE ended_at IS NULL")
    op.execute("""
        CREATE TABLE floor_alerts (
            tenant_id text NOT NULL,
            queue_id text NOT NULL,
            waiting integer,
            oldest_seconds integer,
            share double precision,
            PRIMARY KEY (tenant_id, queue_id)
        )
    """)
    op.execute("""
        CREATE TABLE floor_layouts (
            tenant_id text NOT NULL,
            user_id text NOT NULL,
            layout jsonb NOT NULL,
            PRIMARY KEY (tenant_id, user_id)
        )
    """)
    op.execute("""
        CREATE TABLE floor_changes (
            tenant_id text NOT NULL,
            worker_id text NOT NULL,
            seq bigint NOT NULL,
            at timestamptz NOT NULL,
            activity_id text,
            reachable boolean,
            PRIMARY KEY (tenant_id, worker_id, seq)
        )
    """)
    op.execute("CREATE INDEX ix_floor_changes_at ON floor_changes (tenant_id, worker_id, at)")
    op.execute("ALTER TABLE conversations ADD COLUMN joined text[] NOT NULL DEFAULT '{}'")
    op.execute("CREATE INDEX ix_reservations_worker ON reservations (workspace_id, worker_id, created_at)")
    secure("floor_memos", "floor_moves", "floor_alerts", "floor_layouts", "floor_changes")

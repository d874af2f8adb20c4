"""Keys that reach some queues only; conversations split in two: which messages went where, and the thread that stays one."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0017_split"
down_revision = "0016_floor"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("ALTER TABLE api_keys ADD COLUMN queue_ids text[]")
    op.execute("COMMENT ON COLUMN api_keys.queue_ids IS 'null: all queues of the firms'")
    op.execute("ALTER TABLE conversations ADD COLUMN thread_id text")
    op.execute(
        "CREATE INDEX ix_conversations_thread ON conversations (tenant_id, thread_id) WHERE thread_id IS NOT NULL"
    )
    op.execute("""
        CREATE TABLE conversation_splits (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            from_id text NOT NULL,
            into_id text NOT NULL,
            message_ids text[] NOT NULL,
            by_user text NOT NULL,
            at timestamptz NOT NULL,
            undone_at timestamptz
        )
    """)
    op.execute("CREATE INDEX ix_conversation_splits_from ON conversation_splits (tenant_id, from_id)")
    op.execute("CREATE INDEX ix_conversation_splits_into ON conversation_splits (tenant_id, into_id)")
    secure("conversation_splits")

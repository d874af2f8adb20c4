"""Intents by their phrases, the threshold of a workspace, and what contacts wrote that was not understood."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0034_intents"
down_revision = "0033_appointments"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        CREATE TABLE intents (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            name text NOT NULL,
            phrases jsonb NOT NULL,
            UNIQUE (workspace_id, name)
        )
    """)
    op.execute("""
        CREATE TABLE intent_settings (
            workspace_id text PRIMARY KEY,
            tenant_id text NOT NULL,
            version bigint NOT NULL DEFAULT 0,
            threshold double precision
        )
    """)
    op.execute("""
        CREATE TABLE intent_misses (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            conversation_id text NOT NULL,
            flow_id text,
            language text NOT NULL,
            text text NOT NULL,
            intent text,
            score double precision NOT NULL,
            understood boolean NOT NULL,
            at timestamptz NOT NULL
        )
    """)
    op.execute("CREATE INDEX ix_intent_misses_workspace ON intent_misses (tenant_id, workspace_id, id)")
    op.execute("CREATE INDEX ix_intent_misses_conversation ON intent_misses (tenant_id, conversation_id)")
    op.execute("CREATE INDEX ix_intent_misses_at ON intent_misses (at)")
    secure("intents", "intent_settings", "intent_misses")

"""Table of links by which an agent leads a customer into a conversation: join_links."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0011_join_links"
down_revision = "0010_prompts"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        CREATE TABLE join_links (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            conversation_id text NOT NULL,
            call_id text,
            kind text NOT NULL,
            made_by text NOT NULL,
            made_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            joined_at timestamptz
        )
    """)
    op.execute("CREATE INDEX ix_join_links_conversation ON join_links (tenant_id, conversation_id)")
    secure("join_links")

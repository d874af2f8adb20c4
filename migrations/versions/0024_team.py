"""Tables of the colleagues' discussions: discussions, who is in them, what was said."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0024_team"
down_revision = "0022_push"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        CREATE TABLE team_discussions (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            kind text NOT NULL,
            name text NOT NULL DEFAULT '',
            pair text,
            made_at timestamptz NOT NULL,
            last_number integer NOT NULL DEFAULT 0,
            last_at timestamptz NOT NULL,
            version integer NOT NULL DEFAULT 1
        )
    """)
    op.execute(
        "CREATE UNIQUE INDEX uq_team_discussions_pair ON team_discussions (tenant_id, pair) WHERE pair IS NOT NULL"
    )
    op.execute("""
        CREATE TABLE team_members (
            discussion_id text NOT NULL REFERENCES team_discussions (id) ON DELETE CASCADE,
            user_id text NOT NULL,
            tenant_id text NOT NULL,
            read_number integer NOT NULL DEFAULT 0,
            named_number integer NOT NULL DEFAULT 0,
            draft text NOT NULL DEFAULT '',
            PRIMARY KEY (discussion_id, user_id)
        )
    """)
    op.execute("CREATE INDEX ix_team_members_user ON team_members (tenant_id, user_id)")
    op.execute("""
        CREATE TABLE team_lines (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            discussion_id text NOT NULL REFERENCES team_discussions (id) ON DELETE CASCADE,
            number integer NOT NULL,
            author_user_id text NOT NULL,
            author_name text NOT NULL,
            text text NOT NULL,
            mentions text[] NOT NULL DEFAULT '{}',
            conversation_id text,
            at timestamptz NOT NULL,
            gone_at timestamptz,
            UNIQUE (discussion_id, number)
        )
    """)
    op.execute("CREATE INDEX ix_team_lines_conversation ON team_lines (tenant_id, conversation_id)")
    secure("team_discussions", "team_members", "team_lines")

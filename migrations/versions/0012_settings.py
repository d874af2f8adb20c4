"""Tables of settings on screen: settings_revisions and settings_changes (what became of the configuration), settings_drafts."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0012_settings"
down_revision = "0011_join_links"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        CREATE TABLE settings_revisions (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            at timestamptz NOT NULL,
            actor text NOT NULL,
            author text NOT NULL,
            road text NOT NULL,
            undoes text,
            number bigint GENERATED ALWAYS AS IDENTITY
        )
    """)
    op.execute(
        "CREATE INDEX ix_settings_revisions_workspace ON settings_revisions (tenant_id, workspace_id, number DESC)"
    )
    op.execute("""
        CREATE TABLE settings_changes (
            revision_id text NOT NULL REFERENCES settings_revisions ON DELETE CASCADE,
            position integer NOT NULL,
            tenant_id text NOT NULL,
            kind text NOT NULL,
            name text NOT NULL,
            act text NOT NULL,
            before jsonb NOT NULL,
            after jsonb NOT NULL,
            PRIMARY KEY (revision_id, position)
        )
    """)
    op.execute("CREATE INDEX ix_settings_changes_thing ON settings_changes (tenant_id, kind, name)")
    op.execute("""
        CREATE TABLE settings_drafts (
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            user_id text NOT NULL,
            kind text NOT NULL,
            name text NOT NULL,
            etag text,
            thing jsonb NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (workspace_id, user_id, kind, name)
        )
    """)
    secure("settings_revisions", "settings_changes", "settings_drafts")

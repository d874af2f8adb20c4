"""Surveys as they are configured, and who was asked what, with his answer."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0020_surveys"
down_revision = "0019_mail"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        CREATE TABLE surveys (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            firm_id text,
            name text NOT NULL,
            kind text NOT NULL,
            words jsonb NOT NULL,
            rule jsonb NOT NULL,
            UNIQUE (workspace_id, name)
        )
    """)
    op.execute("""
        CREATE TABLE survey_invitations (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            survey_id text NOT NULL,
            survey_name text NOT NULL,
            kind text NOT NULL,
            words jsonb NOT NULL,
            firm_id text NOT NULL,
            conversation_id text NOT NULL REFERENCES conversations (id),
            customer_id text NOT NULL,
            queue_id text,
            user_id text,
            channel text NOT NULL,
            language text NOT NULL,
            how text NOT NULL,
            message_number integer NOT NULL DEFAULT 0,
            disposition_id text,
            asked_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            answered_at timestamptz,
            changed_at timestamptz,
            score integer,
            comment text NOT NULL DEFAULT '',
            UNIQUE (conversation_id)
        )
    """)
    op.execute("CREATE INDEX ix_survey_invitations_customer ON survey_invitations (tenant_id, customer_id, asked_at)")
    op.execute("CREATE INDEX ix_survey_invitations_asked ON survey_invitations (tenant_id, workspace_id, asked_at)")
    op.execute("CREATE INDEX ix_survey_invitations_answered ON survey_invitations (tenant_id, workspace_id, answered_at) "
               "WHERE answered_at IS NOT NULL")  # fmt: skip
    secure("surveys")
    secure("survey_invitations")

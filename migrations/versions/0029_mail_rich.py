"""Drafts of letters keep their formatting."""

from alembic import op

revision = "0029_mail_rich"
down_revision = "0028_visitor_push"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("ALTER TABLE drafts ADD COLUMN html text NOT NULL DEFAULT ''")

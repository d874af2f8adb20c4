"""What tells two messages apart that bear the same id of their provider: a Message-ID used twice."""

from alembic import op

revision = "0019_mail"
down_revision = "0018_channel_sockets"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("ALTER TABLE channel_received ADD COLUMN variant text NOT NULL DEFAULT ''")

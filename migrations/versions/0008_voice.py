"""Tables of voice."""

revision = "0008_voice"
down_revision = "0007_reception"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""


def downgrade() -> None:
    """Forward only."""

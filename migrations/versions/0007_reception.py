"""Tables of reception: which workflow and hours answer an address."""

revision = "0007_reception"
down_revision = "0006_channels"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""

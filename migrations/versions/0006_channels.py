"""Tables of channels: widgets, visitors, visitor sessions."""

revision = "0006_channels"
down_revision = "0005_dispatch"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""

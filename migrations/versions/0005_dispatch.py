"""Tables of dispatch: projections of the router and its side table."""

revision = "0005_dispatch"
down_revision = "0004_conversations"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""

"""Tables of accounts: tenants, firms, workspaces, users, sessions, keys, audit, hours."""

revision = "0002_accounts"
down_revision = "0001_runtime"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""

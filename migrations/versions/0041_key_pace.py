"""How many requests a minute an API key may make; keys that are there already stay without a limit."""

from alembic import op

revision = "0041_key_pace"
down_revision = "0040_webhooks"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("ALTER TABLE api_keys ADD COLUMN per_minute integer")

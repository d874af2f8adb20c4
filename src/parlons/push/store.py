"""Tables of push. Private to this room."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA

from parlons.runtime.schema import at_column, metadata, text_column
from parlons.runtime.vault import Sealed

devices = sa.Table(
    "push_devices",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    text_column("user_id"),
    sa.Column("session_hash", BYTEA, nullable=False, comment="nobody is told whose session has ended"),
    sa.Column("address_hash", BYTEA, nullable=False),
    sa.Column("address", Sealed("push_devices.address"), nullable=False),
    text_column("public_key"),
    sa.Column("secret", Sealed("push_devices.secret"), nullable=False),
    text_column("locale"),
    text_column("time_zone"),
    sa.Column("names", sa.Boolean, nullable=False, server_default="false"),
    at_column("made_at"),
    sa.Index("uq_push_devices_address", "tenant_id", "address_hash", unique=True),
    sa.Index("ix_push_devices_user", "tenant_id", "user_id"),
)

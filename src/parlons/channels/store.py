"""Tables of what all channels have in common. Private to this room."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert

from parlons.runtime.prepared import Prepared
from parlons.runtime.schema import at_column, metadata, text_column
from parlons.runtime.vault import Sealed

accounts = sa.Table(
    "channel_accounts",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    text_column("tenant_id"),
    text_column("workspace_id"),
    text_column("firm_id"),
    text_column("channel"),
    text_column("key"),
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    text_column("address"),
    sa.Column("settings", JSONB, nullable=False, server_default="{}"),
    sa.Column("secrets", Sealed("channel_accounts.secrets")),
    sa.Column("per_second", sa.Float),
    sa.Column("position", JSONB, nullable=False, server_default="{}"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    at_column("created_at"),
    sa.UniqueConstraint("channel", "key"),
    sa.Index("uq_channel_accounts_address", "tenant_id", "channel", "address", unique=True),
)

received = sa.Table(
    "channel_received",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("provider_id", sa.Text, primary_key=True),
    text_column("conversation_id", nullable=True),
    text_column("message_id", nullable=True),
    text_column("thread", nullable=True),
    sa.Column("variant", sa.Text, nullable=False, server_default=""),
    at_column("at"),
    sa.Index("ix_channel_received_conversation", "tenant_id", "conversation_id", "at"),
    sa.Index(
        "ix_channel_received_thread",
        "tenant_id",
        "account_id",
        "thread",
        postgresql_where=sa.text("thread IS NOT NULL"),
    ),
)
"""What came in, by the provider's id: the same again is known by it, and answers find their conversation."""

POSITION = Prepared(
    sa.update(accounts).where(
        accounts.c.tenant_id == sa.bindparam("of_tenant"), accounts.c.id == sa.bindparam("of_id")
    ),
    columns=["position"],
)
RECEIVED = Prepared(
    insert(received).on_conflict_do_nothing().returning(received.c.provider_id),
    columns=["tenant_id", "account_id", "provider_id", "thread", "variant", "at"],
)
"""No row: it was received before."""
BECAME = Prepared(
    sa.update(received)
    .where(
        received.c.tenant_id == sa.bindparam("of_tenant"),
        received.c.account_id == sa.bindparam("of_account"),
        received.c.provider_id == sa.bindparam("of_id"),
    )
    .values(conversation_id=sa.bindparam("became_conversation"), message_id=sa.bindparam("became_message"))
)
CAME_IN = Prepared(
    sa.select(received.c.at, received.c.provider_id)
    .where(
        received.c.tenant_id == sa.bindparam("tenant"),
        received.c.account_id == sa.bindparam("account"),
        received.c.conversation_id == sa.bindparam("conversation"),
    )
    .order_by(received.c.at.desc())
    .limit(sa.bindparam("many", type_=sa.Integer))
)
"""When, and under which provider's id, messages of a conversation came by an account, newest first."""

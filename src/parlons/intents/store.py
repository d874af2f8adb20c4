"""Tables of intents. Private to this room."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from parlons.runtime.schema import at_column, metadata, tenant_column, text_column

intents = sa.Table(
    "intents",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    tenant_column(),
    text_column("workspace_id"),
    text_column("name"),
    sa.Column("phrases", JSONB, nullable=False),
    sa.UniqueConstraint("workspace_id", "name"),
)

intent_settings = sa.Table(
    "intent_settings",
    metadata,
    sa.Column("workspace_id", sa.Text, primary_key=True),
    tenant_column(),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("threshold", sa.Double),
)

intent_misses = sa.Table(
    "intent_misses",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    tenant_column(),
    text_column("workspace_id"),
    text_column("conversation_id"),
    text_column("flow_id", nullable=True),
    text_column("language"),
    text_column("text"),
    text_column("intent", nullable=True),
    sa.Column("score", sa.Double, nullable=False),
    sa.Column("understood", sa.Boolean, nullable=False),
    at_column("at"),
    sa.Index("ix_intent_misses_workspace", "tenant_id", "workspace_id", "id"),
    sa.Index("ix_intent_misses_conversation", "tenant_id", "conversation_id"),
    sa.Index("ix_intent_misses_at", "at"),
)

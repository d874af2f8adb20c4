"""The tables of calls. Private to this room."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from parlons.runtime.schema import at_column, metadata, text_column
from parlons.runtime.vault import Sealed

trunks = sa.Table(
    "trunks",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    text_column("tenant_id"),
    text_column("name"),
    sa.Column("data", JSONB, nullable=False),
    sa.Column("password", Sealed("trunks.password"), nullable=False),
    sa.UniqueConstraint("tenant_id", "name"),
)

phones = sa.Table(
    "phones",
    metadata,
    sa.Column("username", sa.Text, primary_key=True),
    text_column("tenant_id"),
    text_column("user_id"),
    sa.Column("password", Sealed("phones.password"), nullable=False),
)

voice_settings = sa.Table(
    "voice_settings",
    metadata,
    sa.Column("queue_id", sa.Text, primary_key=True),
    text_column("tenant_id"),
    sa.Column("data", JSONB, nullable=False),
)

voice_limits = sa.Table(
    "voice_limits",
    metadata,
    sa.Column("workspace_id", sa.Text, primary_key=True),
    text_column("tenant_id"),
    sa.Column("data", JSONB, nullable=False),
)

contact_addresses = sa.Table(
    "contact_addresses",
    metadata,
    sa.Column("user_id", sa.Text, primary_key=True),
    text_column("tenant_id"),
    sa.Column("addresses", JSONB, nullable=False),
)

calls = sa.Table(
    "calls",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    text_column("tenant_id"),
    text_column("workspace_id"),
    text_column("firm_id", nullable=True),
    text_column("conversation_id", nullable=True),
    text_column("customer_id", nullable=True),
    text_column("task_id", nullable=True),
    text_column("queue_id", nullable=True),
    text_column("worker_id", nullable=True),
    text_column("direction"),
    text_column("state"),
    at_column("started_at"),
    at_column("answered_at", nullable=True),
    at_column("ended_at", nullable=True),
    text_column("end_cause", nullable=True),
    sa.Column("waited_ms", sa.BigInteger),
    sa.Column("position", sa.Integer),
    sa.Column("forecast_hit", sa.Boolean),
    sa.Column("charged_ms", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("cost", sa.Float, nullable=False, server_default="0"),
    text_column("placed_by", nullable=True),
    sa.Column("body", JSONB, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Index("ix_calls_open", "workspace_id", postgresql_where=sa.text("state <> 'ended'")),
    sa.Index("ix_calls_conversation", "tenant_id", "conversation_id"),
    sa.Index("ix_calls_customer", "tenant_id", "customer_id"),
    sa.Index("ix_calls_task", "tenant_id", "task_id"),
    sa.Index("ix_calls_placed", "tenant_id", "started_at", postgresql_where=sa.text("direction = 'out'")),
    sa.Index(
        "ix_calls_answered", "tenant_id", "queue_id", "answered_at", postgresql_where=sa.text("waited_ms IS NOT NULL")
    ),
)

call_legs = sa.Table(
    "call_legs",
    metadata,
    sa.Column("call_id", sa.Text, primary_key=True),
    sa.Column("leg_id", sa.Text, primary_key=True),
    text_column("tenant_id"),
    text_column("kind"),
    text_column("worker_id", nullable=True),
    sa.Column("started_at", sa.DateTime(timezone=True), primary_key=True),
    at_column("answered_at", nullable=True),
    at_column("ended_at", nullable=True),
    text_column("cause", nullable=True),
)

recordings = sa.Table(
    "recordings",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    text_column("tenant_id"),
    text_column("workspace_id"),
    text_column("firm_id", nullable=True),
    text_column("call_id"),
    text_column("conversation_id", nullable=True),
    text_column("file_id", nullable=True),
    text_column("state"),
    text_column("class"),
    sa.Column("channels", sa.Integer, nullable=False),
    sa.Column("ms", sa.BigInteger, nullable=False),
    sa.Column("gaps", JSONB, nullable=False),
    sa.Column("peaks", JSONB, nullable=False),
    text_column("key_id", nullable=True),
    text_column("path"),
    sa.Column("keep_days", sa.Integer),
    at_column("started_at"),
    at_column("retention_until", nullable=True),
    sa.Index("ix_recordings_conversation", "tenant_id", "conversation_id"),
    sa.Index("ix_recordings_call", "tenant_id", "call_id"),
)

callbacks = sa.Table(
    "callbacks",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    text_column("tenant_id"),
    text_column("workspace_id"),
    text_column("firm_id", nullable=True),
    text_column("conversation_id"),
    text_column("customer_id"),
    text_column("task_id"),
    text_column("queue_id", nullable=True),
    text_column("number"),
    text_column("caller_number"),
    text_column("why"),
    text_column("state"),
    at_column("created_at"),
    at_column("virtual_start_at"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Index(
        "uq_callbacks_waiting",
        "tenant_id",
        "firm_id",
        "number",
        unique=True,
        postgresql_where=sa.text("state = 'waiting'"),
    ),
    sa.Index("ix_callbacks_task", "tenant_id", "task_id"),
)

prompts = sa.Table(
    "prompts",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("firm_id", sa.Text),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False, server_default=""),
    sa.Column("file_id", sa.Text, nullable=False),
    sa.Column("ms", sa.Integer, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("uq_prompts", "tenant_id", "firm_id", "name", "language", unique=True, postgresql_nulls_not_distinct=True),
)

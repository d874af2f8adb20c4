"""Tables of the floor. Private to this room."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from parlons.runtime.schema import at_column, metadata


def _text(name: str, *, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=key, nullable=False, server_default=None if key else "")


def _id(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


memos = sa.Table(
    "floor_memos",
    metadata,
    _text("id", key=True),
    _id("tenant_id"),
    _id("user_id"),
    _id("kind"),
    _id("message_id", nullable=True),
    _id("conversation_id", nullable=True),
    _id("by_user_id", nullable=True),
    _text("by_name"),
    _text("text"),
    sa.Column("data", JSONB, nullable=False, server_default="{}"),
    at_column("at"),
    at_column("until", nullable=True),
    at_column("seen_at", nullable=True),
    sa.Index("ix_floor_memos_user", "tenant_id", "user_id", postgresql_where=sa.text("seen_at IS NULL")),
    sa.Index("ix_floor_memos_message", "tenant_id", "message_id", "at"),
    sa.Index("ix_floor_memos_conversation", "tenant_id", "conversation_id"),
)

moves = sa.Table(
    "floor_moves",
    metadata,
    _text("id", key=True),
    _id("tenant_id"),
    _id("workspace_id"),
    _id("worker_id"),
    sa.Column("firm_ids", ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.Column("given", JSONB, nullable=False),
    sa.Column("before", JSONB, nullable=False),
    _text("reason"),
    _id("by_user_id", nullable=True),
    _text("by_name"),
    at_column("made_at"),
    at_column("until"),
    at_column("ended_at", nullable=True),
    sa.Index("ix_floor_moves_open", "tenant_id", "worker_id", postgresql_where=sa.text("ended_at IS NULL")),
)

alerts = sa.Table(
    "floor_alerts",
    metadata,
    _text("tenant_id", key=True),
    _text("queue_id", key=True),
    sa.Column("waiting", sa.Integer),
    sa.Column("oldest_seconds", sa.Integer),
    sa.Column("share", sa.Float),
)

layouts = sa.Table(
    "floor_layouts",
    metadata,
    _text("tenant_id", key=True),
    _text("user_id", key=True),
    sa.Column("layout", JSONB, nullable=False),
)

changes = sa.Table(
    "floor_changes",
    metadata,
    _text("tenant_id", key=True),
    _text("worker_id", key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    at_column("at"),
    _id("activity_id", nullable=True),
    sa.Column("reachable", sa.Boolean),
    sa.Index("ix_floor_changes_at", "tenant_id", "worker_id", "at"),
)

"""Tables of conversations. Private to this room; rows become values in `rows`."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from parlons.runtime.schema import metadata


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _maybe(name: str) -> "sa.Column[str | None]":
    return sa.Column(name, sa.Text)


def _count(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def _at(name: str, *, nullable: bool = True) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _key(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, primary_key=True)


def _tenant() -> "sa.Column[str]":
    return sa.Column("tenant_id", sa.Text, nullable=False)


def _of() -> "sa.Column[str]":
    return sa.Column("conversation_id", sa.Text, sa.ForeignKey("conversations.id"), nullable=False)


conversations = sa.Table(
    "conversations",
    metadata,
    _key("id"),
    _tenant(),
    sa.Column("workspace_id", sa.Text, nullable=False),
    sa.Column("firm_id", sa.Text, nullable=False),
    sa.Column("customer_id", sa.Text, sa.ForeignKey("customers.id"), nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    _text("subject"),
    sa.Column("language", sa.Text, nullable=False, server_default="en"),
    _maybe("queue_id"),
    _maybe("lead_task_id"),
    _maybe("assigned_user_id"),
    _maybe("assigned_worker_id"),
    _text("assigned_name"),
    _maybe("previous_user_id"),
    _maybe("previous_worker_id"),
    _maybe("resumed_by_worker_id"),
    _maybe("not_served_reason"),
    _at("opened_at", nullable=False),
    _at("parked_until"),
    _at("closed_at"),
    _at("wrapup_since"),
    _maybe("disposition_id"),
    _text("disposition_note"),
    _count("message_count"),
    _maybe("last_message_id"),
    _at("last_message_at"),
    _at("last_customer_message_at"),
    _at("first_unanswered_at"),
    _count("agent_read_number"),
    _count("customer_read_number"),
    _count("unread_count"),
    sa.Column("tags", ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Index("ix_conversations_customer", "tenant_id", "customer_id"),
    sa.Index("ix_conversations_status", "tenant_id", "status", "last_message_at"),
    sa.Index("ix_conversations_user", "tenant_id", "assigned_user_id", postgresql_where=sa.text("status <> 'closed'")),
    sa.Index(
        "ix_conversations_task", "tenant_id", "lead_task_id", postgresql_where=sa.text("lead_task_id IS NOT NULL")
    ),
)

legs = sa.Table(
    "legs",
    metadata,
    _key("id"),
    _tenant(),
    _of(),
    sa.Column("channel", sa.Text, nullable=False),
    _maybe("address"),
    _at("started_at", nullable=False),
    _at("ended_at"),
    _maybe("ended_by"),
    sa.Index("ix_legs_conversation", "tenant_id", "conversation_id", "started_at"),
    sa.Index("uq_legs_live", "conversation_id", "channel", unique=True, postgresql_where=sa.text("ended_at IS NULL")),
)

messages = sa.Table(
    "messages",
    metadata,
    _key("id"),
    _tenant(),
    _of(),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("direction", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("author_kind", sa.Text, nullable=False),
    _maybe("author_id"),
    _text("author_name"),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("attachments", JSONB, nullable=False, server_default="[]"),
    sa.Column("notice", JSONB(none_as_null=True)),
    _maybe("client_id"),
    _at("at", nullable=False),
    sa.UniqueConstraint("conversation_id", "number"),
    sa.UniqueConstraint("conversation_id", "client_id"),
    sa.Index("ix_messages_at", "tenant_id", "at"),
)

notes = sa.Table(
    "notes",
    metadata,
    _key("id"),
    _tenant(),
    _of(),
    _maybe("author_user_id"),
    _text("author_name"),
    sa.Column("text", sa.Text, nullable=False),
    _at("at", nullable=False),
    sa.Index("ix_notes_conversation", "tenant_id", "conversation_id", "at"),
)

drafts = sa.Table(
    "drafts",
    metadata,
    sa.Column("conversation_id", sa.Text, sa.ForeignKey("conversations.id"), primary_key=True),
    _tenant(),
    _key("user_id"),
    _key("channel"),
    sa.Column("text", sa.Text, nullable=False),
    _at("saved_at", nullable=False),
)

disposition_sets = sa.Table(
    "disposition_sets",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    _key("queue_id"),
    _maybe("firm_id"),
    sa.Column("required", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("items", JSONB, nullable=False, server_default="[]"),
)

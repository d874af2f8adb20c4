"""Tables of conversations. Private to this room; rows become values in `rows`."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from parlons.runtime.prepared import Prepared, insertion
from parlons.runtime.schema import at_column, metadata, tenant_column


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _maybe(name: str) -> "sa.Column[str | None]":
    return sa.Column(name, sa.Text)


def _count(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def _key(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, primary_key=True)


def _of() -> "sa.Column[str]":
    return sa.Column("conversation_id", sa.Text, sa.ForeignKey("conversations.id"), nullable=False)


conversations = sa.Table(
    "conversations",
    metadata,
    _key("id"),
    tenant_column(),
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
    at_column("opened_at"),
    at_column("parked_until", nullable=True),
    at_column("closed_at", nullable=True),
    at_column("wrapup_since", nullable=True),
    _maybe("thread_id"),
    _maybe("disposition_id"),
    _text("disposition_note"),
    _count("message_count"),
    _maybe("last_message_id"),
    at_column("last_message_at", nullable=True),
    at_column("last_customer_message_at", nullable=True),
    at_column("first_unanswered_at", nullable=True),
    _count("agent_read_number"),
    _count("customer_read_number"),
    _count("unread_count"),
    sa.Column("tags", ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.Column("mentioned", ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.Column("joined", ARRAY(sa.Text), nullable=False, server_default="{}"),
    _maybe("account_id"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Index("ix_conversations_customer", "tenant_id", "customer_id"),
    sa.Index("ix_conversations_status", "tenant_id", "status", "last_message_at"),
    sa.Index("ix_conversations_user", "tenant_id", "assigned_user_id", postgresql_where=sa.text("status <> 'closed'")),
    sa.Index(
        "ix_conversations_task", "tenant_id", "lead_task_id", postgresql_where=sa.text("lead_task_id IS NOT NULL")
    ),
    sa.Index("ix_conversations_thread", "tenant_id", "thread_id", postgresql_where=sa.text("thread_id IS NOT NULL")),
)

splits = sa.Table(
    "conversation_splits",
    metadata,
    _key("id"),
    tenant_column(),
    sa.Column("from_id", sa.Text, nullable=False),
    sa.Column("into_id", sa.Text, nullable=False),
    sa.Column("message_ids", ARRAY(sa.Text), nullable=False),
    sa.Column("by_user", sa.Text, nullable=False),
    at_column("at"),
    at_column("undone_at", nullable=True),
    sa.Index("ix_conversation_splits_from", "tenant_id", "from_id"),
    sa.Index("ix_conversation_splits_into", "tenant_id", "into_id"),
)

legs = sa.Table(
    "legs",
    metadata,
    _key("id"),
    tenant_column(),
    _of(),
    sa.Column("channel", sa.Text, nullable=False),
    _maybe("address"),
    at_column("started_at"),
    at_column("ended_at", nullable=True),
    _maybe("ended_by"),
    _maybe("account_id"),
    sa.Index("ix_legs_conversation", "tenant_id", "conversation_id", "started_at"),
    sa.Index("uq_legs_live", "conversation_id", "channel", unique=True, postgresql_where=sa.text("ended_at IS NULL")),
)

messages = sa.Table(
    "messages",
    metadata,
    _key("id"),
    tenant_column(),
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
    at_column("at"),
    sa.Column("content", JSONB(none_as_null=True)),
    sa.Column("delivery", JSONB(none_as_null=True)),
    sa.UniqueConstraint("conversation_id", "number"),
    sa.UniqueConstraint("conversation_id", "client_id"),
    sa.Index("ix_messages_at", "tenant_id", "at"),
)

notes = sa.Table(
    "notes",
    metadata,
    _key("id"),
    tenant_column(),
    _of(),
    _maybe("author_user_id"),
    _text("author_name"),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("mentions", ARRAY(sa.Text), nullable=False, server_default="{}"),
    at_column("at"),
    sa.Index("ix_notes_conversation", "tenant_id", "conversation_id", "at"),
)

drafts = sa.Table(
    "drafts",
    metadata,
    sa.Column("conversation_id", sa.Text, sa.ForeignKey("conversations.id"), primary_key=True),
    tenant_column(),
    _key("user_id"),
    _key("channel"),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("html", sa.Text, nullable=False),
    at_column("saved_at"),
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

deliveries = sa.Table(
    "deliveries",
    metadata,
    _key("id"),
    tenant_column(),
    sa.Column("workspace_id", sa.Text, nullable=False),
    _of(),
    sa.Column("message_id", sa.Text, sa.ForeignKey("messages.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="queued"),
    _text("code"),
    _text("reason"),
    _count("tries"),
    sa.Column("rounds", sa.Integer, nullable=False, server_default="1"),
    sa.Column("parts", sa.Integer, nullable=False, server_default="1"),
    _text("cost"),
    sa.Column("data", JSONB, nullable=False, server_default="{}"),
    at_column("due_at"),
    at_column("asked_at"),
    at_column("changed_at"),
    sa.Column("send_id", sa.Text),
    sa.Column("held", sa.Boolean, nullable=False, server_default="false"),
    sa.UniqueConstraint("message_id"),
    sa.Index("ix_deliveries_send", "send_id", "state", postgresql_where=sa.text("send_id IS NOT NULL")),
    sa.Index("ix_deliveries_due", "account_id", "due_at", postgresql_where=sa.text("state = 'queued'")),
    sa.Index(
        "ix_deliveries_order",
        "conversation_id",
        "account_id",
        "number",
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    ),
    sa.Index("ix_deliveries_flight", "account_id", postgresql_where=sa.text("state = 'sending'")),
    sa.Index("ix_deliveries_conversation", "tenant_id", "conversation_id", "number"),
)

receipts = sa.Table(
    "delivery_receipts",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    _key("account_id"),
    _key("provider_id"),
    _maybe("delivery_id"),
    _count("part"),
    sa.Column("state", sa.Text, nullable=False),
    _text("code"),
    _text("reason"),
    _text("cost"),
    at_column("at"),
    sa.Index("ix_delivery_receipts_delivery", "delivery_id", "part"),
    sa.Index("ix_delivery_receipts_early", "at", postgresql_where=sa.text("delivery_id IS NULL")),
)

_one = sa.select(conversations).where(
    conversations.c.tenant_id == sa.bindparam("tenant"), conversations.c.id == sa.bindparam("of_id")
)
CONVERSATION, LOCKED_CONVERSATION = Prepared(_one), Prepared(_one.with_for_update())
NEW_CONVERSATION = insertion(conversations)
KEPT_CONVERSATION = Prepared(
    sa.update(conversations).where(
        conversations.c.tenant_id == sa.bindparam("of_tenant"), conversations.c.id == sa.bindparam("of_id")
    ),
    columns=[column.name for column in conversations.c if column.name not in ("id", "tenant_id")],
)
"""A conversation as it is now, all of it: for whoever holds its row."""
MESSAGE = Prepared(
    sa.select(messages).where(messages.c.tenant_id == sa.bindparam("tenant"), messages.c.id == sa.bindparam("of_id"))
)
NEW_MESSAGE = insertion(
    messages, "id", "tenant_id", "conversation_id", "number", "direction", "channel", "author_kind", "author_id",
    "author_name", "text", "attachments", "notice", "client_id", "at", "content", "delivery",
)  # fmt: skip
NEW_LEG = insertion(legs, "id", "tenant_id", "conversation_id", "channel", "address", "started_at", "account_id")
ENDED_LEG = insertion(
    legs, "id", "tenant_id", "conversation_id", "channel", "address", "started_at", "account_id", "ended_at", "ended_by"
)
NEW_DELIVERY = insertion(
    deliveries, "id", "tenant_id", "workspace_id", "conversation_id", "message_id", "number", "channel", "account_id",
    "address", "send_id", "due_at", "asked_at", "changed_at",
)  # fmt: skip

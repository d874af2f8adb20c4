"""The tables of web chat. Private to this room."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB

from parlons.runtime.schema import at_column, metadata, text_column
from parlons.runtime.vault import Sealed

widgets = sa.Table(
    "widgets",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    text_column("tenant_id"),
    text_column("workspace_id"),
    text_column("firm_id"),
    text_column("key"),
    text_column("address"),
    text_column("name"),
    sa.Column("origins", ARRAY(sa.Text), nullable=False),
    sa.Column("languages", ARRAY(sa.Text), nullable=False),
    text_column("accent", nullable=True),
    sa.Column("texts", JSONB, nullable=False),
    text_column("privacy_url", nullable=True),
    sa.Column("reply_seconds", sa.Integer),
    sa.Column("away_minutes", sa.Integer),
    sa.Column("identity_secret", Sealed("widgets.identity_secret"), nullable=False),
    sa.Column("token_key", BYTEA, nullable=False),
    at_column("created_at"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.UniqueConstraint("key"),
    sa.Index("ix_widgets_tenant_id", "tenant_id", "id"),
)

visitors = sa.Table(
    "visitors",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    text_column("tenant_id"),
    sa.Column("widget_id", sa.Text, sa.ForeignKey("widgets.id", ondelete="CASCADE"), nullable=False),
    text_column("firm_id"),
    text_column("language"),
    text_column("customer_id", nullable=True),
    text_column("conversation_id", nullable=True),
    text_column("external_id", nullable=True),
    text_column("consent"),
    sa.Column("best_position", sa.Integer),
    sa.Column("kept", sa.Boolean, nullable=False, server_default=sa.false()),
    at_column("created_at"),
    sa.Index("ix_visitors_customer_id", "tenant_id", "customer_id"),
    sa.Index("ix_visitors_widget_id", "widget_id"),
    sa.Index("ix_visitors_conversation_id", "tenant_id", "conversation_id"),
)

visitor_sessions = sa.Table(
    "visitor_sessions",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    text_column("tenant_id"),
    sa.Column("visitor_id", sa.Text, sa.ForeignKey("visitors.id", ondelete="CASCADE"), nullable=False),
    at_column("created_at"),
    at_column("revoked_at", nullable=True),
    sa.Index("ix_visitor_sessions_visitor_id", "visitor_id"),
)

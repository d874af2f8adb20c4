"""The tables of web chat. Private to this room."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB

from parlons.runtime.schema import metadata
from parlons.runtime.vault import Sealed


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


widgets = sa.Table(
    "widgets",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    _text("tenant_id"),
    _text("workspace_id"),
    _text("firm_id"),
    _text("key"),
    _text("address"),
    _text("name"),
    sa.Column("origins", ARRAY(sa.Text), nullable=False),
    sa.Column("languages", ARRAY(sa.Text), nullable=False),
    _text("accent", nullable=True),
    sa.Column("texts", JSONB, nullable=False),
    _text("privacy_url", nullable=True),
    sa.Column("reply_seconds", sa.Integer),
    sa.Column("identity_secret", Sealed("widgets.identity_secret"), nullable=False),
    sa.Column("token_key", BYTEA, nullable=False),
    _at("created_at"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.UniqueConstraint("key"),
    sa.Index("ix_widgets_tenant_id", "tenant_id", "id"),
)

visitors = sa.Table(
    "visitors",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    _text("tenant_id"),
    sa.Column("widget_id", sa.Text, sa.ForeignKey("widgets.id", ondelete="CASCADE"), nullable=False),
    _text("firm_id"),
    _text("language"),
    _text("customer_id", nullable=True),
    _text("conversation_id", nullable=True),
    _text("external_id", nullable=True),
    _text("consent"),
    sa.Column("best_position", sa.Integer),
    sa.Column("kept", sa.Boolean, nullable=False, server_default=sa.false()),
    _at("created_at"),
    sa.Index("ix_visitors_customer_id", "tenant_id", "customer_id"),
    sa.Index("ix_visitors_widget_id", "widget_id"),
)

visitor_sessions = sa.Table(
    "visitor_sessions",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    _text("tenant_id"),
    sa.Column("visitor_id", sa.Text, sa.ForeignKey("visitors.id", ondelete="CASCADE"), nullable=False),
    _at("created_at"),
    _at("revoked_at", nullable=True),
    sa.Index("ix_visitor_sessions_visitor_id", "visitor_id"),
)

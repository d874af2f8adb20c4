"""Tables of webhooks, and rows read as values. Private to this room."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import RowMapping

from parlons.kit.clock import Millis, from_datetime
from parlons.runtime.schema import at_column, metadata, tenant_column, text_column
from parlons.runtime.vault import Sealed
from parlons.webhooks.model import Wanted, Webhook

webhooks = sa.Table(
    "webhooks",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    tenant_column(),
    text_column("workspace_id"),
    text_column("firm_id", nullable=True),
    text_column("name"),
    text_column("url"),
    sa.Column("events", ARRAY(sa.Text), nullable=False),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("secret", Sealed("webhooks.secret"), nullable=False),
    sa.Column("old_secret", Sealed("webhooks.old_secret")),
    at_column("old_secret_until", nullable=True),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    at_column("failing_since", nullable=True),
    at_column("rests_until", nullable=True),
    at_column("disabled_at", nullable=True),
    sa.Column("disabled_why", sa.Text, nullable=False, server_default=""),
    at_column("created_at"),
    sa.Column("since_seq", sa.BigInteger, comment="its place in the journal: what happens after it is told"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.UniqueConstraint("workspace_id", "name"),
)

messages = sa.Table(
    "webhook_messages",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    tenant_column(),
    text_column("workspace_id"),
    text_column("type"),
    sa.Column("body", sa.Text, nullable=False, comment="ids and outcomes only: nothing that an erasure would take"),
    at_column("created_at"),
    sa.Index("ix_webhook_messages_created_at", "created_at"),
)

deliveries = sa.Table(
    "webhook_deliveries",
    metadata,
    sa.Column("webhook_id", sa.Text, sa.ForeignKey("webhooks.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("message_id", sa.Text, sa.ForeignKey("webhook_messages.id", ondelete="CASCADE"), primary_key=True),
    tenant_column(),
    sa.Column("n", sa.BigInteger, sa.Identity(always=True), nullable=False, comment="order of what happened"),
    sa.Column("state", sa.Text, nullable=False, server_default="waiting", comment="waiting delivered failed"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    at_column("next_at"),
    at_column("attempted_at", nullable=True),
    sa.Column("status", sa.Integer),
    sa.Column("duration_ms", sa.Integer),
    sa.Column("error", sa.Text, nullable=False, server_default=""),
    sa.Index("ix_webhook_deliveries_n", "webhook_id", "n"),
    sa.Index("ix_webhook_deliveries_message_id", "message_id"),
    sa.Index("ix_webhook_deliveries_waiting", "webhook_id", "next_at", postgresql_where=sa.text("state = 'waiting'")),
)


def webhook_of(row: RowMapping | dict[str, Any]) -> Webhook:
    """A row of `webhooks` as a value."""
    return Webhook(
        id=row["id"],
        workspace_id=row["workspace_id"],
        wanted=Wanted(row["name"], row["url"], row["firm_id"], tuple(row["events"]), row["active"]),
        secret=row["secret"],
        old_secret=row["old_secret"],
        old_secret_until=_millis(row["old_secret_until"]),
        failures=row["failures"],
        failing_since=_millis(row["failing_since"]),
        rests_until=_millis(row["rests_until"]),
        disabled_why=row["disabled_why"],
        created_at=from_datetime(row["created_at"]),
        version=row["version"],
    )


def wanted_columns(wanted: Wanted) -> dict[str, Any]:
    """What an administrator decides, as columns."""
    return {
        "firm_id": wanted.firm_id,
        "name": wanted.name,
        "url": wanted.url,
        "events": list(wanted.events),
        "active": wanted.active,
    }


def _millis(at: Any) -> Millis | None:
    return None if at is None else from_datetime(at)

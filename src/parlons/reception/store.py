"""Tables of reception: entry points, conversations that came in, notices, flows and their instances, links. Private here."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import RowMapping

from parlons.reception.model import EntryPoint
from parlons.runtime.schema import metadata

entry_points = sa.Table(
    "entry_points",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("workspace_id", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("firm_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    sa.Column("workflow_id", sa.Text),
    sa.Column("task_channel", sa.Text, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("ttl_seconds", sa.Integer, nullable=False),
    sa.Column("hours_id", sa.Text),
    sa.Column("offline_workflow_id", sa.Text),
    sa.Column("offline_task_channel", sa.Text, nullable=False),
    sa.Column("offline_ttl_seconds", sa.Integer, nullable=False),
    sa.Column("language", sa.Text),
    sa.Column("attributes", JSONB, nullable=False, server_default="{}"),
    sa.Column("texts", JSONB, nullable=False, server_default="{}"),
    sa.Column("flow_id", sa.Text),
    sa.UniqueConstraint("tenant_id", "channel", "address"),
    sa.Index("ix_entry_points_firm", "tenant_id", "firm_id"),
)

conversation_entries = sa.Table(
    "conversation_entries",
    metadata,
    sa.Column("conversation_id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("entry_point_id", sa.Text, nullable=False),
)

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("user_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("data", JSONB, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("seen_at", sa.DateTime(timezone=True)),
    sa.Index("ix_notices_user", "tenant_id", "user_id", "at"),
)

flows = sa.Table(
    "flows",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("workspace_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("firm_id", sa.Text),
    sa.Column("source", JSONB, nullable=False, comment="steps as data, or {python: name}"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.UniqueConstraint("tenant_id", "workspace_id", "name"),
)

flow_versions = sa.Table(
    "flow_versions",
    metadata,
    sa.Column("flow_id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("source", JSONB, nullable=False),
)

flow_instances = sa.Table(
    "flow_instances",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("workspace_id", sa.Text, nullable=False),
    sa.Column("conversation_id", sa.Text, nullable=False),
    sa.Column("call_id", sa.Text),
    sa.Column("entry_point_id", sa.Text),
    sa.Column("flow_id", sa.Text),
    sa.Column("flow_version", sa.Integer),
    sa.Column("source", JSONB, comment="of a flow made for this contact"),
    sa.Column("contact", JSONB, nullable=False),
    sa.Column("state", JSONB, nullable=False),
    sa.Column("waiting_key", sa.Text),
    sa.Column("task_id", sa.Text, comment="the contact waits for its agent by this task"),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.UniqueConstraint("tenant_id", "call_id"),
    sa.Index("ix_flow_instances_conversation", "tenant_id", "conversation_id"),
)

join_links = sa.Table(
    "join_links",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("conversation_id", sa.Text, nullable=False),
    sa.Column("call_id", sa.Text),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("joined_at", sa.DateTime(timezone=True)),
    sa.Index("ix_join_links_conversation", "tenant_id", "conversation_id"),
)

_FIELDS = tuple(EntryPoint.__dataclass_fields__)


def point_of(row: RowMapping) -> EntryPoint:
    """A row of `entry_points` as a value."""
    return EntryPoint(**{name: row[name] for name in _FIELDS})


def point_columns(point: EntryPoint) -> dict[str, Any]:
    """All columns, without the tenant."""
    values = {name: getattr(point, name) for name in _FIELDS}
    values["attributes"] = dict(point.attributes)
    values["texts"] = {language: dict(lines) for language, lines in point.texts.items()}
    return values

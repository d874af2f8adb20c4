"""Tables of reception: entry points, conversations that came in, notices, flows with versions, drafts, trials and instances,
links. Private here."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import RowMapping

from parlons.reception.model import EntryPoint
from parlons.runtime.schema import at_column, metadata, text_column

entry_points = sa.Table(
    "entry_points",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    text_column("tenant_id"),
    text_column("workspace_id"),
    text_column("channel"),
    text_column("address"),
    text_column("firm_id"),
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    text_column("workflow_id", nullable=True),
    text_column("task_channel"),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("ttl_seconds", sa.Integer, nullable=False),
    text_column("hours_id", nullable=True),
    text_column("offline_workflow_id", nullable=True),
    text_column("offline_task_channel"),
    sa.Column("offline_ttl_seconds", sa.Integer, nullable=False),
    text_column("language", nullable=True),
    sa.Column("attributes", JSONB, nullable=False, server_default="{}"),
    sa.Column("texts", JSONB, nullable=False, server_default="{}"),
    text_column("flow_id", nullable=True),
    sa.UniqueConstraint("tenant_id", "channel", "address"),
    sa.Index("ix_entry_points_firm", "tenant_id", "firm_id"),
)

conversation_entries = sa.Table(
    "conversation_entries",
    metadata,
    sa.Column("conversation_id", sa.Text, primary_key=True),
    text_column("tenant_id"),
    text_column("entry_point_id"),
)

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    text_column("tenant_id"),
    text_column("user_id"),
    text_column("kind"),
    sa.Column("data", JSONB, nullable=False),
    at_column("at"),
    at_column("seen_at", nullable=True),
    sa.Index("ix_notices_user", "tenant_id", "user_id", "at"),
)

flows = sa.Table(
    "flows",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    text_column("tenant_id"),
    text_column("workspace_id"),
    text_column("name"),
    text_column("firm_id", nullable=True),
    sa.Column("source", JSONB, nullable=False, comment="steps as data, or {python: name}"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("layout", JSONB, nullable=False, server_default="{}", comment="places of boxes, by step"),
    sa.UniqueConstraint("tenant_id", "workspace_id", "name"),
)

flow_versions = sa.Table(
    "flow_versions",
    metadata,
    sa.Column("flow_id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    text_column("tenant_id"),
    sa.Column("source", JSONB, nullable=False),
    at_column("at", nullable=True),
    sa.Column("author", sa.Text, nullable=False, server_default=""),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column(
        "text", sa.Text, comment="as it was published, with comments and places; none: written before this was kept"
    ),
)

flow_drafts = sa.Table(
    "flow_drafts",
    metadata,
    sa.Column("flow_id", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Text, primary_key=True),
    text_column("tenant_id"),
    text_column("author"),
    sa.Column("version", sa.Integer, nullable=False, comment="of the flow, from which it began"),
    text_column("text"),
    at_column("at"),
)

flow_trials = sa.Table(
    "flow_trials",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    text_column("tenant_id"),
    text_column("workspace_id"),
    text_column("flow_id"),
    sa.Column("base_version", sa.Integer, nullable=False),
    sa.Column("trial_version", sa.Integer, nullable=False),
    sa.Column("percent", sa.Integer, nullable=False),
    at_column("started_at"),
    text_column("started_by"),
    at_column("ended_at", nullable=True),
    text_column("ended_by", nullable=True),
    text_column("ending", nullable=True),
    sa.Index(
        "ix_flow_trials_running", "tenant_id", "flow_id", unique=True, postgresql_where=sa.text("ended_at IS NULL")
    ),
    sa.Index("ix_flow_trials_flow", "tenant_id", "flow_id", "id"),
)

flow_trial_contacts = sa.Table(
    "flow_trial_contacts",
    metadata,
    sa.Column("instance_id", sa.Text, primary_key=True),
    text_column("tenant_id"),
    text_column("trial_id"),
    text_column("side"),
    at_column("began_at"),
    at_column("ended_at", nullable=True),
    text_column("outcome", nullable=True),
    sa.Index("ix_flow_trial_contacts_trial", "tenant_id", "trial_id", "side"),
    sa.Index("ix_flow_trial_contacts_began", "began_at"),
)

flow_traffic = sa.Table(
    "flow_traffic",
    metadata,
    text_column("tenant_id"),
    text_column("flow_id"),
    sa.Column("version", sa.Integer, nullable=False),
    at_column("hour"),
    sa.Column("came_from", sa.Text, nullable=False, comment="a step; empty: the beginning"),
    sa.Column("went_to", sa.Text, nullable=False, comment="a step; empty: the end"),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("tenant_id", "flow_id", "version", "hour", "came_from", "went_to"),
    sa.Index("ix_flow_traffic_hour", "hour"),
)

flow_instances = sa.Table(
    "flow_instances",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    text_column("tenant_id"),
    text_column("workspace_id"),
    text_column("conversation_id"),
    text_column("call_id", nullable=True),
    text_column("entry_point_id", nullable=True),
    text_column("flow_id", nullable=True),
    sa.Column("flow_version", sa.Integer),
    sa.Column("source", JSONB, comment="of a flow made for this contact"),
    sa.Column("contact", JSONB, nullable=False),
    sa.Column("state", JSONB, nullable=False),
    text_column("waiting_key", nullable=True),
    sa.Column("task_id", sa.Text, comment="the contact waits for its agent by this task"),
    text_column("status"),
    at_column("started_at"),
    at_column("changed_at"),
    at_column("ended_at", nullable=True),
    sa.UniqueConstraint("tenant_id", "call_id"),
    sa.Index("ix_flow_instances_conversation", "tenant_id", "conversation_id"),
    sa.Index("ix_flow_instances_running", "tenant_id", postgresql_where=sa.text("status = 'running'")),
)

join_links = sa.Table(
    "join_links",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    text_column("tenant_id"),
    text_column("conversation_id"),
    text_column("call_id", nullable=True),
    text_column("kind"),
    text_column("made_by"),
    at_column("made_at"),
    at_column("expires_at"),
    at_column("joined_at", nullable=True),
    sa.Index("ix_join_links_conversation", "tenant_id", "conversation_id"),
)

flow_attempts = sa.Table(
    "flow_attempts",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True, comment="digest of what is proven, of a customer or of a number"),
    sa.Column("count", sa.Integer, nullable=False),
    at_column("began_at"),
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

"""Tables of settings on screen. Private here; the rooms keep what is configured."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from parlons.runtime.schema import metadata

revisions = sa.Table(
    "settings_revisions",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("workspace_id", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("road", sa.Text, nullable=False),
    sa.Column("undoes", sa.Text),
    sa.Column("number", sa.BigInteger, sa.Identity(always=True), nullable=False),
    sa.Index("ix_settings_revisions_workspace", "tenant_id", "workspace_id", sa.text("number DESC")),
)
changes = sa.Table(
    "settings_changes",
    metadata,
    sa.Column("revision_id", sa.Text, sa.ForeignKey("settings_revisions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("before", JSONB, nullable=False),
    sa.Column("after", JSONB, nullable=False),
    sa.Index("ix_settings_changes_thing", "tenant_id", "kind", "name"),
)
drafts = sa.Table(
    "settings_drafts",
    metadata,
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("workspace_id", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("etag", sa.Text),
    sa.Column("thing", JSONB, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

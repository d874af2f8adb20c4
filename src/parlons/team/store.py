"""Tables of the colleagues' discussions. Private to this room."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from parlons.runtime.schema import at_column, metadata, tenant_column, text_column


def _id() -> sa.Column[str]:
    return sa.Column("id", sa.Text, primary_key=True)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


discussions = sa.Table(
    "team_discussions",
    metadata,
    _id(),
    tenant_column(),
    text_column("workspace_id"),
    sa.Column("kind", sa.Text, nullable=False, comment="direct team"),
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    sa.Column("pair", sa.Text, comment="of a direct one: both user ids, sorted"),
    at_column("made_at"),
    _count("last_number"),
    at_column("last_at"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Index(
        "uq_team_discussions_pair", "tenant_id", "pair", unique=True, postgresql_where=sa.text("pair IS NOT NULL")
    ),
)

members = sa.Table(
    "team_members",
    metadata,
    sa.Column("discussion_id", sa.Text, sa.ForeignKey("team_discussions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("user_id", sa.Text, primary_key=True),
    tenant_column(),
    _count("read_number"),
    sa.Column("named_number", sa.Integer, nullable=False, server_default="0", comment="the last line that names him"),
    sa.Column("draft", sa.Text, nullable=False, server_default=""),
    sa.Index("ix_team_members_user", "tenant_id", "user_id"),
)

lines = sa.Table(
    "team_lines",
    metadata,
    _id(),
    tenant_column(),
    sa.Column("discussion_id", sa.Text, sa.ForeignKey("team_discussions.id", ondelete="CASCADE"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    text_column("author_user_id"),
    text_column("author_name"),
    text_column("text"),
    sa.Column("mentions", ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.Column("conversation_id", sa.Text),
    at_column("at"),
    at_column("gone_at", nullable=True),
    sa.UniqueConstraint("discussion_id", "number"),
    sa.Index("ix_team_lines_conversation", "tenant_id", "conversation_id"),
)

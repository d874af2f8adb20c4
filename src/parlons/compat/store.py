"""The tables of this room, private to it: what the API keeps of a thing, and the router and the telephone do not."""

import sqlalchemy as sa

from parlons.runtime.schema import at_column, metadata
from parlons.runtime.vault import Sealed

notes = sa.Table(
    "compat_notes",
    metadata,
    sa.Column("workspace_id", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True, comment="of a workspace, an activity, a queue, a channel or a workflow"),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column(
        "data",
        Sealed("compat_notes.data"),
        nullable=False,
        server_default="",
        comment="JSON; addresses may hold secrets",
    ),
    at_column("updated_at"),
)

things = sa.Table(
    "compat_things",
    metadata,
    sa.Column(
        "id", sa.Text, primary_key=True, comment="of an application, a number's addresses, a queue, a conference"
    ),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False, comment="by which it is found: a friendly name, a number"),
    sa.Column("data", Sealed("compat_things.data"), nullable=False, comment="JSON; addresses may hold secrets"),
    at_column("created_at"),
    at_column("updated_at"),
    sa.Index("ix_compat_things_name", "tenant_id", "name"),
)

calls = sa.Table(
    "compat_calls",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("parent_id", sa.Text),
    sa.Column("to_address", sa.Text, nullable=False),
    sa.Column("from_address", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    at_column("started_at"),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    at_column("updated_at"),
    sa.Column("data", Sealed("compat_calls.data"), nullable=False, comment="JSON: the whole call, see led.Led"),
    sa.Index("ix_compat_calls_started", "tenant_id", "started_at"),
)

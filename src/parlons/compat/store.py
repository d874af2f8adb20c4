"""The table of this room, private to it: what the API keeps of a thing and the router does not."""

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

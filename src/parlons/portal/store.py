"""Tables of links to customers' pages and of the calls asked for there. Private to this room."""

import sqlalchemy as sa

from parlons.runtime.schema import at_column, metadata, tenant_column, text_column

customer_links = sa.Table(
    "customer_links",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    tenant_column(),
    text_column("workspace_id"),
    text_column("firm_id"),
    text_column("customer_id"),
    at_column("made_at"),
    text_column("made_by"),
    at_column("expires_at"),
    at_column("revoked_at", nullable=True),
    sa.Index("ix_customer_links_customer", "tenant_id", "customer_id"),
)

wished_calls = sa.Table(
    "wished_calls",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    tenant_column(),
    text_column("workspace_id"),
    text_column("firm_id"),
    text_column("customer_id"),
    text_column("address_id"),
    at_column("wished_at"),
    sa.Column("about", sa.Text, nullable=False, server_default=""),
    text_column("state"),
    sa.Column("code", sa.Text, nullable=False, server_default=""),
    text_column("task_id", nullable=True),
    at_column("made_at"),
    sa.Index("ix_wished_calls_customer", "tenant_id", "customer_id"),
)

"""Tables of web push: the keys, and visitors who want to be told. Private to this folder."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA

from parlons.runtime.schema import at_column, metadata, text_column
from parlons.runtime.vault import Sealed

keys = sa.Table(
    "push_keys",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    text_column("public_key"),
    sa.Column("private_key", Sealed("push_keys.private_key"), nullable=False),
    at_column("made_at"),
)

visitor_pushes = sa.Table(
    "visitor_pushes",
    metadata,
    sa.Column("visitor_id", sa.Text, sa.ForeignKey("visitors.id", ondelete="CASCADE"), primary_key=True),
    text_column("tenant_id"),
    text_column("firm_id"),
    text_column("widget_key"),
    text_column("customer_id"),
    text_column("named"),
    text_column("locale"),
    text_column("time_zone"),
    text_column("page"),
    sa.Column("address_hash", BYTEA),
    sa.Column("address", Sealed("visitor_pushes.address")),
    text_column("public_key", nullable=True),
    sa.Column("secret", Sealed("visitor_pushes.secret")),
    at_column("accepted_at"),
    at_column("ended_at", nullable=True),
    text_column("ended_by", nullable=True),
    sa.Index("uq_visitor_pushes_address", "tenant_id", "address_hash", unique=True),
)

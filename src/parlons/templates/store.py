"""Tables of templates, and rows read as values. Private to this room."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import RowMapping

from parlons.kit.clock import from_datetime
from parlons.runtime.db import Tx
from parlons.runtime.schema import metadata
from parlons.templates.model import Template


def _written() -> "list[sa.Column[object]]":
    """What every version of a text has."""
    return [
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("shortcut", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("texts", JSONB, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    ]


templates = sa.Table(
    "templates",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("firm_id", sa.Text),
    sa.Column("queue_id", sa.Text),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("removed_at", sa.DateTime(timezone=True)),
    *_written(),
    sa.Index(
        "uq_templates_shortcut",
        "tenant_id",
        "kind",
        sa.text("coalesce(firm_id, '')"),
        sa.text("coalesce(queue_id, '')"),
        "shortcut",
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    ),
)

versions = sa.Table(
    "template_versions",
    metadata,
    sa.Column("template_id", sa.Text, sa.ForeignKey("templates.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    *_written(),
)


async def keep_version(tx: Tx, template_id: str) -> None:
    """Puts the present state of a text among its versions."""
    names = ("version", "tenant_id", "shortcut", "title", "texts", "changed_by", "changed_at")
    mine = sa.and_(templates.c.tenant_id == tx.tenant_id, templates.c.id == template_id)
    row = sa.select(templates.c.id, *(templates.c[name] for name in names)).where(mine)
    await tx.execute(versions.insert().from_select(["template_id", *names], row))


async def read_templates(tx: Tx, where: sa.ColumnElement[bool], *, lock: bool = False) -> list[Template]:
    """Texts in order of their titles."""
    query = sa.select(templates).where(templates.c.tenant_id == tx.tenant_id, where)
    query = query.order_by(sa.func.lower(templates.c.title), templates.c.id)
    return [_template(row) for row in await tx.fetch_all(query.with_for_update() if lock else query)]


def _template(row: RowMapping) -> Template:
    return Template(
        id=row["id"],
        kind=row["kind"],
        shortcut=row["shortcut"],
        title=row["title"],
        texts=dict(row["texts"]),
        firm_id=row["firm_id"],
        queue_id=row["queue_id"],
        version=row["version"],
        changed_by=row["changed_by"],
        changed_at=from_datetime(row["changed_at"]),
    )

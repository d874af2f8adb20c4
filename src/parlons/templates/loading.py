"""Texts laid down and read in bulk, for the configuration file: checked by its model, audited by who lays them down."""

from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.kit.clock import to_datetime
from parlons.runtime.db import Tx
from parlons.templates.model import Template, Wanted
from parlons.templates.store import keep_version, read_templates, templates


async def all_templates(tx: Tx, kind: str) -> list[Template]:
    """Every text of a kind that is offered."""
    return await read_templates(tx, sa.and_(templates.c.kind == kind, templates.c.removed_at.is_(None)))


async def put_templates(tx: Tx, kind: str, texts: Sequence[tuple[str, Wanted]], *, author: str) -> None:
    """Each text, new or other, by its id; the version before is kept."""
    for template_id, wanted in texts:
        values = {**asdict(wanted), "changed_by": author, "changed_at": to_datetime(tx.now)}
        statement = insert(templates).values(id=template_id, kind=kind, version=1, tenant_id=tx.tenant_id, **values)
        newer = {**values, "version": templates.c.version + 1}
        await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=newer))
        await keep_version(tx, template_id)


async def remove_templates(tx: Tx, template_ids: Sequence[str]) -> None:
    """They are offered no more; their versions stay."""
    named = sa.and_(templates.c.tenant_id == tx.tenant_id, templates.c.id.in_(list(template_ids)))
    await tx.execute(sa.update(templates).where(named).values(removed_at=to_datetime(tx.now)))

"""What is read of templates: all an author may see, those that fit a conversation, filled; the versions of one."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from parlons.accounts.model import Principal
from parlons.kit.clock import to_iso
from parlons.runtime.db import Tx
from parlons.templates.liquid import Filled, InvalidTemplate, fill
from parlons.templates.model import Reader, Template, UnknownTemplate, language_for, values_for
from parlons.templates.store import read_templates, templates, versions


async def listing(tx: Tx, principal: Principal, kind: str) -> list[dict[str, Any]]:
    """All texts of a kind the principal may see."""
    found = await read_templates(tx, sa.and_(templates.c.kind == kind, templates.c.removed_at.is_(None)))
    return [template_json(one) for one in found if principal.sees(one.firm_id)]


async def history(tx: Tx, principal: Principal, template_id: str) -> list[dict[str, Any]]:
    """The versions of one text, newest first."""
    found = await read_templates(tx, templates.c.id == template_id)
    if not found or not principal.sees(found[0].firm_id):
        raise UnknownTemplate
    query = sa.select(versions).where(versions.c.tenant_id == tx.tenant_id, versions.c.template_id == template_id)
    return [
        {
            "version": row["version"],
            "shortcut": row["shortcut"],
            "title": row["title"],
            "texts": row["texts"],
            "changed_by": row["changed_by"],
            "changed_at": row["changed_at"].isoformat(),
        }
        for row in await tx.fetch_all(query.order_by(versions.c.version.desc()))
    ]


async def filled(
    tx: Tx, kind: str, *, firm_id: str, queue_id: str | None, languages: Iterable[str | None], reader: Reader
) -> list[dict[str, Any]]:
    """The texts that fit a firm and a queue, each in the best language, its variables filled; those of the queue first.

    A text that cannot be filled any more is left out rather than shown broken.
    """
    c = templates.c
    fits = sa.and_(
        c.kind == kind,
        c.removed_at.is_(None),
        sa.or_(c.firm_id.is_(None), c.firm_id == firm_id),
        sa.or_(c.queue_id.is_(None), c.queue_id == queue_id),
    )
    wanted, values, shown = tuple(languages), values_for(reader), []
    for one in await read_templates(tx, fits):
        language = language_for(one.texts, wanted)
        try:
            shown.append(_reply_json(one, language, fill(one.texts[language], values)))
        except InvalidTemplate:
            continue
    return sorted(shown, key=lambda one: one["queue_id"] is None)


def template_json(one: Template) -> dict[str, Any]:
    """A text as its authors see it."""
    return {
        "id": one.id,
        "shortcut": one.shortcut,
        "title": one.title,
        "texts": one.texts,
        "firm_id": one.firm_id,
        "queue_id": one.queue_id,
        "version": one.version,
        "changed_by": one.changed_by,
        "changed_at": to_iso(one.changed_at),
    }


def filled_json(text: Filled) -> dict[str, Any]:
    """A filled text, with what came from variables and what is missing."""
    pieces = [{"text": piece.text, "filled": piece.filled, "missing": piece.missing} for piece in text.pieces]
    return {"text": text.text, "pieces": pieces, "missing": list(text.missing)}


def _reply_json(one: Template, language: str, text: Filled) -> dict[str, Any]:
    place = {"id": one.id, "shortcut": one.shortcut, "title": one.title, "queue_id": one.queue_id}
    return {**place, "language": language, **filled_json(text)}

"""What changes templates: written, rewritten, removed, brought back. Each keeps the version before and leaves an audit row.

A text of one firm is its people's to change; one of all firms is changed only by those who answer for all.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from parlons.accounts import audit
from parlons.accounts.model import Principal
from parlons.kit import ids
from parlons.kit.clock import Millis, to_datetime
from parlons.runtime.db import Tx
from parlons.templates.model import (
    SharedTemplate,
    ShortcutTaken,
    Template,
    TemplateChanged,
    UnknownTemplate,
    Wanted,
    cleaned,
)
from parlons.templates.store import keep_version, read_templates, templates


async def write(tx: Tx, principal: Principal, kind: str, wanted: Wanted) -> Template:
    """A new text; raises InvalidReply, InvalidTemplate, UnknownVariable, ShortcutTaken, SharedTemplate or FirmNotYours."""
    asked = cleaned(wanted)
    _check(principal, asked.firm_id)
    template_id = tx.new_id(ids.TEMPLATE)
    values = {"firm_id": asked.firm_id, "queue_id": asked.queue_id, **_written(tx, principal, asked)}
    await _taken_refused(tx, templates.insert().values(id=template_id, kind=kind, version=1, **values))
    return await _keep(tx, principal, template_id, "template.created", {})


async def rewrite(tx: Tx, principal: Principal, template_id: str, wanted: Wanted, *, version: int) -> Template:
    """The text says this now; `version` is the one its author had before him."""
    before = await _locked(tx, principal, template_id)
    if version != before.version:
        raise TemplateChanged(version=before.version, by=before.changed_by)
    asked = cleaned(wanted)
    _check(principal, asked.firm_id)
    values = {"firm_id": asked.firm_id, "queue_id": asked.queue_id, **_written(tx, principal, asked)}
    statement = templates.update().where(_this(tx, template_id)).values(version=before.version + 1, **values)
    await _taken_refused(tx, statement)
    return await _keep(tx, principal, template_id, "template.changed", _shown(before))


async def remove(tx: Tx, principal: Principal, template_id: str) -> None:
    """The text is offered no more; `bring_back` undoes it. Repeating changes nothing."""
    before = await _locked(tx, principal, template_id)
    gone = templates.update().where(_this(tx, template_id), templates.c.removed_at.is_(None))
    done = await tx.execute(gone.values(removed_at=to_datetime(tx.now)))
    if done.rowcount:
        await audit.record(
            tx,
            principal,
            "template.removed",
            template_id,
            now=Millis(tx.now),
            before=_shown(before),
            firm_id=before.firm_id,
        )


async def bring_back(tx: Tx, principal: Principal, template_id: str) -> Template:
    """A removed text is offered again; raises ShortcutTaken when another has its shortcut meanwhile."""
    found = await _locked(tx, principal, template_id)
    await _taken_refused(tx, templates.update().where(_this(tx, template_id)).values(removed_at=None))
    await audit.record(
        tx, principal, "template.restored", template_id, now=Millis(tx.now), after=_shown(found), firm_id=found.firm_id
    )
    return found


async def _keep(tx: Tx, principal: Principal, template_id: str, act: str, before: dict[str, Any]) -> Template:
    """Put the present state among the versions and the act into the audit."""
    made = await _locked(tx, principal, template_id)
    await keep_version(tx, template_id)
    await audit.record(
        tx, principal, act, template_id, now=Millis(tx.now), before=before, after=_shown(made), firm_id=made.firm_id
    )
    return made


async def _locked(tx: Tx, principal: Principal, template_id: str) -> Template:
    found = await read_templates(tx, templates.c.id == template_id, lock=True)
    if not found or not principal.sees(found[0].firm_id):
        raise UnknownTemplate
    _check(principal, found[0].firm_id)
    return found[0]


def _check(principal: Principal, firm_id: str | None) -> None:
    """A text of all firms is not his to change who answers for some only."""
    if firm_id is None and principal.firm_ids is not None:
        raise SharedTemplate
    principal.check_firm(firm_id)


async def _taken_refused(tx: Tx, statement: sa.Insert | sa.Update) -> None:
    try:
        await tx.execute(statement)
    except IntegrityError as error:
        raise ShortcutTaken(field="shortcut") from error


def _written(tx: Tx, principal: Principal, wanted: Wanted) -> dict[str, Any]:
    return {
        "tenant_id": tx.tenant_id,
        "shortcut": wanted.shortcut,
        "title": wanted.title,
        "texts": dict(wanted.texts),
        "changed_by": principal.name,
        "changed_at": to_datetime(tx.now),
    }


def _this(tx: Tx, template_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(templates.c.tenant_id == tx.tenant_id, templates.c.id == template_id)


def _shown(template: Template) -> dict[str, Any]:
    """What the audit compares."""
    texts = {f"text.{language}": text for language, text in template.texts.items()}
    place = {"firm_id": template.firm_id, "queue_id": template.queue_id}
    return {"shortcut": template.shortcut, "title": template.title, **place, **texts}

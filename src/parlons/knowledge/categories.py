"""Sections of a firm's articles, and its public help centre: named, ordered, removed; opened under an address, closed."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from parlons.accounts import audit
from parlons.accounts.model import Principal
from parlons.accounts.queries import firm
from parlons.kit.clock import Millis, to_datetime
from parlons.kit.ids import CATEGORY
from parlons.knowledge.model import ArticleChanged, SlugTaken, UnknownCategory, check_slug, names_of, slug_of
from parlons.knowledge.store import articles, categories, help_centres, pages
from parlons.runtime.db import Tx

Json = dict[str, Any]


async def put_category(
    tx: Tx,
    principal: Principal,
    *,
    firm_id: str,
    names: Mapping[str, str],
    position: int,
    category_id: str | None = None,
) -> Json:
    """A section, new or with other names; raises InvalidArticle, FirmNotFound, UnknownCategory."""
    wanted = names_of(names)
    await firm(tx, principal, firm_id)
    values = {"names": wanted, "position": position}
    if category_id is None:
        category_id = tx.new_id(CATEGORY)
        row = {"id": category_id, "tenant_id": tx.tenant_id, "firm_id": firm_id, **values}
        await tx.execute(categories.insert().values(**row))
        before: Json = {}
    else:
        found = await check_category(tx, firm_id, category_id)
        before = {"names": found["names"], "position": found["position"]}
        await tx.execute(categories.update().where(_this(tx, category_id)).values(**values))
    act = "article_section.changed" if before else "article_section.created"
    now = Millis(tx.now)
    await audit.record(tx, principal, act, category_id, now=now, before=before, after=values, firm_id=firm_id)
    return {"id": category_id, "firm_id": firm_id, **values}


async def remove_category(tx: Tx, principal: Principal, category_id: str) -> None:
    """It is shown no more; its articles stand without a section. Repeating changes nothing."""
    row = await tx.fetch_one(sa.select(categories).where(_this(tx, category_id)))
    if row is None or not principal.sees(row["firm_id"]):
        raise UnknownCategory
    if row["removed_at"] is None:
        gone = categories.update().where(_this(tx, category_id))
        await tx.execute(gone.values(removed_at=to_datetime(tx.now)))
        for table in (articles, pages):
            mine = (table.c.tenant_id == tx.tenant_id, table.c.category_id == category_id)
            await tx.execute(table.update().where(*mine).values(category_id=None))
        before, act, now = {"names": row["names"]}, "article_section.removed", Millis(tx.now)
        await audit.record(tx, principal, act, category_id, now=now, before=before, firm_id=row["firm_id"])


async def check_category(tx: Tx, firm_id: str, category_id: str | None) -> Json:
    """The section, of this firm; None: none is meant. Raises UnknownCategory."""
    if category_id is None:
        return {}
    here = sa.and_(categories.c.firm_id == firm_id, categories.c.removed_at.is_(None))
    row = await tx.fetch_one(sa.select(categories).where(_this(tx, category_id), here))
    if row is None:
        raise UnknownCategory
    return dict(row)


async def categories_of(tx: Tx, firm_ids: list[str] | None) -> list[Json]:
    """The sections of these firms (None: of all) in their order."""
    query = sa.select(categories).where(categories.c.tenant_id == tx.tenant_id, categories.c.removed_at.is_(None))
    if firm_ids is not None:
        query = query.where(categories.c.firm_id.in_(firm_ids))
    rows = await tx.fetch_all(query.order_by(categories.c.position, categories.c.id))
    return [{name: row[name] for name in ("id", "firm_id", "names", "position")} for row in rows]


async def set_centre(
    tx: Tx, principal: Principal, firm_id: str, *, is_open: bool, slug: str, version: int | None
) -> Json:
    """Open or close a firm's help centre under an address; `version`: the one before the caller, None: there was none.
    Raises FirmNotFound, InvalidArticle, SlugTaken, ArticleChanged."""
    named = await firm(tx, principal, firm_id)
    wanted = check_slug(slug or slug_of(named["name"]))
    mine = (help_centres.c.tenant_id == tx.tenant_id, help_centres.c.firm_id == firm_id)
    row = await tx.fetch_one(sa.select(help_centres).where(*mine).with_for_update())
    if (row["version"] if row else None) != version:
        raise ArticleChanged(version=row["version"] if row else None)
    values: Json = {"slug": wanted, "open": is_open}
    before = {name: row[name] for name in values} if row else {}
    made = {**values, "version": (version or 0) + 1}
    statement: sa.Insert | sa.Update = help_centres.update().where(*mine).values(**made)
    if row is None:
        statement = help_centres.insert().values(firm_id=firm_id, tenant_id=tx.tenant_id, **made)
    try:
        await tx.execute(statement)
    except IntegrityError as error:
        raise SlugTaken(field="slug") from error
    now = Millis(tx.now)
    await audit.record(
        tx, principal, "help_centre.changed", firm_id, now=now, before=before, after=values, firm_id=firm_id
    )
    return {"firm_id": firm_id, **made}


async def centres_of(tx: Tx, firm_ids: list[str] | None) -> list[Json]:
    """The help centres of these firms (None: of all)."""
    query = sa.select(help_centres).where(help_centres.c.tenant_id == tx.tenant_id)
    if firm_ids is not None:
        query = query.where(help_centres.c.firm_id.in_(firm_ids))
    rows = await tx.fetch_all(query.order_by(help_centres.c.slug))
    return [{name: row[name] for name in ("firm_id", "slug", "open", "version")} for row in rows]


def _this(tx: Tx, category_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(categories.c.tenant_id == tx.tenant_id, categories.c.id == category_id)

"""What is read of articles: by their authors the texts worked on, by readers the published ones."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping

from parlons.accounts.model import Principal
from parlons.kit.clock import from_datetime, to_iso
from parlons.kit.pages import decode_cursor, page_of
from parlons.knowledge.model import Article, UnknownArticle
from parlons.knowledge.store import articles, categories, help_centres, pages, read_article, versions
from parlons.knowledge.words import bare
from parlons.runtime.db import Tx

Json = dict[str, Any]


async def listing(
    tx: Tx, principal: Principal, equal: dict[str, str | None], text: str, *, cursor: str | None, limit: int
) -> Json:
    """Articles of the caller's firms, the last changed first. `equal`: columns that must have a value; `text`: words of the
    title."""
    c = articles.c
    query = sa.select(articles).where(c.tenant_id == tx.tenant_id)
    query = query.where(*(c[name] == value for name, value in equal.items() if value is not None))
    if principal.firm_ids is not None:
        query = query.where(c.firm_id.in_(sorted(principal.firm_ids)))
    for word in bare(text.replace("\x00", " ")).split()[:8]:
        query = query.where(sa.or_(c.title.icontains(word, autoescape=True), c.slug.contains(word, autoescape=True)))
    after = decode_cursor(cursor, str)
    if after is not None:
        query = query.where(c.id < str(after[0]))
    rows = await tx.fetch_all(query.order_by(c.id.desc()).limit(limit + 1))
    page = page_of([_line(row) for row in rows], limit, lambda one: (one["id"],))
    return {"items": page.items, "next": page.next}


async def article(tx: Tx, principal: Principal, article_id: str) -> Json:
    """One article as its authors see it; raises UnknownArticle."""
    found = await read_article(tx, article_id)
    if not principal.sees(found.firm_id):
        raise UnknownArticle
    c = articles.c
    rows = await tx.fetch_all(
        sa.select(c.id, c.language, c.state, c.title).where(
            c.tenant_id == tx.tenant_id, c.topic_id == found.topic_id, c.id != found.id
        )
    )
    return {**article_json(found), "translations": [dict(row) for row in rows]}


async def history(tx: Tx, principal: Principal, article_id: str) -> list[Json]:
    """Every published version with its text, newest first."""
    found = await read_article(tx, article_id)
    if not principal.sees(found.firm_id):
        raise UnknownArticle
    query = sa.select(versions).where(versions.c.tenant_id == tx.tenant_id, versions.c.article_id == article_id)
    same = ("number", "title", "summary", "html", "author")
    return [
        {**{name: row[name] for name in same}, "at": row["at"].isoformat()}
        for row in await tx.fetch_all(query.order_by(versions.c.number.desc()))
    ]


async def page(tx: Tx, where: sa.ColumnElement[bool]) -> Json:
    """A published article as readers see it; raises UnknownArticle."""
    joined = pages.join(
        versions, sa.and_(versions.c.article_id == pages.c.article_id, versions.c.number == pages.c.number)
    )
    names = ("article_id", "firm_id", "topic_id", "language", "audience", "category_id", "slug", "title", "summary",
             "number", "published_at")  # fmt: skip
    query = sa.select(*(pages.c[name] for name in names), versions.c.html).select_from(joined)
    row = await tx.fetch_one(
        query.where(pages.c.tenant_id == tx.tenant_id, versions.c.tenant_id == tx.tenant_id, where)
    )
    if row is None:
        raise UnknownArticle
    found = dict(row)
    return {**found, "id": found.pop("article_id"), "published_at": to_iso(from_datetime(row["published_at"]))}


def by_id(article_id: str) -> sa.ColumnElement[bool]:
    """The page of this article."""
    return pages.c.article_id == article_id


def by_slug(firm_id: str, language: str, slug: str) -> sa.ColumnElement[bool]:
    """The public page at this address."""
    c = pages.c
    return sa.and_(c.firm_id == firm_id, c.language == language, c.slug == slug, c.audience == "public")


async def first_pages(tx: Tx, firm_id: str, language: str, most: int) -> list[RowMapping]:
    """Of each section the first `most` public articles by title, each with how many there are (`total`)."""
    c = pages.c
    order = (sa.func.lower(c.title), c.article_id)
    total = sa.func.count().over(partition_by=c.category_id).label("total")
    place = sa.func.row_number().over(partition_by=c.category_id, order_by=order).label("place")
    here = (c.tenant_id == tx.tenant_id, c.firm_id == firm_id, c.audience == "public", c.language == language)
    found = sa.select(c.category_id, c.slug, c.title, total, place).where(*here).subquery()
    return await tx.fetch_all(sa.select(found).where(found.c.place <= most).order_by(found.c.place))


async def public_languages(tx: Tx, firm_id: str) -> set[str]:
    """The languages in which a firm has public articles."""
    c = pages.c
    here = (c.tenant_id == tx.tenant_id, c.firm_id == firm_id, c.audience == "public")
    return {row["language"] for row in await tx.fetch_all(sa.select(c.language).distinct().where(*here))}


async def section_pages(tx: Tx, firm_id: str, language: str, category_id: str | None, most: int) -> list[RowMapping]:
    """The public articles of a section (None: of none), by title."""
    c = pages.c
    here = (c.tenant_id == tx.tenant_id, c.firm_id == firm_id, c.audience == "public", c.language == language)
    query = sa.select(c.slug, c.title).where(*here, c.category_id.is_not_distinct_from(category_id))
    return await tx.fetch_all(query.order_by(sa.func.lower(c.title), c.article_id).limit(most))


async def public_pages(tx: Tx, firm_id: str, languages: Sequence[str], topic_id: str | None = None) -> list[RowMapping]:
    """The public articles of a firm, by title: without their texts."""
    c = pages.c
    names = ("article_id", "topic_id", "language", "category_id", "slug", "title", "summary", "published_at")
    query = sa.select(*(c[name] for name in names)).where(
        c.tenant_id == tx.tenant_id, c.firm_id == firm_id, c.audience == "public", c.language.in_(list(languages))
    )
    if topic_id is not None:
        query = query.where(c.topic_id == topic_id)
    return await tx.fetch_all(query.order_by(sa.func.lower(c.title), c.article_id))


async def sections(tx: Tx, firm_id: str) -> list[RowMapping]:
    """The sections of a firm in their order."""
    c = categories.c
    query = sa.select(c.id, c.names).where(c.tenant_id == tx.tenant_id, c.firm_id == firm_id, c.removed_at.is_(None))
    return await tx.fetch_all(query.order_by(c.position, c.id))


async def centre_at(system: Tx, slug: str) -> tuple[str, str] | None:
    """Tenant and firm of the open help centre at an address: the only thing asked for before the tenant is known."""
    c = help_centres.c
    row = await system.fetch_one(sa.select(c.tenant_id, c.firm_id).where(c.slug == slug, c.open))
    return (row["tenant_id"], row["firm_id"]) if row else None


def article_json(one: Article) -> Json:
    """An article as its authors see it."""
    return {**_place(one), "html": one.text.html}


def _place(one: Article) -> Json:
    same = ("id", "firm_id", "topic_id", "language", "audience", "category_id", "slug", "state", "version",
            "live_number", "changed_by")  # fmt: skip
    text = {"title": one.text.title, "summary": one.text.summary}
    return {**{name: getattr(one, name) for name in same}, **text, "changed_at": to_iso(one.changed_at)}


def _line(row: RowMapping) -> Json:
    same = ("id", "firm_id", "topic_id", "language", "audience", "category_id", "slug", "state", "version", "title",
            "summary", "changed_by")  # fmt: skip
    at = to_iso(from_datetime(row["changed_at"]))
    return {**{name: row[name] for name in same}, "live_number": row["published_number"], "changed_at": at}

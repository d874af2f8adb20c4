"""What changes articles: written, rewritten, moved from state to state, put back to an earlier text. Each leaves an audit row.

Who changes gives the version he had before him. A version is kept at each publishing, whole, for ever.
"""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from parlons.accounts import audit
from parlons.accounts.model import Principal
from parlons.accounts.queries import firm
from parlons.kit.clock import Millis, to_datetime
from parlons.kit.ids import ARTICLE
from parlons.knowledge import model
from parlons.knowledge.categories import check_category
from parlons.knowledge.indexing import publish_page, remove_page
from parlons.knowledge.markup import plain
from parlons.knowledge.model import (
    Act,
    Article,
    ArticleChanged,
    Audience,
    SlugTaken,
    Text,
    TranslationExists,
    UnknownArticle,
)
from parlons.knowledge.store import articles, read_article, versions
from parlons.runtime.db import Tx

_SLUGS_TRIED = 50


async def write(
    tx: Tx,
    principal: Principal,
    text: Text,
    *,
    firm_id: str,
    language: str,
    audience: Audience,
    category_id: str | None = None,
    slug: str = "",
    translates: str | None = None,
) -> Article:
    """A new draft; without a `slug` its address is made of its title. `translates`: the article it says in another language.
    Raises InvalidArticle, ArticleTooLong, FirmNotFound, UnknownCategory, UnknownArticle, TranslationExists, SlugTaken."""
    wanted, article_id = model.checked(text), tx.new_id(ARTICLE)
    model.check_language(language)
    await firm(tx, principal, firm_id)
    await check_category(tx, firm_id, category_id)
    topic_id = article_id
    if translates is not None:
        first = await _article(tx, principal, translates)
        if first.firm_id != firm_id:
            raise UnknownArticle
        topic_id = first.topic_id
        await tx.alone(f"article:{topic_id}")
        if await tx.scalar(sa.select(articles.c.id).where(*_in(tx, topic_id=topic_id, language=language))):
            raise TranslationExists
    made = Article(
        id=article_id,
        firm_id=firm_id,
        topic_id=topic_id,
        language=language,
        audience=audience,
        category_id=category_id,
        slug=await _free_slug(tx, firm_id, language, slug, wanted.title),
        text=wanted,
        state="draft",
        version=1,
        live_number=None,
        changed_by=principal.name,
        changed_at=Millis(tx.now),
    )
    columns = ("id", "firm_id", "topic_id", "language", "audience", "category_id", "slug", "state", "changed_by")
    values = {name: getattr(made, name) for name in columns} | _words_of(wanted)
    await _taken_refused(tx, articles.insert().values(tenant_id=tx.tenant_id, changed_at=to_datetime(tx.now), **values))
    await _record(tx, principal, "article.created", made, {}, _shown(made))
    return made


async def rewrite(
    tx: Tx,
    principal: Principal,
    article_id: str,
    text: Text,
    *,
    version: int,
    audience: Audience,
    category_id: str | None,
    slug: str,
) -> Article:
    """The draft says this now; what is published stays as it is until this is; without a `slug` its address stays. Raises what
    `write` does, ArticleChanged."""
    before = await _locked(tx, principal, article_id, version)
    wanted, slug = model.checked(text), slug or before.slug
    if category_id != before.category_id:
        await check_category(tx, before.firm_id, category_id)
    if before.live_number is not None and slug != before.slug:
        raise model.InvalidArticle("The address of a published article stays: others have it.", field="slug")
    state: model.State = "draft" if before.state in ("published", "review") else before.state
    after = replace(
        before,
        text=wanted,
        audience=audience,
        category_id=category_id,
        slug=model.check_slug(slug),
        state=state,
    )
    return await _store(tx, principal, "article.changed", before, after)


async def move(tx: Tx, principal: Principal, article_id: str, act: Act, *, version: int) -> Article:
    """Submit, send back, publish, archive or reopen. Raises ArticleState, ArticleChanged, UnknownArticle."""
    before = await _locked(tx, principal, article_id, version)
    after = replace(before, state=model.after(before.state, act))
    if act == "publish":
        after = replace(after, live_number=await _keep_version(tx, principal, before))
    if act == "archive":
        after = replace(after, live_number=None)
    stored = await _store(tx, principal, f"article.{_PAST[act]}", before, after)
    if act == "publish":
        await publish_page(tx, stored)
    if act == "archive":
        await remove_page(tx, article_id)
    return stored


async def restore(tx: Tx, principal: Principal, article_id: str, number: int, *, version: int) -> Article:
    """The draft is that version again; it is read once it is published."""
    before = await _locked(tx, principal, article_id, version)
    mine = (versions.c.tenant_id == tx.tenant_id, versions.c.article_id == article_id, versions.c.number == number)
    row = await tx.fetch_one(sa.select(versions).where(*mine))
    if row is None:
        raise UnknownArticle
    after = replace(before, text=Text(row["title"], row["summary"], row["html"]), state="draft")
    return await _store(tx, principal, "article.restored", before, after)


_PAST = {"submit": "submitted", "send-back": "sent_back", "publish": "published", "archive": "archived",
         "reopen": "reopened"}  # fmt: skip


async def _keep_version(tx: Tx, principal: Principal, article: Article) -> int:
    mine = (versions.c.tenant_id == tx.tenant_id, versions.c.article_id == article.id)
    last = await tx.scalar(sa.select(sa.func.max(versions.c.number)).where(*mine))
    number = int(last or 0) + 1
    values = {"article_id": article.id, "number": number, "tenant_id": tx.tenant_id, **_words_of(article.text)}
    words, at = plain(article.text.html), to_datetime(tx.now)
    await tx.execute(versions.insert().values(**values, words=words, author=principal.name, at=at))
    return number


async def _store(tx: Tx, principal: Principal, act: str, before: Article, after: Article) -> Article:
    made = replace(after, version=before.version + 1, changed_by=principal.name, changed_at=Millis(tx.now))
    columns = ("audience", "category_id", "slug", "state", "version", "changed_by")
    values = {name: getattr(made, name) for name in columns} | _words_of(made.text)
    values |= {"published_number": made.live_number, "changed_at": to_datetime(tx.now)}
    await _taken_refused(tx, articles.update().where(*_in(tx, id=made.id)).values(**values))
    await _record(tx, principal, act, made, _shown(before), _shown(made))
    return made


async def _record(
    tx: Tx, principal: Principal, act: str, article: Article, before: dict[str, Any], after: dict[str, Any]
) -> None:
    now = Millis(tx.now)
    await audit.record(tx, principal, act, article.id, now=now, before=before, after=after, firm_id=article.firm_id)


async def _locked(tx: Tx, principal: Principal, article_id: str, version: int) -> Article:
    found = await _article(tx, principal, article_id, lock=True)
    if found.version != version:
        raise ArticleChanged(version=found.version, by=found.changed_by)
    return found


async def _article(tx: Tx, principal: Principal, article_id: str, *, lock: bool = False) -> Article:
    found = await read_article(tx, article_id, lock=lock)
    if not principal.sees(found.firm_id):
        raise UnknownArticle
    return found


async def _free_slug(tx: Tx, firm_id: str, language: str, slug: str, title: str) -> str:
    """The given address, or the first free one that the title makes."""
    if slug:
        return model.check_slug(slug)
    made = model.slug_of(title)
    like = articles.c.slug.startswith(made, autoescape=True)
    rows = await tx.fetch_all(sa.select(articles.c.slug).where(*_in(tx, firm_id=firm_id, language=language), like))
    taken = {row["slug"] for row in rows}
    tries = (made, *(f"{made}-{number}" for number in range(2, _SLUGS_TRIED)))
    return next((one for one in tries if one not in taken), made)


async def _taken_refused(tx: Tx, statement: sa.Insert | sa.Update) -> None:
    try:
        await tx.execute(statement)
    except IntegrityError as error:
        raise SlugTaken(field="slug") from error


def _in(tx: Tx, **values: str) -> list[sa.ColumnElement[bool]]:
    return [articles.c.tenant_id == tx.tenant_id, *(articles.c[name] == value for name, value in values.items())]


def _words_of(text: Text) -> dict[str, str]:
    return {"title": text.title, "summary": text.summary, "html": text.html}


def _shown(article: Article) -> dict[str, Any]:
    """What the audit compares; the words themselves stand in the versions."""
    names = ("state", "audience", "category_id", "slug", "language", "live_number")
    return {"title": article.text.title, **{name: getattr(article, name) for name in names}}

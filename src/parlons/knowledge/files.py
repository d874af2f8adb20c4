"""Pictures and documents of an article: kept for all its translations, named in its text, public when that text is.

A file belongs to the article's topic. Whoever reads an article that names it may have it: everybody, where the article is
published, public, and its help centre open; who is signed in, within his firms, where it is published; its authors always.
What a version names is never removed, since versions are kept whole.
"""

from typing import Any

import sqlalchemy as sa

from parlons.accounts import audit
from parlons.accounts.model import Principal
from parlons.accounts.rights import Right
from parlons.conversations.attachments import SHOWN_INLINE, check_file
from parlons.kit.clock import Millis
from parlons.kit.errors import Conflict
from parlons.knowledge.markup import FILES
from parlons.knowledge.model import Article, UnknownArticle
from parlons.knowledge.store import articles, pages, read_article, versions
from parlons.runtime.db import Tx
from parlons.runtime.files import File, FileMissing, Files
from parlons.runtime.schema import files as rows

Json = dict[str, Any]
CLASS = "article"
MOST = 100
"""Files of one article in all its languages."""
_PUBLIC = """
SELECT f.tenant_id FROM files f
JOIN article_pages p ON p.tenant_id = f.tenant_id AND p.topic_id = f.owner_id AND p.audience = 'public'
JOIN article_versions v ON v.tenant_id = p.tenant_id AND v.article_id = p.article_id AND v.number = p.number
JOIN help_centres h ON h.tenant_id = p.tenant_id AND h.firm_id = p.firm_id AND h.open
WHERE f.id = :id AND f.class = :cls AND strpos(v.html, :path) > 0 LIMIT 1
"""


class TooManyFiles(Conflict):
    """An article has at most 100 files."""

    code = "too-many-article-files"


class FileUsed(Conflict):
    """An article, or an earlier version of one, shows this file."""

    code = "article-file-used"


async def keep(tx: Tx, files: Files, principal: Principal, article_id: str, name: str, content: bytes) -> Json:
    """One more file of the article. Raises UnknownArticle, TooManyFiles, ForbiddenAttachment, AttachmentTooLarge."""
    one = await _article(tx, principal, article_id)
    kept, kind = check_file(name, content)
    await tx.alone(f"article:{one.topic_id}")
    if await tx.scalar(sa.select(sa.func.count()).where(*_of(tx, one.topic_id))) >= MOST:
        raise TooManyFiles(limit=MOST)
    assert tx.tenant_id is not None
    file_id = await files.put(tx, tx.tenant_id, one.firm_id, CLASS, one.topic_id, kept, kind, content)
    await _record(tx, principal, "article_file.added", one, {"file": kept})
    return _json(file_id, kept, kind, len(content))


async def of_article(tx: Tx, principal: Principal, article_id: str) -> list[Json]:
    """Its files, the newest last; raises UnknownArticle."""
    one = await _article(tx, principal, article_id)
    found = await tx.fetch_all(sa.select(rows).where(*_of(tx, one.topic_id)).order_by(rows.c.id))
    return [_json(row["id"], row["name"], row["content_type"], row["size"]) for row in found]


async def remove(tx: Tx, files: Files, principal: Principal, article_id: str, file_id: str) -> None:
    """The file is gone; raises FileUsed where a text names it, FileMissing, UnknownArticle."""
    one = await _article(tx, principal, article_id)
    await tx.alone(f"article:{one.topic_id}")
    row = await tx.fetch_one(sa.select(rows).where(*_of(tx, one.topic_id), rows.c.id == file_id))
    if row is None:
        raise FileMissing
    same = sa.select(articles.c.id).where(articles.c.tenant_id == tx.tenant_id, articles.c.topic_id == one.topic_id)
    for table, its in ((articles, articles.c.id), (versions, versions.c.article_id)):
        naming = (table.c.tenant_id == tx.tenant_id, its.in_(same), table.c.html.contains(address(file_id)))
        if await tx.scalar(sa.select(its).where(*naming).limit(1)):
            raise FileUsed
    await files.give_to(tx, [file_id], file_id)  # it leaves the article, so that it alone is deleted
    await files.delete_of(tx, [file_id])
    await _record(tx, principal, "article_file.removed", one, {"file": row["name"]})


async def public_tenant(system: Tx, file_id: str) -> str | None:
    """The tenant of a file that everybody may have; asked before the tenant is known."""
    values = {"id": file_id, "cls": CLASS, "path": address(file_id) + '"'}
    row = await system.fetch_one(_PUBLIC, values)
    return row["tenant_id"] if row else None


async def read_by(tx: Tx, files: Files, principal: Principal, file_id: str) -> File:
    """The file, for somebody signed in; raises FileMissing."""
    found = await files.find(tx, file_id)
    if found.cls != CLASS or found.firm_id is None or not principal.sees(found.firm_id):
        raise FileMissing
    if not principal.may_do(Right.FIGURES, "GET"):
        shown = pages.join(
            versions, sa.and_(versions.c.article_id == pages.c.article_id, versions.c.number == pages.c.number)
        )
        here = (pages.c.tenant_id == tx.tenant_id, pages.c.topic_id == found.owner_id)
        naming = versions.c.html.contains(address(file_id))
        if await tx.scalar(sa.select(pages.c.article_id).select_from(shown).where(*here, naming).limit(1)) is None:
            raise FileMissing
    return found


def address(file_id: str) -> str:
    """As texts name it."""
    return f"{FILES}/{file_id}"


async def _article(tx: Tx, principal: Principal, article_id: str) -> Article:
    found = await read_article(tx, article_id)
    if not principal.sees(found.firm_id):
        raise UnknownArticle
    return found


async def _record(tx: Tx, principal: Principal, act: str, one: Article, after: Json) -> None:
    await audit.record(tx, principal, act, one.id, now=Millis(tx.now), after=after, firm_id=one.firm_id)


def _of(tx: Tx, topic_id: str) -> list[sa.ColumnElement[bool]]:
    return [rows.c.tenant_id == tx.tenant_id, rows.c.cls == CLASS, rows.c.owner_id == topic_id]


def _json(file_id: str, name: str, kind: str, size: int) -> Json:
    shown = kind in SHOWN_INLINE
    return {"id": file_id, "name": name, "content_type": kind, "size": size, "picture": shown, "path": address(file_id)}

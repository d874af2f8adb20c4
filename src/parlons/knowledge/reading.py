"""What readers leave behind: how often an article was opened, whether it helped, and what was sought in vain.

Nobody is named: a rating hangs on a hash of what the browser keeps, and a search that looks like an address or a number of
somebody is not kept. Searches in vain are kept for `GAP_DAYS`.
"""

import hashlib
import re
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.kit.clock import to_datetime
from parlons.knowledge.store import articles, gaps, ratings, views
from parlons.knowledge.words import asked
from parlons.runtime.db import Tx

Json = dict[str, Any]
GAP_DAYS = 30
MAX_COMMENT = 1000
_GAPS_SHOWN = 50
_GAPS_A_DAY = 1000
"""Different ones that a firm's day holds: a robot must not fill the table."""
_PERSONAL = re.compile(r"@|\d{4}")


async def viewed(tx: Tx, article_id: str) -> None:
    """Somebody opened it."""
    day = to_datetime(tx.now).date()
    statement = insert(views).values(article_id=article_id, day=day, tenant_id=tx.tenant_id, views=1)
    more = {"views": views.c.views + 1}
    await tx.execute(statement.on_conflict_do_update(index_elements=["article_id", "day"], set_=more))


async def rate(tx: Tx, article_id: str, visitor: str, *, helpful: bool, comment: str) -> None:
    """Somebody says whether it helped: once a browser, the last word counts; an empty comment keeps the one before."""
    said = comment.replace("\x00", "").strip()[:MAX_COMMENT]
    values = {"helpful": helpful, "comment": said, "at": to_datetime(tx.now)}
    who = hashlib.sha256(visitor.encode()).hexdigest()[:32]
    statement = insert(ratings).values(article_id=article_id, visitor=who, tenant_id=tx.tenant_id, **values)
    newer = values if said else {name: value for name, value in values.items() if name != "comment"}
    await tx.execute(statement.on_conflict_do_update(index_elements=["article_id", "visitor"], set_=newer))


async def sought_in_vain(tx: Tx, firm_id: str, language: str, audience: str, text: str) -> None:
    """A search found nothing."""
    query = " ".join(asked(text))[:80]
    if not query or _PERSONAL.search(text):
        return
    day = to_datetime(tx.now).date()
    here = (gaps.c.tenant_id == tx.tenant_id, gaps.c.firm_id == firm_id)
    await tx.execute(gaps.delete().where(*here, gaps.c.day < day - timedelta(days=GAP_DAYS)))
    if await tx.scalar(sa.select(sa.func.count()).where(*here, gaps.c.day == day)) >= _GAPS_A_DAY:
        return
    row = {"firm_id": firm_id, "day": day, "language": language, "audience": audience, "query": query}
    statement = insert(gaps).values(tenant_id=tx.tenant_id, searches=1, **row)
    key = ["tenant_id", "firm_id", "day", "language", "audience", "query"]
    await tx.execute(statement.on_conflict_do_update(index_elements=key, set_={"searches": gaps.c.searches + 1}))


async def figures(tx: Tx, firm_ids: list[str] | None, now: int) -> Json:
    """Of the last `GAP_DAYS` days: views and ratings of each article with any, and what was sought in vain most."""
    since = to_datetime(now) - timedelta(days=GAP_DAYS)
    seen = (
        sa.select(views.c.article_id, sa.func.sum(views.c.views).label("views"))
        .where(views.c.tenant_id == tx.tenant_id, views.c.day >= since.date())
        .group_by(views.c.article_id)
        .subquery()
    )
    said = (
        sa.select(
            ratings.c.article_id,
            sa.func.count().filter(ratings.c.helpful).label("helpful"),
            sa.func.count().filter(~ratings.c.helpful).label("unhelpful"),
        )
        .where(ratings.c.tenant_id == tx.tenant_id, ratings.c.at >= since)
        .group_by(ratings.c.article_id)
        .subquery()
    )
    joined = articles.outerjoin(seen, seen.c.article_id == articles.c.id).outerjoin(
        said, said.c.article_id == articles.c.id
    )
    numbers = (seen.c.views, said.c.helpful, said.c.unhelpful)
    query = sa.select(articles.c.id, *(sa.func.coalesce(each, 0).label(each.name) for each in numbers))
    query = query.select_from(joined).where(articles.c.tenant_id == tx.tenant_id, sa.or_(*(n > 0 for n in numbers)))
    vain = sa.select(
        gaps.c.firm_id,
        gaps.c.query,
        gaps.c.language,
        gaps.c.audience,
        sa.cast(sa.func.sum(gaps.c.searches), sa.Integer).label("searches"),
    ).where(gaps.c.tenant_id == tx.tenant_id, gaps.c.day >= since.date())
    if firm_ids is not None:
        query, vain = query.where(articles.c.firm_id.in_(firm_ids)), vain.where(gaps.c.firm_id.in_(firm_ids))
    vain = vain.group_by(gaps.c.firm_id, gaps.c.query, gaps.c.language, gaps.c.audience).order_by(
        sa.text("searches DESC, query")
    )
    rows = await tx.fetch_all(query.order_by(articles.c.id).limit(1000))
    return {
        "articles": [{**row, "views": int(row["views"])} for row in rows],
        "gaps": [dict(row) for row in await tx.fetch_all(vain.limit(_GAPS_SHOWN))],
    }


async def comments(tx: Tx, article_id: str) -> list[Json]:
    """What readers wrote about an article, the latest first."""
    c = ratings.c
    query = sa.select(c.helpful, c.comment, c.at).where(c.tenant_id == tx.tenant_id, c.article_id == article_id)
    rows = await tx.fetch_all(query.where(c.comment != "").order_by(c.at.desc()).limit(100))
    return [{"helpful": row["helpful"], "comment": row["comment"], "at": row["at"].isoformat()} for row in rows]

"""Articles found by words: all of them (the last one may be unfinished), else with typing mistakes mended, else any of them;
and by meaning where it is compared (meaning.py), both rankings made one.

A search reads every row of one firm, language and audience: row security keeps PostgreSQL from using a text index under the
app's role, since the match operator might leak what it sees (it is not marked leakproof). That is why those rows are narrow;
10,000 articles are within the measure (`make bench-help`), a hundred times as many would not be. Source: PostgreSQL manual,
12 Full Text Search and 41.5 Rules and Privileges.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping

from parlons.knowledge.indexing import CONFIGURATIONS
from parlons.knowledge.sections import fused
from parlons.knowledge.store import pages, versions, words
from parlons.knowledge.words import asked, meant, pieces, variants
from parlons.runtime.db import Tx

Json = dict[str, Any]
MOST = 20
"""Articles of one answer."""
_NAMES = (
    "article_id",
    "firm_id",
    "topic_id",
    "slug",
    "title",
    "summary",
    "number",
    "audience",
    "language",
    "category_id",
)
_LEXEME = re.compile(r"'((?:[^']|'')*)'")
_FIND = """
WITH asked AS MATERIALIZED (SELECT CAST(:query AS tsquery) AS query)
SELECT p.article_id, p.firm_id, p.topic_id, p.slug, p.title, p.summary, p.number, p.audience, p.language, p.category_id,
       ts_rank(p.vector, asked.query, 1) AS rank
FROM article_pages p, asked
WHERE p.tenant_id = :tenant_id AND p.firm_id = ANY(:firm_ids) AND p.language = :language AND p.audience = ANY(:audiences)
  AND p.vector @@ asked.query
ORDER BY rank DESC, p.published_at DESC, p.article_id LIMIT :limit
"""
_QUERY = """
SELECT CAST(to_tsquery(CAST(:configuration AS regconfig), :whole) AS text) AS whole,
       CAST(to_tsquery(CAST(:configuration AS regconfig), :last) || to_tsquery('simple', :begun) AS text) AS last
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where is searched."""

    firm_ids: Sequence[str]
    language: str
    audiences: Sequence[str]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, the best first."""

    items: list[Json]
    corrected: str | None = None
    """What was searched instead of what was typed."""


async def search(tx: Tx, place: Place, text: str, *, limit: int = MOST, near: Sequence[str] = ()) -> Found:
    """Articles for the words somebody typed; none for none. `near`: those that mean the same, the nearest first."""
    typed = asked(text)
    if not typed or not place.firm_ids:
        return Found([])
    rows, stems = await _find(tx, place, typed, " & ", limit)
    corrected = None
    if not rows:
        mended = await _mended(tx, place, typed)
        if mended != typed:
            rows, stems = await _find(tx, place, mended, " & ", limit)
        if not rows and len(typed) > 1:
            rows, stems = await _find(tx, place, mended, " | ", limit)
        corrected = " ".join(mended) if rows and mended != typed else None
    if near:
        rows = await _with_near(tx, place, rows, near, limit)
    return Found(await _shown(tx, rows, stems), corrected)


async def _with_near(tx: Tx, place: Place, rows: list[RowMapping], near: Sequence[str], limit: int) -> list[RowMapping]:
    """The rows that words found and those near in meaning, as one ranking."""
    found = {row["article_id"]: row for row in rows}
    if missing := [one for one in near if one not in found]:
        c = pages.c
        here = (c.tenant_id == tx.tenant_id, c.firm_id.in_(list(place.firm_ids)), c.language == place.language)
        query = sa.select(*(c[name] for name in _NAMES)).where(*here, c.audience.in_(list(place.audiences)))
        found |= {row["article_id"]: row for row in await tx.fetch_all(query.where(c.article_id.in_(missing)))}
    ranked = fused([[row["article_id"] for row in rows], near])
    return [found[one] for one in ranked if one in found][: min(limit, MOST)]


async def _find(tx: Tx, place: Place, typed: list[str], joined: str, limit: int) -> tuple[list[RowMapping], list[str]]:
    """Rows that say all (`&`) or any (`|`) of the words, and the stems that were sought."""
    *others, last = typed
    configuration = CONFIGURATIONS[place.language]
    values = {"configuration": configuration, "whole": joined.join(others), "last": last, "begun": f"{last}:*"}
    row = await tx.fetch_one(_QUERY, values)
    assert row is not None
    parts = [f"({part})" for part in (row["whole"], row["last"]) if part]
    query = joined.join(parts)
    found = await tx.fetch_all(
        _FIND,
        {
            "query": query,
            "tenant_id": tx.tenant_id,
            "firm_ids": list(place.firm_ids),
            "language": place.language,
            "audiences": list(place.audiences),
            "limit": min(limit, MOST),
        },
    )
    return found, _LEXEME.findall(query)


async def _mended(tx: Tx, place: Place, typed: list[str]) -> list[str]:
    """The words, each unknown one as the known one it is a mistake away from."""
    sought = {each for word in typed if len(word) > 3 for each in variants(word)}
    if not sought:
        return typed
    c = words.c
    here = (c.tenant_id == tx.tenant_id, c.firm_id.in_(list(place.firm_ids)), c.language == place.language)
    query = sa.select(c.variant, c.word).distinct()
    rows = await tx.fetch_all(query.where(*here, c.audience.in_(list(place.audiences)), c.variant.in_(sorted(sought))))
    near: dict[str, set[str]] = {}
    for row in rows:
        near.setdefault(row["variant"], set()).add(row["word"])
    return [_one(word, near) if len(word) > 3 else word for word in typed]


def _one(word: str, near: dict[str, set[str]]) -> str:
    return meant(word, {known for each in variants(word) for known in near.get(each, ())})


async def _shown(tx: Tx, rows: list[RowMapping], stems: list[str]) -> list[Json]:
    """The found articles with a stretch of each that says why."""
    if not rows:
        return []
    c = versions.c
    wanted = [(row["article_id"], row["number"]) for row in rows]
    query = sa.select(c.article_id, sa.func.left(c.words, 20_000).label("words"))
    texts = {
        row["article_id"]: row["words"]
        for row in await tx.fetch_all(
            query.where(c.tenant_id == tx.tenant_id, sa.tuple_(c.article_id, c.number).in_(wanted))
        )
    }
    same = ("firm_id", "topic_id", "slug", "title", "summary", "audience", "language", "category_id")
    return [
        {
            "id": row["article_id"],
            **{name: row[name] for name in same},
            "excerpt": [{"text": text, "hit": hit} for text, hit in pieces(texts.get(row["article_id"], ""), stems)],
        }
        for row in rows
    ]

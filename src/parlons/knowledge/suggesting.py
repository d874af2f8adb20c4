"""Articles for what somebody wrote in a message: few, and only those that speak of the same. None is better than a wrong one.

A message is no search: it greets, it tells, it asks. What counts is how many of its words an article says, and whether its title
or summary says one of them.
"""

import re
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from parlons.knowledge.indexing import CONFIGURATIONS
from parlons.knowledge.searching import Place
from parlons.knowledge.sections import fused
from parlons.knowledge.store import pages
from parlons.knowledge.words import words_of
from parlons.runtime.db import Tx

Json = dict[str, Any]
MOST = 3
"""Articles that are offered."""
LONGEST = 2000
"""Characters of a message that are read."""
MOST_WORDS = 30
_CANDIDATES = 10
_NAMES = ("firm_id", "slug", "title", "summary", "audience", "language")
_PERSONAL = re.compile(r"\S*[@\d]\S*")
"""Addresses and numbers: they say who asks, not what."""
_COURTESY = frozenset(
    """bonjour bonsoir salut madame monsieur merci svp plait voudrais aimerais voulais peux puis pouvez pourrais pourriez savoir
    faire fait avoir besoin aide aider cordialement comment pourquoi quand combien quel quelle quels quelles est
    hello hi hey dear sir madam thanks thank please would could like know need help want wanted question regards""".split()  # noqa: SIM905
)
_CONTENT = """
SELECT word FROM unnest(CAST(:words AS text[])) WITH ORDINALITY AS given (word, place)
WHERE to_tsvector(CAST(:configuration AS regconfig), word) <> '' ORDER BY place
"""
_FIND = """
WITH stems AS MATERIALIZED (
    SELECT quote_literal(stem) AS stem
    FROM unnest(tsvector_to_array(to_tsvector(CAST(:configuration AS regconfig), :words))) AS stem
), asked AS MATERIALIZED (SELECT CAST(string_agg(stem, ' | ') AS tsquery) AS query FROM stems), best AS (
    SELECT p.article_id, p.firm_id, p.slug, p.title, p.summary, p.audience, p.language, p.vector, p.published_at,
           ts_rank(p.vector, asked.query, 1) AS rank
    FROM article_pages p, asked
    WHERE p.tenant_id = :tenant_id AND p.firm_id = ANY(:firm_ids) AND p.language = :language
      AND p.audience = ANY(:audiences) AND p.article_id <> ALL(:without) AND p.vector @@ asked.query
    ORDER BY rank DESC, p.published_at DESC, p.article_id LIMIT :limit
)
SELECT best.article_id AS id, firm_id, slug, title, summary, audience, language,
       (SELECT count(*) FROM stems) AS asked,
       (SELECT count(*) FROM stems WHERE vector @@ CAST(stem AS tsquery)) AS hits,
       (SELECT count(*) FROM stems WHERE ts_filter(vector, '{a,b}') @@ CAST(stem AS tsquery)) AS named
FROM best ORDER BY rank DESC, published_at DESC, article_id
"""


def told_words(text: str) -> list[str]:
    """The words of a message that may say what it is about, each once: no greetings, addresses or numbers."""
    found = words_of(_PERSONAL.sub(" ", text[:LONGEST]))
    return list(dict.fromkeys(word for word in found if len(word) > 2 and word not in _COURTESY))[:MOST_WORDS]


def fits(asked: int, hits: int, named: int) -> bool:
    """Whether an article that says `hits` of `asked` words, `named` of them in title or summary, is worth offering."""
    if asked <= 2:
        return named > 0
    return (named > 0 and hits > 1) or hits >= max(3, -(-asked // 2))


async def content_words(tx: Tx, language: str, text: str) -> list[str]:
    """`told_words` without the language's stop words."""
    values = {"words": told_words(text), "configuration": CONFIGURATIONS[language]}
    return [row["word"] for row in await tx.fetch_all(_CONTENT, values)]


async def suggest(
    tx: Tx, place: Place, text: str, *, near: Sequence[str] = (), without: Collection[str] = (), limit: int = MOST
) -> list[Json]:
    """Articles worth offering for a message, the best first. `near`: those that surely mean the same; `without`: not these."""
    words = told_words(text)
    if not words or not place.firm_ids:
        return []
    found = {row["id"]: row for row in await _by_words(tx, place, words, without)}
    near = [one for one in near if one not in without]
    if missing := [one for one in near if one not in found]:
        c = pages.c
        here = (c.tenant_id == tx.tenant_id, c.firm_id.in_(list(place.firm_ids)), c.language == place.language)
        query = sa.select(c.article_id.label("id"), *(c[name] for name in _NAMES)).where(*here)
        query = query.where(c.audience.in_(list(place.audiences)), c.article_id.in_(missing))
        more = {row["id"]: dict(row) for row in await tx.fetch_all(query)}
    else:
        more = {}
    ranked = fused([list(found), near])
    return [{**found, **more}[one] for one in ranked if one in found or one in more][:limit]


async def _by_words(tx: Tx, place: Place, words: list[str], without: Collection[str]) -> list[Json]:
    values = {
        "words": " ".join(words),
        "configuration": CONFIGURATIONS[place.language],
        "tenant_id": tx.tenant_id,
        "firm_ids": list(place.firm_ids),
        "language": place.language,
        "audiences": list(place.audiences),
        "without": list(without),
        "limit": _CANDIDATES,
    }
    rows = await tx.fetch_all(_FIND, values)
    good = [row for row in rows if fits(row["asked"], row["hits"], row["named"])]
    return [{name: row[name] for name in ("id", *_NAMES)} for row in good]

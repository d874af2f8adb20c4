"""What makes a published article found: its page, its words by weight, and the words that typing mistakes are measured against.

Words are folded before PostgreSQL takes their stems, so no extension is needed and both sides of a search agree. Known words
stay when an article goes: a correction counts only where it finds something.
"""

from parlons.kit.clock import to_datetime
from parlons.knowledge.markup import plain
from parlons.knowledge.model import Article
from parlons.knowledge.store import pages, vectors
from parlons.knowledge.words import known_words, variants, words_of
from parlons.runtime.db import Tx

WAKE = "articles"
"""Who makes vectors in the background is woken under this name."""
CONFIGURATIONS = {"en": "english", "fr": "french"}
"""PostgreSQL's stems and stop words by language."""
_NAMES = ("article_id", "tenant_id", "firm_id", "topic_id", "language", "audience", "category_id", "slug", "title", "summary",
          "number", "published_at")  # fmt: skip
_PUT = f"""
INSERT INTO article_pages ({", ".join(_NAMES)}, vector)
SELECT {", ".join(f":{name}" for name in _NAMES)},
    setweight(to_tsvector(CAST(:configuration AS regconfig), :a), 'A')
    || setweight(to_tsvector(CAST(:configuration AS regconfig), :b), 'B')
    || to_tsvector(CAST(:configuration AS regconfig), :d)
"""
_KNOW = """
INSERT INTO article_words (tenant_id, firm_id, language, audience, variant, word)
SELECT :tenant_id, :firm_id, :language, :audience, known.variant, known.word
FROM unnest(CAST(:variants AS text[]), CAST(:words AS text[])) AS known (variant, word)
ORDER BY known.variant, known.word ON CONFLICT DO NOTHING
"""
"""In one order, so that two publishings do not wait for each other crosswise."""


async def publish_page(tx: Tx, article: Article) -> None:
    """Readers find this version from now on."""
    assert article.live_number is not None
    title, summary = words_of(article.text.title), words_of(article.text.summary)
    body = words_of(plain(article.text.html))
    same = ("firm_id", "topic_id", "language", "audience", "category_id", "slug")
    values = {
        **{name: getattr(article, name) for name in same},
        "article_id": article.id,
        "tenant_id": tx.tenant_id,
        "title": article.text.title,
        "summary": article.text.summary,
        "number": article.live_number,
        "published_at": to_datetime(tx.now),
    }
    texts = {"a": " ".join(title), "b": " ".join(summary), "d": " ".join(body)}
    await remove_page(tx, article.id)
    await tx.execute(_PUT, {**values, **texts, "configuration": CONFIGURATIONS[article.language]})
    pairs = sorted((each, word) for word in known_words([*title, *summary, *body]) for each in variants(word))
    place = {name: getattr(article, name) for name in ("firm_id", "language", "audience")}
    arrays = {"variants": [pair[0] for pair in pairs], "words": [pair[1] for pair in pairs]}
    await tx.execute(_KNOW, {"tenant_id": tx.tenant_id, **place, **arrays})
    tx.wake(WAKE)


async def remove_page(tx: Tx, article_id: str) -> None:
    """Readers find it no more."""
    await tx.execute(vectors.delete().where(vectors.c.tenant_id == tx.tenant_id, vectors.c.article_id == article_id))
    await tx.execute(pages.delete().where(pages.c.tenant_id == tx.tenant_id, pages.c.article_id == article_id))

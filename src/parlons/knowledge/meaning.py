"""Articles by what they mean: vectors of their sections, made in the background, and those nearest to a text.

A published article without vectors of the present model gets them soon after, whatever the reason it lacks them: it was just
published, the provider was installed or changed later, a backup was restored. Nobody's request waits for it. A process keeps
the vectors of a firm and language in memory and looks at each search, by one narrow row, whether they are the database's still.
50,000 of 512 numbers take 100 MB and a few milliseconds to compare.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from parlons.ai.embeddings import Embeddings, EmbeddingsFailed, Vectors
from parlons.kit.errors import Unavailable
from parlons.knowledge.indexing import WAKE
from parlons.knowledge.nearness import Kept, nearest
from parlons.knowledge.searching import Place
from parlons.knowledge.sections import sections_of
from parlons.knowledge.store import pages, vectors
from parlons.runtime.db import Database, Tx
from parlons.runtime.log import log

Vector = NDArray[np.float32]
PATIENCE = 1.0
"""Seconds a search waits for its vector; then words alone answer."""
NEAR, SURE = 0.25, 0.33
"""How near an article must be to be found, and to be offered unasked."""
_BATCH = 32
_LOOK_ANYWAY = 30.0
_MISSING = """
SELECT p.tenant_id, p.article_id, p.firm_id, p.language, p.audience, p.number, p.title, p.summary, v.html
FROM article_pages p JOIN article_versions v ON v.article_id = p.article_id AND v.number = p.number
WHERE NOT EXISTS (SELECT FROM article_vectors x WHERE x.article_id = p.article_id AND x.model = :model)
ORDER BY p.published_at LIMIT :limit
"""
_STATE = """
SELECT count(*) AS many, coalesce(sum(stamp), 0) AS stamps FROM article_vectors
WHERE tenant_id = :tenant_id AND firm_id = :firm_id AND language = :language AND model = :model
"""
_STAMPS = """
SELECT stamp FROM article_vectors
WHERE tenant_id = :tenant_id AND firm_id = :firm_id AND language = :language AND model = :model
"""
_LOAD = """
SELECT stamp, article_id, audience, vector FROM article_vectors
WHERE tenant_id = :tenant_id AND firm_id = :firm_id AND language = :language AND model = :model AND stamp = ANY(:stamps)
"""


class Meaning:
    """Of one process. Without a provider it finds nothing, and words alone answer."""

    def __init__(self, db: Database, embeddings: Embeddings | None) -> None:
        self._db, self._embeddings = db, embeddings
        self._kept: dict[tuple[str | None, str, str], tuple[asyncio.Lock, Kept]] = {}

    async def of(self, text: str) -> Vector | None:
        """The vector of a text; None: there is none, or not in time. Asked outside a transaction."""
        if self._embeddings is None or not text.strip():
            return None
        try:
            async with asyncio.timeout(PATIENCE):
                rows: Vectors = await self._embeddings.embed([text])
        except (EmbeddingsFailed, TimeoutError) as error:
            log.info("articles.by_words_alone", cause=type(error).__name__)
            return None
        first: Vector = rows[0]
        return first

    async def near(self, tx: Tx, place: Place, vector: Vector | None, least: float = NEAR) -> list[str]:
        """Published articles at least so near, the nearest first."""
        if vector is None or self._embeddings is None:
            return []
        kept = [await self._fresh(tx, firm_id, place.language) for firm_id in place.firm_ids]
        return nearest(kept, vector, place.audiences, least)

    async def run(self) -> None:
        """Makes vectors where they are missing, for ever."""
        woken = asyncio.Event()
        disown = self._db.signals.own(WAKE, woken.set)
        try:
            while True:
                woken.clear()
                if not await self._some_quietly():
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(_LOOK_ANYWAY):
                            await woken.wait()
        finally:
            disown()

    async def make_some(self) -> int:
        """Vectors of a few articles that lack them; how many there were. Raises EmbeddingsFailed."""
        assert self._embeddings is not None
        async with self._db.system() as system:
            rows = await system.fetch_all(_MISSING, {"model": self._embeddings.name, "limit": _BATCH})
        texts = [sections_of(row["title"], row["summary"], row["html"]) for row in rows]
        if not rows:
            return 0
        made = await self._embeddings.embed([text for one in texts for text in one])
        at = 0
        for row, mine in zip(rows, texts, strict=True):
            async with self._db.transaction(row["tenant_id"]) as tx:
                await self._keep(tx, row, made[at : at + len(mine)])
            at += len(mine)
        return len(rows)

    async def _some_quietly(self) -> int:
        try:
            return await self.make_some()
        except Unavailable as refusal:
            log.warning("articles.not_compared", code=refusal.code)
            return 0

    async def _keep(self, tx: Tx, row: Any, made: Vectors) -> None:
        """Unless another version was published meanwhile."""
        assert self._embeddings is not None
        this = (pages.c.tenant_id == tx.tenant_id, pages.c.article_id == row["article_id"])
        query = sa.select(pages.c.number).where(*this, pages.c.number == row["number"])
        if await tx.scalar(query.with_for_update()) is None:
            return
        mine = (vectors.c.tenant_id == tx.tenant_id, vectors.c.article_id == row["article_id"])
        await tx.execute(vectors.delete().where(*mine))
        same = {name: row[name] for name in ("article_id", "firm_id", "language", "audience")}
        same |= {"tenant_id": tx.tenant_id, "model": self._embeddings.name}
        rows = [{**same, "part": part, "vector": one.astype("<f2").tobytes()} for part, one in enumerate(made)]
        await tx.execute(sa.insert(vectors), rows)

    async def _fresh(self, tx: Tx, firm_id: str, language: str) -> Kept:
        """The vectors of a firm and language as they are now."""
        assert self._embeddings is not None
        key = (tx.tenant_id, firm_id, language)
        lock, _ = self._kept.setdefault(key, (asyncio.Lock(), Kept.none()))
        values = {"tenant_id": tx.tenant_id, "firm_id": firm_id, "language": language, "model": self._embeddings.name}
        async with lock:
            kept = self._kept[key][1]
            state = await tx.fetch_one(_STATE, values)
            assert state is not None
            if (state["many"], int(state["stamps"])) != kept.state:
                stamps = {row["stamp"] for row in await tx.fetch_all(_STAMPS, values)}
                missing = sorted(stamps - set(kept.stamps.tolist()))
                rows: Sequence[Any] = await tx.fetch_all(_LOAD, {**values, "stamps": missing}) if missing else []
                kept = kept.with_only(stamps).with_more(rows)
                self._kept[key] = (lock, kept)
        return kept

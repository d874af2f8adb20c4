"""What a process understands: for each workspace a matcher of its present phrases, built when it is first needed, off the
event loop, and again when a phrase or the provider's state changes. By words alone where meanings cannot be compared.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from parlons.ai.embeddings import Embeddings, EmbeddingsFailed
from parlons.intents.languages import language_of
from parlons.intents.loading import State, all_intents, phrases_of, state_of
from parlons.intents.matching import Floats, Match, Matcher
from parlons.intents.threshold import Report, report
from parlons.kit.clock import Millis
from parlons.runtime.db import Database
from parlons.runtime.log import log

Json = dict[str, Any]
_MOST_KNOWN = 50
"""Workspaces whose matcher is kept."""
_AGAIN = 60_000
"""Milliseconds after which a provider that failed is asked again."""
_MARGIN = 0.1
"""Above the threshold by less than this, or ahead of the next by less: understood, and worth learning from."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a workspace's phrases understand."""

    state: State
    matcher: Matcher
    report: Report
    words_alone: bool
    retry_at: Millis | None = None
    """The provider failed; None: as good as it gets."""

    @property
    def threshold(self) -> float:
        """In force."""
        return self.report.chosen if self.state.threshold is None else self.state.threshold


@dataclass(frozen=True, slots=True)
class Understood:
    """What a text means."""

    intent: str | None
    """None: nothing that passes the threshold."""
    match: Match
    language: str | None
    """None: it cannot be told."""
    unsure: bool
    """Not understood, or hardly."""
    threshold: float


class Understanding:
    """See the module."""

    def __init__(self, db: Database, embeddings: Embeddings | None) -> None:
        self._db = db
        self.embeddings = embeddings
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._locks: dict[str, asyncio.Lock] = {}

    async def known(self, tenant_id: str, workspace_id: str) -> Known:
        """By the phrases as they are now."""
        async with self._db.transaction(tenant_id) as tx:
            state = await state_of(tx, workspace_id)
        if (found := self._fresh(workspace_id, state)) is not None:
            return found
        async with self._locks.setdefault(workspace_id, asyncio.Lock()):
            if (found := self._fresh(workspace_id, state)) is not None:
                return found
            async with self._db.transaction(tenant_id) as tx:
                state = await state_of(tx, workspace_id)
                phrases = phrases_of(await all_intents(tx, workspace_id))
            vectors, retry_at = await self._vectors([phrase.text for phrase in phrases])
            matcher = await asyncio.to_thread(Matcher, phrases, vectors)
            found = Known(state, matcher, await asyncio.to_thread(report, matcher), vectors is None, retry_at)
            self._known[workspace_id] = found
            self._known.move_to_end(workspace_id)
            while len(self._known) > _MOST_KNOWN:
                self._locks.pop(self._known.popitem(last=False)[0], None)
            return found

    async def understand(
        self, tenant_id: str, workspace_id: str, text: str, *,
        among: Collection[str] | None = None, languages: Sequence[str] = (),
    ) -> Understood:  # fmt: skip
        """What `text` means, of all intents or those named; `languages`: those it may be in. Never fails: by words where the
        provider does."""
        known = await self.known(tenant_id, workspace_id)
        vector = None if known.words_alone else (await self._vectors([text]))[0]
        match = known.matcher.match(text, vector, among=among)
        best, second = match.best, match.ranking[1][1] if len(match.ranking) > 1 else 0.0
        passed = best is not None and best[1] >= known.threshold
        sure = passed and best is not None and min(best[1] - known.threshold, best[1] - second) >= _MARGIN
        return Understood(
            best[0] if passed and best is not None else None,
            match,
            language_of(text, languages),
            not sure,
            known.threshold,
        )

    def _fresh(self, workspace_id: str, state: State) -> Known | None:
        found = self._known.get(workspace_id)
        if found is None or found.state != state:
            return None
        return None if found.retry_at is not None and found.retry_at <= self._db.clock() else found

    async def _vectors(self, texts: Sequence[str]) -> tuple[Floats | None, Millis | None]:
        """Rows; or None, and when to try again."""
        if self.embeddings is None:
            return None, None
        if not texts:
            return np.empty((0, 0), dtype=np.float32), None
        try:
            return await self.embeddings.embed(texts), None
        except EmbeddingsFailed as error:
            log.warning("intents.words-alone", reason=error.code)
            return None, Millis(self._db.clock() + _AGAIN)

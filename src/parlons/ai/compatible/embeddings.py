"""Embeddings by an OpenAI-compatible endpoint: POST {url}/embeddings.

Source: OpenAI API reference, "Create embeddings".
"""

from collections.abc import Sequence

import numpy as np

from parlons.ai.compatible.calls import Calls
from parlons.ai.embeddings import LONGEST, EmbeddingsFailed, EmbeddingsSettings, Vectors, of_length_one

_MOST = 256
"""Texts of one request."""


class EndpointEmbeddings:
    """See the module."""

    local = False

    def __init__(self, settings: EmbeddingsSettings) -> None:
        self._calls = Calls("PARLONS_EMBEDDINGS_URL", settings.url, settings.key, "embeddings", EmbeddingsFailed)
        self.name = f"endpoint/{settings.model}"
        self._model = settings.model

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """See `Embeddings`."""
        if not texts:
            return np.empty((0, 0), dtype=np.float32)
        parts = [await self._asked(texts[at : at + _MOST]) for at in range(0, len(texts), _MOST)]
        return of_length_one(np.concatenate(parts))

    async def close(self) -> None:
        """Ends its connections."""
        await self._calls.close()

    async def _asked(self, texts: Sequence[str]) -> Vectors:
        # An empty text is refused by some endpoints: a blank has no meaning either.
        body = {"model": self._model, "input": [text[:LONGEST] or " " for text in texts]}
        answer = await self._calls.post("/embeddings", json=body)
        try:
            rows = [one["embedding"] for one in sorted(answer.json()["data"], key=lambda one: int(one["index"]))]
            found: Vectors = np.array(rows, dtype=np.float32)
        except (ValueError, KeyError, TypeError) as error:
            raise EmbeddingsFailed("The embeddings endpoint sent no vectors.") from error
        if found.ndim != 2 or len(found) != len(texts) or not np.isfinite(found).all():
            raise EmbeddingsFailed("The embeddings endpoint sent other vectors than were asked for.")
        return found

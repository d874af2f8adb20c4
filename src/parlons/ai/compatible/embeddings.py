"""Embeddings by an OpenAI-compatible endpoint: POST {url}/embeddings.

The address comes from whoever runs the process, so private ones are welcome. Source: OpenAI API reference, "Create embeddings".
"""

from collections.abc import Sequence

import httpx
import numpy as np

from parlons.ai.embeddings import LONGEST, EmbeddingsFailed, EmbeddingsSettings, Vectors, of_length_one

SECONDS = 30
_MOST = 256
"""Texts of one request."""


class EndpointEmbeddings:
    """See the module."""

    local = False

    def __init__(self, settings: EmbeddingsSettings, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        if not settings.url.startswith(("http://", "https://")):
            raise EmbeddingsFailed("PARLONS_EMBEDDINGS_URL must begin with http:// or https://.")
        self.name = f"endpoint/{settings.model}"
        self._settings, self._transport = settings, transport

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """See `Embeddings`."""
        if not texts:
            return np.empty((0, 0), dtype=np.float32)
        headers = {"Authorization": f"Bearer {self._settings.key}"} if self._settings.key else {}
        async with httpx.AsyncClient(timeout=SECONDS, transport=self._transport, headers=headers) as client:
            parts = [await self._asked(client, texts[at : at + _MOST]) for at in range(0, len(texts), _MOST)]
        return of_length_one(np.concatenate(parts))

    async def close(self) -> None:
        """Holds nothing."""

    async def _asked(self, client: httpx.AsyncClient, texts: Sequence[str]) -> Vectors:
        # An empty text is refused by some endpoints: a blank has no meaning either.
        body = {"model": self._settings.model, "input": [text[:LONGEST] or " " for text in texts]}
        try:
            answer = await client.post(f"{self._settings.url.rstrip('/')}/embeddings", json=body)
        except httpx.HTTPError as error:
            raise EmbeddingsFailed(f"The embeddings endpoint does not answer ({type(error).__name__}).") from error
        if not answer.is_success:
            raise EmbeddingsFailed(f"The embeddings endpoint answered {answer.status_code}.")
        try:
            rows = [one["embedding"] for one in sorted(answer.json()["data"], key=lambda one: int(one["index"]))]
            found: Vectors = np.array(rows, dtype=np.float32)
        except (ValueError, KeyError, TypeError) as error:
            raise EmbeddingsFailed("The embeddings endpoint sent no vectors.") from error
        if found.ndim != 2 or len(found) != len(texts) or not np.isfinite(found).all():
            raise EmbeddingsFailed("The embeddings endpoint sent other vectors than were asked for.")
        return found

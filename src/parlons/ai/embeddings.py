"""`Embeddings`: texts become vectors whose nearness is nearness of meaning, across languages. The product works without any.

Vectors of two models cannot be compared: whoever keeps them keeps `name` beside them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from parlons.kit.errors import Unavailable

Vectors = NDArray[np.float32]
"""A row for each text, each of length one: the product of two rows is how near they are (-1 to 1)."""

LONGEST = 2_000
"""Characters of a text that are looked at."""


class EmbeddingsFailed(Unavailable):
    """The embeddings provider gave no vectors."""

    code = "embeddings-failed"


@dataclass(frozen=True, slots=True)
class EmbeddingsSettings:
    """How a process compares meanings."""

    provider: str = "auto"
    """`auto` (the endpoint where `url` is given, else local where the extra is installed), `none`, or a provider's name."""
    url: str = ""
    """Base of an OpenAI-compatible API, such as http://127.0.0.1:8880/v1."""
    key: str = field(default="", repr=False)
    model: str = "text-embedding-3-small"


class Embeddings(Protocol):
    """A provider of vectors."""

    name: str
    """Provider and model: kept beside stored vectors, which are made anew when it changes."""
    local: bool
    """Whether the texts stay on this machine."""

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """A row for each text, in their order. Never blocks the event loop; many at once cost far less than one by one.
        Raises EmbeddingsFailed."""
        ...

    async def close(self) -> None:
        """Frees what it holds; may be called again."""
        ...


def of_length_one(rows: Vectors) -> Vectors:
    """Each row divided by its length; a row of zeros stays one."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    divided: Vectors = (rows / np.where(lengths == 0, 1, lengths)).astype(np.float32)
    return divided

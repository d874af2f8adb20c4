"""Vectors of sections in memory, and which articles are nearest to one. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST = 20
"""Articles of one answer."""
_LOOKED_AT = 200
"""Sections: an article has several."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The sections of one firm and language, in rows that belong together."""

    stamps: NDArray[np.int64]
    article_ids: NDArray[np.object_]
    audiences: NDArray[np.object_]
    matrix: NDArray[np.float32]

    @classmethod
    def none(cls) -> "Kept":
        """Nothing."""
        empty = np.empty(0, dtype=object)
        return cls(np.empty(0, dtype=np.int64), empty, empty, np.empty((0, 0), dtype=np.float32))

    @property
    def state(self) -> tuple[int, int]:
        """How many, and the sum of their stamps: two sets that agree in both are the same."""
        return len(self.stamps), int(self.stamps.sum())

    def with_only(self, stamps: Collection[int]) -> "Kept":
        """Without those that are gone."""
        stay = np.isin(self.stamps, np.fromiter(stamps, dtype=np.int64, count=len(stamps)))
        if stay.all():
            return self
        return Kept(self.stamps[stay], self.article_ids[stay], self.audiences[stay], self.matrix[stay])

    def with_more(self, rows: Sequence[Mapping[str, Any]]) -> "Kept":
        """With these: stamp, article_id, audience, vector (bytes of 16-bit floats)."""
        if not rows:
            return self
        added = np.stack([np.frombuffer(row["vector"], dtype="<f2") for row in rows]).astype(np.float32)
        return Kept(
            np.concatenate([self.stamps, np.array([row["stamp"] for row in rows], dtype=np.int64)]),
            np.concatenate([self.article_ids, np.array([row["article_id"] for row in rows], dtype=object)]),
            np.concatenate([self.audiences, np.array([row["audience"] for row in rows], dtype=object)]),
            np.concatenate([self.matrix, added]) if len(self.matrix) else added,
        )


def nearest(
    kept: Iterable[Kept], vector: NDArray[np.float32], audiences: Collection[str], least: float, most: int = MOST
) -> list[str]:
    """Articles by their nearest section, at least `least` near; the nearest first, equals by id."""
    best: dict[str, float] = {}
    for one in kept:
        if not len(one.stamps) or one.matrix.shape[1] != len(vector):
            continue
        scores = np.where(np.isin(one.audiences, list(audiences)), one.matrix @ vector, -1)
        first = np.argpartition(-scores, min(_LOOKED_AT, len(scores)) - 1)[:_LOOKED_AT]
        for at in first[scores[first] >= least]:
            article_id, score = str(one.article_ids[at]), float(scores[at])
            best[article_id] = max(score, best.get(article_id, -1.0))
    return sorted(best, key=lambda article_id: (-best[article_id], article_id))[:most]

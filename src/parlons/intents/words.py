"""How near two texts are by their letters and words: TF-IDF of runs of letters, of words and of pairs of words. Pure.

It needs no model, forgives typos and endings (runs of letters), and knows part numbers and names that no model has learnt.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
LONGEST = 500
"""Characters of a text that are looked at."""
_RUNS = (3, 4, 5)
"""Lengths of the runs of letters."""


def plain(text: str) -> str:
    """Small letters without accents; digits as #, since which number it is says nothing about what is wanted."""
    parts = unicodedata.normalize("NFKD", text[:LONGEST].casefold())
    return re.sub(r"\d", "#", "".join(sign for sign in parts if not unicodedata.combining(sign)))


def words_of(text: str) -> list[str]:
    """The words of a text, in plain letters."""
    return re.findall(r"[^\W_]+|#+", plain(text))


class Letters:
    """What a set of texts is compared with: an index of their features."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.size = len(texts)
        rows = [_features(text) for text in texts]
        counts = Counter(feature for row in rows for group in row for feature in group)
        self._weight = {feature: math.log((1 + self.size) / (1 + n)) + 1 for feature, n in counts.items()}
        self._unseen = math.log(1 + self.size) + 1
        postings: dict[str, list[tuple[int, float]]] = {}
        for number, row in enumerate(rows):
            for group in row:
                for feature, value in self._of_length_one(group):
                    postings.setdefault(feature, []).append((number, value))
        self._postings = {
            feature: (np.array([n for n, _ in found]), np.array([v for _, v in found], dtype=np.float32))
            for feature, found in postings.items()
        }

    def nearness(self, texts: Sequence[str]) -> Floats:
        """For each text a row: 0 to 1 to each text of the set."""
        found = np.zeros((len(texts), self.size), dtype=np.float32)
        for row, text in zip(found, texts, strict=True):
            groups = _features(text)
            for group in groups:
                for feature, value in self._of_length_one(group):
                    if (known := self._postings.get(feature)) is not None:
                        row[known[0]] += known[1] * (value / len(groups))
        return found

    def _of_length_one(self, group: Counter[str]) -> Iterable[tuple[str, float]]:
        weighed = {f: (1 + math.log(n)) * self._weight.get(f, self._unseen) for f, n in group.items()}
        length = math.sqrt(sum(value * value for value in weighed.values())) or 1.0
        return ((feature, value / length) for feature, value in weighed.items())


def _features(text: str) -> tuple[Counter[str], Counter[str]]:
    """Words with pairs of words, and runs of letters inside words; each group counts for half."""
    words = words_of(text)
    pairs = [f"{first} {second}" for first, second in pairwise(words)]
    runs = [
        f"{n}:{framed[at : at + n]}"
        for framed in (f"_{word}_" for word in words)
        for n in _RUNS
        for at in range(len(framed) - n + 1)
    ]
    return Counter([*words, *pairs]), Counter(runs)

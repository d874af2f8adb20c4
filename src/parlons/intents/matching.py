"""Which intent a text has: nearness to every phrase, by meaning (vectors) and by words, weighed by ridge regression. Pure.

Kernel ridge regression on the intents as 0 and 1: a text's score for an intent is about 1 where it is as near to its phrases as
they are to each other, about 0 where it has nothing to do with them. It has two merits here: nothing is trained for hours (one
linear system of as many unknowns as phrases), and what each phrase would score had it not been there (or had its whole intent
not been there) follows from the same system exactly, so that the threshold is chosen on texts the model has not seen.
Source: leave-one-out in closed form, Rasmussen and Williams, Gaussian Processes for Machine Learning, 5.4.2.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from parlons.intents.words import Letters

Floats = NDArray[np.float32]
MOST_PHRASES = 4_000
"""Of a workspace: the system is solved in about two seconds then."""
MAX_PHRASE, MOST_OF_ONE = 300, 200
"""Characters of a phrase; phrases of one intent in one language."""
_WORDS = 0.3
"""Share of words in the nearness, where there are vectors too."""
_SHARPNESS = 3.0
"""How fast nearness of meaning falls: vectors of unrelated texts are not at a right angle."""
_RIDGE = 0.15
"""How little a single phrase is trusted. All three measured, see docs/reference/intents.md."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """What somebody who means an intent says."""

    text: str
    intent: str
    language: str


@dataclass(frozen=True, slots=True)
class Near:
    """A phrase beside a text."""

    phrase: Phrase
    near: float
    """0 to 1."""


@dataclass(frozen=True, slots=True)
class Match:
    """What a text may mean."""

    ranking: tuple[tuple[str, float], ...]
    """Intents and their scores, the best first."""
    nearest: tuple[Near, ...]
    """The phrases that speak for it, the nearest first."""

    @property
    def best(self) -> tuple[str, float] | None:
        """The intent with the highest score; None: there is no phrase."""
        return self.ranking[0] if self.ranking else None


@dataclass(frozen=True, slots=True)
class Unseen:
    """What the phrases themselves would score if the model did not know them: a row a phrase, a column an intent."""

    alone: Floats
    """Had this phrase not been there."""
    foreign: Floats
    """Had the phrases of its intent not been there: what a text scores that means none of the others."""


class Matcher:
    """What a set of phrases understands. Building it takes time (seconds for thousands of phrases): off the event loop."""

    def __init__(self, phrases: Sequence[Phrase], vectors: Floats | None = None) -> None:
        """`vectors`: rows of length one, of the phrases in their order; None: by words alone."""
        self.phrases = tuple(phrases[:MOST_PHRASES])
        self.intents = tuple(sorted({phrase.intent for phrase in self.phrases}))
        self.vectors = None if vectors is None else vectors[: len(self.phrases)]
        self._letters = Letters([phrase.text for phrase in self.phrases])
        self.of = np.array([self.intents.index(phrase.intent) for phrase in self.phrases], dtype=np.int64)
        self.near = self.nearness([phrase.text for phrase in self.phrases], self.vectors)
        """Of the phrases to each other."""
        self._inverse = np.linalg.inv(self.near + _RIDGE * np.eye(len(self.phrases), dtype=np.float32))
        self._wanted = np.eye(len(self.intents), dtype=np.float32)[self.of]
        self._weights = self._inverse @ self._wanted

    def nearness(self, texts: Sequence[str], vectors: Floats | None) -> Floats:
        """A row for each text: 0 to 1 to each phrase."""
        words = self._letters.nearness(texts)
        if self.vectors is None or vectors is None:
            return words
        meaning = np.exp(_SHARPNESS * (vectors @ self.vectors.T - 1))
        mixed: Floats = ((1 - _WORDS) * meaning + _WORDS * words).astype(np.float32)
        return mixed

    def scores(self, texts: Sequence[str], vectors: Floats | None) -> Floats:
        """A row for each text, a column for each of `intents`."""
        found: Floats = (self.nearness(texts, vectors) @ self._weights).astype(np.float32)
        return found

    def match(self, text: str, vector: Floats | None, *, among: Collection[str] | None = None, most: int = 5) -> Match:
        """What a text may mean, among all intents or those named. `vector`: a row."""
        if not self.phrases:
            return Match((), ())
        near = self.nearness([text], vector)[0]
        scores = near @ self._weights
        kept = {i for i, name in enumerate(self.intents) if among is None or name in among}
        ranking = sorted(((self.intents[i], float(scores[i])) for i in sorted(kept)), key=lambda one: -one[1])
        order = islice((i for i in np.argsort(-near) if self.of[i] in kept), most)
        return Match(
            tuple((name, round(min(max(score, 0.0), 1.0), 3)) for name, score in ranking),
            tuple(Near(self.phrases[i], round(float(near[i]), 3)) for i in order if near[i] > 0),
        )

    def unseen(self) -> Unseen:
        """See `Unseen`. Nothing is built anew: both follow from the system that is solved."""
        inverse, weights, wanted = self._inverse, self._weights, self._wanted
        alone = wanted - weights / np.diag(inverse)[:, None]
        foreign = np.empty_like(alone)
        for number in range(len(self.intents)):
            his = np.flatnonzero(self.of == number)
            foreign[his] = wanted[his] - np.linalg.solve(inverse[np.ix_(his, his)], weights[his])
            foreign[his, number] = -np.inf
        return Unseen(alone.astype(np.float32), foreign.astype(np.float32))

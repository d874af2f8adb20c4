"""Below which score a text counts as not understood: chosen so that asking again and being wrong cost least. Pure.

Every phrase is judged by a model that does not know it, and once more by a model that does not know its intent: the first tells
what would be understood, the second how often something that means none of the intents would be taken for one of them.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from parlons.intents.matching import Floats, Matcher, Phrase

STEPS = 50
"""Scores that the curve looks at, from 0 to 1."""
_WRONG = 2.0
"""A wrong intent costs as much as so many questions asked again."""
_FOREIGN = 0.25
"""Weight of texts that mean none of the intents, beside those that mean one."""
FEWEST = 2
"""Phrases of an intent before anything can be told about it."""


@dataclass(frozen=True, slots=True)
class Point:
    """What a threshold would do; shares of all phrases."""

    at: float
    understood: float
    rejected: float
    wrong: float
    foreign: float
    """Of texts that mean none of the intents: taken for one of them."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two intents that are taken for each other."""

    intent: str
    taken_for: str
    phrases: tuple[tuple[str, str], ...]
    """Phrases of the one, each with the phrase of the other that it is nearest to."""
    share: float
    """Of the phrases of `intent`."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the phrases are worth."""

    curve: tuple[Point, ...]
    chosen: float
    """The threshold that costs least."""
    intents: tuple[str, ...]
    matrix: tuple[tuple[int, ...], ...]
    """Phrases by their intent (row) and what they would be taken for (column), whatever the score."""
    pairs: tuple[Pair, ...]
    """The worst first."""
    phrases: int
    """That were looked at: intents with one phrase tell nothing."""

    def point(self, threshold: float) -> Point:
        """What this threshold would do."""
        return min(self.curve, key=lambda one: abs(one.at - threshold))


EMPTY = Report((), 0.5, (), (), (), 0)


def report(matcher: Matcher) -> Report:
    """Judges every phrase as if it were new."""
    counts = np.bincount(matcher.of, minlength=len(matcher.intents)) if matcher.phrases else np.zeros(0)
    looked = np.flatnonzero(counts[matcher.of] >= FEWEST) if matcher.phrases else np.zeros(0, dtype=np.int64)
    if not len(looked):
        return EMPTY
    unseen = matcher.unseen()
    alone, foreign, own = unseen.alone[looked], unseen.foreign[looked], matcher.of[looked]
    taken, score = alone.argmax(axis=1), alone.max(axis=1)
    strange = foreign.max(axis=1) if len(matcher.intents) > 1 else np.full(len(looked), -np.inf, dtype=np.float32)
    curve = tuple(_point(at / STEPS, taken == own, score, strange) for at in range(STEPS + 1))
    matrix = np.zeros((len(matcher.intents), len(matcher.intents)), dtype=np.int64)
    np.add.at(matrix, (own, taken), 1)
    return Report(
        curve,
        _cheapest(curve),
        matcher.intents,
        tuple(tuple(int(each) for each in row) for row in matrix),
        tuple(_pairs(matcher, looked, taken)),
        len(looked),
    )


def _point(at: float, right: "np.ndarray[tuple[int], np.dtype[np.bool_]]", score: Floats, strange: Floats) -> Point:
    taken = score >= at
    shares = (taken & right, ~taken, taken & ~right, strange >= at)
    return Point(at, *(round(float(each.mean()), 4) for each in shares))


def _cheapest(curve: tuple[Point, ...]) -> float:
    """The middle of the widest stretch of thresholds that cost least: on a plateau no edge is better than the other."""
    costs = [round(one.rejected + _WRONG * one.wrong + _FOREIGN * _WRONG * one.foreign, 6) for one in curve]
    least = [number for number, cost in enumerate(costs) if cost <= min(costs) + 0.005]
    edges = [0, *(i + 1 for i, (one, other) in enumerate(pairwise(least)) if other != one + 1), len(least)]
    begin, end = max(pairwise(edges), key=lambda each: each[1] - each[0])
    return curve[least[(begin + end - 1) // 2]].at


def _pairs(matcher: Matcher, looked: "np.ndarray[tuple[int], np.dtype[np.int64]]", taken: Floats) -> list[Pair]:
    found: dict[tuple[int, int], list[int]] = {}
    for phrase, other in zip(looked, taken, strict=True):
        if matcher.of[phrase] != other:
            found.setdefault((int(matcher.of[phrase]), int(other)), []).append(int(phrase))
    pairs = []
    for (own, other), phrases in found.items():
        theirs = np.flatnonzero(matcher.of == other)
        causes = tuple(
            (matcher.phrases[one].text, _text(matcher.phrases, int(theirs[matcher.near[one, theirs].argmax()])))
            for one in phrases
        )
        pairs.append(
            Pair(
                matcher.intents[own],
                matcher.intents[other],
                causes,
                round(len(phrases) / int((matcher.of == own).sum()), 3),
            )
        )
    return sorted(pairs, key=lambda one: (-len(one.phrases), -one.share, one.intent, one.taken_for))[:20]


def _text(phrases: tuple[Phrase, ...], number: int) -> str:
    return phrases[number].text

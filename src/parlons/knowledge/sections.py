"""An article as the few texts whose meanings are compared: one for each of its headings, each with the title before it. Pure."""

import re
from collections.abc import Iterable, Sequence

from parlons.knowledge.markup import plain

LONGEST = 1000
"""Characters of one."""
MOST = 12
FUSED = 60
"""The constant of reciprocal rank fusion: how little the first places outweigh the next. Source: Cormack, Clarke and Buettcher,
SIGIR 2009."""
_HEADING = re.compile(r"(?=<h[234]>)")


def sections_of(title: str, summary: str, html: str) -> list[str]:
    """The texts of an article, at least one."""
    first, *others = _HEADING.split(html)
    texts = [f"{title}. {summary} {plain(first)}", *(f"{title}. {plain(part)}" for part in others)]
    return [" ".join(text.split())[:LONGEST] for text in texts[:MOST]]


def fused(rankings: Iterable[Sequence[str]]) -> list[str]:
    """One ranking of several, by reciprocal rank fusion; what is equal stays in the order of the first."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for place, one in enumerate(ranking, 1):
            scores[one] = scores.get(one, 0.0) + 1 / (FUSED + place)
    return sorted(scores, key=lambda one: -scores[one])

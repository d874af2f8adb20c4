"""Questions of the same words belong together. Pure.

Two questions are alike when half of the words of the shorter one, and at least two, begin alike in the other. Shown of a group
are the words that at least two customers used, so that a name or a place of one of them never is.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

ALIKE = 6
"""Letters at the beginning that make two words one: plural and tense differ after them."""
SHOWN = 6
"""Words of a group."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question."""

    customer_id: str
    words: Sequence[str]
    offered: int
    """How many articles were offered for it before a person answered."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions of the same words."""

    words: tuple[str, ...]
    counts: dict[str, int]
    """`conversations`, and in how many of them articles were `offered` before."""


@dataclass(slots=True)
class _Group:
    core: frozenset[str]
    asked: list[Asked] = field(default_factory=list)


def together(asked: Iterable[Asked]) -> list[Gap]:
    """The groups of at least two customers, in the order of their first question."""
    groups: list[_Group] = []
    # Groups by the beginnings of their core: only what has some in common can be alike.
    holding: dict[str, list[int]] = {}
    for one in asked:
        beginnings = frozenset(word[:ALIKE] for word in one.words)
        shared = Counter(number for beginning in beginnings for number in holding.get(beginning, ()))
        alike = (number for number, count in shared.items() if _alike(count, len(groups[number].core), len(beginnings)))
        home = min(alike, default=len(groups))
        if home == len(groups):
            groups.append(_Group(beginnings))
            for beginning in beginnings:
                holding.setdefault(beginning, []).append(home)
        groups[home].asked.append(one)
    gaps = [_gap(group) for group in groups if len({one.customer_id for one in group.asked}) > 1]
    return [gap for gap in gaps if gap.words]


def _alike(shared: int, one: int, other: int) -> bool:
    """By how many beginnings both have, and each of them."""
    shorter = min(one, other)
    return shared * 2 >= shorter and shared >= min(2, shorter)


def _gap(group: _Group) -> Gap:
    used: dict[str, set[str]] = {}
    forms: dict[str, Counter[str]] = {}
    for one in group.asked:
        for word in one.words:
            used.setdefault(word[:ALIKE], set()).add(one.customer_id)
            forms.setdefault(word[:ALIKE], Counter())[word] += 1
    several = sorted((beginning for beginning in used if len(used[beginning]) > 1), key=lambda one: -len(used[one]))
    words = tuple(_most(forms[beginning]) for beginning in several[:SHOWN])
    offered = sum(one.offered > 0 for one in group.asked)
    return Gap(words, {"conversations": len(group.asked), "offered": offered})


def _most(forms: Counter[str]) -> str:
    return min(forms, key=lambda form: (-forms[form], form))

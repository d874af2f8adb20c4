"""Words as they are searched: without case and accents; which known word a mistyped one may mean; where a text says them. Pure.

A known word is kept under itself and each form with one letter left out. A mistyped word, treated the same way, meets those
that differ by one letter left out, added, changed or swapped. Source: W. Garbe, symmetric delete spelling correction.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

MAX_QUERY = 200
"""Characters of a search that are read."""
MAX_WORDS = 12
MAX_KNOWN = 2000
"""Distinct words of one article that typing mistakes are measured against."""
_WORD = re.compile(r"[^\W_]+")
_KNOWN = re.compile(r"[a-z]{4,24}")
_QUESTIONS = frozenset(["comment", "pourquoi", "quand", "combien", "quel", "quelle", "quels", "quelles"])
"""French words that begin a question and say nothing of it; PostgreSQL drops the English ones itself."""
_JOINED = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "\x00": " "})


def _bare() -> dict[int, str]:
    """Letters with accents and the one letter below them: as many characters before as after."""
    found = {}
    for code in range(0x41, 0x250):
        base = unicodedata.normalize("NFD", chr(code))[0].lower()
        if len(base) == 1:
            found[code] = base
    return found


_BARE = _bare()


def bare(text: str) -> str:
    """`text` without case and accents, character by character."""
    return text.translate(_BARE)


def words_of(text: str) -> list[str]:
    """The words of `text` in order."""
    return _WORD.findall(bare(unicodedata.normalize("NFC", text).translate(_JOINED)))


def asked(text: str) -> list[str]:
    """The words of a search, as many as are read."""
    found = words_of(text[:MAX_QUERY])
    return ([word for word in found if word not in _QUESTIONS] or found)[:MAX_WORDS]


def known_words(words: Iterable[str]) -> list[str]:
    """Those of an article worth knowing, each once."""
    return list(dict.fromkeys(word for word in words if _KNOWN.fullmatch(word)))[:MAX_KNOWN]


def variants(word: str) -> set[str]:
    """The word and its forms with one letter left out."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def distance(one: str, other: str) -> int:
    """Letters to leave out, add, change or swap with the next (optimal string alignment)."""
    before: Sequence[int] = ()
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        two_ago, before, row = before, row, [i]
        for j, there in enumerate(other, 1):
            cost = letter != there
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + cost)
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == there:
                best = min(best, two_ago[j - 2] + 1)
            row.append(best)
    return row[-1]


def meant(word: str, candidates: Iterable[str]) -> str:
    """The candidate a word is one mistake away from (two, for a long word); the word itself when there is none."""
    most = 2 if len(word) > 7 else 1
    near = sorted((distance(word, each), each) for each in candidates)
    return near[0][1] if near and near[0][0] <= most else word


def pieces(text: str, stems: Iterable[str], length: int = 220) -> list[tuple[str, bool]]:
    """A stretch of `text` around the first of the words that begin with `stems`, cut where they stand: (text, whether it is
    one of them)."""
    alternatives = "|".join(re.escape(stem) for stem in sorted(set(stems), key=len, reverse=True) if stem)
    folded = bare(text)
    hits = list(re.finditer(rf"\b(?:{alternatives})\w*", folded)) if alternatives and len(folded) == len(text) else []
    begin = max(0, hits[0].start() - length // 3) if hits else 0
    if begin:
        begin = text.find(" ", begin) + 1 or begin
    end = len(text) if begin + length >= len(text) else max(text.rfind(" ", begin, begin + length), begin + 1)
    found, at = [("… ", False)] if begin else [], begin
    for hit in hits:
        if hit.start() >= at and hit.end() <= end:
            found += [(text[at : hit.start()], False), (hit[0] and text[hit.start() : hit.end()], True)]
            at = hit.end()
    found.append((text[at:end] + (" …" if end < len(text) else ""), False))
    return [each for each in found if each[0]]

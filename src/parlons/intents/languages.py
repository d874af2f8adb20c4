"""Which language a text is in, of those Parlons speaks, by its small words and endings. Pure.

Two languages need no model: three words hold a small word of one of them nearly always. Too short or undecided, it says so, and
the conversation keeps the language it has.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping

FEWEST = 3
"""Words; shorter texts are `ok merci`, a name, a number."""
LONGEST = 1_000
_LEAD = 2
"""Points by which one language must be ahead."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SMALL: Mapping[str, frozenset[str]] = {
    "en": _set(
        """the and you i is are was were be been am to of in for with my your his her our their this that these those it its a an
        have has had do does did not don't didn't can't cannot can could would should will won't what when where who why how which
        please thanks thank hello hi from at by or if there here me we they want need order still yet get got about"""
    ),
    "fr": _set(
        """le la les un une des du de et je tu il elle nous vous ils elles on est sont etait suis etes ai as avez avons ont a au
        aux mon ma mes ton ta tes son sa ses notre votre vos nos leur ce cet cette ces ca que qui quoi quand ou comment pourquoi
        combien pas ne plus rien avec sans pour par sur dans chez bonjour bonsoir merci s'il plait peux peut pouvez voudrais veux
        c'est j'ai n'ai d'un d'une qu'il qu'est l'ai y en faire fait commande toujours encore quel quelle"""
    ),
}
_ENDINGS: Mapping[str, re.Pattern[str]] = {
    "en": re.compile(r"(?:ing|ight|tion's|ould|n't|ly|wn|'m|'ve|'re|'ll)$|^(?:wh|kn|th)|w$|ck$"),
    "fr": re.compile(r"(?:eux|eau|eur|ement|aient|ez|ois|aux|euse|elle|que)$|^(?:l|d|j|qu|n|s|m|t)'"),
}
_ACCENTS = re.compile(r"[éèêëàâçîïôùûœ]")


def language_of(text: str, among: Collection[str]) -> str | None:
    """One of `among`; None: too short, or it cannot be told."""
    text = text[:LONGEST].casefold().replace("’", "'")
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*", text)
    known = [language for language in _SMALL if language in among]
    if len(words) < FEWEST or len(known) < 2:
        return None
    points = {language: sum(_points(word, language) for word in words) for language in known}
    first, second = sorted(points, key=lambda one: -points[one])[:2]
    return first if points[first] >= points[second] + _LEAD else None


def _points(word: str, language: str) -> int:
    bare = "".join(sign for sign in unicodedata.normalize("NFD", word) if not unicodedata.combining(sign))
    found = 2 if bare in _SMALL[language] or bare.partition("'")[0] in _SMALL[language] else 0
    found += 1 if _ENDINGS[language].search(bare) else 0
    return found + (2 if language == "fr" and _ACCENTS.search(word) else 0)

"""What a visitor's notification says, in the language of his page: who writes, never what, unless the account wants it. Pure."""

_READ = {
    "en": "You have an answer. Press to read it.",
    "fr": "Vous avez une réponse. Appuyez pour la lire.",
}
_NEWS = {
    "en": "There is news for you. Press to read it.",
    "fr": "Il y a du nouveau pour vous. Appuyez pour lire.",
}
LONGEST = 300
"""Characters of a text that is shown; screens cut earlier."""


def body(locale: str, text: str, *, answer: bool, show: bool) -> str:
    """The second line. `answer`: to something he wrote; `show`: the account shows what was written."""
    if show and text:
        return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
    words = _READ if answer else _NEWS
    return words.get(locale, words["en"])

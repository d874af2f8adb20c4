"""Texts of a flow: by language, with variables filled in. Pure.

`{customer.name}` in a text is the variable at that path; one that is not there is left out. A text that is nothing but one
name keeps the value's kind: `{cart.total}` stays a number.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from parlons.expr.values import lookup

Texts = str | dict[str, str]
"""One text for all languages, or one for each."""
Variables = Mapping[str, Any]

_NAME = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*)\}")
MAX_TEXT = 4_000
"""Characters of one text after filling."""

MAX_PARTS = 50_000
"""Values inside one variable that is put into another: an answer of a megabyte has fewer."""

DEFAULT: Mapping[str, Mapping[str, str]] = {
    "invalid": {"en": "Sorry, I did not understand.", "fr": "Désolé, je n’ai pas compris."},
    "invalid-date": {
        "en": "Sorry, I did not understand. Please give the day, the month and the year in four digits.",
        "fr": "Désolé, je n’ai pas compris. Donnez le jour, le mois et l’année en quatre chiffres.",
    },
    "yes": {"en": "Yes", "fr": "Oui"},
    "no": {"en": "No", "fr": "Non"},
    "silence": {"en": "I did not hear you.", "fr": "Je ne vous ai pas entendu."},
    "press": {"en": "For {0}, press {1}.", "fr": "Pour {0}, tapez {1}."},
    "book": {"en": "When does it suit you?", "fr": "Quand cela vous convient-il ?"},
    "book-which": {"en": "Which appointment is it?", "fr": "De quel rendez-vous s’agit-il ?"},
    "book-later": {"en": "later times", "fr": "d’autres horaires"},
    "book-none": {"en": "none of these", "fr": "aucun de ceux-là"},
    "book-taken": {"en": "This time has just been taken.", "fr": "Cet horaire vient d’être pris."},
    "book-many": {
        "en": "You have as many appointments to come as one may have.",
        "fr": "Vous avez autant de rendez-vous à venir qu’il est possible.",
    },
    "book-booked": {"en": "Your appointment: {0}.", "fr": "Votre rendez-vous : {0}."},
    "book-cancelled": {"en": "Your appointment is cancelled: {0}.", "fr": "Votre rendez-vous est annulé : {0}."},
    "articles": {"en": "This may help:", "fr": "Ceci peut vous aider :"},
    "callback": {
        "en": "Thank you. You keep your place, and we call you back.",
        "fr": "Merci. Vous gardez votre place et nous vous rappelons.",
    },
    "callback-known": {
        "en": "You are on our list already, at the same place. We call you back.",
        "fr": "Vous êtes déjà sur notre liste, à la même place. Nous vous rappelons.",
    },
    "voicemail": {
        "en": "Please leave your message after the tone.",
        "fr": "Laissez votre message après le signal sonore.",
    },
    "voicemail-thanks": {
        "en": "Thank you. Your message is kept, and we will come back to you.",
        "fr": "Merci. Votre message est gardé et nous reviendrons vers vous.",
    },
}
"""What is said where a step has no words of its own."""


def chosen(texts: Texts, language: str, other: str) -> tuple[str, str]:
    """The text in `language`, else in the `other` one, else in any; and the language it is in."""
    if isinstance(texts, str):
        return texts, language
    for wanted in (language, language.partition("-")[0], other, "en"):
        if wanted in texts:
            return texts[wanted], wanted
    return next(((text, spoken) for spoken, text in texts.items()), ("", language))


def value_of(variables: Variables, path: str) -> Any:
    """The variable at `a.b.0`; None when it is not there."""
    return lookup(variables, tuple(int(part) if part.isdecimal() else part for part in path.split(".")))


def filled(text: str, variables: Variables, *, in_url: bool = False) -> str:
    """`text` with its variables; `in_url`: a value cannot leave its place in an address."""

    def put(match: re.Match[str]) -> str:
        shown = _shown(value_of(variables, match.group(1)))
        return quote(shown, safe="") if in_url else shown

    return _NAME.sub(put, text)[:MAX_TEXT]


def filled_value(value: Any, variables: Variables) -> Any:
    """The same, however deep in lists and mappings. A variable of more than MAX_PARTS is None: one that is set to hold itself
    twice again and again would grow without end."""
    if isinstance(value, str):
        whole = _NAME.fullmatch(value)
        return _bounded(value_of(variables, whole.group(1))) if whole else filled(value, variables)
    if isinstance(value, Mapping):
        return {key: filled_value(each, variables) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [filled_value(each, variables) for each in value]
    return value


def _shown(value: Any) -> str:
    if value is None or isinstance(value, Mapping | list):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _bounded(value: Any) -> Any:
    """The value, or None for what holds too much."""
    if not isinstance(value, Mapping | list):
        return value
    count, todo = 0, [value]
    while todo and count <= MAX_PARTS:
        here = todo.pop()
        count += 1
        if isinstance(here, Mapping):
            todo.extend(here.values())
        elif isinstance(here, list):
            todo.extend(here)
    return value if count <= MAX_PARTS else None

"""Words by which somebody asks for silence, or takes that back: recognised before routing, and what is answered. Pure.

A message that is nothing but such a word. Words that are also ordinary answers ("cancel", "end", "help") count only where
they are a rule of the carriers: in SMS. Source: CTIA Messaging Principles 5.1; AF2M, charte SMS+ (STOP); CNIL, prospection
par SMS.
"""

import unicodedata
from dataclasses import dataclass
from typing import Literal

from parlons.kit.languages import nearest

Wish = Literal["out", "in", "help"]
_OUT = frozenset(
    {"stop", "stopall", "stop all", "unsubscribe", "arret", "desabonner", "desabonnement", "desinscription"}
)
_OUT_SMS = frozenset({"cancel", "end", "quit", "stop sms", "optout", "opt out", "revoke"})
_IN = frozenset({"start", "unstop", "abonner", "reprendre"})
_HELP_SMS = frozenset({"help", "info", "aide"})
_FRENCH = frozenset({"arret", "desabonner", "desabonnement", "desinscription", "abonner", "reprendre", "aide"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a word asks for, and in which language to answer if it tells."""

    wish: Wish
    word: str
    language: str | None


def asked(text: str, *, sms: bool) -> Asked | None:
    """The wish of a message that is one of the words, else None."""
    if len(text) > 40:
        return None
    bare = "".join(sign for sign in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(sign))
    word = " ".join("".join(sign if sign.isalnum() else " " for sign in bare).split())
    language = "fr" if word in _FRENCH else None
    if word in _OUT or (sms and word in _OUT_SMS):
        return Asked("out", word, language)
    if word in _IN:
        return Asked("in", word, language)
    if sms and word in _HELP_SMS:
        return Asked("help", word, language)
    return None


CODES: dict[Wish, str] = {"out": "opted-out", "in": "opted-in", "help": "help"}
_ANSWERS: dict[str, dict[str, str]] = {
    "opted-out": {
        "en": "You will get no more messages from us at this address. Write START to get them again.",
        "fr": "Vous ne recevrez plus de messages de notre part à cette adresse. Pour en recevoir à nouveau, écrivez START.",
    },
    "opted-in": {
        "en": "You will get our messages again. Write STOP to end them.",
        "fr": "Vous recevrez à nouveau nos messages. Pour ne plus en recevoir, écrivez STOP.",
    },
    "help": {
        "en": "Write your question here and somebody will answer. Write STOP to get no more messages.",
        "fr": "Écrivez votre question ici, quelqu’un vous répondra. Pour ne plus recevoir de messages, écrivez STOP.",
    },
}


def answer(code: str, language: str) -> str:
    """What is answered, in French or else in English."""
    return _ANSWERS[code][nearest(language)]

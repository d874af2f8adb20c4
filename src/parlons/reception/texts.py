"""What the customer is told when something happens to his contact, in his language. Pure.

A firm may word each line its own way (`EntryPoint.texts`). The code travels beside the text, so a page may word it again.
"""

from collections.abc import Mapping

JOINED, RETURNED, NOT_SERVED, CLOSED, LEFT_A_MESSAGE = "joined", "returned", "not-served", "closed", "message-left"
LANGUAGES = ("en", "fr")

DEFAULT: Mapping[str, Mapping[str, str]] = {
    "en": {
        JOINED: "{name} has joined the conversation.",
        "joined-unnamed": "An adviser has joined the conversation.",
        RETURNED: "The connection to your adviser was lost. You keep your place; the next adviser takes over.",
        NOT_SERVED: "Nobody could take your message in time. It is kept: we will answer you here, or you may write again.",
        CLOSED: "We are closed at the moment. Your message is kept, and we answer when we open.",
        LEFT_A_MESSAGE: "Thank you. Your message is kept, and we will come back to you.",
    },
    "fr": {
        JOINED: "{name} a rejoint la conversation.",
        "joined-unnamed": "Une conseillère ou un conseiller a rejoint la conversation.",
        RETURNED: "La liaison avec votre interlocuteur est perdue. Vous gardez votre place : un collègue prend le relais.",
        NOT_SERVED: (
            "Personne n’a pu prendre votre message à temps. Il est gardé : nous vous répondrons ici, "
            "ou vous pouvez écrire à nouveau."
        ),
        CLOSED: "Nous sommes fermés en ce moment. Votre message est gardé et nous répondrons à l’ouverture.",
        LEFT_A_MESSAGE: "Merci. Votre message est gardé et nous reviendrons vers vous.",
    },
}

STAFF: Mapping[str, Mapping[str, str]] = {
    "en": {
        RETURNED: "Back to the queue at its original place: {name} lost the connection.",
        NOT_SERVED: "Not served ({reason}).",
    },
    "fr": {
        RETURNED: "Remis dans la file à sa place d’origine : {name} a perdu la connexion.",
        NOT_SERVED: "Non servi ({reason}).",
    },
}
"""Notes, in the language of the staff."""


def spoken(language: str | None) -> str:
    """The language of ours nearest to `language`, such as `fr` for `fr-CA`; else English."""
    short = (language or "").replace("_", "-").partition("-")[0].lower()
    return short if short in LANGUAGES else "en"


def line(code: str, language: str | None, own: Mapping[str, Mapping[str, str]] | None = None, **values: str) -> str:
    """The line for `code`, the firm's `own` wording first."""
    short = spoken(language)
    wording = (own or {}).get(short, {}).get(code) or DEFAULT[short][code]
    return _filled(wording, values)


def staff_line(code: str, language: str | None, **values: str) -> str:
    """The note for `code`."""
    return _filled(STAFF[spoken(language)][code], values)


def _filled(wording: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        wording = wording.replace("{" + name + "}", value)
    return wording

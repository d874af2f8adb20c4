"""What the customer is told when something happens to his contact, in his language. Pure.

A firm may word each line its own way (`EntryPoint.texts`). The code travels beside the text, so a page may word it again.
"""

from collections.abc import Mapping

from parlons.kit.languages import LANGUAGES, nearest

JOINED, RETURNED, NOT_SERVED, CLOSED, LEFT_A_MESSAGE = "joined", "returned", "not-served", "closed", "message-left"
HOLIDAY, CLOSED_CALL, HOLIDAY_CALL = "holiday", "closed-call", "holiday-call"
NOT_SERVED_CALL, TROUBLE, PLEASE_WAIT = "not-served-call", "trouble", "please-wait"
GREETING, NOTICE = "greeting", "notice"
"""Said first on the telephone, where the firm has words for them; there are none of ours."""

DEFAULT: Mapping[str, Mapping[str, str]] = {
    "en": {
        JOINED: "{name} has joined the conversation.",
        "joined-unnamed": "An adviser has joined the conversation.",
        RETURNED: "The connection to your adviser was lost. You keep your place; the next adviser takes over.",
        NOT_SERVED: "Nobody could take your message in time. It is kept: we will answer you here, or you may write again.",
        CLOSED: "We are closed at the moment. Your message is kept, and we answer when we open.",
        LEFT_A_MESSAGE: "Thank you. Your message is kept, and we will come back to you.",
        HOLIDAY: "We are closed for the holiday. Your message is kept, and we answer when we open.",
        CLOSED_CALL: "We are closed at the moment.",
        HOLIDAY_CALL: "We are closed for the holiday.",
        NOT_SERVED_CALL: "Nobody could take your call in time. Please call again later. Goodbye.",
        TROUBLE: "Something went wrong on our side. You are put through to an adviser.",
        PLEASE_WAIT: "Please wait, you are put through to an adviser.",
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
        HOLIDAY: "Nous sommes fermés pour ce jour férié. Votre message est gardé et nous répondrons à l’ouverture.",
        CLOSED_CALL: "Nous sommes fermés en ce moment.",
        HOLIDAY_CALL: "Nous sommes fermés pour ce jour férié.",
        NOT_SERVED_CALL: "Personne n’a pu prendre votre appel à temps. Merci de rappeler plus tard. Au revoir.",
        TROUBLE: "Un incident est survenu chez nous. Nous vous mettons en relation avec une personne.",
        PLEASE_WAIT: "Merci de patienter, nous vous mettons en relation.",
    },
}

STAFF: Mapping[str, Mapping[str, str]] = {
    "en": {
        RETURNED: "Back to the queue at its original place: {name} lost the connection.",
        NOT_SERVED: "Not served ({reason}).",
        TROUBLE: "The flow {flow} could not go on ({reason}); the contact was put through to the fallback queue.",
    },
    "fr": {
        RETURNED: "Remis dans la file à sa place d’origine : {name} a perdu la connexion.",
        NOT_SERVED: "Non servi ({reason}).",
        TROUBLE: "Le parcours {flow} n’a pas pu continuer ({reason}) ; le contact est passé dans la file de secours.",
    },
}
"""Notes, in the language of the staff."""


def of_calls(code: str, own: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The words for `code` in every language, the firm's `own` first; empty where neither has any."""
    found = {}
    for language in LANGUAGES:
        wording = own.get(language, {}).get(code) or DEFAULT[language].get(code)
        if wording:
            found[language] = wording
    return found


def line(code: str, language: str | None, own: Mapping[str, Mapping[str, str]] | None = None, **values: str) -> str:
    """The line for `code`, the firm's `own` wording first."""
    short = nearest(language)
    wording = (own or {}).get(short, {}).get(code) or DEFAULT[short][code]
    return _filled(wording, values)


def staff_line(code: str, language: str | None, **values: str) -> str:
    """The note for `code`."""
    return _filled(STAFF[nearest(language)][code], values)


def _filled(wording: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        wording = wording.replace("{" + name + "}", value)
    return wording

"""What the customer's page says, in both languages, and how it says a day. Pure."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from parlons.kit.clock import to_datetime
from parlons.kit.languages import nearest

LINES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Your page",
        "hello": "Hello {name}",
        "for": "at {firm}",
        "skip": "Go to the content",
        "requests": "Your requests",
        "no-requests": "Nothing of yours is open.",
        "of": "{what} of {day}",
        "state-waiting": "Waits for an adviser",
        "state-with": "An adviser has it",
        "state-answered": "We have answered",
        "state-parked": "Set aside until {day}",
        "add": "Add a message",
        "message": "Your message",
        "send": "Send",
        "appointments": "Your appointments",
        "no-appointments-yet": "No appointment to come.",
        "book": "Book an appointment",
        "move": "Move",
        "cancel": "Cancel the appointment",
        "about": "What it is about",
        "optional": "optional",
        "free": "Free times",
        "earlier": "Earlier days",
        "later": "Later days",
        "none-free": "Nothing is free on these days.",
        "choose": "Choose a time",
        "confirm-book": "Book this time",
        "confirm-move": "Move to this time",
        "back": "Back to your page",
        "now": "At present: {when}",
        "zone": "Times are those of {zone}.",
        "length": "{minutes} min",
        "call": "Be called",
        "call-number": "Number",
        "call-when": "When",
        "call-soonest": "As soon as possible",
        "call-ask": "Ask for a call",
        "call-waiting": "We call you: {when}",
        "call-take-back": "I need no call any more",
        "call-no-number": "We know no telephone number of yours. Write it to us in a message.",
        "preferences": "Your preferences",
        "language": "Language",
        "channel": "How we write to you",
        "no-preference": "No preference",
        "save": "Save",
        "consents": "What you agree to",
        "consents-text": "A withdrawal holds at once. You may take it back at any time.",
        "messages-to": "Messages to {address}",
        "purpose-marketing": "Offers and news",
        "purpose-surveys": "Questions about your satisfaction",
        "purpose-reminders": "Reminders of appointments",
        "allowed": "Allowed",
        "stopped": "Not allowed",
        "stop": "Withdraw",
        "allow": "Allow",
        "history": "What was",
        "no-history": "Nothing yet.",
        "ended": "ended on {day}",
        "apt-past": "Appointment of {day}",
        "apt-cancelled": "cancelled",
        "apt-kept": "kept",
        "apt-missed": "missed",
        "apt-booked": "",
        "apt-changed": "",
        "remind-subject": "Your appointment",
        "remind-bare": "Reminder: your appointment with {firm}: {when}.",
        "remind": "Reminder: your appointment with {firm}: {when}. Move or cancel it: {link}",
        "link-message": "Your page, with your requests and appointments: {url}",
        "link-until": "This link works until {day}. Pass it to nobody: whoever has it sees this page.",
        "said-message": "Your message has reached us.",
        "said-book": "Your appointment is booked.",
        "said-move": "Your appointment is moved.",
        "said-cancel": "Your appointment is cancelled.",
        "said-preferences": "Your preferences are kept.",
        "said-consent": "This is kept, and holds from now on.",
        "said-call": "We will call you.",
        "said-uncall": "You will not be called.",
        "fault": "This did not work. Try again.",
        "fault-slot-taken": "This time is no longer free. Choose another.",
        "fault-slots-unknown": "The calendar does not answer now. Try again later.",
        "fault-no-appointments": "Appointments cannot be booked here.",
        "fault-too-many-appointments": "You have as many appointments to come as one may have. Cancel one, or write to us.",
        "fault-appointment-changed": "This appointment was changed meanwhile.",
        "fault-empty-message": "Write a message, then send.",
        "fault-message-too-long": "This message is too long.",
        "fault-unknown-request": "This request is no longer open.",
        "fault-choose": "Choose a time first.",
        "fault-call-asked-already": "You have asked for a call already.",
        "fault-no-call-then": "Nobody calls at that time. Choose another.",
        "fault-no-calls-here": "Calls cannot be asked for here.",
        "fault-unknown-number": "Choose one of your numbers.",
        "often-title": "One moment, please",
        "often": "Too many tries in a short time. Try again in a minute.",
        "over-title": "This link no longer works",
        "over": "It has expired, was withdrawn, or is not complete. Ask us for a new one: write "
        "to us as you did before, or call us.",
        "ch-voice": "Call",
        "ch-webchat": "Chat",
        "ch-email": "E-mail",
        "ch-sms": "Text message",
        "ch-whatsapp": "WhatsApp",
        "ch-other": "Message",
    },
    "fr": {
        "title": "Votre page",
        "hello": "Bonjour {name}",
        "for": "chez {firm}",
        "skip": "Aller au contenu",
        "requests": "Vos demandes",
        "no-requests": "Aucune demande n’est en cours.",
        "of": "{what} du {day}",
        "state-waiting": "En attente d’un conseiller",
        "state-with": "Un conseiller s’en occupe",
        "state-answered": "Nous vous avons répondu",
        "state-parked": "Mise de côté jusqu’au {day}",
        "add": "Ajouter un message",
        "message": "Votre message",
        "send": "Envoyer",
        "appointments": "Vos rendez-vous",
        "no-appointments-yet": "Aucun rendez-vous à venir.",
        "book": "Prendre un rendez-vous",
        "move": "Déplacer",
        "cancel": "Annuler le rendez-vous",
        "about": "Objet",
        "optional": "facultatif",
        "free": "Horaires libres",
        "earlier": "Jours précédents",
        "later": "Jours suivants",
        "none-free": "Aucun horaire n’est libre ces jours-là.",
        "choose": "Choisissez un horaire",
        "confirm-book": "Prendre cet horaire",
        "confirm-move": "Déplacer à cet horaire",
        "back": "Retour à votre page",
        "now": "Actuellement : {when}",
        "zone": "Les heures sont celles de {zone}.",
        "length": "{minutes} min",
        "call": "Être appelé",
        "call-number": "Numéro",
        "call-when": "Quand",
        "call-soonest": "Dès que possible",
        "call-ask": "Demander un appel",
        "call-waiting": "Nous vous appelons : {when}",
        "call-take-back": "Je n’ai plus besoin d’appel",
        "call-no-number": "Nous ne connaissons aucun numéro de téléphone à votre nom. Indiquez-le-nous dans un message.",
        "preferences": "Vos préférences",
        "language": "Langue",
        "channel": "Comment nous vous écrivons",
        "no-preference": "Sans préférence",
        "save": "Enregistrer",
        "consents": "Vos accords",
        "consents-text": "Un retrait vaut immédiatement. Vous pouvez revenir dessus à tout moment.",
        "messages-to": "Messages à {address}",
        "purpose-marketing": "Offres et nouvelles",
        "purpose-surveys": "Questions sur votre satisfaction",
        "purpose-reminders": "Rappels de rendez-vous",
        "allowed": "Accepté",
        "stopped": "Refusé",
        "stop": "Retirer mon accord",
        "allow": "Accepter",
        "history": "Historique",
        "no-history": "Rien pour le moment.",
        "ended": "terminée le {day}",
        "apt-past": "Rendez-vous du {day}",
        "apt-cancelled": "annulé",
        "apt-kept": "honoré",
        "apt-missed": "manqué",
        "apt-booked": "",
        "apt-changed": "",
        "remind-subject": "Votre rendez-vous",
        "remind-bare": "Rappel : votre rendez-vous chez {firm}, le {when}.",
        "remind": "Rappel : votre rendez-vous chez {firm}, le {when}. Le déplacer ou l’annuler : {link}",
        "link-message": "Votre page, avec vos demandes et vos rendez-vous : {url}",
        "link-until": "Ce lien est valable jusqu’au {day}. Ne le transmettez à personne : qui le possède voit cette page.",
        "said-message": "Votre message nous est parvenu.",
        "said-book": "Votre rendez-vous est pris.",
        "said-move": "Votre rendez-vous est déplacé.",
        "said-cancel": "Votre rendez-vous est annulé.",
        "said-preferences": "Vos préférences sont enregistrées.",
        "said-consent": "C’est noté, et cela vaut dès maintenant.",
        "said-call": "Nous vous appellerons.",
        "said-uncall": "Vous ne serez pas appelé.",
        "fault": "Cela n’a pas fonctionné. Réessayez.",
        "fault-slot-taken": "Cet horaire n’est plus libre. Choisissez-en un autre.",
        "fault-slots-unknown": "L’agenda ne répond pas actuellement. Réessayez plus tard.",
        "fault-no-appointments": "Les rendez-vous ne se prennent pas ici.",
        "fault-too-many-appointments": "Vous avez autant de rendez-vous à venir qu’il est possible. Annulez-en un, ou "
        "écrivez-nous.",
        "fault-appointment-changed": "Ce rendez-vous a été modifié entre-temps.",
        "fault-empty-message": "Écrivez un message, puis envoyez.",
        "fault-message-too-long": "Ce message est trop long.",
        "fault-unknown-request": "Cette demande n’est plus en cours.",
        "fault-choose": "Choisissez d’abord un horaire.",
        "fault-call-asked-already": "Vous avez déjà demandé un appel.",
        "fault-no-call-then": "Personne n’appelle à cette heure. Choisissez-en une autre.",
        "fault-no-calls-here": "Les appels ne se demandent pas ici.",
        "fault-unknown-number": "Choisissez l’un de vos numéros.",
        "often-title": "Un instant, s’il vous plaît",
        "often": "Trop d’essais en peu de temps. Réessayez dans une minute.",
        "over-title": "Ce lien ne fonctionne plus",
        "over": "Il a expiré, a été retiré ou n’est pas complet. Demandez-nous-en un nouveau : "
        "écrivez-nous comme auparavant, ou appelez-nous.",
        "ch-voice": "Appel",
        "ch-webchat": "Discussion",
        "ch-email": "Courriel",
        "ch-sms": "SMS",
        "ch-whatsapp": "WhatsApp",
        "ch-other": "Message",
    },
}
SAID = frozenset(code for code in LINES["en"] if code.startswith("said-"))
FAULTS = frozenset(code for code in LINES["en"] if code.startswith("fault"))
_MONTHS = {
    "en": "January February March April May June July August September October November December".split(),  # noqa: SIM905
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),  # noqa: SIM905
}
_DAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),  # noqa: SIM905
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche".split(),  # noqa: SIM905
}


def line(code: str, language: str, **values: object) -> str:
    """One of our lines."""
    return LINES[nearest(language)][code].format(**values)


def fault(code: str, language: str) -> str:
    """What is said of a refusal; those without words of their own have one for all."""
    known = f"fault-{code}"
    return line(known if known in FAULTS else "fault", language)


def local(at: int, zone: str) -> datetime:
    """A moment on the clocks of a zone."""
    return to_datetime(at).astimezone(ZoneInfo(zone))


def day(at: int, zone: str, language: str) -> str:
    """3 March 2026, 1er mars 2026."""
    when, language = local(at, zone), nearest(language)
    number = "1er" if language == "fr" and when.day == 1 else str(when.day)
    return f"{number} {_MONTHS[language][when.month - 1]} {when.year}"


def weekday(at: int, zone: str, language: str) -> str:
    """Tuesday 3 March 2026."""
    return f"{_DAYS[nearest(language)][local(at, zone).weekday()]} {day(at, zone, language)}"


def time(at: int, zone: str, language: str) -> str:
    """14:30, 14 h 30."""
    when = local(at, zone)
    return (
        f"{when.hour}\u00a0h\u00a0{when.minute:02d}"
        if nearest(language) == "fr"
        else f"{when.hour:02d}:{when.minute:02d}"
    )


def moment(at: int, zone: str, language: str) -> str:
    """Tuesday 3 March 2026, 14:30."""
    return f"{weekday(at, zone, language)}, {time(at, zone, language)}"


def channel(name: str, language: str) -> str:
    """What a channel is called."""
    code = f"ch-{name}"
    return line(code, language) if code in LINES["en"] else line("ch-other", language)


def masked(kind: str, value: str) -> str:
    """An address so that its owner knows it and nobody else learns it."""
    if kind == "email":
        name, _, host = value.partition("@")
        return f"{name[:2]}…@{host}"
    return f"{value[:3]}…{value[-2:]}" if len(value) > 6 else "…"

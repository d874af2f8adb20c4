"""Prompts that come with every installation: the words in both languages, and which recordings of Debian's say them.

The recordings are people's voices (Allison Smith in English, June Wallack in French, CC-BY-SA-3.0), installed by Debian's
packages `asterisk-core-sounds-en-wav` and `-fr-wav`; nothing of them stands in the product. A name may take an argument
behind a colon: `position:3`, `number:42`, `digits:0612`, `time:14:30`, `date:2026-11-22`, `wait:3-5` (minutes).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

from parlons.voice.calls import prompts_numbers as numbers
from parlons.voice.calls.script import Words

SOUNDS = Path("/usr/share/asterisk/sounds")
PACKAGES: Mapping[str, str] = {"en": "asterisk-core-sounds-en-wav", "fr": "asterisk-core-sounds-fr-wav"}
_FOLDERS: Mapping[str, tuple[str, ...]] = {"en": ("en_US_f_Allison", "en"), "fr": ("fr_CA_f_June", "fr")}
"""Debian's folders first, then those a person may have made by hand."""
Pieces = list[str] | None


@dataclass(frozen=True, slots=True)
class Shipped:
    """A prompt that needs no upload."""

    en: str
    fr: str
    pieces_en: tuple[str, ...] = ()
    pieces_fr: tuple[str, ...] = ()

    def words(self, language: str) -> str:
        """What is said."""
        return self.fr if language == "fr" else self.en

    def pieces(self, language: str) -> Pieces:
        """The recordings that say exactly that; None where nobody recorded it."""
        return list(self.pieces_fr if language == "fr" else self.pieces_en) or None


def _both(en: str, fr: str, *pieces: str) -> Shipped:
    return Shipped(en, fr, pieces, pieces)


SHIPPED: Mapping[str, Shipped] = {
    "hello": _both("Hello.", "Bonjour.", "hello"),
    "goodbye": _both("Goodbye.", "Au revoir.", "goodbye"),
    "thank-you": _both("Thank you for your patience.", "Merci de votre patience.", "queue-thankyou"),
    "one-moment": _both("One moment, please.", "Un moment, s’il vous plaît.", "one-moment-please"),
    "connecting": _both(
        "Please hold while we try to connect you.",
        "Veuillez patienter pendant que l’on achemine votre appel.",
        "pls-hold-while-try",
    ),
    "all-busy": _both(
        "All of our representatives are currently busy. Please stay on the line, and your call will be answered by the "
        "next available representative.",
        "Tous nos représentants sont présentement occupés. Veuillez demeurer en ligne et le prochain représentant "
        "disponible vous répondra sous peu.",
        "queue-periodic-announce",
    ),
    "next": _both(
        "Your call is now first in line, and will be answered by the next available representative.",
        "Votre appel sera le prochain à être traité.",
        "queue-youarenext",
    ),
    "nobody": Shipped(
        "Nobody is available to take your call at the moment.",
        "Personne n’est en mesure de prendre votre appel en ce moment.",
        ("vm-nobodyavail",),
        ("vm-nobodyavail",),
    ),
    "leave-message": _both(
        "Please leave your message after the tone. When done, hang up or press the pound key.",
        "Veuillez laisser votre message après le bip sonore. Lorsque vous aurez terminé, veuillez raccrocher ou appuyer "
        "sur dièse.",
        "vm-intro",
    ),
    "message-kept": _both("Your message has been saved.", "Votre message a été sauvegardé.", "vm-msgsaved"),
    "sorry": _both("I’m sorry.", "Je suis désolée.", "im-sorry"),
    "try-again": _both("Please try again.", "Veuillez essayer de nouveau.", "please-try-again"),
    "try-later": _both(
        "Please try your call again later.", "Veuillez essayer votre appel plus tard.", "please-try-call-later"
    ),
    "trouble": _both(
        "All circuits are busy now. Please try your call again later.",
        "Toutes les lignes sont occupées pour l’instant. Veuillez essayer votre appel plus tard.",
        "all-circuits-busy-now",
        "please-try-call-later",
    ),
    "not-understood": _both(
        "I’m sorry, I did not understand your response.", "Désolée, je n’ai pas bien compris votre réponse.", "vm-sorry"
    ),
    "beep": _both("(A beep.)", "(Un bip.)", "beep"),
    "closed": Shipped(
        "We are closed at the moment. Please call again during our opening hours.",
        "Nous sommes fermés en ce moment. Veuillez rappeler pendant nos heures d’ouverture.",
    ),
    "recorded-notice": Shipped(
        "This call is recorded.",
        "Cet appel est enregistré.",
    ),
    "agent-on-a-call": Shipped(
        "The person you are writing with is on another call. Please hold: you will be connected as soon as they are free.",
        "La personne avec qui vous échangez est déjà en ligne. Restez en ligne : vous lui parlerez dès qu’elle sera libre.",
    ),
    "chat-waits": Shipped(
        "Nobody has taken your chat yet. Please hold: who takes it will talk to you.",
        "Votre message attend encore un conseiller. Restez en ligne : qui le prendra vous parlera.",
    ),
    "callback-offer": Shipped(
        "To be called back without losing your place, press 1.",
        "Pour être rappelé sans perdre votre place, appuyez sur 1.",
    ),
    "no-emergency": Shipped(
        "Emergency numbers cannot be called from here. Use another telephone at once.",
        "Les numéros d’urgence ne peuvent pas être appelés d’ici. Utilisez tout de suite un autre téléphone.",
    ),
}
"""By name. Queue phrases in French are Canada's, as recorded."""


def shipped_pieces(prompt: str, language: str) -> Pieces:
    """The recordings for a prompt's name; None when there is no such prompt, or nobody recorded it in this language."""
    name, colon, argument = prompt.partition(":")
    if colon:
        try:
            return _COMPOSED[name](argument, language) if name in _COMPOSED else None
        except ValueError:
            return None
    found = SHIPPED.get(name)
    return found.pieces(language) if found else None


def recordings(pieces: list[str], language: str, root: Path = SOUNDS) -> list[Path] | None:
    """The files; None when one of them is not on this machine."""
    for folder in _FOLDERS.get(language, ()):
        found = [root / folder / f"{piece}.wav" for piece in pieces]
        if all(path.is_file() for path in found):
            return found
    return None


def installed(language: str, root: Path = SOUNDS) -> bool:
    """Whether the package of a language is here."""
    return recordings(["queue-thankyou", "digits/1"], language, root) is not None


# --- what CALLS says ---------------------------------------------------------------------------------------------------


def say(name: str, language: str) -> Words:
    """A shipped prompt as words. KeyError for a name that is not shipped."""
    return Words(text=SHIPPED[name].words(language), language=language, prompt=name)


def position(place: int, language: str) -> Words:
    """A caller's place; the first is told that he is next."""
    if place <= 1:
        return say("next", language)
    text = f"Vous êtes l’appelant numéro {place}." if language == "fr" else f"You are caller number {place}."
    return Words(text=text, language=language, prompt=f"position:{place}")


def wait(low_minutes: int, high_minutes: int, language: str) -> Words:
    """How long it will take, as a range."""
    if language == "fr":
        text = f"Le temps d’attente est évalué à {low_minutes} à {high_minutes} minutes."
    else:
        text = f"The estimated waiting time is {low_minutes} to {high_minutes} minutes."
    return Words(text=text, language=language, prompt=f"wait:{low_minutes}-{high_minutes}")


def key(digit: str, language: str) -> Words:
    """One key or several, one by one."""
    return Words(text=digit, language=language, prompt=f"digits:{digit}")


def _position(argument: str, language: str) -> Pieces:
    place = numbers.number(int(argument), language)
    return None if place is None else ["queue-thereare", *place, "queue-callswaiting"]


def _wait(argument: str, language: str) -> Pieces:
    """French only: its "à" is recorded (as of a time). English has no "to", and no language a feminine "une minute"."""
    low, high = (int(part) for part in argument.split("-"))
    first, last = numbers.number(low, language), numbers.number(high, language)
    if language != "fr" or first is None or last is None or any(one % 10 == 1 and one != 11 for one in (low, high)):
        return None
    return ["queue-holdtime", *first, "digits/at", *last, "queue-minutes"]


_COMPOSED: Mapping[str, Callable[[str, str], Pieces]] = {
    "position": _position,
    "wait": _wait,
    "number": lambda argument, language: numbers.number(int(argument), language),
    "digits": numbers.digits,
    "time": lambda argument, language: numbers.time_of_day(time.fromisoformat(argument), language),
    "date": lambda argument, language: numbers.day(date.fromisoformat(argument), language),
}

"""What the customer and the staff read about surveys, besides the question itself, in both languages. Pure."""

from collections.abc import Mapping, Sequence

from parlons.kit.languages import nearest
from parlons.surveys.model import SCALES, Invitation, Kind, Words, range_of, spoken

_ENDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "en": {
        "csat": ("very unhappy", "very happy"),
        "nps": ("not at all likely", "very likely"),
        "ces": ("very hard", "very easy"),
    },
    "fr": {
        "csat": ("pas du tout satisfait", "très satisfait"),
        "nps": ("pas du tout probable", "très probable"),
        "ces": ("très difficile", "très facile"),
    },
}
"""What lowest and highest mean."""
LINES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "number": "Answer with a number from {low} ({worst}) to {high} ({best}).",
        "scale": "{low} is {worst}, {high} is {best}.",
        "pick": "Answer with the number of your choice:",
        "link": "Your answer takes a moment: {url}",
        "thanks": "Thank you for your answer.",
        "note": "Survey “{name}”: {answer}.",
        "noted-again": "Survey “{name}”, answer changed: {answer}.",
        "in-words": "answered in words",
        "of": "{score} of {high}",
        "said": "Said with it: {comment}",
        "title": "Your opinion",
        "send": "Send",
        "change": "Change my answer",
        "comment": "Your answer",
        "optional": "optional",
        "changeable": "You may change it for another {minutes} min.",
        "already": "Your answer has been received and can no longer be changed.",
        "missing": "Choose an answer, then send.",
        "missing-words": "Write an answer, then send.",
        "too-long": "Your answer is longer than {limit} characters.",
        "over-title": "This link has expired",
        "over": "The time for answering is over. Thank you for having wanted to.",
        "unknown-title": "This link does not work",
        "unknown": "It is not complete, or it was never made. Open it again from our message.",
        "often-title": "One moment, please",
        "often": "Too many tries in a short time. Try again in a minute.",
    },
    "fr": {
        "number": "Répondez par un chiffre de {low} ({worst}) à {high} ({best}).",
        "scale": "{low} : {worst}, {high} : {best}.",
        "pick": "Répondez par le numéro de votre choix :",
        "link": "Répondre prend un instant : {url}",
        "thanks": "Merci pour votre réponse.",
        "note": "Enquête « {name} » : {answer}.",
        "noted-again": "Enquête « {name} », réponse modifiée : {answer}.",
        "in-words": "réponse rédigée",
        "of": "{score} sur {high}",
        "said": "Précisé : {comment}",
        "title": "Votre avis",
        "send": "Envoyer",
        "change": "Modifier ma réponse",
        "comment": "Votre réponse",
        "optional": "facultatif",
        "changeable": "Vous pouvez encore la modifier pendant {minutes} min.",
        "already": "Votre réponse a été reçue et ne peut plus être modifiée.",
        "missing": "Choisissez une réponse, puis envoyez.",
        "missing-words": "Écrivez une réponse, puis envoyez.",
        "too-long": "Votre réponse dépasse {limit} caractères.",
        "over-title": "Ce lien a expiré",
        "over": "Le délai de réponse est passé. Merci d’avoir voulu répondre.",
        "unknown-title": "Ce lien ne fonctionne pas",
        "unknown": "Il est incomplet ou n’a jamais existé. Ouvrez-le à nouveau depuis notre message.",
        "often-title": "Un instant, s’il vous plaît",
        "often": "Trop d’essais en peu de temps. Réessayez dans une minute.",
    },
}


def line(code: str, language: str, **values: object) -> str:
    """One of our lines."""
    return LINES[nearest(language)][code].format(**values)


def ends(kind: Kind, language: str) -> tuple[str, str]:
    """What lowest and highest of a scale mean."""
    return _ENDS[nearest(language)][kind]


def labels(kind: Kind, words: Words, language: str) -> list[str]:
    """The answers one may choose, from the lowest up; none for an answer in words."""
    if kind == "choice":
        return [spoken(each, language) for each in words.choices]
    low, high = SCALES.get(kind, (0, -1))
    return [str(score) for score in range(low, high + 1)]


def asked(kind: Kind, words: Words, language: str, *, how: str, url: str = "") -> str:
    """The message that asks."""
    question = spoken(words.question, language)
    if how == "page":
        return f"{question}\n{line('link', language, url=url)}"
    if kind == "choice":
        if how == "buttons":
            return question
        listed = [f"{number}. {label}" for number, label in enumerate(labels(kind, words, language), 1)]
        return "\n".join([question, line("pick", language), *listed])
    low, high = SCALES[kind]
    worst, best = ends(kind, language)
    code = "scale" if how == "buttons" else "number"
    return f"{question}\n{line(code, language, low=low, high=high, worst=worst, best=best)}"


def question(one: Invitation) -> str:
    """The question alone, for an answer in words."""
    return spoken(one.words.question, one.language)


def thanks(words: Words, language: str) -> str:
    """What is said to an answer."""
    return spoken(words.thanks, language) if words.thanks else line("thanks", language)


def note(name: str, kind: Kind, words: Words, language: str, *, score: int | None, comment: str, again: bool) -> str:
    """The answer as the staff reads it in the conversation."""
    limits = range_of(kind, words)
    if score is None or limits is None:
        answer = line("in-words", language)
    elif kind == "choice":
        answer = labels(kind, words, language)[score - 1]
    else:
        answer = line("of", language, score=score, high=limits[1])
    told = line("noted-again" if again else "note", language, name=name, answer=answer)
    return "\n".join([told, line("said", language, comment=comment)]) if comment else told


def choices(kind: Kind, words: Words, language: str) -> Sequence[tuple[int, str]]:
    """Each answer with its label."""
    limits = range_of(kind, words)
    return [] if limits is None else list(enumerate(labels(kind, words, language), limits[0]))

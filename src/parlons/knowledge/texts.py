"""What the public pages say besides the articles, in both languages. Pure."""

from collections.abc import Mapping
from datetime import date

from parlons.kit.languages import nearest
from parlons.kit.when import day_of

LINES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "help": "Help centre",
        "title": "Help centre of {firm}",
        "about": "Answers of {firm}: search, or choose a section.",
        "skip": "Go to the content",
        "search": "Search the help centre",
        "go": "Search",
        "others": "Other articles",
        "all": "All {count} articles",
        "home": "Start",
        "path": "Where you are",
        "languages": "Languages",
        "results": "Results for “{query}”",
        "found-one": "1 article",
        "found": "{count} articles",
        "corrected": "Nothing was found for “{query}”. This is what was found for “{corrected}”.",
        "nothing": "Nothing was found for “{query}”.",
        "nothing-help": "Try other or fewer words, or ask us.",
        "empty": "There are no articles yet.",
        "updated": "Updated on {date}",
        "helpful": "Was this article helpful?",
        "yes": "Yes",
        "no": "No",
        "thanks": "Thank you for your answer.",
        "more": "What should this article say? (optional)",
        "more-help": "No names or numbers, please: nobody answers here.",
        "send": "Send",
        "noted": "Thank you, we have noted it.",
        "contact": "Still a question?",
        "chat": "Chat with us",
        "mail": "Write to us",
        "call": "Call us: {phone}",
        "unknown-title": "This page is not here",
        "unknown": "It was moved or removed, or its address is not complete.",
        "often-title": "One moment, please",
        "often": "Too many tries in a short time. Try again in a minute.",
    },
    "fr": {
        "help": "Centre d’aide",
        "title": "Centre d’aide de {firm}",
        "about": "Les réponses de {firm} : cherchez, ou choisissez une rubrique.",
        "skip": "Aller au contenu",
        "search": "Chercher dans le centre d’aide",
        "go": "Chercher",
        "others": "Autres articles",
        "all": "Les {count} articles",
        "home": "Accueil",
        "path": "Où vous êtes",
        "languages": "Langues",
        "results": "Résultats pour « {query} »",
        "found-one": "1 article",
        "found": "{count} articles",
        "corrected": "Rien n’a été trouvé pour « {query} ». Voici ce qui l’a été pour « {corrected} ».",
        "nothing": "Rien n’a été trouvé pour « {query} ».",
        "nothing-help": "Essayez d’autres mots, ou moins de mots, ou posez-nous la question.",
        "empty": "Il n’y a pas encore d’articles.",
        "updated": "Mis à jour le {date}",
        "helpful": "Cet article vous a-t-il aidé ?",
        "yes": "Oui",
        "no": "Non",
        "thanks": "Merci pour votre réponse.",
        "more": "Que devrait dire cet article ? (facultatif)",
        "more-help": "Ni noms ni numéros, s’il vous plaît : personne ne répond ici.",
        "send": "Envoyer",
        "noted": "Merci, c’est noté.",
        "contact": "Encore une question ?",
        "chat": "Discuter avec nous",
        "mail": "Nous écrire",
        "call": "Nous appeler : {phone}",
        "unknown-title": "Cette page n’est pas ici",
        "unknown": "Elle a été déplacée ou retirée, ou son adresse n’est pas complète.",
        "often-title": "Un instant, s’il vous plaît",
        "often": "Trop d’essais en peu de temps. Réessayez dans une minute.",
    },
}
NAMES = {"en": "English", "fr": "Français"}
"""Of the languages, each in itself."""


def line(code: str, language: str, **values: object) -> str:
    """One of our lines."""
    return LINES[nearest(language)][code].format(**values)


def day(iso: str, language: str) -> str:
    """The date of a moment: 3 March 2026, 3 mars 2026."""
    return day_of(date.fromisoformat(iso[:10]), language)


def counted(count: int, language: str) -> str:
    """How many articles."""
    return line("found-one" if count == 1 else "found", language, count=count)

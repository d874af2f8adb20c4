"""Who plays in the demo: practice customers and agents, what they talk about and how. All names are fictional."""

import random
from dataclasses import dataclass

FRENCH_NAMES = (
    "Claire Rousseau", "Julien Petit", "Nora Belkacem", "Marc Lefort", "Léa Martin", "Yann Kervella", "Inès Laurent",
    "Hugo Lemaire", "Camille Aubry", "Samir Haddad", "Manon Girard", "Éric Noël", "Sophie Vidal", "Tom Weber",
)  # fmt: skip
ENGLISH_NAMES = (
    "Emma Whitfield", "David Okafor", "Rose Taylor", "Liam Byrne", "Grace Hall", "Oliver Shaw", "Amelia Reid",
    "Noah Clarke", "Isla Grant", "Jack Morris", "Mia Fletcher", "Oscar Webb",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Topic:
    """A matter a practice customer writes about."""

    key: str
    """The skill it needs; also the `topic` attribute of the task."""
    page: str
    """Path of the shop page the customer looks at."""
    title: str
    share: float
    """How often it is chosen, relative to the others."""


TOPICS = (
    Topic("sales", "/shop/cars/solene-5-hybride", "Solène 5 Hybride", 5.0),
    Topic("sales", "/shop/cars/vela-3", "Vela 3", 3.0),
    Topic("financing", "/shop/financing", "Financing", 2.5),
    Topic("workshop", "/shop/workshop", "Workshop", 2.0),
)

# Question first, then the lines a customer has ready for each answer; agents draw from ANSWERS by the same key.
QUESTIONS = {
    ("sales", "fr"): (
        "Bonjour, la Solène 5 hybride est-elle toujours disponible ?",
        "Vous reprenez les véhicules ? J’ai une Vela 2 de 2019.",
        "Est-ce que je peux l’essayer samedi ?",
    ),
    ("sales", "en"): (
        "Hello, is the Solène 5 hybrid still available?",
        "Do you take part exchange? I have a 2019 Vela 2.",
        "Could I test drive it on Saturday?",
    ),
    ("financing", "fr"): (
        "Bonjour, quelle serait la mensualité sur 36 mois avec 4 000 € d’apport ?",
        "Et sans apport ?",
        "Quels documents faut-il fournir ?",
    ),
    ("financing", "en"): (
        "Hi, what would the monthly payment be over 36 months with €4,000 down?",
        "And with nothing down?",
        "Which papers do you need?",
    ),
    ("workshop", "fr"): (
        "Bonjour, je voudrais un rendez-vous pour une révision.",
        "Plutôt le matin si possible.",
        "Vous prêtez une voiture pendant ce temps ?",
    ),
    ("workshop", "en"): (
        "Hello, I would like to book a service.",
        "In the morning if possible.",
        "Do you lend a car meanwhile?",
    ),
}
ANSWERS = {
    ("sales", "fr"): (
        "Bonjour ! Oui, elle est en parc à Toulouse Nord, révisée la semaine dernière.",
        "Oui, nous reprenons. Pour une Vela 2 de 2019, comptez 8 200 à 9 100 €.",
        "Avec plaisir. Samedi 10 h 30 ou 14 h ? L’essai dure 30 minutes.",
    ),
    ("sales", "en"): (
        "Hello! Yes, it is at our north site, serviced last week.",
        "We do. For a 2019 Vela 2 expect €8,200 to €9,100.",
        "With pleasure. Saturday 10:30 or 14:00? The drive takes 30 minutes.",
    ),
    ("financing", "fr"): (
        "Bonjour, sur 36 mois avec 4 000 € d’apport : environ 583 € par mois.",
        "Sans apport, environ 703 € par mois.",
        "Une pièce d’identité, un justificatif de domicile et trois bulletins de salaire.",
    ),
    ("financing", "en"): (
        "Hi, over 36 months with €4,000 down: about €583 a month.",
        "With nothing down, about €703 a month.",
        "An identity card, proof of address and three pay slips.",
    ),
    ("workshop", "fr"): (
        "Bonjour, bien sûr. Quel modèle et quel kilométrage ?",
        "Mardi à 8 h 30 vous conviendrait ?",
        "Oui, sur demande : je vous en réserve une.",
    ),
    ("workshop", "en"): (
        "Hello, of course. Which model and mileage?",
        "Would Tuesday at 8:30 suit you?",
        "Yes, on request: I will keep one for you.",
    ),
}
THANKS = {"fr": "Parfait, merci beaucoup !", "en": "Perfect, thank you very much!"}
FAREWELL = {"fr": "Avec plaisir. Bonne journée !", "en": "You are welcome. Have a good day!"}


def answer_to(question: str, said: int, language: str) -> str:
    """The next line of an agent who has said `said` lines to whoever began with `question`."""
    for key, lines in QUESTIONS.items():
        if question in lines:
            return ANSWERS[key][min(said, len(ANSWERS[key]) - 1)]
    return ANSWERS["sales", language][min(said, 2)]


def pick_topic(chance: random.Random) -> Topic:
    """A topic, by its share."""
    return chance.choices(TOPICS, weights=[topic.share for topic in TOPICS])[0]


def pick_name(chance: random.Random, language: str) -> str:
    """A customer's name in a language."""
    return chance.choice(FRENCH_NAMES if language == "fr" else ENGLISH_NAMES)

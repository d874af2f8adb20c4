"""The kinds of steps that a text may use: the built-in ones, and those that a room adds. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec.structs import fields as struct_fields

from parlons.flows.model import Step
from parlons.flows.steps.articles import Articles
from parlons.flows.steps.asking import Ask
from parlons.flows.steps.asking_systems import Http, LookupCustomer
from parlons.flows.steps.booking import Book
from parlons.flows.steps.bots import Bot, VoiceBot
from parlons.flows.steps.choosing import Branch, OpeningHours, Set
from parlons.flows.steps.ending import Finish, Record
from parlons.flows.steps.proving import Authenticate
from parlons.flows.steps.reaching_people import Callback, Queue, Transfer, Voicemail
from parlons.flows.steps.sending import OneTimeCode, SendMessage
from parlons.flows.steps.surveying import SurveyStep
from parlons.flows.steps.talking import Language, Say
from parlons.flows.steps.understanding import Understand

BUILT_IN: tuple[type[Step], ...] = (
    Say, Ask, Understand, Branch, OpeningHours, Language, Set, Http, LookupCustomer, Authenticate, OneTimeCode, SendMessage,
    Book, Articles, SurveyStep, Bot, VoiceBot, Queue, Callback, Voicemail, Transfer, Record, Finish,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Kinds by the word that `do:` names them with."""

    kinds: dict[str, type[Step]]

    def fields(self, kind: str) -> list[str]:
        """The words a step of this kind may have."""
        return ["do", *(each.encode_name for each in struct_fields(self.kinds[kind]))]


def vocabulary(more: Iterable[type[Step]] = ()) -> Vocabulary:
    """The built-in kinds and `more`; raises ValueError for a word that stands twice."""
    kinds: dict[str, type[Step]] = {}
    for kind in (*BUILT_IN, *more):
        word = str(kind.__struct_config__.tag)
        if word in kinds:
            raise ValueError(f"two kinds of steps are called {word}")
        kinds[word] = kind
    return Vocabulary(kinds)


STANDARD = vocabulary()

"""What a survey is, whom it was put to, and what he answered. Pure values, times in milliseconds UTC.

An **invitation** is one survey put to one customer after one conversation; it keeps the words that were shown, so that an
answer means what was asked, whatever becomes of the survey. Whether one is put at all decides `rules`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from parlons.kit.clock import Millis

Kind = Literal["csat", "nps", "ces", "choice", "text"]
How = Literal["buttons", "numbers", "page", "flow"]
KINDS: tuple[Kind, ...] = ("csat", "nps", "ces", "choice", "text")
SCALES: Mapping[str, tuple[int, int]] = {"csat": (1, 5), "nps": (0, 10), "ces": (1, 7)}
"""Lowest and highest answer. Satisfaction in five steps; likelihood to recommend 0 to 10 (Reichheld 2003); ease in seven."""
MAX_QUESTION, MAX_CHOICE, MAX_CHOICES, MAX_COMMENT = 300, 60, 10, 2000
CHANGES_MS = 3_600_000
"""For so long an answer may be changed."""
Texts = Mapping[str, str]
"""By language."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the customer reads."""

    question: Texts
    choices: tuple[Texts, ...] = ()
    """Of the kind `choice`: answer n is the n-th, from 1."""
    comment: Texts | None = None
    """A second, free question, on the page only; None: it is not asked."""
    thanks: Texts | None = None
    """None: our own words."""

    def json(self) -> dict[str, Any]:
        """As a row holds them."""
        return {
            "question": dict(self.question),
            "choices": [dict(each) for each in self.choices],
            "comment": dict(self.comment) if self.comment else None,
            "thanks": dict(self.thanks) if self.thanks else None,
        }


@dataclass(frozen=True, slots=True)
class Rule:
    """When a survey is put."""

    queue_ids: tuple[str, ...] = ()
    """None: after contacts of every queue."""
    channels: tuple[str, ...] = ()
    """None: every channel but the telephone, whose callers would get a message they did not ask for."""
    share_percent: int = 100
    every_days: int = 30
    """A customer is asked at most once in so many days, by whichever survey."""
    valid_days: int = 14
    active: bool = True


@dataclass(frozen=True, slots=True)
class Survey:
    """A question and its rule."""

    id: str
    workspace_id: str
    firm_id: str | None
    """None: of all firms."""
    name: str
    kind: Kind
    words: Words
    rule: Rule = Rule()


@dataclass(frozen=True, slots=True)
class Invitation:
    """A survey put to a customer, and his answer."""

    id: str
    workspace_id: str
    survey_id: str
    survey_name: str
    kind: Kind
    words: Words
    firm_id: str
    conversation_id: str
    customer_id: str
    queue_id: str | None
    user_id: str | None
    """The agent who had the conversation last."""
    channel: str
    language: str
    how: How
    message_number: int
    """Of the message that asked."""
    disposition_id: str | None
    asked_at: Millis
    expires_at: Millis
    answered_at: Millis | None = None
    changed_at: Millis | None = None
    score: int | None = None
    comment: str = ""


def spoken(texts: Texts, language: str) -> str:
    """The words in this language, or in the first there is."""
    return texts.get(language[:2]) or next(iter(texts.values()), "")


def language_of(words: Words, language: str) -> str:
    """The language in which this is asked: the customer's, if the question has it."""
    short = language[:2]
    return short if short in words.question else next(iter(words.question), "en")


def range_of(kind: Kind, words: Words) -> tuple[int, int] | None:
    """Lowest and highest answer; None: it is answered in words."""
    if kind == "choice":
        return 1, len(words.choices)
    return SCALES.get(kind)

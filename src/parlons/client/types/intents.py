"""What travels: intents. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class Cause(TypedDict):
    phrase: str
    near: str


class ConfusedPair(TypedDict):
    intent: str
    taken_for: str
    share: float
    phrases: list[Cause]


class Consequence(TypedDict):
    at: float
    understood: float
    rejected: float
    wrong: float
    foreign: float


class IntentReport(TypedDict):
    words_alone: bool
    provider: str | None
    phrases: int
    looked_at: int
    threshold: float
    chosen: float
    fixed: float | None
    now: Consequence | None
    curve: list[Consequence]
    intents: list[str]
    matrix: list[list[int]]
    pairs: list[ConfusedPair]


class Learn(TypedDict):
    intent: str
    language: Literal["en", "fr"]
    phrase: str


class Learnt(TypedDict):
    intent: str
    phrases: int
    revision: str | None
    cleared: int


class Missed(TypedDict):
    id: str
    conversation_id: str
    flow_id: str | None
    language: str
    text: str
    intent: str | None
    score: float
    understood: bool
    at: str


class MissedPage(TypedDict):
    items: list[Missed]
    next: str | None


class NearPhrase(TypedDict):
    text: str
    intent: str
    language: str
    near: float


class Score(TypedDict):
    intent: str
    score: float


class Tried(TypedDict):
    intent: str | None
    threshold: float
    language: str | None
    words_alone: bool
    ranking: list[Score]
    nearest: list[NearPhrase]


class Try(TypedDict):
    text: str
    among: NotRequired[list[str] | None]

"""What travels: surveys. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Literal, TypedDict


class Answer(TypedDict):
    id: str
    survey_id: str
    survey: str
    kind: Literal["csat", "nps", "ces", "choice", "text"]
    question: str
    conversation_id: str
    customer_id: str
    firm_id: str
    queue_id: str | None
    user_id: str | None
    channel: str
    language: str
    asked_at: str
    answered_at: str
    changed_at: str | None
    score: int | None
    label: str | None
    comment: str


class Answers(TypedDict):
    items: list[Answer]
    next: str | None


class Figure(TypedDict):
    survey_id: str
    survey: str
    kind: Literal["csat", "nps", "ces", "choice", "text"]
    by: Literal["survey", "firm", "queue", "user", "channel", "language", "day", "week"]
    part: str | None
    name: str | None
    asked: int
    answered: int
    csat_percent: float | None
    nps: float | None
    nps_parts: NpsParts | None
    ces: float | None
    scores: dict[str, int]
    labels: list[dict[str, str]]


class Figures(TypedDict):
    items: list[Figure]


class NpsParts(TypedDict):
    promoters: int
    passives: int
    detractors: int

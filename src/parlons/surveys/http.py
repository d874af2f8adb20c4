"""Surveys over the API: the answers with their filters, and what they come to. Surveys themselves stand in the configuration.

Answers hold words of customers, so they are for those who may read the contacts of others; figures for who sees figures. Both
within one's firms and queues.
"""

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel

from parlons.accounts.http import Observer, database, having
from parlons.accounts.model import Principal
from parlons.accounts.rights import Right
from parlons.kit.clock import to_iso
from parlons.kit.ids import SURVEY, USER
from parlons.kit.pages import DEFAULT_LIMIT, LARGEST_LIMIT, decode_cursor, page_of
from parlons.runtime.asked import Channel, ConversationId, FirmId, QueueId, id_of
from parlons.surveys.figures import By, figures
from parlons.surveys.model import Invitation, Kind, spoken
from parlons.surveys.store import invitation_of, invitations
from parlons.surveys.texts import labels

Json = dict[str, Any]
router = APIRouter(tags=["surveys"])
Reader = Annotated[Principal, Depends(having(Right.READ))]


class Answer(BaseModel):
    id: str
    survey_id: str
    survey: str
    kind: Kind
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
    """The words of the answer that was chosen, for a choice."""
    comment: str


class Answers(BaseModel):
    items: list[Answer]
    next: str | None


class NpsParts(BaseModel):
    promoters: int
    passives: int
    detractors: int


class Figure(BaseModel):
    survey_id: str
    survey: str
    kind: Kind
    by: By
    part: str | None
    """Id of the survey, firm, queue or user, name of the channel, a language, or the first day; None: without one."""
    name: str | None
    """Of the user."""
    asked: int
    answered: int
    csat_percent: float | None
    nps: float | None
    nps_parts: NpsParts | None
    ces: float | None
    scores: dict[str, int]
    """How often each answer was given."""
    labels: list[dict[str, str]]
    """Of a choice: the words of each answer, from 1, by language."""


class Figures(BaseModel):
    items: list[Figure]


class Filters:
    """What narrows answers and figures; times are of the asking, `since` included, `until` not."""

    def __init__(
        self,
        survey_id: Annotated[str | None, id_of(SURVEY)] = None,
        firm_id: FirmId = None,
        queue_id: QueueId = None,
        user_id: Annotated[str | None, id_of(USER)] = None,
        channel: Channel = None,
        language: Annotated[str | None, Query(pattern="^[A-Za-z]{2,3}(-[0-9A-Za-z]{2,8}){0,3}$")] = None,
        conversation_id: ConversationId = None,
        since: AwareDatetime | None = None,
        until: AwareDatetime | None = None,
    ) -> None:
        self._equal = {"survey_id": survey_id, "firm_id": firm_id, "queue_id": queue_id, "user_id": user_id,
                       "channel": channel, "language": language, "conversation_id": conversation_id}  # fmt: skip
        self._since, self._until = since, until

    def where(self, principal: Principal) -> sa.ColumnElement[bool]:
        """The rows asked for that the principal may see."""
        c = invitations.c
        parts = [c.workspace_id == principal.workspace_id]
        parts += [c[name] == value for name, value in self._equal.items() if value is not None]
        if self._since is not None:
            parts.append(c.asked_at >= self._since)
        if self._until is not None:
            parts.append(c.asked_at < self._until)
        if principal.firm_ids is not None:
            parts.append(c.firm_id.in_(principal.firm_ids))
        if principal.queue_ids is not None:
            parts.append(c.queue_id.in_(principal.queue_ids))
        return sa.and_(*parts)


@router.get("/surveys/answers", response_model=Answers)
async def list_answers(
    request: Request,
    principal: Reader,
    filters: Annotated[Filters, Depends()],
    in_words: bool = False,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> Json:
    """The answers of customers, the latest question first; `in_words`: those with words of their own only."""
    c = invitations.c
    query = sa.select(invitations).where(c.tenant_id == principal.tenant_id, c.answered_at.is_not(None))
    query = query.where(filters.where(principal))
    if in_words:
        query = query.where(c.comment != "")
    after = decode_cursor(cursor, str)
    if after is not None:
        query = query.where(c.id < str(after[0]))
    async with database(request).transaction(principal.tenant_id) as tx:
        rows = await tx.fetch_all(query.order_by(c.id.desc()).limit(limit + 1))
    page = page_of([_json(invitation_of(row)) for row in rows], limit, lambda one: (one["id"],))
    return {"items": page.items, "next": page.next}


@router.get("/surveys/figures", response_model=Figures)
async def survey_figures(
    request: Request,
    principal: Observer,
    filters: Annotated[Filters, Depends()],
    by: By = "survey",
    zone: Annotated[str, Query(max_length=64)] = "UTC",
) -> Json:
    """Per survey and `by`: how many were asked and answered, and the satisfied share (CSAT), net promoter score or mean ease
    (CES). `zone`: where days and weeks begin."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return {"items": await figures(tx, by, filters.where(principal), zone=zone)}


def _json(one: Invitation) -> Json:
    same = ("id", "survey_id", "kind", "conversation_id", "customer_id", "firm_id", "queue_id", "user_id", "channel",
            "language", "score", "comment")  # fmt: skip
    chosen = one.kind == "choice" and one.score is not None
    return {
        **{name: getattr(one, name) for name in same},
        "survey": one.survey_name,
        "question": spoken(one.words.question, one.language),
        "label": labels(one.kind, one.words, one.language)[(one.score or 1) - 1] if chosen else None,
        "asked_at": to_iso(one.asked_at),
        "answered_at": to_iso(one.answered_at) if one.answered_at is not None else "",
        "changed_at": to_iso(one.changed_at) if one.changed_at is not None else None,
    }

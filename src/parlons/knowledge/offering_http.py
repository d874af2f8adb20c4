"""Articles beside a conversation, over the API: what is offered for the customer's last words, and what became of it."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field

from parlons.accounts.http import Agent, Body, Observer, database, now
from parlons.conversations.http import permitted
from parlons.knowledge import questions
from parlons.knowledge.http import Id, Named
from parlons.knowledge.model import UnknownArticle
from parlons.knowledge.offering import Offering
from parlons.knowledge.questions import Outcome

Json = dict[str, Any]
router = APIRouter(tags=["knowledge"])


class Settled(Body):
    conversation_id: str = Field(max_length=64, pattern="^[A-Za-z0-9]+$")
    outcome: Outcome
    """Put into an answer, or of no use here; the last word counts."""


@router.get("/article-offers")
async def list_article_offers(request: Request, principal: Agent, conversation_id: Id) -> Json:
    """At most three published articles for the customer's last words, the best first."""
    async with database(request).transaction(principal.tenant_id) as tx:
        found = await permitted(tx, request, principal, "read", conversation_id)
    offering: Offering = request.app.state.offering
    return {"items": await offering.to_agent(principal.tenant_id, found), "next": None}


@router.put("/article-offers/{article_id}", status_code=204)
async def settle_article_offer(article_id: Named, body: Settled, request: Request, principal: Agent) -> None:
    """Say that an article was put into an answer, or is of no use for this conversation; it is not offered there again."""
    async with database(request).transaction(principal.tenant_id) as tx:
        found = await permitted(tx, request, principal, "read", body.conversation_id)
        if not await questions.settle(tx, found, article_id, body.outcome):
            raise UnknownArticle


@router.get("/article-gaps")
async def list_article_gaps(request: Request, principal: Observer) -> Json:
    """What several customers asked and people answered without an article, in the last 30 days, the most frequent first."""
    firm_ids = None if principal.firm_ids is None else sorted(principal.firm_ids)
    async with database(request).transaction(principal.tenant_id) as tx:
        return {"items": await questions.asked_of_people(tx, firm_ids, now(request)), "next": None}

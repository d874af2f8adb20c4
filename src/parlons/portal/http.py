"""Links to a customer's page, for who serves him: made for a program or a person to pass on, sent, or withdrawn.

POST   /customers/{id}/page-links         a link, its end; shown this once
DELETE /customers/{id}/page-links         none opens any more
POST   /conversations/{id}/page-link      a link sent to the customer by the conversation's own channel
"""

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from parlons.accounts.http import Agent, Body, database
from parlons.conversations import messages
from parlons.conversations.http import permitted
from parlons.conversations.letters import Letter, letters_of
from parlons.conversations.model import Author
from parlons.conversations.views import message_json
from parlons.customers.http import seen
from parlons.kit.clock import to_iso
from parlons.kit.languages import nearest
from parlons.portal import links, texts
from parlons.portal.links import DAYS, MOST_DAYS
from parlons.runtime.db import Tx
from parlons.runtime.http import Once
from parlons.runtime.signed_ids import SignedLinks

Json = dict[str, Any]
router = APIRouter(tags=["customers"])


class PageLink(BaseModel):
    url: str
    expires_at: str


class NewLink(Body):
    days: int = Field(default=DAYS, ge=1, le=MOST_DAYS)


@router.post("/customers/{customer_id}/page-links", status_code=201, response_model=PageLink)
async def make_page_link(customer_id: str, body: NewLink, once: Once, request: Request, principal: Agent) -> Response:
    """A link to this customer's own page. Whoever has it is taken for him: pass it to nobody else."""
    known: SignedLinks = request.app.state.page_links

    async def act(tx: Tx) -> Json:
        await seen(tx, principal, customer_id)
        made = await links.make(
            tx, customer_id, workspace_id=principal.workspace_id, by=principal.actor, days=body.days
        )
        return {"url": known.url(made.id), "expires_at": to_iso(made.expires_at)}

    return await once.run(database(request), principal.tenant_id, principal.actor, act, status=201)


@router.delete("/customers/{customer_id}/page-links")
async def revoke_page_links(customer_id: str, request: Request, principal: Agent) -> Json:
    """No link to this customer's page opens any more; how many did."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await seen(tx, principal, customer_id)
        return {"revoked": await links.revoke_of(tx, customer_id)}


@router.post("/conversations/{conversation_id}/page-link", status_code=201)
async def send_page_link(conversation_id: str, once: Once, request: Request, principal: Agent) -> Response:
    """Send the customer a link to his own page, as a message by the way the conversation goes on now."""
    known: SignedLinks = request.app.state.page_links

    async def act(tx: Tx) -> Json:
        found = await permitted(tx, request, principal, "write", conversation_id)
        made = await links.make(tx, found.customer_id, workspace_id=principal.workspace_id, by=principal.actor)
        text = texts.line("link-message", nearest(found.language), url=known.url(made.id))
        prepared = await letters_of(request).prepare(tx, found, Letter(text))
        message = await messages.add_message(
            tx,
            found.id,
            direction="out",
            author=Author("agent", principal.actor, principal.name),
            text=prepared.text if prepared.text is not None else text,
            channel=prepared.channel,
            content=prepared.content or None,
            client_id=f"page-link:{made.id}",
        )
        return message_json(message)

    return await once.run(database(request), principal.tenant_id, principal.actor, act, status=201)

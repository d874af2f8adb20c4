"""Ready replies for one conversation: those of its firm and queue, in the customer's language, as he will read them."""

from typing import Any

from fastapi import APIRouter, Request

from parlons.accounts import queries as accounts
from parlons.accounts.http import Agent
from parlons.conversations.http import allowed
from parlons.customers import queries as customers
from parlons.customers.model import customer_json
from parlons.templates import queries as templates
from parlons.templates.model import REPLY, Reader

router = APIRouter(tags=["conversations"])


@router.get("/conversations/{conversation_id}/replies")
async def conversation_replies(conversation_id: str, request: Request, principal: Agent) -> dict[str, Any]:
    """The ready replies that fit, variables filled. `pieces` tell what was filled in, `missing` what has no value."""
    async with allowed(request, principal, "read", conversation_id) as (tx, found):
        customer = await customers.customer(tx, found.customer_id)
        known = customer_json(customer) if customer else {}
        reader = Reader(known, principal.name, await accounts.firm_name(tx, found.firm_id), found.subject)
        items = await templates.filled(
            tx,
            REPLY,
            firm_id=found.firm_id,
            queue_id=found.queue_id,
            languages=(known.get("language"), found.language, principal.locale),
            reader=reader,
        )
    return {"items": items, "next": None}

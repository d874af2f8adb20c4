"""Figures that need more than one room: how many messages were routed and answered, counted from what is stored."""

from typing import Any

from fastapi import APIRouter, Request

from parlons.accounts.http import Supervisor, database
from parlons.channels.webchat.model import CHANNEL as WEBCHAT
from parlons.conversations.queries import counts

router = APIRouter(tags=["statistics"])


@router.get("/statistics/messages")
async def messages(request: Request, principal: Supervisor) -> dict[str, Any]:
    """By channel set up: `in`, messages of customers in conversations that reached an agent; `out`, messages of agents."""
    accounts = await request.app.state.post.accounts.of_tenant(principal.tenant_id)
    channels = [WEBCHAT, *sorted({one.channel for one in accounts if principal.sees(one.firm_id)})]
    async with database(request).transaction(principal.tenant_id) as tx:
        return {"channels": {channel: await counts(tx, principal, channel) for channel in channels}}

"""Reception over HTTP: a person's notices, and asking once more for an agent."""

from typing import Any

from fastapi import APIRouter, Request

from parlons.accounts.http import Agent, database
from parlons.conversations import commands as conversations
from parlons.conversations import queries
from parlons.conversations.http import reader_of
from parlons.conversations.rights import check
from parlons.conversations.rules import ConversationClosed
from parlons.reception import notices
from parlons.reception.handler import ask_again

Json = dict[str, Any]
router = APIRouter(tags=["reception"])


@router.get("/notices")
async def list_notices(request: Request, principal: Agent) -> Json:
    """What happened to the caller's work while he was away, and he has not seen yet."""
    if principal.user_id is None:
        return {"items": [], "next": None}
    async with database(request).transaction(principal.tenant_id) as tx:
        return {"items": await notices.unseen(tx, principal.user_id), "next": None}


@router.post("/notices/{notice_id}/seen", status_code=204)
async def notice_seen(notice_id: str, request: Request, principal: Agent) -> None:
    """The caller has seen it."""
    if principal.user_id is not None:
        async with database(request).transaction(principal.tenant_id) as tx:
            await notices.mark_seen(tx, principal.user_id, notice_id)


@router.post("/conversations/{conversation_id}/serve")
async def serve(conversation_id: str, request: Request, principal: Agent) -> Json:
    """Ask for an agent once more, for a conversation that nobody was asked to work on (not served)."""
    async with database(request).transaction(principal.tenant_id) as tx:
        reader = reader_of(request, principal)
        check(reader, "fetch", await queries.conversation(tx, conversation_id))
        found = await conversations.locked(tx, conversation_id)
        if not found.live:
            raise ConversationClosed
        await ask_again(tx, found, key=f"serve:{found.id}:{found.version}")
        (row,) = await queries.summaries(tx, [await conversations.locked(tx, conversation_id)])
        return row

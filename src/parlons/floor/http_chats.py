"""A supervisor in a chat over HTTP: whisper, join, leave, take over. Told and audited; the firm decides who may."""

from typing import Any

from fastapi import APIRouter, Request, Response

from parlons.accounts import audit
from parlons.accounts.http import Supervisor, database
from parlons.accounts.model import Principal
from parlons.accounts.rights import Right
from parlons.conversations import queries
from parlons.conversations.http import permitted
from parlons.conversations.model import Conversation
from parlons.floor import chats, schemas
from parlons.floor.http import dispatch_of
from parlons.runtime.db import Tx
from parlons.runtime.http import Once

Json = dict[str, Any]
router = APIRouter(tags=["floor"])


async def _record(tx: Tx, principal: Principal, action: str, found: Conversation) -> None:
    of = {"worker_id": found.assigned_worker_id}
    await audit.record(tx, principal, action, found.id, now=tx.now, after=of, firm_id=found.firm_id)


@router.post("/conversations/{conversation_id}/whisper", status_code=201)
async def whisper(
    conversation_id: str, body: schemas.Whisper, once: Once, request: Request, principal: Supervisor
) -> Response:
    """A line that only the agent of this chat sees."""

    async def send(tx: Tx) -> Json:
        principal.check_right(Right.STEER)
        found = await permitted(tx, request, principal, "write", conversation_id)
        memo_id = await chats.whisper(tx, principal, found, body.text.strip())
        await _record(tx, principal, "conversation.whispered", found)
        return {"id": memo_id}

    return await once.run(database(request), principal.tenant_id, principal.actor, send, status=201)


@router.post("/conversations/{conversation_id}/join")
async def join(conversation_id: str, request: Request, principal: Supervisor) -> Json:
    """Be in the chat beside its agent; the customer is told."""
    async with database(request).transaction(principal.tenant_id) as tx:
        principal.check_right(Right.STEER)
        found = await permitted(tx, request, principal, "write", conversation_id)
        joined = await chats.join(tx, principal, found.id)
        await _record(tx, principal, "conversation.joined", found)
        (row,) = await queries.summaries(tx, [joined])
        return row


@router.delete("/conversations/{conversation_id}/join")
async def leave(conversation_id: str, request: Request, principal: Supervisor) -> Json:
    """Be in it no more."""
    async with database(request).transaction(principal.tenant_id) as tx:
        principal.check_right(Right.STEER)
        found = await permitted(tx, request, principal, "write", conversation_id)
        (row,) = await queries.summaries(tx, [await chats.leave(tx, principal, found.id)])
        return row


@router.post("/conversations/{conversation_id}/takeover", status_code=204)
async def take_over(conversation_id: str, request: Request, principal: Supervisor) -> None:
    """Have the chat yourself; its agent is told. Needs a state in which the caller takes contacts."""
    db = database(request)
    async with db.transaction(principal.tenant_id) as tx:
        principal.check_right(Right.STEER)
        found = await permitted(tx, request, principal, "write", conversation_id)
    await chats.take_over(db, dispatch_of(request), principal, found)
    async with db.transaction(principal.tenant_id) as tx:
        await _record(tx, principal, "conversation.taken_over", found)

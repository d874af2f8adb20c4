"""Conversations over HTTP: lists, one in full, and its steps. Each route names the right it needs; `rights` decides.

The people's screens and the native API use the same routes. Files are in `http_files`, messages and side work in
`http_messages`.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, Field

from parlons.accounts.http import Agent, Body, database
from parlons.accounts.model import Principal
from parlons.conversations import commands, parking, queries
from parlons.conversations.model import Conversation
from parlons.conversations.rights import Act, Reader, check
from parlons.kit.clock import Millis, from_datetime
from parlons.runtime.db import Tx

Json = dict[str, Any]
router = APIRouter(tags=["conversations"])


class Step(Body):
    version: int | None = None
    """The state the step was decided on; a newer one is refused."""


class Park(Step):
    until_at: AwareDatetime | None = None


class Close(Step):
    disposition_id: str | None = None
    note: str = Field(default="", max_length=8_000)


def reader_of(request: Request, principal: Principal) -> Reader:
    """The principal with the queues he serves and what he is offered, where the app can tell (`app.state.queues_of`)."""
    queues_of = getattr(request.app.state, "queues_of", None)
    offered_to = getattr(request.app.state, "offered_to", None)
    return Reader(
        principal,
        queues_of(principal) if queues_of is not None else None,
        offered_to(principal) if offered_to is not None else frozenset(),
    )


@asynccontextmanager
async def allowed(
    request: Request, principal: Principal, act: Act, conversation_id: str
) -> AsyncIterator[tuple[Tx, Conversation]]:
    """A transaction with the conversation, when the caller may do `act` to it."""
    async with database(request).transaction(principal.tenant_id) as tx:
        yield tx, await permitted(tx, request, principal, act, conversation_id)


async def permitted(tx: Tx, request: Request, principal: Principal, act: Act, conversation_id: str) -> Conversation:
    """The conversation, when the caller may do `act` to it; raises UnknownConversation or NotYours."""
    return check(reader_of(request, principal), act, await queries.conversation(tx, conversation_id))


@router.get("/conversations")
async def list_conversations(
    request: Request,
    principal: Agent,
    view: str = "mine",
    q: Annotated[str, Query(max_length=200)] = "",
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Json:
    """A view, newest first: mine, named, open, waiting, parked, closed, not_served, queue:ID, customer:ID; `q` searches it."""
    reader = reader_of(request, principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        found = await queries.listing(tx, reader, view=view, text=q, cursor=cursor, limit=limit)
    return {"items": found.items, "next": found.next}


@router.get("/conversations/{conversation_id}")
async def get_conversation(conversation_id: str, request: Request, principal: Agent) -> Json:
    """One in full: customer, legs, the last 100 messages, notes, tags, the caller's drafts, outcomes to choose from."""
    async with allowed(request, principal, "read", conversation_id) as (tx, found):
        return await queries.in_full(tx, found, principal.user_id)


@router.post("/conversations/{conversation_id}/park")
async def park(conversation_id: str, body: Park, request: Request, principal: Agent) -> Json:
    """Set it aside until the customer writes, `until_at` passes or somebody fetches it; the work on it ends for now."""
    async with allowed(request, principal, "write", conversation_id) as (tx, found):
        parked = await parking.park(
            tx, found.id, until=_millis(body.until_at), version=body.version, by_user_id=principal.user_id
        )
        return await _shown(tx, parked)


@router.post("/conversations/{conversation_id}/resume")
async def resume(conversation_id: str, body: Step, request: Request, principal: Agent) -> Json:
    """Fetch a parked or closed conversation back: a new task asks for the caller, and he has it without an offer."""
    async with allowed(request, principal, "fetch", conversation_id) as (tx, found):
        back = await commands.bring_back(tx, found.id, by="agent", worker_id=principal.worker_id, version=body.version)
        return await _shown(tx, back)


@router.post("/conversations/{conversation_id}/reopen")
async def reopen(conversation_id: str, body: Step, request: Request, principal: Agent) -> Json:
    """The same as resume, for a closed one."""
    return await resume(conversation_id, body, request, principal)


@router.post("/conversations/{conversation_id}/wrapup")
async def end_contact(conversation_id: str, body: Step, request: Request, principal: Agent) -> Json:
    """End the contact for the customer; the work after it goes on until `close`."""
    async with allowed(request, principal, "write", conversation_id) as (tx, found):
        return await _shown(tx, await commands.end_contact(tx, found.id, by="agent", version=body.version))


@router.post("/conversations/{conversation_id}/close")
async def close(conversation_id: str, body: Close, request: Request, principal: Agent) -> Json:
    """The matter is done: ends the contact, if it has not ended, and completes the task."""
    async with allowed(request, principal, "write", conversation_id) as (tx, found):
        closed = await commands.close(
            tx,
            found.id,
            by="agent",
            disposition_id=body.disposition_id,
            note=body.note,
            version=body.version,
            by_user_id=principal.user_id,
        )
        return await _shown(tx, closed)


def _millis(at: datetime | None) -> Millis | None:
    return from_datetime(at) if at is not None else None


async def _shown(tx: Tx, conversation: Conversation) -> Json:
    (row,) = await queries.summaries(tx, [conversation])
    return row

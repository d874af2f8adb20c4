"""Splitting a conversation over HTTP, and undoing it: by who has it, or steers the work of others."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from parlons.accounts import audit
from parlons.accounts.http import Agent, Body, database
from parlons.conversations import queries, splitting, threads
from parlons.conversations.http import allowed, permitted
from parlons.conversations.letters import letters_of
from parlons.kit.clock import Millis
from parlons.runtime.db import Tx
from parlons.runtime.http import Once

Json = dict[str, Any]
router = APIRouter(tags=["conversations"])


class Chosen(Body):
    message_ids: list[Annotated[str, Field(max_length=64)]] = Field(min_length=1, max_length=200)
    subject: str = Field(default="", max_length=200)
    version: int | None = None
    """The state of the conversation on the screen of who chose; a newer one is refused."""


@router.post("/conversations/{conversation_id}/split", status_code=201)
async def split(conversation_id: str, body: Chosen, once: Once, request: Request, principal: Agent) -> Response:
    """The messages chosen become a conversation of their own, of the same customer; who had it has the new one too, else an
    agent is asked for. The customer's own page goes on showing all of it."""

    async def part(tx: Tx) -> Json:
        found = await permitted(tx, request, principal, "write", conversation_id)
        made, child = await splitting.split_conversation(
            tx, found.id, body.message_ids, by=principal.actor, user_id=principal.user_id, subject=body.subject,
            version=body.version, letters=letters_of(request),
        )  # fmt: skip
        after = {"into": made.into_id, "messages": len(made.message_ids)}
        await audit.record(
            tx, principal, "conversation.split", found.id, now=Millis(tx.now), firm_id=found.firm_id,
            before={"into": None, "messages": 0}, after=after,
        )  # fmt: skip
        (row,) = await queries.summaries(tx, [child])
        return {"id": made.id, "conversation": row}

    return await once.run(database(request), principal.tenant_id, principal.actor, part, status=201)


@router.post("/conversations/{conversation_id}/splits/{split_id}/undo")
async def undo_split(conversation_id: str, split_id: str, request: Request, principal: Agent) -> Json:
    """One matter after all: everything of the new conversation is back in the first, and the new one is closed."""
    async with allowed(request, principal, "write", conversation_id) as (tx, found):
        held = await threads.held(tx, split_id)
        if held is None or held.from_id != found.id:
            raise splitting.UnknownSplit
        await permitted(tx, request, principal, "write", held.into_id)
        _, back = await splitting.unite_conversations(tx, split_id, letters=letters_of(request))
        await audit.record(
            tx, principal, "conversation.split_undone", found.id, now=Millis(tx.now), firm_id=found.firm_id,
            before={"into": held.into_id}, after={"into": None},
        )  # fmt: skip
        (row,) = await queries.summaries(tx, [back])
        return row

"""Messages and what stands beside them over HTTP: send, read, typing, drafts, notes, tags.

Sending is repeatable by `client_id`: a double click, a retry or two tabs make one message.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from parlons.accounts.http import Agent, Body, database
from parlons.conversations import messages, queries, sidework
from parlons.conversations.http import allowed, permitted, reader_of
from parlons.conversations.model import Author, Conversation
from parlons.conversations.rights import has
from parlons.conversations.views import draft_json, message_json, note_json
from parlons.runtime.db import Tx
from parlons.runtime.events import Audience
from parlons.runtime.http import Once

Json = dict[str, Any]
router = APIRouter(tags=["conversations"])


class Send(Body):
    text: str = ""
    attachment_ids: list[str] = Field(default_factory=list)
    client_id: str
    """Made by the sender, one for each message: the same again is the same message."""
    seen_number: int | None = None
    """Number of the last message on the sender's screen."""
    anyway: bool = False
    """Send although a colleague has answered since."""


class Read(Body):
    message_id: str | None = None


class DraftText(Body):
    text: str
    channel: str = "webchat"


class NoteText(Body):
    text: str


class Tags(Body):
    tags: list[str]
    version: int | None = None


@router.get("/conversations/{conversation_id}/messages")
async def list_messages(
    conversation_id: str,
    request: Request,
    principal: Agent,
    before: int | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
) -> Json:
    """Messages before number `before`, in their order; `next` is the number to go on from."""
    async with allowed(request, principal, "read", conversation_id) as (tx, found):
        written = await queries.earlier(tx, found.id, before, limit)
    more = written[0].number if written and written[0].number > 1 else None
    return {"items": [message_json(message) for message in written], "next": more}


@router.post("/conversations/{conversation_id}/messages", status_code=201)
async def send_message(conversation_id: str, body: Send, once: Once, request: Request, principal: Agent) -> Response:
    """Send a message to the customer."""

    async def send(tx: Tx) -> Json:
        found = await permitted(tx, request, principal, "write", conversation_id)
        message = await messages.add_message(
            tx,
            found.id,
            direction="out",
            author=Author("agent", principal.actor, principal.name),
            text=body.text,
            attachment_ids=body.attachment_ids,
            client_id=body.client_id,
            seen_number=body.seen_number,
            anyway=body.anyway,
        )
        return message_json(message)

    return await once.run(database(request), principal.tenant_id, principal.actor, send, status=201)


@router.post("/conversations/{conversation_id}/read", status_code=204)
async def mark_read(conversation_id: str, body: Read, request: Request, principal: Agent) -> None:
    """The agent who has it has read up to this message; others may look without a trace."""
    async with allowed(request, principal, "read", conversation_id) as (tx, found):
        if has(reader_of(request, principal), found):
            await messages.mark_read(tx, found.id, by="agent", message_id=body.message_id)


@router.post("/conversations/{conversation_id}/typing", status_code=204)
async def typing(conversation_id: str, request: Request, principal: Agent) -> None:
    """The caller is writing: shown to those connected now, kept nowhere."""
    async with allowed(request, principal, "write", conversation_id) as (_, found):
        pass
    tell_typing(request.app.state.hub, found, kind="agent", author_id=principal.user_id, name=principal.name)


def tell_typing(hub: Any, conversation: Conversation, *, kind: str, author_id: str | None, name: str) -> None:
    """Somebody is writing: `kind` is customer, agent or bot. Also for channels, whose customers write too."""
    audience = Audience(
        firm_id=conversation.firm_id,
        user_ids=conversation.holders,
        conversation_id=conversation.id,
        visitor=kind != "customer",
    )
    who = {"kind": kind, "id": author_id, "name": name}
    hub.ephemeral(conversation.workspace_id, audience, "typing", {"conversation_id": conversation.id, "who": who})


@router.put("/conversations/{conversation_id}/draft")
async def save_draft(conversation_id: str, body: DraftText, request: Request, principal: Agent) -> Json:
    """Keep what the caller has typed for this channel; an empty text forgets it."""
    async with allowed(request, principal, "read", conversation_id) as (tx, found):
        draft = await sidework.save_draft(
            tx, found.id, user_id=principal.actor, channel=body.channel[:40], text=body.text
        )
    return draft_json(found.id, draft)


@router.post("/conversations/{conversation_id}/notes", status_code=201)
async def add_note(conversation_id: str, body: NoteText, once: Once, request: Request, principal: Agent) -> Response:
    """Add a private note."""

    async def add(tx: Tx) -> Json:
        found = await permitted(tx, request, principal, "note", conversation_id)
        note = await sidework.add_note(
            tx, found.id, author_user_id=principal.user_id, author_name=principal.name, text=body.text
        )
        return note_json(note)

    return await once.run(database(request), principal.tenant_id, principal.actor, add, status=201)


@router.put("/conversations/{conversation_id}/tags")
async def set_tags(conversation_id: str, body: Tags, request: Request, principal: Agent) -> Json:
    """Its tags are these now."""
    async with allowed(request, principal, "note", conversation_id) as (tx, found):
        tagged = await sidework.set_tags(tx, found.id, body.tags, version=body.version)
        (row,) = await queries.summaries(tx, [tagged])
    return row

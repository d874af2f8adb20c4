"""Messages and what stands beside them over HTTP: send, read, typing, drafts, notes, tags.

Sending is repeatable by `client_id`: a double click, a retry or two tabs make one message.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from parlons.accounts.http import Agent, Body, database
from parlons.conversations import messages, queries, sidework
from parlons.conversations.http import allowed, permitted, reader_of
from parlons.conversations.letters import Letter, letters_of
from parlons.conversations.mentions import check_mentions, colleagues
from parlons.conversations.model import Author, Conversation
from parlons.conversations.rights import has
from parlons.conversations.views import draft_json, message_json, note_json
from parlons.runtime.db import Tx
from parlons.runtime.events import Audience
from parlons.runtime.http import Once

Json = dict[str, Any]
router = APIRouter(tags=["conversations"])


Address = Annotated[str, Field(max_length=320)]


class TemplateChoice(Body):
    name: str = Field(max_length=200)
    language: str = Field(max_length=20)
    values: list[Annotated[str, Field(max_length=1000)]] = Field(default_factory=list, max_length=30)


class LetterBody(Body):
    """What a message carries; what a channel has not is refused."""

    text: str = ""
    attachment_ids: list[str] = Field(default_factory=list)
    channel: str | None = Field(default=None, max_length=64)
    """With `account_id` and `to`: one of the conversation's ways; None: as it goes on now."""
    account_id: str | None = Field(default=None, max_length=64)
    to: Address | None = None
    subject: str | None = Field(default=None, max_length=500)
    cc: list[Address] = Field(default_factory=list, max_length=50)
    bcc: list[Address] = Field(default_factory=list, max_length=50)
    html: str = Field(default="", max_length=200_000)
    """With formatting, where the channel has some: cleaned, and `text` is then told from it. A picture in it names one of
    `attachment_ids`: `<img src="cid:FL...">`."""
    template: TemplateChoice | None = None

    def letter(self) -> Letter:
        """As the channels read it."""
        template = self.template.model_dump() if self.template else None
        return Letter(
            self.text, self.attachment_ids, self.channel, self.account_id, self.to, self.subject, self.cc, self.bcc,
            self.html, template,
        )  # fmt: skip


class Send(LetterBody):
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
    html: str = Field(default="", max_length=200_000)
    """The same with formatting, where the channel has some."""


class NoteText(Body):
    text: str
    mentions: list[str] = Field(default_factory=list, max_length=100)
    """Colleagues named in it, by the ids of `colleagues`."""


class Tags(Body):
    tags: list[str]
    version: int | None = None


@router.get("/conversations/{conversation_id}/messages")
async def list_messages(
    conversation_id: str,
    request: Request,
    principal: Agent,
    before: Annotated[int | None, Query(ge=0, le=2_147_483_647)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
) -> Json:
    """Messages before number `before`, in their order; `next` is the number to go on from."""
    async with allowed(request, principal, "read", conversation_id) as (tx, found):
        written = await queries.earlier(tx, found.id, before, limit)
        more = await queries.before_first(tx, found, written)
    return {"items": [message_json(message) for message in written], "next": more}


@router.post("/conversations/{conversation_id}/messages", status_code=201)
async def send_message(conversation_id: str, body: Send, once: Once, request: Request, principal: Agent) -> Response:
    """Send a message to the customer."""

    async def send(tx: Tx) -> Json:
        found = await permitted(tx, request, principal, "write", conversation_id)
        author = Author("agent", principal.actor, principal.name)
        known = await messages.sent_before(tx, found.id, body.client_id, author)
        if known is not None:
            return message_json(known)
        prepared = await letters_of(request).prepare(tx, found, body.letter())
        message = await messages.add_message(
            tx,
            found.id,
            direction="out",
            author=author,
            text=prepared.text if prepared.text is not None else body.text,
            attachment_ids=body.attachment_ids,
            channel=prepared.channel,
            content=prepared.content or None,
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
    letters_of(request).typing(found)


def tell_typing(hub: Any, conversation: Conversation, *, kind: str, author_id: str | None, name: str) -> None:
    """Somebody is writing: `kind` is customer, agent or bot. Also for channels, whose customers write too."""
    audience = Audience(
        firm_id=conversation.firm_id,
        user_ids=conversation.holders,
        conversation_id=conversation.id,
        visitor=kind != "customer",
        queue_id=conversation.queue_id or "",
    )
    who = {"kind": kind, "id": author_id, "name": name}
    hub.ephemeral(conversation.workspace_id, audience, "typing", {"conversation_id": conversation.id, "who": who})


@router.put("/conversations/{conversation_id}/draft")
async def save_draft(conversation_id: str, body: DraftText, request: Request, principal: Agent) -> Json:
    """Keep what the caller has typed for this channel; an empty text forgets it."""
    async with allowed(request, principal, "read", conversation_id) as (tx, found):
        draft = await sidework.save_draft(
            tx, found.id, user_id=principal.actor, channel=body.channel[:40], text=body.text, html=body.html
        )
    return draft_json(found.id, draft)


@router.get("/conversations/{conversation_id}/colleagues")
async def list_colleagues(conversation_id: str, request: Request, principal: Agent) -> Json:
    """Who can be named in a note here: people at work for its firm, but the caller."""
    async with allowed(request, principal, "note", conversation_id) as (tx, found):
        known = await colleagues(tx, found)
    others = [{"id": one, "name": name} for one, name in known.items() if one != principal.user_id]
    return {"items": sorted(others, key=lambda one: one["name"].lower()), "next": None}


@router.post("/conversations/{conversation_id}/notes", status_code=201)
async def add_note(conversation_id: str, body: NoteText, once: Once, request: Request, principal: Agent) -> Response:
    """Add a private note; colleagues it names are told, and may read the conversation from then on."""

    async def add(tx: Tx) -> Json:
        found = await permitted(tx, request, principal, "note", conversation_id)
        await check_mentions(tx, found, body.mentions)
        note = await sidework.add_note(
            tx,
            found.id,
            author_user_id=principal.user_id,
            author_name=principal.name,
            text=body.text,
            mentions=body.mentions,
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

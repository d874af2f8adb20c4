"""Links over HTTP: an agent makes one for a conversation that is his, the customer's page follows it."""

from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from parlons.accounts.http import Agent, Body, database
from parlons.accounts.throttle import attempt
from parlons.conversations.http import permitted
from parlons.kit.errors import Invalid
from parlons.reception.joining import Kind, join, make_link
from parlons.voice.calls.errors import UnknownCall
from parlons.voice.calls.http import call_of, voice_of

Json = dict[str, Any]
router = APIRouter(tags=["reception"])
MADE, FOLLOWED = 20, 60
"""Links one person makes in a minute; tries of one address in a minute."""


class NewLink(Body):
    kind: Kind
    call_id: str | None = Field(default=None, max_length=64)
    """Beside which call the picture is; chat needs none."""


class LinkMade(BaseModel):
    path: str
    """On this server, without its name."""
    expires_at: str


class Joined(BaseModel):
    kind: Literal["chat", "video"]
    language: str
    widget_key: str | None = None
    visitor_token: str | None = None
    call_id: str | None = None
    token: str | None = None


@router.post("/conversations/{conversation_id}/links", status_code=201, response_model=LinkMade)
async def new_link(conversation_id: str, body: NewLink, request: Request, principal: Agent) -> Json:
    """A link for the customer into this conversation, good once and for a quarter of an hour: its chat, or a picture beside
    the call."""
    attempt(request, "links_throttle", MADE, by=principal.actor)
    if (body.kind == "video") != (body.call_id is not None):
        raise Invalid("A picture needs its call_id, a chat has none.", field="call_id")
    if body.call_id is not None:
        call = await call_of(request, principal, body.call_id)
        if call.conversation_id != conversation_id or not call.live:
            raise UnknownCall
    async with database(request).transaction(principal.tenant_id) as tx:
        found = await permitted(tx, request, principal, "write", conversation_id)
        link = await make_link(
            tx, voice_of(request).vault, found, kind=body.kind, call_id=body.call_id, made_by=principal.actor
        )
    return link.as_json()


@router.post("/join/{token}", response_model=Joined, response_model_exclude_none=True)
async def follow_link(token: str, request: Request) -> Json:
    """The customer's page follows a link; a second time it is over."""
    attempt(request, "join_throttle", FOLLOWED)
    return await join(database(request), voice_of(request), token[:60])

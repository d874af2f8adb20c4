"""The HTML of one message, for a frame of its own (`page`)."""

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response

from parlons.accounts.http import Agent
from parlons.conversations.http import allowed
from parlons.conversations.page import page, policy
from parlons.conversations.rows import read_message
from parlons.conversations.store import messages
from parlons.kit.errors import NotFound
from parlons.runtime.http import answers_file

router = APIRouter(tags=["conversations"])


class NoPage(NotFound):
    """This message has no page of its own: its text is all of it."""

    code = "no-message-page"


@router.get(
    "/conversations/{conversation_id}/messages/{message_id}/page",
    response_class=Response,
    responses=answers_file("text/html"),
)
async def show_page(
    conversation_id: str, message_id: str, request: Request, principal: Agent, pictures: bool = False
) -> Response:
    """The HTML of a message, cleaned, for a sandboxed frame; pictures from elsewhere only when asked for."""
    async with allowed(request, principal, "read", conversation_id) as (tx, found):
        mine = sa.and_(messages.c.id == message_id, messages.c.conversation_id == found.id)
        message = await read_message(tx, mine)
    content = (message.content if message else None) or {}
    if not content.get("html"):
        raise NoPage
    shown = page(content["html"], language=found.language, inline=content.get("inline", {}), pictures=pictures)
    headers = {
        "Content-Security-Policy": policy(pictures=pictures),
        "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "private, no-cache",
    }
    return Response(shown, media_type="text/html", headers=headers)

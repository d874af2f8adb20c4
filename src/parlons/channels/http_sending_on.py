"""A conversation sent on to somebody outside, over HTTP.

POST /conversations/{id}/send-on    {account_id, to, text, files, client_id}
"""

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from parlons.accounts.http import Body, database
from parlons.channels.http import First, Serving, account_of, begin
from parlons.channels.sending_on import sent_on, subject_of
from parlons.channels.ways import ChannelCannot, NotThisWay
from parlons.conversations.http import permitted
from parlons.conversations.sidework import add_note
from parlons.runtime.db import Tx
from parlons.runtime.http import Once

Json = dict[str, Any]
router = APIRouter(tags=["channels"])
NOTES = {"en": "Forwarded to {to}", "fr": "Fait suivre à {to}"}


class SendOn(Body):
    """To whom, and the caller's own words above what was said."""

    account_id: str = Field(max_length=64)
    """The mailbox it leaves by."""
    to: str = Field(min_length=3, max_length=320)
    text: str = Field(default="", max_length=8_000)
    files: bool = True
    """The conversation's files go along, as many as the mailbox takes."""
    client_id: str = Field(min_length=1, max_length=100)


@router.post("/conversations/{conversation_id}/send-on", status_code=201)
async def send_on(conversation_id: str, body: SendOn, once: Once, request: Request, principal: Serving) -> Response:
    """Send what was said here, with its files, to somebody outside by mail. His answer comes to the caller, in a conversation of
    its own; the customer sees nothing of it, and a note says here that it was done."""
    account = await account_of(request, principal, body.account_id)
    language = (principal.locale or "en")[:2]

    async def send(tx: Tx) -> Json:
        found = await permitted(tx, request, principal, "note", conversation_id)
        if not request.app.state.post.channels[account.channel].capabilities(account).subject:
            raise ChannelCannot(what="subject")
        if found.firm_id != account.firm_id:
            raise NotThisWay
        first = First(
            account_id=body.account_id, to=body.to, text=body.text, subject=subject_of(found.subject), language=language,
            client_id=body.client_id,
        )  # fmt: skip
        more = {"sent_on": sent_on(found, language=language, files=body.files)}
        begun = await begin(tx, request, principal, account, first, more=more)
        line = NOTES.get(language, NOTES["en"]).format(to=body.to.strip())
        words = f"{line}\n\n{body.text}".strip()
        await add_note(tx, found.id, author_user_id=principal.user_id, author_name=principal.name, text=words)
        return begun

    return await once.run(database(request), principal.tenant_id, principal.actor, send, status=201)

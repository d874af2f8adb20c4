"""Links by which an agent leads a customer into the conversation they have: into its chat, or into a picture beside its call.

A link is `<nonce><signature>` in base32, 50 bits each, in groups of five so that it can be read out. The signature is checked
before any table is asked. It is good for a quarter of an hour and once: who comes second is told so. Opening the page does
not use it up (programs that preview links open pages too); joining does. It gives what the agent sees fit to give: the chat
shows the conversation so far, the picture only what is written from the call's beginning.

How a link reaches the customer is the desk's choice: read out, copied, or as a message of a chat that is open. A text
message is one more way to send what `make_link` returns.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import sqlalchemy as sa

from parlons.channels.webchat import visits
from parlons.channels.webchat.model import CHANNEL
from parlons.channels.webchat.widgets import list_widgets
from parlons.conversations import commands as conversations
from parlons.conversations import queries
from parlons.conversations.model import CLOSED, Conversation
from parlons.kit.clock import to_datetime, to_iso
from parlons.kit.errors import Conflict, NotFound, Refusal
from parlons.kit.languages import nearest
from parlons.reception.store import join_links
from parlons.runtime.db import Database, Tx
from parlons.voice.calls.beside import guest_token
from parlons.voice.calls.errors import UnknownCall
from parlons.voice.calls.vault import Vault
from parlons.voice.calls.voice import Voice

Json = dict[str, Any]
Kind = Literal["chat", "video"]
GOOD_FOR = timedelta(minutes=15)
KEPT_FOR = timedelta(days=1)
"""Old links go when a new one is made."""
HALF = 10
"""Letters of the nonce, and of the signature."""


class UnknownLink(NotFound):
    """This link is not complete or was never made; ask for a new one."""

    code = "unknown-link"


class LinkOver(Refusal):
    """This link has been used or its time is over; ask for a new one."""

    code = "link-over"
    status = 410


class NoChat(Conflict):
    """This firm has no chat that a link could open: set up a widget first."""

    code = "no-chat"


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it was made."""

    token: str
    expires_at: int

    def as_json(self) -> Json:
        """For who sends it."""
        return {"path": f"/join/{self.token}", "expires_at": to_iso(self.expires_at)}


async def make_link(
    tx: Tx, vault: Vault, conversation: Conversation, *, kind: Kind, call_id: str | None, made_by: str
) -> Link:
    """A new link into this conversation. Raises NoChat."""
    if kind == "chat" and not await list_widgets(tx, firm_id=conversation.firm_id):
        raise NoChat
    over = to_datetime(tx.now) - KEPT_FOR
    await tx.execute(join_links.delete().where(join_links.c.tenant_id == tx.tenant_id, join_links.c.expires_at < over))
    nonce = _letters(secrets.token_bytes(16))
    expires_at = tx.now + GOOD_FOR // timedelta(milliseconds=1)
    await tx.execute(
        join_links.insert().values(
            id=nonce,
            tenant_id=tx.tenant_id,
            conversation_id=conversation.id,
            call_id=call_id,
            kind=kind,
            made_by=made_by,
            made_at=to_datetime(tx.now),
            expires_at=to_datetime(expires_at),
        )
    )
    plain = nonce + _signed(vault, nonce)
    return Link("-".join(plain[at : at + 5] for at in range(0, len(plain), 5)), expires_at)


async def join(db: Database, voice: Voice, token: str) -> Json:
    """The customer follows a link: what his page opens. Raises UnknownLink or LinkOver."""
    nonce = _nonce(voice.vault, token)
    async with db.system() as system:
        tenant_id = await system.scalar(sa.select(join_links.c.tenant_id).where(join_links.c.id == nonce))
    if tenant_id is None:
        raise UnknownLink
    async with db.transaction(tenant_id) as tx:
        row = await tx.fetch_one(
            join_links.update()
            .where(
                join_links.c.tenant_id == tenant_id,
                join_links.c.id == nonce,
                join_links.c.joined_at.is_(None),
                join_links.c.expires_at > to_datetime(tx.now),
            )
            .values(joined_at=to_datetime(tx.now))
            .returning(join_links.c.kind, join_links.c.conversation_id, join_links.c.call_id)
        )
        found = await queries.conversation(tx, row["conversation_id"]) if row is not None else None
        if row is None or found is None:
            raise LinkOver
        if row["kind"] == "chat":
            return await _into_chat(tx, found)
    return await _into_picture(voice, found, row["call_id"])


async def _into_chat(tx: Tx, conversation: Conversation) -> Json:
    """A visit of the firm's widget that is this customer's, in this conversation."""
    widgets = await list_widgets(tx, firm_id=conversation.firm_id)
    if not widgets or conversation.status == CLOSED:
        raise LinkOver
    language = nearest(conversation.language)
    begun = await visits.start_visit(tx, widgets[0], consent="writing", language=language)
    await visits.remember(tx, begun.visitor, customer_id=conversation.customer_id, conversation_id=conversation.id)
    await conversations.start_leg(tx, conversation, CHANNEL, begun.visitor.id)
    return {"kind": "chat", "widget_key": widgets[0].key, "visitor_token": begun.token, "language": language}


async def _into_picture(voice: Voice, conversation: Conversation, call_id: str) -> Json:
    """A page beside the call, while it lives. The sound stays where it is."""
    token = guest_token(voice.vault, call_id)
    try:
        await voice.beside(call_id, token)
    except UnknownCall:
        raise LinkOver from None
    return {"kind": "video", "call_id": call_id, "token": token, "language": conversation.language}


def _nonce(vault: Vault, token: str) -> str:
    plain = token.replace("-", "").strip().lower()
    nonce, signature = plain[:HALF], plain[HALF:]
    if len(plain) != 2 * HALF or not hmac.compare_digest(signature.encode(), _signed(vault, nonce).encode()):
        raise UnknownLink
    return nonce


def _signed(vault: Vault, nonce: str) -> str:
    return _letters(hashlib.sha256(vault.signature("join", nonce).encode()).digest())


def _letters(raw: bytes) -> str:
    """Fifty bits as letters and digits that are not taken for one another (RFC 4648's base32)."""
    return base64.b32encode(raw).decode().lower()[:HALF]

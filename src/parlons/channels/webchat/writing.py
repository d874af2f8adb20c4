"""What a visitor writes: a message, or the form of somebody who found the doors closed. One transaction each.

The message is stored and reception asked for an agent in the same transaction, so a crash between the two leaves both or
neither; the page sends again under the same `client_id` until it has an answer. Whether an agent is asked for, and which,
is reception's and the router's business.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from parlons.channels.webchat.errors import InvalidForm, TextTooLong
from parlons.channels.webchat.model import CHANNEL, TEXT_MAX, Visitor, Widget
from parlons.channels.webchat.visits import Page, customer_of, remember
from parlons.conversations import commands as conversations
from parlons.conversations import queries
from parlons.conversations.messages import add_message, mark_read
from parlons.conversations.model import CLOSED, Author, Conversation, Message, Way
from parlons.conversations.threads import place_of_message
from parlons.customers import commands as customers
from parlons.customers import queries as customer_queries
from parlons.customers.merging import moved_conversations
from parlons.customers.model import EMAIL
from parlons.dispatch.contacts import Contact, ContactHandler
from parlons.kit.clock import Millis
from parlons.runtime.db import Tx

REOPENS_MS = 24 * 3600 * 1000
"""A message within a day of its closing reopens a conversation; later, it begins a new one."""
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
Claims = Mapping[str, str | int | float | bool]


@dataclass(frozen=True, slots=True)
class Written:
    """One message as the page sends it."""

    client_id: str
    text: str
    language: str
    attachment_ids: Sequence[str] = ()
    page: Page | None = None
    claims: Claims = field(default_factory=dict)
    """What the page says of itself for routing. Anybody can claim anything: never a ground for a right."""
    offline: bool = False


async def write(tx: Tx, handler: ContactHandler, widget: Widget, visitor: Visitor, written: Written) -> Message:
    """Keep the message and see that somebody is asked to answer; the same `client_id` again does nothing new."""
    if len(written.text) > TEXT_MAX:
        raise TextTooLong(length=len(written.text), limit=TEXT_MAX)
    visitor, customer_id = await customer_of(tx, widget, visitor)
    conversation = await _conversation(tx, widget, visitor, customer_id, written.language)
    if conversation.account_id is not None:  # it went on by another channel; now he is on the page again
        conversation = await conversations.go_on(tx, conversation.id, Way(CHANNEL, None, visitor.id))
    customer = await customer_queries.customer(tx, customer_id)
    message = await add_message(
        tx,
        conversation.id,
        direction="in",
        author=Author("customer", customer_id, customer.name if customer else ""),
        text=written.text,
        attachment_ids=written.attachment_ids,
        client_id=written.client_id,
    )
    decision = await handler.new_contact(tx, _contact(tx, widget, visitor, customer_id, conversation, message, written))
    kept = visitor.kept if decision.kind == "already" else decision.kind == "closed" or written.offline
    await remember(tx, visitor, conversation_id=conversation.id, kept=kept)
    return message


async def leave(
    tx: Tx, handler: ContactHandler, widget: Widget, visitor: Visitor, written: Written, *, name: str, email: str
) -> Message:
    """The offline form: the address is a claim, kept with the customer so that he can be answered."""
    name, email = " ".join(name.split()), email.strip()
    if not name or len(name) > 200 or len(email) > 254 or not _MAIL.fullmatch(email) or not written.text.strip():
        raise InvalidForm
    visitor, customer_id = await customer_of(tx, widget, visitor)
    await customers.identify(tx, customer_id, kind=EMAIL, value=email, verified=False)
    known = await customer_queries.customer(tx, customer_id)
    if known is not None and not known.name:
        await customers.update_customer(tx, customer_id, name=name)
    return await write(tx, handler, widget, visitor, written)


async def read_up_to(tx: Tx, visitor: Visitor, message_id: str) -> None:
    """He has seen the messages up to this one. Another's conversation is never touched."""
    found = await queries.conversation(tx, visitor.conversation_id) if visitor.conversation_id is not None else None
    if found is not None:
        place = await place_of_message(tx, found, message_id)
        await mark_read(tx, place, by="customer", message_id=message_id)


async def _conversation(tx: Tx, widget: Widget, visitor: Visitor, customer_id: str, language: str) -> Conversation:
    """Where this message goes: the present conversation, the customer's last one when it is fresh, or a new one."""
    found = None
    if visitor.conversation_id is not None:
        found = await queries.conversation(tx, visitor.conversation_id)
    if customers.is_new(tx, customer_id):
        found = None
    elif found is None or found.customer_id != customer_id:
        found = await queries.live_of_customer(
            tx, customer_id, CHANNEL, besides=await moved_conversations(tx, customer_id)
        )
        if customer_id != visitor.customer_id:
            found = None  # he was merged by hand: what the other wrote elsewhere is not shown in this browser
    if found is not None and not _too_old(found, tx.now):
        return found
    return await conversations.open_conversation(
        tx,
        workspace_id=widget.workspace_id,
        firm_id=widget.firm_id,
        customer_id=customer_id,
        channel=CHANNEL,
        address=visitor.id,
        language=language,
    )


def _too_old(conversation: Conversation, now: int) -> bool:
    return conversation.status == CLOSED and (conversation.closed_at or 0) < now - REOPENS_MS


def _contact(
    tx: Tx,
    widget: Widget,
    visitor: Visitor,
    customer_id: str,
    conversation: Conversation,
    message: Message,
    written: Written,
) -> Contact:
    attributes: dict[str, Any] = dict(written.claims)
    if written.page is not None:
        attributes["page"] = written.page.path
        for name in ("name", "sku"):
            if written.page.product.get(name):
                attributes[f"product_{name}"] = written.page.product[name]
    attributes.update(widget=widget.key, verified=visitor.external_id is not None)
    return Contact(
        tenant_id=widget.tenant_id,
        workspace_id=widget.workspace_id,
        channel=CHANNEL,
        address=widget.address,
        customer_id=customer_id,
        conversation_id=conversation.id,
        at=Millis(tx.now),
        key=message.id,
        firm_id=widget.firm_id,
        language=written.language,
        attributes=attributes,
        offline=written.offline,
    )

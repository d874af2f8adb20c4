"""How steps of conversations are told: which event, to whom, with what kept apart. Private to this room.

Whole summaries travel, so a screen folds them in without knowing what happened. The agent who lost a conversation is told
that it is gone from his list before its new state is told to those who still see it.
"""

from typing import Any

from parlons.conversations.model import Conversation, Message
from parlons.conversations.rows import message_by_id, read_conversation
from parlons.conversations.views import message_json, split, summary
from parlons.customers import queries as customers
from parlons.customers.model import Card
from parlons.runtime.db import Tx
from parlons.runtime.events import Audience, Event


async def tell(
    tx: Tx, kind: str, conversation: Conversation, *, former: Conversation | None = None, **facts: Any
) -> None:
    """Publish `kind` with the conversation's summary and `facts` (ids, times and states only).

    The visitor's channel hears it too, and lets none of it through: it looks up what he may know (channels/webchat)."""
    for user_id in former.holders if former else ():
        if user_id not in conversation.holders:
            tx.publish(_left(conversation, user_id))
    card = (await customers.cards(tx, [conversation.customer_id])).get(conversation.customer_id)
    last = await message_by_id(tx, conversation.last_message_id) if conversation.last_message_id else None
    left = former.queue_id if former is not None and former.queue_id != conversation.queue_id else None
    data = {"conversation": summary(conversation, card, last), **facts}
    _publish(tx, kind, conversation, data, visitor=True, left_queue_id=left)


def tell_message(tx: Tx, conversation: Conversation, message: Message) -> None:
    """Publish a message to the staff and to the customer's own page."""
    _publish(tx, "message.added", conversation, {"message": message_json(message)}, visitor=True)


def tell_announced(tx: Tx, conversation: Conversation, card: Card | None, message: Message) -> None:
    """Publish a matter that began and ended with one message of ours."""
    _publish(
        tx, "conversation.opened", conversation, {"conversation": summary(conversation, card, message)}, visitor=True
    )
    tell_message(tx, conversation, message)


async def tell_changed(tx: Tx, message: Message) -> None:
    """Publish what became of a message, whole, to the staff: how far it has come, files that came after it."""
    conversation = await read_conversation(tx, message.conversation_id)
    if conversation is not None:
        _publish(tx, "message.changed", conversation, {"message": message_json(message)})


def tell_part(tx: Tx, kind: str, conversation: Conversation, data: dict[str, Any], *, visitor: bool = False) -> None:
    """Publish something smaller than the conversation to whoever follows it."""
    _publish(tx, kind, conversation, {"conversation_id": conversation.id, **data}, visitor=visitor)


def tell_user(tx: Tx, kind: str, conversation: Conversation, user_id: str, data: dict[str, Any]) -> None:
    """Publish something to one user only."""
    audience = Audience(user_ids=(user_id,), supervisors=False)
    _publish(tx, kind, conversation, {"conversation_id": conversation.id, **data}, audience=audience)


def _left(conversation: Conversation, user_id: str) -> Event:
    return Event(
        workspace_id=conversation.workspace_id,
        type="conversation.left",
        data={"removed": {"conversation": conversation.id}},
        audience=Audience(user_ids=(user_id,), supervisors=False),
    )


def _publish(
    tx: Tx,
    kind: str,
    conversation: Conversation,
    data: dict[str, Any],
    *,
    visitor: bool = False,
    audience: Audience | None = None,
    left_queue_id: str | None = None,
) -> None:
    public, private = split(data)
    tx.publish(
        Event(
            workspace_id=conversation.workspace_id,
            type=kind,
            data=public,
            firm_id=conversation.firm_id if audience is None else None,
            private=private or None,
            private_key=conversation.customer_id if private else None,
            audience=audience
            or Audience(
                firm_id=conversation.firm_id,
                user_ids=conversation.holders,
                conversation_id=conversation.id,
                visitor=visitor,
                queue_id=conversation.queue_id or "",
                left_queue_id=left_queue_id,
            ),
        )
    )

"""Messages: added once however often they are sent, read on both sides. Each command runs in its caller's transaction.

Order is the message's `number`, given under the conversation's row lock. A customer's message into a conversation that is
closed, parked or in wrap-up brings it back; asking routing for an agent is the caller's next step, in the same transaction
(`ContactHandler`). Which files may be sent is decided by `attachments`.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any, Literal

import sqlalchemy as sa

from parlons.conversations import deliveries, rules
from parlons.conversations.attachments import adopt
from parlons.conversations.commands import bring_back, has_called, is_new, locked, present_way, save
from parlons.conversations.model import CLOSED, Author, Conversation, Direction, Message
from parlons.conversations.rows import message_columns, read_message, read_messages
from parlons.conversations.store import NEW_MESSAGE, drafts, messages
from parlons.conversations.telling import tell, tell_changed, tell_message, tell_part
from parlons.conversations.threads import next_number, thread_ids
from parlons.kit import ids
from parlons.kit.clock import Millis
from parlons.runtime.db import Tx


async def add_message(
    tx: Tx,
    conversation_id: str,
    *,
    direction: Direction,
    author: Author,
    text: str,
    attachment_ids: Sequence[str] = (),
    client_id: str | None = None,
    notice: dict[str, Any] | None = None,
    channel: str | None = None,
    content: dict[str, Any] | None = None,
    seen_number: int | None = None,
    anyway: bool = False,
) -> Message:
    """Add one message and return it; the same `client_id` again returns the message it made the first time.

    `seen_number`: the last message the author had on his screen; when a colleague has answered since, an agent's message is
    refused (`colleague-answered`) unless `anyway`. An agent cannot write into a closed conversation or an ended contact;
    after a call he can still send what was promised in it, by SMS, mail or whatever has an account.
    What goes out leaves by the conversation's present way on `channel`, queued in the same transaction (`deliveries`); who has
    nothing to deliver (web chat) is told by event alone. `content`: what a channel carries beside text and files.
    """
    conversation = await locked(tx, conversation_id)
    if client_id is not None and (known := await _sent(tx, conversation, client_id, author)) is not None:
        return known
    kept = rules.clean_text(text, max(len(attachment_ids), 1 if content else 0))
    if author.kind == "customer":
        conversation = await bring_back(tx, conversation_id, by="customer")
    elif author.kind == "agent":
        posted = bool(content and content.get("account_id"))
        await _check_agent(tx, conversation, author, seen_number, anyway=anyway, posted=posted)
    message = Message(
        id=tx.new_id(ids.MESSAGE),
        conversation_id=conversation_id,
        number=await next_number(tx, conversation),
        direction=direction,
        channel=channel or conversation.channel,
        author=author,
        text=kept,
        attachments=await adopt(tx, conversation, author, attachment_ids),
        notice=notice,
        client_id=client_id,
        at=Millis(tx.now),
        content=content,
    )
    way = await present_way(tx, conversation, message.channel) if rules.leaves(message) else None
    if way is not None and way.account_id is not None:
        message = await deliveries.queue(tx, conversation, message, way)
    tx.later(NEW_MESSAGE, {"tenant_id": tx.tenant_id, **message_columns(message)})
    if direction == "in":  # nothing changes it before this transaction ends, and it is told of more than once
        tx.kept[Message, message.id] = message
    if way is not None and way.account_id is not None:
        await deliveries.write(tx, conversation, message, way)
    if author.kind == "agent" and author.id is not None:
        await _drop_draft(tx, conversation_id, author.id, message.channel)
    tell_message(tx, conversation, message)
    await save(tx, conversation, rules.with_message(conversation, message))
    return message


async def complete_message(
    tx: Tx, message_id: str, content: dict[str, Any], *, attach: str | None = None
) -> Message | None:
    """What came after a message was shown: its content is this now, and the file `attach`, uploaded for its customer, goes with
    it. None when there is no such message any more."""
    message = await read_message(tx, messages.c.id == message_id)
    if message is None or message.content is None:
        return None
    values: dict[str, Any] = {"content": content}
    if attach is not None:
        conversation = await locked(tx, message.conversation_id)
        added = await adopt(tx, conversation, message.author, [attach])
        values["attachments"] = [asdict(one) for one in (*message.attachments, *added)]
    where = (messages.c.tenant_id == tx.tenant_id, messages.c.id == message_id)
    await tx.execute(messages.update().where(*where).values(**values))
    fresh = await read_message(tx, messages.c.id == message_id)
    if fresh is not None:
        await tell_changed(tx, fresh)
        conversation = await locked(tx, message.conversation_id)
        # Lists show a file's name where there is no text.
        if conversation.last_message_id == message_id and not fresh.text:
            await tell(tx, "conversation.updated", conversation)
    return fresh


async def tell_customer(tx: Tx, conversation_id: str, text: str, notice: dict[str, Any], *, key: str) -> Message:
    """A line of the system to the customer, in his language, once per `key`."""
    return await add_message(
        tx,
        conversation_id,
        direction="out",
        author=Author("system"),
        text=text,
        notice=notice,
        client_id=f"system:{key}",
    )


async def mark_read(
    tx: Tx, conversation_id: str, *, by: Literal["agent", "customer"], message_id: str | None = None
) -> Conversation:
    """`by` has read up to `message_id` (None: all of it). Reading never goes back."""
    before = await locked(tx, conversation_id)
    number = before.message_count
    if message_id is not None:
        message = await read_message(
            tx, sa.and_(messages.c.id == message_id, messages.c.conversation_id == conversation_id)
        )
        number = message.number if message else 0
    if number <= (before.agent_read_number if by == "agent" else before.customer_read_number):
        return before
    if by == "customer":
        after = replace(before, customer_read_number=number)
    else:
        unread = await _unread(tx, conversation_id, number)
        after = replace(before, agent_read_number=number, unread_count=unread)
    saved = await save(tx, before, after)
    tell_part(tx, "message.read", saved, {"by": by, "number": number}, visitor=True)
    return saved


async def sent_before(tx: Tx, conversation_id: str, client_id: str, author: Author) -> Message | None:
    """The message this author made with this `client_id`; waits for one that is being made."""
    return await _sent(tx, await locked(tx, conversation_id), client_id, author)


async def _sent(tx: Tx, conversation: Conversation, client_id: str, author: Author) -> Message | None:
    if not client_id or len(client_id) > rules.MAX_CLIENT_ID:
        raise rules.InvalidMessage(f"client_id has 1 to {rules.MAX_CLIENT_ID} characters.", field="client_id")
    if is_new(tx, conversation.id) and not conversation.message_count:
        return None
    here: sa.ColumnElement[bool] = messages.c.conversation_id == conversation.id
    if conversation.thread_id is not None:  # it may have gone to another conversation by a split
        here = messages.c.conversation_id.in_(await thread_ids(tx, conversation))
    known = await read_message(tx, sa.and_(here, messages.c.client_id == client_id))
    if known is not None and (known.author.kind, known.author.id) != (author.kind, author.id):
        raise rules.InvalidMessage("This client_id belongs to another author's message.", field="client_id")
    return known


async def _check_agent(
    tx: Tx, conversation: Conversation, author: Author, seen_number: int | None, *, anyway: bool, posted: bool
) -> None:
    if conversation.status == CLOSED:
        raise rules.ConversationClosed
    if conversation.wrapup_since is not None and not (posted and await has_called(tx, conversation.id)):
        raise rules.ContactEnded
    if seen_number is not None and not anyway:
        since = await read_messages(tx, conversation.id, after=seen_number, limit=100)
        first = rules.answered_first(since, author.id or "")
        if first is not None:
            raise rules.ColleagueAnswered(message_id=first.id, number=first.number)


async def _unread(tx: Tx, conversation_id: str, number: int) -> int:
    where = (
        messages.c.tenant_id == tx.tenant_id,
        messages.c.conversation_id == conversation_id,
        messages.c.author_kind == "customer",
        messages.c.number > number,
    )
    return int(await tx.scalar(sa.select(sa.func.count()).select_from(messages).where(*where)))


async def _drop_draft(tx: Tx, conversation_id: str, user_id: str, channel: str) -> None:
    where = (
        drafts.c.tenant_id == tx.tenant_id,
        drafts.c.conversation_id == conversation_id,
        drafts.c.user_id == user_id,
        drafts.c.channel == channel,
    )
    await tx.execute(drafts.delete().where(*where))

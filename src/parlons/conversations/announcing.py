"""Matters that begin and end with one message of ours, many in one go: what a send to many opens for those who have no open one.

Written and told in their final state: nobody works on them, so nothing is told of steps between. A customer's answer brings his
back like any closed matter. The number of statements does not grow with their number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from parlons.conversations import deliveries, rules
from parlons.conversations.model import CLOSED, OPEN, SYSTEM, Conversation, Message, Way
from parlons.conversations.rows import columns, message_columns
from parlons.conversations.store import ENDED_LEG, NEW_CONVERSATION, NEW_MESSAGE
from parlons.conversations.telling import tell_announced
from parlons.customers import commands as customers
from parlons.customers import queries
from parlons.kit import ids
from parlons.kit.clock import Millis, to_datetime
from parlons.runtime.db import Tx


@dataclass(frozen=True, slots=True)
class Announcement:
    """One message to one customer."""

    workspace_id: str
    firm_id: str
    customer_id: str
    way: Way
    language: str
    subject: str
    text: str
    notice: Mapping[str, Any]
    content: Mapping[str, Any]


async def announce(tx: Tx, wanted: Sequence[Announcement]) -> list[Message]:
    """Write and queue them; the messages, in the order given."""
    made = [await _made(tx, one) for one in wanted]
    now, tenant = to_datetime(tx.now), {"tenant_id": tx.tenant_id}
    await tx.run_each(NEW_CONVERSATION, [{**tenant, **columns(conversation)} for conversation, _, _ in made])
    legs = [
        {
            **tenant,
            "id": tx.new_id(ids.LEG),
            "conversation_id": conversation.id,
            "channel": way.channel,
            "address": way.address,
            "account_id": way.account_id,
            "started_at": now,
            "ended_at": now,
            "ended_by": "system",
        }
        for conversation, _, way in made
    ]
    await tx.run_each(ENDED_LEG, legs)
    await tx.run_each(NEW_MESSAGE, [{**tenant, **message_columns(message)} for _, message, _ in made])
    await deliveries.write_all(tx, made)
    await customers.record_touches(
        tx,
        workspace_id=wanted[0].workspace_id,
        kind="conversation",
        of=[
            (one.firm_id, one.customer_id, {"conversation_id": one.id, "channel": one.channel, "what": "opened"})
            for one, _, _ in made
        ],
    )
    cards = await queries.cards(tx, [conversation.customer_id for conversation, _, _ in made])
    for conversation, message, _ in made:
        tell_announced(tx, conversation, cards.get(conversation.customer_id), message)
    return [message for _, message, _ in made]


async def _made(tx: Tx, one: Announcement) -> tuple[Conversation, Message, Way]:
    opened = Conversation(
        id=tx.new_id(ids.CONVERSATION),
        workspace_id=one.workspace_id,
        firm_id=one.firm_id,
        customer_id=one.customer_id,
        channel=one.way.channel,
        status=OPEN,
        opened_at=Millis(tx.now),
        subject=one.subject.strip()[:200],
        language=one.language[:35],
        account_id=one.way.account_id,
    )
    message = Message(
        id=tx.new_id(ids.MESSAGE),
        conversation_id=opened.id,
        number=1,
        direction="out",
        channel=one.way.channel,
        author=SYSTEM,
        text=rules.clean_text(one.text, 1),
        attachments=(),
        notice=dict(one.notice),
        client_id=None,
        at=Millis(tx.now),
        content=dict(one.content),
    )
    message = await deliveries.queue(tx, opened, message, one.way)
    closed = rules.close(rules.with_message(opened, message), None, None, "", Millis(tx.now))
    assert closed.status == CLOSED
    return replace(closed, version=opened.version), message, one.way

"""An answer taken: the first counts, and may be changed within an hour. Tied to conversation, agent, queue and firm.

By a message (`take_answer`, asked by reception before it asks for an agent) or from the page (`answer`). A button names its
question; a bare number is an answer only where nothing else was said since, so that `2` to a menu or to an agent stays what it
is. An answer needs nobody: the conversation it reopened, or began, closes again with the outcome it had.
"""

from contextlib import suppress
from dataclasses import dataclass, replace

import sqlalchemy as sa

from parlons.conversations import commands as conversations
from parlons.conversations import queries
from parlons.conversations.messages import tell_customer
from parlons.conversations.model import OPEN, Conversation, Message
from parlons.conversations.rules import DispositionRequired, UnknownDisposition
from parlons.conversations.sidework import add_note
from parlons.customers.merging import one_person
from parlons.dispatch.contacts import Contact
from parlons.kit.clock import Millis, to_datetime
from parlons.runtime.db import Tx
from parlons.runtime.events import Audience, Event
from parlons.surveys import rules, texts
from parlons.surveys.model import MAX_COMMENT, Invitation
from parlons.surveys.store import invitations, read_invitation

ANSWERED = "survey.answered"
_PLAIN = frozenset({"webchat", rules.VOICE})
"""Channels whose customers answer on the page alone."""


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody answered."""

    score: int | None
    comment: str = ""


async def take_answer(tx: Tx, contact: Contact, conversation: Conversation) -> bool:
    """Whether this message of a customer answers a question of ours; then it is kept, he is thanked, and nobody is asked for."""
    if contact.channel in _PLAIN:
        return False
    button = rules.pressed(str(contact.attributes.get("button") or ""))
    if button is not None:
        found = await _of_customer(tx, contact, invitations.c.id == button[0])
        score = button[1]
    elif conversation.lead_task_id is None:
        message: Message | None = tx.kept.get((Message, contact.key)) or await queries.message(tx, contact.key)
        number = rules.number_in(message.text) if message is not None else None
        if number is None:
            return False
        found = await _of_customer(
            tx, contact, invitations.c.how.not_in(("page", "flow")), invitations.c.channel == contact.channel
        )
        if found is None or not await _meant(tx, found, conversation, contact.key):
            return False
        score = number
    else:
        return False
    if found is None or not rules.valid(found, score) or not rules.takes_answer(found, tx.now):
        return button is not None and await _close(tx, found, conversation)
    await answer(tx, found, Given(score))
    await tell_customer(
        tx,
        conversation.id,
        texts.thanks(found.words, found.language),
        {"code": rules.THANKED},
        key=f"{found.id}:thanks",
    )
    await _close(tx, found, conversation)
    return True


async def answer(tx: Tx, invitation: Invitation, given: Given) -> Invitation:
    """Keep an answer that counts (`rules.takes_answer`); the same again changes nothing."""
    first = invitation.answered_at is None
    kept = replace(invitation, score=given.score, comment=given.comment[:MAX_COMMENT])
    if not first and (kept.score, kept.comment) == (invitation.score, invitation.comment):
        return invitation
    now = Millis(tx.now)
    kept = replace(kept, answered_at=invitation.answered_at or now, changed_at=None if first else now)
    mine = sa.and_(invitations.c.tenant_id == tx.tenant_id, invitations.c.id == kept.id)
    assert kept.answered_at is not None
    await tx.execute(
        invitations.update()
        .where(mine)
        .values(
            score=kept.score,
            comment=kept.comment,
            answered_at=to_datetime(kept.answered_at),
            changed_at=None if first else to_datetime(now),
        )
    )
    said = texts.note(
        kept.survey_name, kept.kind, kept.words, kept.language, score=kept.score, comment=kept.comment, again=not first
    )
    await add_note(tx, kept.conversation_id, author_user_id=None, author_name="", text=said)
    _tell(tx, kept)
    return kept


def _tell(tx: Tx, kept: Invitation) -> None:
    facts = (
        "survey_id",
        "kind",
        "conversation_id",
        "customer_id",
        "queue_id",
        "user_id",
        "channel",
        "language",
        "score",
    )
    tx.publish(
        Event(
            workspace_id=kept.workspace_id,
            type=ANSWERED,
            data={"invitation_id": kept.id, **{name: getattr(kept, name) for name in facts},
                  "changed": kept.changed_at is not None},
            firm_id=kept.firm_id,
            private={"comment": kept.comment} if kept.comment else None,
            private_key=kept.customer_id if kept.comment else None,
            audience=Audience(firm_id=kept.firm_id, queue_id=kept.queue_id or ""),
        )
    )  # fmt: skip


async def _of_customer(tx: Tx, contact: Contact, *where: sa.ColumnElement[bool]) -> Invitation | None:
    people = await one_person(tx, contact.customer_id)
    return await read_invitation(tx, sa.and_(invitations.c.customer_id.in_(people), *where), lock=True)


async def _meant(tx: Tx, found: Invitation, conversation: Conversation, message_id: str) -> bool:
    """Whether a bare number can only be meant for this question."""
    if conversation.id != found.conversation_id:  # the asked one was closed too long ago: it began a matter of its own
        return conversation.message_count == 1
    since = await queries.later(tx, conversation.id, found.message_number)
    return rules.nothing_between(since, message_id)


async def _close(tx: Tx, found: Invitation | None, conversation: Conversation) -> bool:
    """What the answer opened is closed again."""
    conversation = await conversations.locked(tx, conversation.id)
    if conversation.status != OPEN or conversation.lead_task_id is not None:
        return True
    outcome = found.disposition_id if found is not None and found.conversation_id == conversation.id else None
    if outcome is not None:
        with suppress(UnknownDisposition, DispositionRequired):  # the outcomes of the queue are others by now
            await conversations.close(tx, conversation.id, by="agent", disposition_id=outcome)
            return True
    await conversations.close(tx, conversation.id, by="system")
    return True

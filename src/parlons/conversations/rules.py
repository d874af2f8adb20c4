"""When a step of a conversation is legal, and what it makes of it. Pure: no I/O, the time is given.

Each function returns the conversation after the step, or raises a `Refusal` and nothing has changed. A step that was done
already returns its argument: on a network, late and repeated is normal. Who may do it is decided in `rights`.
"""

from collections.abc import Sequence
from dataclasses import replace

from parlons.conversations.model import CLOSED, OPEN, PARKED, Conversation, DispositionSet, Message
from parlons.kit.clock import Millis
from parlons.kit.errors import Conflict, Invalid, TooLarge

MAX_TEXT = 8_000
MAX_NOTE = 8_000
MAX_DRAFT = 20_000
MAX_ATTACHMENTS = 10
MAX_TAGS, MAX_TAG = 20, 40
MAX_CLIENT_ID = 100


class MessageTooLong(TooLarge):
    """This message is longer than 8,000 characters; send it in parts."""

    code = "message-too-long"


class EmptyMessage(Invalid):
    """A message has a text or an attachment."""

    code = "empty-message"


class InvalidMessage(Invalid):
    """A value of this message is not acceptable."""

    code = "invalid-message"


class NoteTooLong(TooLarge):
    """This note is longer than 8,000 characters."""

    code = "note-too-long"


class InvalidTags(Invalid):
    """At most 20 tags of at most 40 characters each."""

    code = "invalid-tags"


class DispositionRequired(Invalid):
    """Choose an outcome before closing: this queue asks for one."""

    code = "disposition-required"


class UnknownDisposition(Invalid):
    """This queue has no such outcome."""

    code = "unknown-disposition"


class ConversationClosed(Conflict):
    """This conversation is closed. Reopen it first."""

    code = "conversation-closed"


class ContactEnded(Conflict):
    """This contact has ended. Reopen the conversation to write again."""

    code = "contact-ended"


class ConversationChanged(Conflict):
    """Somebody changed this conversation meanwhile; look again."""

    code = "conversation-changed"


class ColleagueAnswered(Conflict):
    """A colleague answered first. Read the answer, then send yours anyway if it is still needed."""

    code = "colleague-answered"


class ParkInThePast(Invalid):
    """A conversation is parked until a time to come."""

    code = "park-in-the-past"


def check_version(conversation: Conversation, version: int | None) -> None:
    """Refuse a step that was decided on an older state."""
    if version is not None and version != conversation.version:
        raise ConversationChanged(version=conversation.version)


def clean_text(text: str, attachments: int) -> str:
    """The text of a message as it is kept; raises when it is too long or says nothing."""
    kept = text.replace("\x00", "").strip()
    if len(kept) > MAX_TEXT:
        raise MessageTooLong(length=len(kept), limit=MAX_TEXT)
    if attachments > MAX_ATTACHMENTS:
        raise InvalidMessage(f"A message carries at most {MAX_ATTACHMENTS} files.", limit=MAX_ATTACHMENTS)
    if not kept and not attachments:
        raise EmptyMessage
    return kept


SAID_EVERYWHERE = frozenset(
    {"closed", "message-left", "opted-out", "opted-in", "help", "send", "survey", "survey-thanks", "news", "away"}
)
"""Lines of the system that a customer gets on every channel; others (who joined, who left) are for those who watch a page."""


def leaves(message: Message) -> bool:
    """Whether a message goes out to the customer."""
    if message.direction != "out" or message.author.kind == "customer":
        return False
    return message.author.kind != "system" or (message.notice or {}).get("code") in SAID_EVERYWHERE


def clean_note(text: str) -> str:
    """The text of a note as it is kept."""
    kept = text.replace("\x00", "").strip()
    if len(kept) > MAX_NOTE:
        raise NoteTooLong(length=len(kept), limit=MAX_NOTE)
    if not kept:
        raise EmptyMessage("A note has a text.")
    return kept


def clean_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Tags without doubles, in the order given."""
    kept = tuple(dict.fromkeys(" ".join(tag.replace("\x00", "").split()) for tag in tags if tag.strip()))
    if len(kept) > MAX_TAGS or any(len(tag) > MAX_TAG for tag in kept):
        raise InvalidTags
    return kept


def with_message(conversation: Conversation, message: Message) -> Conversation:
    """The conversation after `message` was added to it as its last one."""
    after = replace(
        conversation,
        message_count=message.number,
        last_message_id=message.id,
        last_message_at=message.at,
    )
    if message.author.kind == "customer":
        return replace(
            after,
            last_customer_message_at=message.at,
            first_unanswered_at=conversation.first_unanswered_at or message.at,
            customer_read_number=message.number,
            unread_count=conversation.unread_count + 1,
        )
    if message.author.kind == "agent":
        return replace(after, first_unanswered_at=None, agent_read_number=message.number, unread_count=0)
    return after


def answered_first(since: Sequence[Message], user_id: str) -> Message | None:
    """The last answer of a colleague among the messages written since `user_id` looked, if there is one."""
    answers = [m for m in since if m.author.kind == "agent" and m.author.id != user_id]
    return answers[-1] if answers else None


def reopen(conversation: Conversation) -> Conversation:
    """A closed, parked or wrapping conversation goes on; it waits for whoever had it, or anybody."""
    if conversation.live:
        return conversation
    return replace(
        released(conversation),
        status=OPEN,
        lead_task_id=None,
        closed_at=None,
        parked_until=None,
        wrapup_since=None,
        disposition_id=None,
        disposition_note="",
    )


def released(conversation: Conversation) -> Conversation:
    """Nobody has it any more; who had it is remembered."""
    if conversation.assigned_worker_id is None and conversation.assigned_user_id is None:
        return conversation
    return replace(
        conversation,
        previous_user_id=conversation.assigned_user_id,
        previous_worker_id=conversation.assigned_worker_id,
        assigned_user_id=None,
        assigned_worker_id=None,
        assigned_name="",
    )


def assigned(conversation: Conversation, user_id: str | None, worker_id: str | None, name: str) -> Conversation:
    """`user_id` has it now; a conversation nobody served is taken care of."""
    return replace(
        released(conversation),
        assigned_user_id=user_id,
        assigned_worker_id=worker_id,
        assigned_name=name,
        joined=tuple(one for one in conversation.joined if one != user_id),
        resumed_by_worker_id=None,
        not_served_reason=None,
    )


def park(conversation: Conversation, until: Millis | None, now: Millis) -> Conversation:
    """Set aside until the customer writes, `until` passes or an agent fetches it; its work ends for now."""
    if conversation.status == CLOSED:
        raise ConversationClosed
    if until is not None and until <= now:
        raise ParkInThePast
    return replace(
        released(conversation),
        status=PARKED,
        joined=(),
        parked_until=until,
        lead_task_id=None,
        wrapup_since=None,
    )


def end_contact(conversation: Conversation, now: Millis) -> Conversation:
    """The customer's part is over; the work after it goes on."""
    if conversation.status == CLOSED:
        raise ConversationClosed
    if conversation.wrapup_since is not None:
        return conversation
    return replace(conversation, wrapup_since=now, first_unanswered_at=None)


def close(
    conversation: Conversation, outcomes: DispositionSet | None, disposition_id: str | None, note: str, now: Millis
) -> Conversation:
    """The matter is done, with its outcome; a queue that requires one refuses to close without."""
    if conversation.status == CLOSED:
        return conversation
    known = {item.id for item in outcomes.items} if outcomes else set()
    if disposition_id is not None and disposition_id not in known:
        raise UnknownDisposition(disposition_id=disposition_id)
    if disposition_id is None and outcomes is not None and outcomes.required:
        raise DispositionRequired
    return replace(
        released(conversation),
        status=CLOSED,
        joined=(),
        closed_at=now,
        lead_task_id=None,
        parked_until=None,
        wrapup_since=None,
        first_unanswered_at=None,
        not_served_reason=None,
        unread_count=0,
        agent_read_number=conversation.message_count,
        disposition_id=disposition_id,
        disposition_note=clean_note(note) if note.strip() else "",
    )

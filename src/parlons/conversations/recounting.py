"""What a conversation says of its messages (last one, unread, waiting since), counted anew after some left or came. Pure.

`rules.with_message` counts as messages come; here the same is found from the lines that stand in it now. Numbers are never
given again: the conversations that were one share them (`Conversation.thread_id`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from parlons.conversations.model import Conversation
from parlons.kit.clock import Millis
from parlons.kit.errors import Conflict, Invalid

MOST = 200
"""Messages that go in one split."""


class NothingChosen(Invalid):
    """Choose the messages that are to go; lines of the system stay where they are."""

    code = "split-chooses-nothing"


class NothingLeft(Invalid):
    """A split leaves at least one message behind; to hand all of it on, transfer the conversation."""

    code = "split-leaves-nothing"


class TooManyChosen(Invalid):
    """At most 200 messages go in one split."""

    code = "split-too-large"


class SplitSince(Conflict):
    """The new conversation was itself split since; undo that split first."""

    code = "split-since"


@dataclass(frozen=True, slots=True)
class Line:
    """What counting needs to know of a message."""

    id: str
    number: int
    kind: str
    """Who wrote it: customer, agent, bot or system."""
    channel: str
    at: Millis


def parted(lines: Sequence[Line], chosen: Collection[str]) -> tuple[list[Line], list[Line]]:
    """(what stays, what goes), each in order; raises NothingChosen, NothingLeft, TooManyChosen."""
    going = [line for line in lines if line.id in chosen and line.kind != "system"]
    if not going or len(going) != len(set(chosen)):
        raise NothingChosen
    if len(going) > MOST:
        raise TooManyChosen(limit=MOST)
    staying = [line for line in lines if line.id not in chosen]
    if all(line.kind == "system" for line in staying):
        raise NothingLeft
    return staying, going


def recounted(conversation: Conversation, lines: Sequence[Line], since: Millis | None) -> Conversation:
    """`conversation` with just these lines, in their order. `since`: before it nobody waits for an answer; None: nobody does."""
    customer = [line for line in lines if line.kind == "customer"]
    answered = max((line.number for line in lines if line.kind == "agent"), default=0)
    waiting = [line.at for line in customer if line.number > answered and since is not None and line.at >= since]
    last = lines[-1] if lines else None
    return replace(
        conversation,
        message_count=max(last.number if last else 0, conversation.message_count),
        last_message_id=last.id if last else None,
        last_message_at=last.at if last else None,
        last_customer_message_at=customer[-1].at if customer else None,
        first_unanswered_at=waiting[0] if waiting else None,
        unread_count=sum(1 for line in customer if line.number > conversation.agent_read_number),
    )

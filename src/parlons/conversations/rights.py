"""Who may read or work on a conversation: the one place where that is decided. Pure.

An agent reads what is his, what he had, and what waits in queues he serves; he writes into what is his, or into what
nobody has. Supervisors and administrators do so for their firms. Other tenants' rows are invisible to begin with (row-level
security); this decides inside a tenant.
"""

from dataclasses import dataclass
from typing import Literal

from parlons.accounts.model import Principal, Role
from parlons.conversations.model import CLOSED, Conversation
from parlons.kit.errors import Forbidden, NotFound

Act = Literal["read", "write", "note", "fetch"]


class UnknownConversation(NotFound):
    """There is no such conversation."""

    code = "unknown-conversation"


class NotYours(Forbidden):
    """This conversation is in a colleague's hands."""

    code = "not-yours"


@dataclass(frozen=True, slots=True)
class Reader:
    """A principal and the queues he serves."""

    principal: Principal
    queue_ids: frozenset[str] | None = None
    """None: not known here; then the firm alone decides."""
    offered: frozenset[str] = frozenset()
    """Conversations whose work is offered to him now, such as by a colleague of another queue."""

    @property
    def leads(self) -> bool:
        """Whether he answers for others' work."""
        return self.principal.may(Role.SUPERVISOR)


def has(reader: Reader, conversation: Conversation) -> bool:
    """Whether it is assigned to him."""
    me = reader.principal
    mine = me.user_id is not None and conversation.assigned_user_id == me.user_id
    return mine or (me.worker_id is not None and conversation.assigned_worker_id == me.worker_id)


def may(reader: Reader, act: Act, conversation: Conversation) -> bool:
    """Whether `reader` may do `act` to `conversation`."""
    if not reader.principal.sees(conversation.firm_id):
        return False
    if reader.leads or has(reader, conversation):
        return True
    had = conversation.previous_user_id is not None and conversation.previous_user_id == reader.principal.user_id
    serves = reader.queue_ids is None or conversation.queue_id is None or conversation.queue_id in reader.queue_ids
    nobody = conversation.assigned_user_id is None and conversation.assigned_worker_id is None
    match act:
        case "read" | "note":
            return had or serves or conversation.id in reader.offered
        case "fetch":
            return nobody and (had or serves)
        case "write":
            return nobody and conversation.status != CLOSED and had


def check(reader: Reader, act: Act, conversation: Conversation | None) -> Conversation:
    """`conversation` when he may; what he may not read does not exist for him."""
    if conversation is None or not may(reader, "read", conversation):
        raise UnknownConversation
    if not may(reader, act, conversation):
        raise NotYours
    return conversation

"""Who may read or work on a conversation: the one place where that is decided. Pure.

An agent reads what is his, what he had, and what waits in queues he serves (with the right to fetch: in any queue of his
firms); he writes into what is his, or into what nobody has. Who may read the work of others does so in his firms and
queues, and writes there when he may steer. Other tenants' rows are invisible to begin with (row-level security); this
decides inside a tenant.
"""

from dataclasses import dataclass
from typing import Literal

from parlons.accounts.model import Principal, Role
from parlons.accounts.rights import Right
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
        """Whether he sees others' work."""
        return self.principal.may(Role.SUPERVISOR)

    def serves(self, conversation: Conversation) -> bool:
        """Whether such work may come to him, or be fetched by him."""
        me, queue_id = self.principal, conversation.queue_id
        if not me.has(Right.SERVE):
            return False
        if queue_id is None:
            return me.queue_ids is None
        if self.queue_ids is None:
            return me.oversees(conversation.firm_id, queue_id)
        if queue_id in self.queue_ids:
            return True
        return me.has(Right.FETCH) and me.oversees(conversation.firm_id, queue_id)


def has(reader: Reader, conversation: Conversation) -> bool:
    """Whether it is assigned to him."""
    me = reader.principal
    mine = me.user_id is not None and conversation.assigned_user_id == me.user_id
    return mine or (me.worker_id is not None and conversation.assigned_worker_id == me.worker_id)


def may(reader: Reader, act: Act, conversation: Conversation) -> bool:
    """Whether `reader` may do `act` to `conversation`."""
    if not reader.principal.sees(conversation.firm_id):
        return False
    if has(reader, conversation):
        return True
    me = reader.principal
    oversees = reader.leads and me.oversees(conversation.firm_id, conversation.queue_id)
    if oversees and (act in ("read", "note") or me.has(Right.STEER)):
        return True
    had = conversation.previous_user_id is not None and conversation.previous_user_id == reader.principal.user_id
    serves = reader.serves(conversation)
    nobody = conversation.assigned_user_id is None and conversation.assigned_worker_id is None
    match act:
        case "read" | "note":
            named = me.user_id is not None and me.user_id in conversation.mentioned
            return had or serves or named or conversation.id in reader.offered
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

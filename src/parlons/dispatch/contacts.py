"""The inner port: what to do with a new call or message. Channels ask, reception answers, app wires the two.

The channel stores the customer's message and asks in the same transaction; the answer's task goes by the command road in
that transaction too, so a message and its task are kept together or not at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from parlons.kit.clock import Millis
from parlons.runtime.db import Tx


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody wrote or called."""

    tenant_id: str
    workspace_id: str
    channel: str
    """webchat, email ..."""
    address: str
    """Where he came in: a widget's id, a number, a mailbox."""
    customer_id: str
    conversation_id: str
    at: Millis
    key: str
    """Of what he did, such as the message's id: the same key is the same contact."""
    firm_id: str | None = None
    """Known already, for an address without an entry point of its own."""
    language: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """What the channel knows and routing may ask: page, topic ..."""
    offline: bool = False
    """He left a message (a form), and waits for nobody: it becomes a task also outside opening hours."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a contact."""

    kind: Literal["task", "already", "closed", "flow"]
    """`task`: an agent is asked for; `already`: one is, or the same contact came before; `closed`: outside hours, kept as a
    task for later; `flow`: a flow answers, and nobody is asked for yet."""
    task_id: str | None
    firm_id: str
    language: str
    next_opening_at: Millis | None = None
    """When `closed`; None: not within a year."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What an address promises before anybody writes to it."""

    firm_id: str
    open: bool
    next_opening_at: Millis | None
    """When not open."""
    language: str


class ContactHandler(Protocol):
    """Implemented by reception."""

    async def entry(self, tx: Tx, *, channel: str, address: str, firm_id: str | None = None, at: Millis) -> Entry:
        """Whose address this is and whether it is open at `at`; raises a Refusal when nothing answers it."""
        ...

    async def new_contact(self, tx: Tx, contact: Contact) -> Decision:
        """Asks for an agent. Called after every message of a customer, in the transaction that stored it; repeatable."""
        ...

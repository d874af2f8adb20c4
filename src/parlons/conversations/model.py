"""What a conversation is: one matter with one customer, its messages, notes and outcome. Pure values, times in milliseconds UTC.

Says nothing about who may do what (`rights`), when a step is legal (`rules`) or how rows look (`store`).
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from parlons.kit.clock import Millis

Status = Literal["open", "parked", "closed"]
Direction = Literal["in", "out"]
AuthorKind = Literal["customer", "agent", "system", "bot"]
OPEN: Status = "open"
PARKED: Status = "parked"
CLOSED: Status = "closed"


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a message."""

    kind: AuthorKind
    id: str | None = None
    """Customer, user or bot; None for the system."""
    name: str = ""


SYSTEM = Author("system")
VOICE = "voice"
"""The channel of calls: nothing written leaves by it."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message."""

    id: str
    name: str
    size: int
    """Bytes."""
    content_type: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `number` counts from 1 in its conversation and is the order everybody sees."""

    id: str
    conversation_id: str
    number: int
    direction: Direction
    channel: str
    author: Author
    text: str
    attachments: tuple[Attachment, ...]
    notice: dict[str, Any] | None
    """For a line of the system: its code and values, so that each reader sees it in his own language."""
    client_id: str | None
    at: Millis
    content: dict[str, Any] | None = None
    """What a channel carries beside text and files: `kind`, `subject`, `html`, `folded`, `cc` ... (channels/content.py)."""
    delivery: dict[str, Any] | None = None
    """How far it has come on its way out (`delivering.Delivery.json`); None: it needs no delivering."""


@dataclass(frozen=True, slots=True)
class Way:
    """By which channel, account and address a conversation goes on."""

    channel: str
    account_id: str | None = None
    """None: a channel that reaches its customer by itself (web chat, telephone)."""
    address: str | None = None
    """The customer's, as the channel writes it."""


@dataclass(frozen=True, slots=True)
class Note:
    """A private remark of the staff; the customer never sees it."""

    id: str
    conversation_id: str
    author_user_id: str | None
    author_name: str
    text: str
    at: Millis
    mentions: tuple[str, ...] = ()
    """Users it names: each is told, and may read the conversation."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One stretch of a conversation on one channel."""

    id: str
    channel: str
    address: str | None
    started_at: Millis
    ended_at: Millis | None
    ended_by: str | None
    """agent, customer or system."""
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A text an agent has not sent yet."""

    channel: str
    text: str
    saved_at: Millis
    html: str = ""
    """The same with formatting, for letters: not cleaned yet, shown to its author alone."""


@dataclass(frozen=True, slots=True)
class Disposition:
    """One outcome an agent may choose."""

    id: str
    name: dict[str, str]
    """By language."""


@dataclass(frozen=True, slots=True)
class DispositionSet:
    """The outcomes of one queue, or of a firm when `queue_id` is empty."""

    queue_id: str
    required: bool
    """Whether a conversation of this queue closes only with one."""
    items: tuple[Disposition, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """One matter with one customer."""

    id: str
    workspace_id: str
    firm_id: str
    customer_id: str
    channel: str
    status: Status
    opened_at: Millis
    subject: str = ""
    language: str = "en"
    queue_id: str | None = None
    lead_task_id: str | None = None
    """The one task open for it; None: nobody is asked to work on it."""
    assigned_user_id: str | None = None
    assigned_worker_id: str | None = None
    assigned_name: str = ""
    previous_user_id: str | None = None
    previous_worker_id: str | None = None
    """Who had it last: preferred when it comes back."""
    resumed_by_worker_id: str | None = None
    """An agent who fetched it back himself: its next reservation for him is accepted for him."""
    not_served_reason: str | None = None
    """Why its task ended without an agent; kept until somebody takes care of it."""
    parked_until: Millis | None = None
    closed_at: Millis | None = None
    wrapup_since: Millis | None = None
    """The contact has ended, the work after it has not."""
    thread_id: str | None = None
    """The first of the conversations that were one until they were split: they share the numbers of their messages."""
    disposition_id: str | None = None
    disposition_note: str = ""
    message_count: int = 0
    last_message_id: str | None = None
    last_message_at: Millis | None = None
    last_customer_message_at: Millis | None = None
    first_unanswered_at: Millis | None = None
    """Since when the customer waits for an answer: the reply-by clock."""
    agent_read_number: int = 0
    customer_read_number: int = 0
    unread_count: int = 0
    """Messages of the customer which no agent has read."""
    tags: tuple[str, ...] = field(default_factory=tuple)
    joined: tuple[str, ...] = field(default_factory=tuple)
    """Users who joined beside the one who has it: supervisors who came to help."""
    mentioned: tuple[str, ...] = field(default_factory=tuple)
    """Users named in its notes: they may read it."""
    account_id: str | None = None
    """By which account of `channel` it goes on now; None: the channel has none."""
    version: int = 1

    @property
    def live(self) -> bool:
        """Whether the customer can still write into its present contact."""
        return self.status == OPEN and self.wrapup_since is None

    @property
    def holders(self) -> tuple[str, ...]:
        """Users in whose own list it stands: who has it or joined, or who set it aside or closed it last."""
        user_id = self.assigned_user_id if self.status == OPEN else self.previous_user_id
        return tuple(dict.fromkeys(one for one in (user_id, *self.joined) if one is not None))

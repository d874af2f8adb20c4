"""What an agent's message carries beside text and files, and who decides by which way it leaves: the channels, in the room above.

    prepared = await letters.prepare(tx, conversation, letter)      in the transaction that then adds the message

Without channels (tests of this room) a message is for those who watch a page.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from fastapi import Request

from parlons.conversations.model import Conversation
from parlons.runtime.db import Tx


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as an agent wrote it."""

    text: str
    attachment_ids: Sequence[str] = ()
    channel: str | None = None
    """None: as the conversation goes on now."""
    account_id: str | None = None
    to: str | None = None
    subject: str | None = None
    """None: the conversation's."""
    cc: Sequence[str] = ()
    bcc: Sequence[str] = ()
    html: str = ""
    template: dict[str, Any] | None = None
    """`name`, `language`, `values`."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """How it leaves."""

    channel: str | None = None
    text: str | None = None
    """Instead of what he wrote: a template filled in."""
    content: dict[str, Any] = field(default_factory=dict)


class Letters(Protocol):
    """Implemented by channels."""

    async def prepare(self, tx: Tx, conversation: Conversation, letter: Letter) -> Prepared:
        """Decide the way, check what it can carry, and let the conversation go on by it. Raises refusals."""
        ...

    async def moved(self, tx: Tx, message_ids: Sequence[str], *, from_id: str, into_id: str) -> None:
        """These messages stand in another conversation now: what answers them goes there, and answers there refer to them."""
        ...

    def typing(self, conversation: Conversation) -> None:
        """An agent writes: customers whose channel shows it see it."""
        ...


class NoLetters:
    """Where there are no channels."""

    async def prepare(self, tx: Tx, conversation: Conversation, letter: Letter) -> Prepared:
        """As it is."""
        return Prepared()

    async def moved(self, tx: Tx, message_ids: Sequence[str], *, from_id: str, into_id: str) -> None:
        """Nobody answers from outside."""

    def typing(self, conversation: Conversation) -> None:
        """Nobody to show it."""


def letters_of(request: Request) -> Letters:
    """Who decides in this process."""
    found: Letters = getattr(request.app.state, "letters", None) or NoLetters()
    return found

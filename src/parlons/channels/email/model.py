"""What a mail is once it is read: who wrote to whom, its words, its parts. Pure values.

Says nothing about how bytes become one (`parsing`), which conversation it belongs to (`threads`) or whether a machine wrote
it (`automatic`). Words: RFC 5322 (a mailbox is a name and an address), RFC 2045 (parts).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from parlons.kit.clock import Millis


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One person or office as a mail names it."""

    address: str
    """Without the name; the domain in small letters. Never empty."""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A file that came with a mail."""

    name: str
    """As the sender called it: not cleaned."""
    content_type: str
    """As the sender declared it: not believed."""
    content: bytes
    content_id: str = ""
    """By which the mail's HTML shows it, without angle brackets; empty: nothing refers to it."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail."""

    message_id: str
    """Without angle brackets; made from the content when the sender gave none."""
    sender: Mailbox | None
    """From; None when nobody can be answered."""
    reply_to: Mailbox | None
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    subject: str
    at: Millis | None
    """Date, as the sender's clock says."""
    references: tuple[str, ...]
    """Ids of earlier mails of its thread, the nearest first, without angle brackets."""
    text: str
    """Its words in plain text, from the text part or else from the HTML; quotes included."""
    html: str
    """Its words in HTML as they came, or empty: never show this."""
    parts: tuple[Part, ...]
    headers: Mapping[str, str]
    """Decoded, by name in small letters; of those that come twice the first."""
    authentications: tuple[str, ...] = ()
    """Authentication-Results, the topmost first: what mail servers found about the sender. Strangers can write some too."""
    defects: tuple[str, ...] = field(default=())
    """What was broken and mended while reading, in stable words: for the journal and the tests."""

    @property
    def answer_to(self) -> Mailbox | None:
        """Whom an answer goes to."""
        return self.reply_to or self.sender

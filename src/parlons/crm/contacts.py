"""The durable reader "crm": a contact that has ended is written back to each customer system of its firm, once per ending.

What is written: when, on which channel, with whom, its outcome, the note taken at its end, the address of the conversation.
"""

from dataclasses import dataclass

from parlons.conversations import queries as conversations
from parlons.conversations.model import CLOSED, Conversation
from parlons.conversations.sidework import all_dispositions
from parlons.crm.model import LookupRow, UnknownWrite, Write
from parlons.crm.queue import note_write
from parlons.crm.searching import findable
from parlons.crm.store import read_link
from parlons.crm.systems import Systems
from parlons.customers import queries as customers
from parlons.customers.lookups.plugin import Activity
from parlons.kit.clock import to_datetime
from parlons.runtime.db import Tx
from parlons.runtime.journal import Entry
from parlons.runtime.readers import Reader, Tail

NAME = "crm"
TYPES = frozenset({"conversation.closed"})
FRESH_MS = 86_400_000
"""A contact that ended longer ago, read late, is not written back."""
_WORDS = {
    "en": {
        "voice": "Call", "webchat": "Chat", "email": "E-mail", "sms": "Text message", "other": "Contact",
        "with": "With", "outcome": "Outcome", "served": "Served", "unserved": "Not served", "subject": "Subject",
        "note": "Note",
    },
    "fr": {
        "voice": "Appel", "webchat": "Chat", "email": "E-mail", "sms": "SMS", "other": "Contact",
        "with": "Avec", "outcome": "Issue", "served": "Traité", "unserved": "Non traité", "subject": "Objet",
        "note": "Note",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contacts that end."""

    systems: Systems

    def reader(self, tail: Tail, tenant_id: str) -> Reader:
        """The reader of one workspace; `run` it for ever."""
        return Reader(tail, tenant_id, NAME, TYPES, self.note)

    async def note(self, tx: Tx, entry: Entry) -> None:
        """Plans what is written of one ending."""
        if tx.now - entry.at > FRESH_MS:
            return
        found = await conversations.conversation(tx, entry.data["conversation"]["id"])
        customer = await customers.customer(tx, found.customer_id) if found is not None else None
        if found is None or customer is None or customer.erased_at is not None:
            return
        for row in await self.systems.of_customer(tx, customer):
            if row.write_contacts and (findable(customer) or await read_link(tx, row.id, customer.id) is not None):
                await note_write(tx, row, customer.id, f"{found.id}:{entry.at}", "contact", conversation_id=found.id)

    async def activity(self, tx: Tx, row: LookupRow, write: Write) -> Activity:
        """What is written of it, as it stands now."""
        found = await conversations.conversation(tx, write.conversation_id or "")
        if found is None:
            raise UnknownWrite
        words = _WORDS.get(row.language, _WORDS["en"])
        legs = await conversations.legs_of(tx, found.id)
        began = max((leg.started_at for leg in legs), default=found.opened_at)
        ended = found.closed_at if found.status == CLOSED and found.closed_at is not None else write.created_at
        channel = words.get(found.channel, words["other"])
        outcome = await _outcome(tx, found, words, row.language)
        lines = [_span(min(began, ended), ended), f"{words['outcome']}: {outcome}"]
        if found.assigned_name:
            lines.append(f"{words['with']}: {found.assigned_name}")
        if found.subject:
            lines.append(f"{words['subject']}: {found.subject}")
        if found.disposition_note:
            lines.append(f"{words['note']}: {found.disposition_note}")
        url = f"{self.systems.url.rstrip('/')}/app/c/{found.id}"
        began = min(began, ended)
        return Activity(write.id, f"{channel}: {outcome}", "\n".join(lines), began, ended, found.channel, url)


async def _outcome(tx: Tx, found: Conversation, words: dict[str, str], language: str) -> str:
    """The outcome that was chosen, else whether somebody served it."""
    if found.disposition_id is not None:
        for outcomes in await all_dispositions(tx):
            for item in outcomes.items:
                if item.id == found.disposition_id:
                    return item.name.get(language) or next(iter(item.name.values()))
    return words["served" if found.previous_user_id or found.assigned_user_id else "unserved"]


def _span(began: int, ended: int) -> str:
    first, last = to_datetime(began), to_datetime(ended)
    until = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%Y-%m-%d %H:%M}"
    return f"{first:%Y-%m-%d %H:%M} – {until} UTC"

"""One notification to one visitor, or why there is none: his page is before him, it is quiet now, he talks to somebody.

No transaction is open while a push service is called. A subscription that has ended is forgotten at once.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from parlons.channels.model import Account, Outgoing, Sent
from parlons.channels.plugin import Failed, TryLater
from parlons.channels.push import browsers, words
from parlons.channels.push.browsers import VisitorBrowser
from parlons.channels.push.keys import Keys, ensure_keys
from parlons.channels.push.quiet import seconds_of_quiet
from parlons.channels.push.sending import Outcome, send
from parlons.channels.webchat import visits
from parlons.channels.webchat.queries import visitor_by_id
from parlons.channels.webchat.store import widgets
from parlons.conversations import queries
from parlons.conversations.model import CLOSED
from parlons.kit.clock import to_datetime
from parlons.runtime.db import Database, Tx
from parlons.runtime.hub import Hub
from parlons.runtime.safe_http import SafeHttp

KEPT = 24 * 3600
"""Seconds a push service keeps what it cannot deliver."""
BUSY = 300.0
"""Seconds until a visitor who talks to somebody else is tried again."""
OPENS = "#parlons"
"""Behind the address that a press opens: the widget opens with the page."""
NOBODY = "mailto:nobody@parlons.invalid"
"""Whom a push service may write to when we have no address of https."""


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be told, ready."""

    to: VisitorBrowser
    keys: Keys
    title: str


@dataclass(slots=True)
class Telling:
    """What telling needs of a process."""

    db: Database
    http: SafeHttp
    url: str
    hub: Hub | None = None

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """A message of the channel `push`. Raises TryLater or Failed."""
        async with self.db.transaction(account.tenant_id) as tx:
            note = await self._note(tx, account, message)
        body = words.body(note.to.locale, message.text, answer=False, show=account.settings.show_text)
        outcome = await self._hand_over(account.tenant_id, note, tag=message.key, body=body)
        if outcome is Outcome.SENT:
            return Sent((message.key,))
        if outcome is Outcome.ENDED:
            raise Failed("subscription-ended")
        raise TryLater("push-service-away")

    async def answered(self, account: Account, to: VisitorBrowser, conversation_id: str, text: str) -> Outcome | None:
        """He was answered in his chat; None: nothing is shown now."""
        if self.looks(account.workspace_id, conversation_id):
            return None
        async with self.db.transaction(account.tenant_id) as tx:
            if _quiet(tx, account, to) or await visitor_by_id(tx, to.id) is None:
                return None
            note = Note(to, await ensure_keys(tx), await _title(tx, to))
        body = words.body(to.locale, text, answer=True, show=account.settings.show_text)
        return await self._hand_over(account.tenant_id, note, tag=conversation_id, body=body)

    def looks(self, workspace_id: str, conversation_id: str) -> bool:
        """Whether a customer has the page with this conversation before him, of those connected to this process."""
        return self.hub is not None and self.hub.customer_in_front(workspace_id, conversation_id)

    async def _note(self, tx: Tx, account: Account, message: Outgoing) -> Note:
        visitor = await visitor_by_id(tx, message.to.partition(".")[0])
        to = await browsers.browser_of(tx, visitor.id) if visitor is not None else None
        if visitor is None or to is None or to.named != message.to:
            raise Failed("subscription-ended")
        if quiet := _quiet(tx, account, to):
            raise TryLater("quiet-hours", after=quiet)
        if visitor.conversation_id != message.conversation_id:
            present = await queries.conversation(tx, visitor.conversation_id) if visitor.conversation_id else None
            if present is not None and present.status != CLOSED:
                raise TryLater("in-a-chat", after=BUSY)
            await visits.remember(tx, visitor, conversation_id=message.conversation_id)
        return Note(to, await ensure_keys(tx), await _title(tx, to))

    async def _hand_over(self, tenant_id: str, note: Note, *, tag: str, body: str) -> Outcome:
        what: dict[str, object] = {
            "tag": tag,
            "title": note.title,
            "body": body,
            "lang": note.to.locale,
            "url": note.to.page + OPENS,
        }
        contact = self.url if self.url.startswith("https:") else NOBODY
        now = self.db.clock()
        outcome = await send(self.http, note.keys, note.to, what, contact=contact, now=now, seconds=KEPT)
        if outcome is Outcome.ENDED:
            async with self.db.transaction(tenant_id) as tx:
                await browsers.end(tx, note.to.id, "gone")
        return outcome


def _quiet(tx: Tx, account: Account, to: VisitorBrowser) -> int:
    hours = account.settings
    return seconds_of_quiet(hours.quiet_begins, hours.quiet_ends, to_datetime(tx.now), to.time_zone)


async def _title(tx: Tx, to: VisitorBrowser) -> str:
    """The firm, as its widget names it."""
    row = await tx.fetch_one(
        sa.select(widgets.c.name, widgets.c.texts).where(
            widgets.c.tenant_id == tx.tenant_id, widgets.c.key == to.widget_key
        )
    )
    return (row["texts"].get(to.locale, {}).get("title") or row["name"]) if row is not None else ""

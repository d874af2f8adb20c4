"""Following a mailbox: new mail at once, old mail in between, each taken before it is settled on the server.

Decides the order: what came since the last look goes first, then one of those that were there before, and again. So ten
thousand old mails hold up no new one. The position (`validity`, `last` new UID taken, `old` the last old one, `until` the
first that is not old) is committed with the mails it stands for; when the server numbers anew (UIDVALIDITY), the mails of
the days since are read again, and those known are known by their Message-ID.
"""

import asyncio
import contextlib
import imaplib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from parlons.channels.email import incoming
from parlons.channels.email.identities import settings_of
from parlons.channels.email.imap import Imap, LoginRefused, Troubles
from parlons.channels.email.oauth import Access
from parlons.channels.email.settings import Settings
from parlons.channels.model import Account, Event
from parlons.channels.plugin import Inbox
from parlons.kit.clock import Clock

BATCH = 100
"""Old mails between two looks at which of them are wanted; after each of them new ones are looked for."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
T = TypeVar("T")


class ConnectionLost(OSError):
    """The connection to the mail server was lost, or never stood."""

    code = "connection-lost"


@dataclass(frozen=True, slots=True)
class Position:
    """Where we are in a folder."""

    validity: int
    last: int
    """The highest UID of new mail that was taken."""
    old: int
    """The last of the old mails that was taken."""
    until: int
    """The last of the old mails; `old` has reached it: there are none left."""
    criteria: str
    """Which of the old mails are wanted, in IMAP's words."""
    at: int
    """Milliseconds of the last look."""


async def follow(account: Account, inbox: Inbox, access: Access, clock: Clock) -> None:
    """For ever; ends by being cancelled, or by what goes wrong with the connection."""
    settings = settings_of(account)
    thread = ThreadPoolExecutor(1, thread_name_prefix="imap")
    box: Imap | None = None
    try:
        token = await access.token(account)
        try:
            box = await _in(thread, lambda: _log_in(account, settings, token))
        except LoginRefused:
            access.forget(account)
            raise
        position = _begin(settings, await inbox.position(), box, clock())
        await inbox.take((), position=_json(position))
        inbox.connected()
        await _Following(account, inbox, clock, thread, box).go(position)
    except Troubles as error:
        raise ConnectionLost(type(error).__name__) from error
    finally:
        if box is not None:
            box.cut()  # wakes the thread if it waits; then it closes what is left
            thread.submit(box.close)
        thread.shutdown(wait=False)


@dataclass(slots=True)
class _Following:
    account: Account
    inbox: Inbox
    clock: Clock
    thread: ThreadPoolExecutor
    box: Imap

    async def go(self, position: Position) -> None:
        while True:
            position = await self._new(position)
            before = position.old
            position = await self._old(position)
            if position.old == before or position.old >= position.until:
                await _in(self.thread, self.box.wait)

    async def _new(self, position: Position) -> Position:
        above = position.last
        for uid in await _in(self.thread, lambda: self.box.uids("ALL", above=above)):
            position = _moved(position, self.clock(), last=uid)
            await self._take(uid, position)
        return position

    async def _old(self, position: Position) -> Position:
        if position.old >= position.until:
            return position
        above, until, criteria = position.old, position.until, position.criteria
        waiting = await _in(self.thread, lambda: self.box.uids(criteria, above=above, until=until))
        for uid in waiting[:BATCH]:
            position = _moved(position, self.clock(), old=uid)
            await self._take(uid, position)
            position = await self._new(position)
        if len(waiting) <= BATCH:
            position = _moved(position, self.clock(), old=until)
            await self.inbox.take((), position=_json(position))
        return position

    async def _take(self, uid: int, position: Position) -> None:
        """One mail into the database, then settled on the server: in this order nothing is lost, and twice is known."""
        largest = settings_of(self.account).largest_mb * 1_000_000
        events = await _in(self.thread, lambda: self._read(uid, largest))
        await self.inbox.take(events, position=_json(position))
        with contextlib.suppress(imaplib.IMAP4.error):  # a folder that may only be read is no reason to stop
            await _in(self.thread, lambda: self.box.settle([uid]))

    def _read(self, uid: int, largest: int) -> list[Event]:
        found = self.box.mail(uid, largest)
        if found is None:
            return []
        raw, size = found
        return [incoming.too_large(self.account, raw, size)] if size > largest else incoming.read(self.account, raw)


def _log_in(account: Account, settings: Settings, token: str | None) -> Imap:
    return Imap(settings, settings.user or account.address, account.secrets.get("password", ""), token)


def _begin(settings: Settings, known: dict[str, Any], box: Imap, now: int) -> Position:
    folder = box.folder
    newest = folder.next_uid - 1
    if not known:
        wanted = {"new": "ALL", "unseen": "UNSEEN", "all": "ALL"}[settings.first]
        return Position(folder.validity, newest, newest if settings.first == "new" else 0, newest, wanted, now)
    position = Position(**{name: known[name] for name in Position.__dataclass_fields__})
    if position.validity == folder.validity:
        return position
    day = datetime.fromtimestamp(position.at / 1000, UTC) - timedelta(days=2)
    since = f"SINCE {day.day}-{MONTHS[day.month - 1]}-{day.year}"
    return Position(folder.validity, newest, 0, newest, since, now)


def _moved(position: Position, now: int, *, last: int | None = None, old: int | None = None) -> Position:
    return Position(
        position.validity,
        max(position.last, last or 0),
        max(position.old, old or 0),
        position.until,
        position.criteria,
        now,
    )


def _json(position: Position) -> dict[str, Any]:
    return {name: getattr(position, name) for name in Position.__dataclass_fields__}


async def _in(thread: ThreadPoolExecutor, act: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(thread, act)

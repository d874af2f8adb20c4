"""One process of all on a database sends and keeps the connections of channels; the others stand by.

An advisory lock on a connection of its own says who: a killed process loses the connection, PostgreSQL frees the lock, a
standby has it within `LOOK`. An owner that loses its connection ends everything at once and asks again. Two that believe to
be owners for a moment do no harm: a delivery is claimed by its row's lock, and its states only go on.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from parlons.channels.accounts import WAKE, Accounts, position_of, put_position
from parlons.channels.model import Account, Event
from parlons.channels.plugin import Channel, KeepsConnection
from parlons.channels.receiving import Receiver
from parlons.channels.sending import Sender
from parlons.kit.errors import Unavailable
from parlons.runtime.db import Database
from parlons.runtime.failures import DRIVER_ERRORS, database_failures
from parlons.runtime.log import log

LOOK = 1.0
"""Seconds between two looks: of a standby at the lock, of the owner at its connection and its accounts."""
LONGEST_PAUSE = 60.0
_LOCK = "SELECT pg_try_advisory_lock(hashtextextended('parlons-channels', 0))"


@dataclass(slots=True)
class Standing:
    """How a kept connection stands."""

    problem: str | None = None
    at: int = 0


@dataclass(slots=True)
class Owner:
    """Runs the sender and the kept connections while this process is the one."""

    db: Database
    channels: Mapping[str, Channel]
    accounts: Accounts
    receiver: Receiver
    sender: Sender
    standing: dict[str, Standing] = field(default_factory=dict)
    """By account, of those whose connection is kept here."""
    owning: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while this process is the one."""

    async def run(self) -> None:
        """For ever."""
        while True:
            try:
                with database_failures():
                    await self._serve()
            except (Unavailable, *DRIVER_ERRORS) as error:
                log.warning("channels.ownership_lost", error=type(error).__name__)
            await asyncio.sleep(LOOK)

    async def _serve(self) -> None:
        connection = await self.db.connect_system()
        try:
            while not await connection.fetchval(_LOCK):  # noqa: ASYNC110 - asks the database, not a flag of ours
                await asyncio.sleep(LOOK)
            self.owning.set()
            async with asyncio.TaskGroup() as group:
                sender = group.create_task(self.sender.run(), name="channels sender")
                keeper = group.create_task(self._keep_all(), name="channels connections")
                try:
                    while True:
                        await connection.fetchval("SELECT 1")
                        await asyncio.sleep(LOOK)
                finally:
                    sender.cancel()
                    keeper.cancel()
        except* (Unavailable, *DRIVER_ERRORS) as group_error:
            log.warning("channels.ownership_lost", errors=[type(error).__name__ for error in group_error.exceptions])
        finally:
            self.owning.clear()
            self.standing.clear()
            with contextlib.suppress(Exception):
                await connection.close(timeout=2)

    async def _keep_all(self) -> None:
        """A task for each account with a connection; begun again when the account changes, ended when it goes."""
        kept: dict[str, tuple[int, asyncio.Task[None]]] = {}
        changed = asyncio.Event()
        disown = self.db.signals.own(WAKE, changed.set)
        try:
            while True:
                changed.clear()
                await self._compare(kept)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK):
                        await changed.wait()
        finally:
            disown()
            tasks = [task for _, task in kept.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _compare(self, kept: dict[str, tuple[int, asyncio.Task[None]]]) -> None:
        try:
            accounts = await self.accounts.all()
        except Unavailable:
            return
        wanted = {one.id: one for one in accounts if isinstance(self.channels[one.channel], KeepsConnection)}
        for account_id, (version, task) in list(kept.items()):
            if account_id not in wanted or wanted[account_id].version != version:
                del kept[account_id]
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                self.standing.pop(account_id, None)
        for account_id, account in wanted.items():
            if account_id not in kept:
                task = asyncio.get_running_loop().create_task(self._keep(account), name=f"channel {account.channel}")
                kept[account_id] = (account.version, task)

    async def _keep(self, account: Account) -> None:
        channel = self.channels[account.channel]
        assert isinstance(channel, KeepsConnection)
        inbox = AccountInbox(self, account)
        pause = 1.0
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await channel.run(account, inbox)
            except Exception as error:
                log.warning("channel.connection_ended", channel=account.channel, account_id=account.id,
                            error=type(error).__name__, exc_info=not isinstance(error, OSError | Unavailable))  # fmt: skip
                inbox.connected(problem=str(getattr(error, "code", "") or "connection-lost"))
            if asyncio.get_running_loop().time() - began > LONGEST_PAUSE:
                pause = 1.0
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)


@dataclass(slots=True)
class AccountInbox:
    """`plugin.Inbox` of one account."""

    owner: Owner
    account: Account

    async def take(self, events: Sequence[Event], *, position: Mapping[str, Any] | None = None) -> None:
        """Commit the events, then the position: a process that dies between is given the events again and knows them."""
        await self.owner.receiver.take_all(self.account, events)
        if position is not None:
            async with self.owner.db.transaction(self.account.tenant_id) as tx:
                await put_position(tx, self.account.id, position)

    async def position(self) -> dict[str, Any]:
        """What was last committed."""
        async with self.owner.db.transaction(self.account.tenant_id) as tx:
            return await position_of(tx, self.account.id)

    def connected(self, *, problem: str | None = None) -> None:
        """How the connection stands."""
        self.owner.standing[self.account.id] = Standing(problem, self.owner.db.clock())

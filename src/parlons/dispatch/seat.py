"""A process's seat at one workspace: standby first, owner when nobody else is, standby again when that ends.

As standby it replays the journal as it grows, so taking over means reading the last few rows. As owner it steps and
commits (owner.py) and renews its lease. Whatever goes wrong with the database ends the ownership; the seat then begins
again from snapshot and journal, so memory never keeps what was not committed.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Protocol

import asyncpg

from parlons.dispatch import lease as leases
from parlons.dispatch.batch import Asked, Batch
from parlons.dispatch.collector import tame_collector
from parlons.dispatch.errors import OwnerLost
from parlons.dispatch.owner import Owner
from parlons.dispatch.replay import Replay, catch_up, opened
from parlons.dispatch.screens import ScreenTail, Users, plain_in
from parlons.dispatch.steady import SteadyClock
from parlons.dispatch.stepper import Stepper
from parlons.kit.clock import Clock
from parlons.kit.errors import Unavailable
from parlons.runtime.db import Database
from parlons.runtime.failures import DRIVER_ERRORS, database_failures, refusal_of
from parlons.runtime.journal import Entry, Fenced, Lease
from parlons.runtime.log import log
from parlons.runtime.readers import Tail
from parlons.runtime.signals import JOURNAL

AGAIN = 0.2
"""Seconds before a seat that lost its database begins again."""


class Watcher(Protocol):
    """Who wants to know of everything committed, in this process, as owner or standby."""

    def __call__(self, workspace_id: str, entries: Sequence[Entry], batch: Batch, base: int) -> None:
        """`batch.steps` count from index `base` of `entries`."""


class Seat:
    """One workspace in one process."""

    def __init__(
        self, db: Database, workspace_id: str, tenant_id: str, *, clock: Clock, name: str, users: Users, watch: Watcher
    ) -> None:
        self.workspace_id = workspace_id
        self.tenant_id = tenant_id
        self.db = db
        self._owner: Owner | None = None
        self.tail = Tail(db, workspace_id)
        """The journal for durable readers of this process."""
        self.screens = ScreenTail(db, workspace_id, users)
        """The same for screens, with whole objects."""
        self.replica: Replay | None = None
        """While standby: the router as of `replica.seq`."""
        self.changed = asyncio.Event()
        """Set, and replaced, whenever this process gains or loses the ownership, or is ready as standby."""
        self._clock = clock
        self._name = name
        self._watch = watch
        self._caught_up = False
        self._poison: set[int] = set()
        self._leaving = False
        self._wake = asyncio.Event()

    @property
    def owner(self) -> Owner | None:
        """The owner, while this process is it; None as soon as it has ended."""
        return None if self._owner is None or self._owner.ended is not None else self._owner

    @property
    def standby(self) -> Replay | None:
        """The replica once it came to the journal's end: read in from a snapshot it is older than what screens were shown,
        and nobody would tell them what lies between."""
        return self.replica if self._caught_up else None

    @property
    def stepper(self) -> Stepper | None:
        """The router's memory in this process; None while it is being read."""
        if self._owner is not None:
            return self._owner.stepper if self._owner.ended is None else None
        return self.replica.stepper if self.replica is not None else None

    async def run(self) -> None:
        """Sits until `leave`; the database may come and go meanwhile."""
        stop = self.db.signals.listen(JOURNAL, lambda _: self._wake.set())
        try:
            while not self._leaving:
                try:
                    await self._sit()
                except (Unavailable, *DRIVER_ERRORS) as error:
                    refusal = refusal_of(error)
                    log.warning(
                        "seat.lost",
                        workspace_id=self.workspace_id,
                        code=refusal.code if refusal else type(error).__name__,
                    )
                    await asyncio.sleep(AGAIN)
                except Exception:  # a seat that stands up for ever leaves the workspace to nobody
                    log.exception("seat.failed", workspace_id=self.workspace_id)
                    await asyncio.sleep(AGAIN)
        finally:
            stop()
            self.tail.close()
            self.screens.close()

    async def leave(self) -> None:
        """Commits what waits, keeps a snapshot, frees the workspace for the standby. `run` then returns."""
        self._leaving = True
        self._wake.set()
        if self.owner is not None:
            await self.owner.retire()

    def ask(self, asked: Asked) -> bool:
        """Gives a command to the owner if it is here."""
        if self.owner is None:
            return False
        self.owner.ask(asked)
        return True

    async def _sit(self) -> None:
        work = await self.db.connect_system()
        lock = await self.db.connect_system()
        try:
            with database_failures():
                self.replica = await opened(work, self.workspace_id)
                self.screens.begin(self.replica.seq)
                await catch_up(work, self.replica, self._follow)
                self._caught_up = True
                tame_collector()
                self._tell()
                lease = await self._await_lease(work, lock)
                if lease is not None:
                    await self._own(lease, work, lock)
        finally:
            self._owner, self.replica, self._caught_up = None, None, False
            self._tell()
            for connection in (lock, work):
                with contextlib.suppress(*DRIVER_ERRORS, TimeoutError):
                    await connection.close(timeout=1)

    async def _await_lease(self, work: asyncpg.Connection, lock: asyncpg.Connection) -> Lease | None:
        """Follows the journal until the lease can be had, and to the journal's end then."""
        assert self.replica is not None
        while not self._leaving:
            self._wake.clear()
            lease = await leases.try_take(lock, self.db, self.workspace_id, self.tenant_id, self._name)
            await catch_up(work, self.replica, self._follow)
            if lease is not None:
                return lease
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(leases.LOOK):
                    await self._wake.wait()
        return None

    async def _own(self, lease: Lease, work: asyncpg.Connection, lock: asyncpg.Connection) -> None:
        assert self.replica is not None
        if self.replica.seq != lease.last_seq:
            log.error("seat.gap", workspace_id=self.workspace_id, replayed=self.replica.seq, journal=lease.last_seq)
            raise OwnerLost
        clock = SteadyClock(self._clock, self.replica.stepper.now)
        owner = Owner(lease, self.replica.stepper, work, self.db.connect_system, clock, self._committed, self._poison)
        disown = self.db.signals.own(self.workspace_id, owner.poke)
        self._owner, self.replica = owner, None
        renewing = asyncio.create_task(self._renew(lease, lock, owner), name="lease")
        log.info("seat.owner", workspace_id=self.workspace_id, epoch=lease.epoch, seq=lease.last_seq)
        self._tell()
        try:
            await owner.run()
        finally:
            disown()
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
            log.info("seat.ended", workspace_id=self.workspace_id, epoch=lease.epoch, seq=owner.seq)

    async def _renew(self, lease: Lease, lock: asyncpg.Connection, owner: Owner) -> None:
        """Keeps the lease; when it is lost the owner ends at once, whatever it is doing."""
        try:
            while await leases.renew(lock, lease):  # noqa: ASYNC110 - a rhythm, not a wait
                await asyncio.sleep(leases.RENEW)
            owner.end(Fenced(workspace_id=lease.workspace_id, epoch=lease.epoch))
        except DRIVER_ERRORS as error:
            owner.end(refusal_of(error) or OwnerLost())

    def _committed(self, entries: Sequence[Entry], batch: Batch) -> None:
        base = len(entries) - len(batch.entries)
        self.tail.push(plain_in(entries, batch.steps, base))
        self.screens.show(entries, batch.steps, base)
        self._watch(self.workspace_id, entries, batch, base)

    def _follow(self, entries: Sequence[Entry], batch: Batch) -> None:
        """What the owner elsewhere committed; what this process showed before it lost the ownership is not shown again."""
        shown = self.screens.last_seq
        if entries[-1].seq <= shown:
            return
        skip = sum(1 for entry in entries if entry.seq <= shown)
        self.screens.show(entries[skip:], [step for step in batch.steps if step.first > skip], -skip)
        self._watch(self.workspace_id, entries, batch, 0)

    def _tell(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()

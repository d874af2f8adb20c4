"""The owner of a workspace: the one task that steps its router and writes what happened, many commands to a commit.

While one batch is being committed the next one is stepped in memory (natural group commit); nobody is answered and nothing
is shown before the commit of his own batch. When a commit fails, or the lease is gone, memory holds effects that were never
stored: the owner ends, everybody who waits is told `Unavailable`, and whoever owns next starts from snapshot and journal.
Command rows that were not committed stay on the road and are carried out then. Source: architecture.md decisions 2 and 3.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg

from parlons.dispatch import imaging, projections
from parlons.dispatch.batch import Asked, Batch
from parlons.dispatch.errors import OwnerLost, RouterFailed
from parlons.dispatch.snapshots import SnapshotRhythm
from parlons.dispatch.stepper import Stepper
from parlons.kit.clock import Clock
from parlons.kit.errors import Refusal, Unavailable
from parlons.routing.commands import Tick, from_wire, unsealed
from parlons.runtime import journal
from parlons.runtime.failures import DRIVER_ERRORS, refusal_of
from parlons.runtime.journal import Entry, Lease
from parlons.runtime.log import log
from parlons.runtime.outbox import take_outbox
from parlons.runtime.road import Waiting, take_commands
from parlons.runtime.snapshots import save_snapshot

BATCH = 2000
"""Commands in one commit at most."""
TURN = 64
"""Commands stepped before the event loop serves others; the first of them are being committed while the next are stepped."""
ROAD_TURN = 256
"""The same when rows were taken: a commit of rows costs more, and each wakes all who wait for theirs."""
ROAD = 1000
"""Rows taken from outbox or road at a time."""
LOOK_ANYWAY = 1.0
"""Seconds after which the owner looks at outbox and road although nobody woke it."""

Committed = Callable[[Sequence[Entry], Batch], None]
_NOTHING = Tick()


class Owner:
    """Owns one workspace while its lease lasts. `run` does the work; `ask` brings commands of this process."""

    def __init__(
        self,
        lease: Lease,
        stepper: Stepper,
        connection: asyncpg.Connection,
        connect: Callable[[], Awaitable[asyncpg.Connection]],
        clock: Clock,
        committed: Committed,
        poison: set[int],
    ) -> None:
        """`committed(entries, batch)` is called after each commit, with all entries in order, sequences set. `poison`:
        command rows on which the router failed before; they are refused in their row, not tried for ever."""
        self.lease = lease
        self.stepper = stepper
        self.seq = lease.last_seq
        """Last committed sequence."""
        self._connection = connection
        self._connect = connect
        self._saving: asyncio.Task[None] | None = None
        self._clock = clock
        self._committed = committed
        self._mailbox: deque[Asked] = deque()
        self._open = Batch()
        self._committing: Batch | None = None
        self._work = asyncio.Event()
        self._road = True
        self._stepping: asyncio.Handle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._look: asyncio.TimerHandle | None = None
        self.ended: Unavailable | None = None
        """Why it ended; None while it owns."""
        self._loop = asyncio.get_running_loop()
        self._rhythm = SnapshotRhythm()
        self._poison = poison
        self._retiring = False
        self._gone = asyncio.Event()

    def ask(self, asked: Asked) -> None:
        """Puts a command into the mailbox; its future is answered after its commit."""
        if self.ended is not None or self._retiring:
            asked.refuse(self.ended or OwnerLost())
            return
        self._mailbox.append(asked)
        self._step_soon()

    def poke(self) -> None:
        """Rows wait in outbox or on the road."""
        self._road = True
        self._work.set()

    async def read(self, read: Callable[[Stepper], Any]) -> tuple[int, Any]:
        """(sequence, `read(stepper)`) of memory exactly as one commit leaves it, after that commit."""
        if self.ended is not None:
            raise self.ended
        future: asyncio.Future[tuple[int, Any]] = self._loop.create_future()
        self._open.readers.append((read, future))
        self._work.set()
        return await future

    async def retire(self) -> None:
        """Takes no more commands; returns when everything taken before is committed and answered, or was lost."""
        self._retiring = True
        self._work.set()
        await self._gone.wait()

    async def run(self) -> None:
        """Owns until the lease or the database is lost, then raises why; cancel to stop. Ends everything it promised."""
        try:
            self._set_timer()
            self._look_anyway()
            while not self._retired():
                await self._work.wait()
                self._work.clear()
                await self._turn()
            self.end(OwnerLost())
            await self._save(imaging.begin(self.stepper.image), self.seq)
        except asyncio.CancelledError:
            self.end(OwnerLost())
            raise
        except Exception as error:
            refusal = refusal_of(error)
            if refusal is None:
                log.exception("owner.failed", workspace_id=self.lease.workspace_id)
            self.end(refusal or OwnerLost())
            raise (refusal or OwnerLost()) from error
        finally:
            if self._saving is not None:
                await asyncio.gather(self._saving, return_exceptions=True)
            self._gone.set()

    def end(self, refusal: Unavailable) -> None:
        """Steps down: whoever waits is told that nothing was kept; nothing more is accepted. Repeating does no harm."""
        if self.ended is not None:
            return
        self.ended = refusal
        for handle in (self._timer, self._stepping, self._look):
            if handle is not None:
                handle.cancel()
        for batch in (self._committing, self._open):
            if batch is not None:
                batch.fail(refusal)
        while self._mailbox:
            self._mailbox.popleft().refuse(refusal)
        self._work.set()

    def _retired(self) -> bool:
        return self._retiring and not self._mailbox and self._open.empty

    async def _turn(self) -> None:
        """Takes what waits, steps it, commits it, answers."""
        if self.ended is not None:
            raise self.ended
        road, self._road = self._road, False
        if road:
            await self._take_rows()
        if road:
            self._step(ROAD_TURN)
        elif self._open.empty:  # else what is stepped goes to the database first, and the rest is stepped meanwhile
            self._step()
        batch, self._open = self._open, Batch()
        batch.read(self.stepper)
        if batch.entries and self._rhythm.due(self.stepper.transitions, self._loop.time()):
            batch.image = imaging.begin(self.stepper.image)
            self._rhythm.begun(self.stepper.transitions, self._loop.time())
        if self._mailbox:
            self._step_soon()
        self._committing = batch
        if batch.writes or road:
            entries = await self._commit(batch, road)
            if self.ended is not None:
                raise self.ended
            if entries:
                self._committed(entries, batch)
        self._committing = None
        batch.answer(self.seq)
        if batch.image is not None:
            self._saving = asyncio.create_task(self._save(batch.image, self.seq), name="snapshot")

    async def _commit(self, batch: Batch, road: bool) -> list[Entry]:
        """Most commits are one statement, which is a transaction of its own."""
        if not road and batch.plain:
            seq, entries = await self._append(batch, []), batch.entries
        else:
            async with self._connection.transaction():
                events = await take_outbox(self._connection, self.lease.workspace_id, ROAD) if road else []
                seq, entries = await self._append(batch, events), [*events, *batch.entries]
                if batch.writes and not entries:
                    await self._check_fence()
                await projections.write_rest(self._connection, self.lease, batch)
            if len(events) == ROAD:
                self.poke()
        self.seq = seq
        return entries

    async def _append(self, batch: Batch, events: list[Entry]) -> int:
        base = self.seq + len(events)
        batch.number(base)
        also = projections.upserts(batch, base)
        return await journal.append(self._connection, self.lease, self.seq, [*events, *batch.entries], also)

    async def _save(self, image: "asyncio.Future[bytes | None]", seq: int) -> None:
        """Keeps a snapshot, on a connection of its own; without one replay is longer, nothing else."""
        try:
            body = await image
            if body is not None:
                connection = await self._connect()
                try:
                    await save_snapshot(connection, self.lease, seq, body)
                finally:
                    await connection.close()
        except (Unavailable, *DRIVER_ERRORS) as error:
            log.warning("snapshot.lost", workspace_id=self.lease.workspace_id, seq=seq, error=type(error).__name__)
        finally:
            self._rhythm.ended(self._loop.time())

    async def _check_fence(self) -> None:
        held = await self._connection.fetchval(
            "SELECT 1 FROM leases WHERE workspace_id = $1 AND epoch = $2 FOR SHARE",
            self.lease.workspace_id,
            self.lease.epoch,
        )
        if held is None:
            raise journal.Fenced(workspace_id=self.lease.workspace_id, epoch=self.lease.epoch)

    async def _take_rows(self) -> None:
        rows = await take_commands(self._connection, self.lease.workspace_id, ROAD)
        if len(rows) == ROAD:
            self.poke()
        waiting = {asked.row for asked in self._mailbox} | {done.asked.row for done in self._open.done}
        for row in rows:
            if row.id in waiting:
                continue
            try:
                if row.id in self._poison:
                    raise RouterFailed
                self._mailbox.append(_asked(row))
            except Refusal as refusal:
                self._open.refused.append((Asked(_NOTHING, row=row.id), refusal))

    def _step_soon(self) -> None:
        if self._stepping is None and self.ended is None:
            self._stepping = self._loop.call_soon(self._step)

    def _step(self, turn: int = TURN) -> None:
        """Steps what waits in the mailbox into the open batch, a turn's worth at a time."""
        if self._stepping is not None:
            self._stepping.cancel()
            self._stepping = None
        if self.ended is not None:
            return
        batch, now, asked = self._open, self._clock(), None
        try:
            if self.stepper.due(self.stepper.at(now)):
                self.stepper.tick(self.stepper.now, batch)
            for _ in range(min(turn, len(self._mailbox), BATCH - len(batch.done))):
                asked = self._mailbox.popleft()
                self.stepper.carry_out(asked, now, batch)
        except Exception:
            # The router itself failed: its memory may be half changed, so nothing stepped since the last commit counts.
            log.exception("router.failed", workspace_id=self.lease.workspace_id)
            if asked is not None:
                self._poison.update(() if asked.row is None else (asked.row,))
                asked.refuse(RouterFailed())
            self.end(OwnerLost())
            return
        if not batch.empty:
            self._work.set()
        if self._mailbox and len(batch.done) < BATCH:
            self._step_soon()
        self._set_timer()

    def _look_anyway(self) -> None:
        """Wake-ups may be lost; and the clock may have been set."""
        self.poke()
        self._look = self._loop.call_later(LOOK_ANYWAY, self._look_anyway)

    def _set_timer(self) -> None:
        """Wakes the stepper when the next timer is due, or after a while: the clock may have been set."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self.stepper.state.next_deadline
        if deadline is not None and self.ended is None:
            wait = min(max((deadline - self._clock()) / 1000, 0.001), LOOK_ANYWAY)
            self._timer = self._loop.call_later(wait, self._step)


def _asked(row: Waiting) -> Asked:
    attributes = (row.private or {}).get("attributes")
    seen = row.body.get("seen")
    seen = None if seen is None else (seen[0], seen[1])
    return Asked(unsealed(from_wire(row.body), attributes), row.body.get("actor"), row=row.id, seen=seen)

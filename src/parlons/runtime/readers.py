"""Readers of the journal: by a cursor of their own, woken when the owner has appended, never skipping an entry.

`Tail` keeps the newest entries of a workspace in memory; the owner's process fills it after each commit, so a reader there
rarely asks the database. `Follower` walks from a cursor for ever. `Reader` is a durable one: its effects and its position
are written in one transaction, so each entry takes effect once, also when two processes run the same reader.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from parlons.kit.errors import Refusal, Unavailable
from parlons.runtime import journal
from parlons.runtime.db import Database, Tx
from parlons.runtime.journal import Entry
from parlons.runtime.log import log
from parlons.runtime.metrics import READER_FAILURES
from parlons.runtime.prepared import Prepared
from parlons.runtime.schema import readers
from parlons.runtime.signals import JOURNAL

LOOK_ANYWAY = 2.0
"""Seconds after which a follower looks although nobody woke it."""
KEEP = 8192
FILLED_WITHIN = 0.1
"""Seconds in which an owner in this process has pushed what it committed; else the owner is another process now."""
ATTEMPTS = 5
TOGETHER = 20
"""Entries of a durable reader that share a transaction while more of them wait: its beginning and commit are paid once."""
STRIDE = 500
"""Entries of no interest after which a durable reader writes down where it stands: read twice, they do no harm."""


class Tail:
    """The newest entries of one workspace, in memory, gapless; and the wake-up of those who follow it."""

    def __init__(self, db: Database, workspace_id: str, *, keep: int = KEEP) -> None:
        self.db = db
        self.workspace_id = workspace_id
        self._entries: deque[Entry] = deque(maxlen=keep)
        self._grown = asyncio.Event()
        self.last_seq = 0
        """The newest sequence this process has heard of."""
        self._filled = False
        """Whether the owner is in this process."""
        self.taken = 0
        """The last sequence that a follower has taken from here."""
        self._stop = db.signals.listen(JOURNAL, self._heard)

    def push(self, entries: Sequence[Entry]) -> None:
        """Called by the owner after the commit that appended `entries`."""
        self._filled = True
        if self._entries and entries[0].seq != self._entries[-1].seq + 1:
            self._entries.clear()
        self._entries.extend(entries)
        self._wake(entries[-1].seq)

    def since(self, after_seq: int, limit: int = KEEP) -> list[Entry] | None:
        """The entries after `after_seq`, or None when memory does not reach back that far (or forward: not heard yet)."""
        if not self._entries or not self._entries[0].seq - 1 <= after_seq <= self._entries[-1].seq:
            return None
        skip = after_seq - self._entries[0].seq + 1
        return [self._entries[index] for index in range(skip, min(len(self._entries), skip + limit))]

    def forget(self, keys: Sequence[str]) -> None:
        """Drops what memory holds when private parts under `keys` were erased; followers read the database instead."""
        if any(entry.private_key in keys for entry in self._entries):
            self._entries.clear()

    async def grown(self, after_seq: int) -> None:
        """Returns when there may be entries after `after_seq`."""
        if self.last_seq > after_seq:
            return
        event = self._grown
        # Not wait_for: in Python 3.11 it loses a cancellation that meets the event.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_ANYWAY):
                await event.wait()

    def close(self) -> None:
        """Hears no more."""
        self._stop()

    def _heard(self, payload: str) -> None:
        workspace_id, _, seq = payload.partition(" ")
        if not payload:
            self._wake(self.last_seq)
        elif workspace_id == self.workspace_id and int(seq) > self.last_seq:
            if self._filled:  # the database is often quicker than the owner here, whose entries need not be read
                asyncio.get_running_loop().call_later(FILLED_WITHIN, self._not_filled, int(seq))
            else:
                self._wake(int(seq))

    def _not_filled(self, seq: int) -> None:
        if seq > self.last_seq:
            self._filled = False
            self._wake(seq)

    def _wake(self, seq: int) -> None:
        self.last_seq = max(self.last_seq, seq)
        self._grown.set()
        self._grown = asyncio.Event()


class Follower:
    """Walks a workspace's journal from a cursor: `async for entries in Follower(tail, after_seq)` yields batches for ever."""

    def __init__(self, tail: Tail, after_seq: int, *, limit: int = 1000) -> None:
        self.seq = after_seq
        """The last sequence given out."""
        self._tail = tail
        self._limit = limit

    async def __aiter__(self) -> AsyncIterator[list[Entry]]:
        while True:
            try:
                entries = await self.read()
            except Unavailable as refusal:
                log.warning("journal.unreadable", workspace_id=self._tail.workspace_id, code=refusal.code)
                await asyncio.sleep(0.2)
                continue
            if entries:
                self.seq = self._tail.taken = entries[-1].seq
                yield entries
            else:
                await self._tail.grown(self.seq)

    async def read(self) -> list[Entry]:
        """The next batch, [] at the end; from memory when it reaches back far enough."""
        entries = self._tail.since(self.seq, self._limit)
        if entries is None or (not entries and self._tail.last_seq > self.seq):
            async with self._tail.db.system() as tx:
                entries = await journal.read(await tx.raw(), self._tail.workspace_id, self.seq, self._limit)
        return entries


Handle = Callable[[Tx, Entry], Awaitable[None]]


async def position(tx: Tx, name: str, workspace_id: str) -> int | None:
    """Where a durable reader stands, or None when it never read."""
    query = select(readers.c.seq).where(readers.c.name == name, readers.c.workspace_id == workspace_id)
    found: int | None = await tx.scalar(query)
    return found


_fresh = insert(readers)
_ADVANCE = Prepared(
    _fresh.on_conflict_do_update(
        index_elements=["name", "workspace_id"],
        set_={"seq": _fresh.excluded.seq},
        where=readers.c.seq < _fresh.excluded.seq,
    ).returning(readers.c.seq),
    columns=("name", "workspace_id", "tenant_id", "seq"),
)


_STANDS = Prepared(
    select(readers.c.seq)
    .where(readers.c.name == bindparam("of_name"), readers.c.workspace_id == bindparam("of_workspace"))
    .with_for_update()
)


async def advance(tx: Tx, name: str, workspace_id: str, seq: int) -> bool:
    """Moves a durable reader and keeps its row to this transaction; False: it was there, or further, already."""
    return bool(await tx.run(_ADVANCE, name=name, workspace_id=workspace_id, tenant_id=tx.tenant_id, seq=seq))


class Reader:
    """A durable reader: `handle(tx, entry)` is called once for each entry of the wanted types, in order.

    Effects made through `tx` and the position commit together, of several entries at once where they wait. A `Refusal` means
    the entry no longer fits: it is passed by (what `handle` wrote is undone). Any other exception is tried again, `ATTEMPTS`
    times, then logged and passed by. In both cases the entries that shared the transaction are each given one of their own."""

    def __init__(
        self,
        tail: Tail,
        tenant_id: str,
        name: str,
        types: frozenset[str],
        handle: Handle,
        *,
        wants: Callable[[Entry], bool] = lambda _: True,
    ) -> None:
        """`wants`: of these types, which entries; what an entry says of itself decides, no transaction is begun for others."""
        self._wants = wants
        self.name = name
        self._tail = tail
        self._tenant_id = tenant_id
        self._types = types
        self._handle = handle

    async def run(self) -> None:
        """Reads for ever; cancel to stop. A new reader starts at the journal's beginning."""
        remembered = await self._begin()
        async for entries in Follower(self._tail, remembered):
            wanted = [entry for entry in entries if entry.type in self._types and self._wants(entry)]
            for start in range(0, len(wanted), TOGETHER):
                await self._several(wanted[start : start + TOGETHER])
            if wanted:
                remembered = wanted[-1].seq
            if entries[-1].seq - remembered >= STRIDE:
                remembered = entries[-1].seq
                await self._remember(remembered)

    async def _begin(self) -> int:
        """The position; a new reader's row is made first, so that two processes that start it have one row to lock."""
        async with self._tail.db.transaction(self._tenant_id) as tx:
            fresh = {"name": self.name, "workspace_id": self._tail.workspace_id, "tenant_id": self._tenant_id, "seq": 0}
            await tx.execute(insert(readers).values(fresh).on_conflict_do_nothing())
            return await position(tx, self.name, self._tail.workspace_id) or 0

    async def _several(self, entries: Sequence[Entry]) -> None:
        if len(entries) > 1:
            try:
                return await self._once(entries)
            except Exception as error:  # whose fault it is shows when each has its own transaction
                log.info("reader.one_by_one", reader=self.name, seq=entries[0].seq, error=type(error).__name__)
        for entry in entries:
            await self._until_done(entry)
        return None

    async def _until_done(self, entry: Entry) -> None:
        failures = 0
        while True:
            try:
                return await self._once([entry])
            except Unavailable as refusal:
                log.warning("reader.waits", reader=self.name, seq=entry.seq, code=refusal.code)
            except Refusal as refusal:
                log.info("reader.passed", reader=self.name, seq=entry.seq, type=entry.type, code=refusal.code)
                return await self._remember(entry.seq)
            except Exception:
                failures += 1
                READER_FAILURES.labels(self.name).inc()
                log.exception("reader.failed", reader=self.name, seq=entry.seq, type=entry.type, attempt=failures)
                if failures >= ATTEMPTS:
                    return await self._remember(entry.seq)
            await asyncio.sleep(min(5.0, 0.1 * 2**failures))

    async def _once(self, entries: Sequence[Entry]) -> None:
        async with self._tail.db.transaction(self._tenant_id) as tx:
            found = await tx.run(_STANDS, of_name=self.name, of_workspace=self._tail.workspace_id)
            fresh = [entry for entry in entries if not found or entry.seq > found[0]["seq"]]
            for entry in fresh:
                await self._handle(tx, entry)
            if fresh:
                row = {"name": self.name, "workspace_id": self._tail.workspace_id, "tenant_id": self._tenant_id}
                tx.later(_ADVANCE, {**row, "seq": fresh[-1].seq})

    async def _remember(self, seq: int) -> None:
        try:
            async with self._tail.db.transaction(self._tenant_id) as tx:
                await advance(tx, self.name, self._tail.workspace_id, seq)
        except Unavailable as refusal:
            log.warning("reader.waits", reader=self.name, seq=seq, code=refusal.code)

"""The workspaces that programs made, here or at another process: routers without a desk. This process keeps a seat at each."""

import asyncio
from collections.abc import Collection, Sequence

from parlons.accounts.workspaces import WORKSPACE_REMOVED
from parlons.compat.callbacks import Callbacks
from parlons.dispatch.batch import Batch
from parlons.dispatch.dispatch import Dispatch
from parlons.dispatch.forgetting import forget_workspace
from parlons.kit.errors import Unavailable
from parlons.runtime.db import Database
from parlons.runtime.journal import Entry
from parlons.runtime.log import log

LOOK = 5.0
"""Seconds between two looks which there are."""


class Others:
    """Looks again and again; takes seats at those that came, leaves those that went."""

    def __init__(self, db: Database, dispatch: Dispatch, desks: Collection[str], callbacks: Callbacks) -> None:
        """`desks`: the workspaces with a desk, which are served otherwise."""
        self._db = db
        self._dispatch = dispatch
        self._desks = desks
        self._gone: set[str] = set()
        self._callbacks = callbacks
        self._reading: dict[str, asyncio.Task[None]] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """For ever; a database that is away is tried again."""
        stop = self._dispatch.watch(self._heard)
        try:
            while True:
                try:
                    await self.look()
                except Unavailable as refusal:
                    log.info("workspaces.wait", code=refusal.code)
                await asyncio.sleep(LOOK)
        finally:
            stop()
            for task in self._reading.values():
                task.cancel()
            await asyncio.gather(*self._reading.values(), *self._leaving, return_exceptions=True)

    def _heard(self, workspace_id: str, entries: Sequence[Entry], batch: Batch, base: int) -> None:
        """A seat at a removed workspace answers nobody from then on, at whichever process it was removed."""
        for entry in entries if workspace_id in self._desks else ():
            if entry.type == WORKSPACE_REMOVED:
                leaving = asyncio.create_task(self._leave(entry.data["id"]), name="leaving")
                self._leaving.add(leaving)
                leaving.add_done_callback(self._leaving.discard)

    async def look(self) -> None:
        """One look. A seat is left when its workspace was missing twice: one just made may have come after the first look."""
        async with self._db.system() as tx:
            rows = await tx.fetch_all("SELECT tenant_id, id FROM workspaces WHERE NOT is_default ORDER BY id")
        for row in rows:
            await self._dispatch.open(row["id"], row["tenant_id"])
            if row["id"] not in self._reading or self._reading[row["id"]].done():
                reader = self._callbacks.reader(row["id"], row["tenant_id"])
                self._reading[row["id"]] = asyncio.create_task(reader.run(), name=f"callbacks-{row['id']}")
        gone = set(self._dispatch.workspaces()) - {row["id"] for row in rows} - set(self._desks)
        for workspace_id in self._reading.keys() - {row["id"] for row in rows}:
            self._reading.pop(workspace_id).cancel()
        for workspace_id in gone & self._gone:
            await self._leave(workspace_id)
        self._gone = gone

    async def _leave(self, workspace_id: str) -> None:
        """Leaves the seat, then takes away what its owner kept while it ended."""
        reading = self._reading.pop(workspace_id, None)
        if reading is not None:
            reading.cancel()
        await self._dispatch.leave(workspace_id)
        await forget_workspace(self._db, workspace_id)

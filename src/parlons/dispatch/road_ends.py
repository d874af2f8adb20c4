"""Waits for command rows that another process carries out: one query for all who wait, woken by the journal's notices."""

import asyncio
import contextlib
from collections.abc import Callable

import asyncpg

from parlons.dispatch.errors import NoOwner
from parlons.dispatch.outcome import Outcome, outcome_from_wire, refusal_from_wire
from parlons.kit.errors import Unavailable
from parlons.runtime.db import Database
from parlons.runtime.failures import DRIVER_ERRORS
from parlons.runtime.signals import JOURNAL

LOOK = 0.05
"""Seconds between looks while somebody waits: a refusal alone is not noticed by NOTIFY."""
PATIENCE = 10.0
"""Seconds a caller waits for an owner; his row stays and is done later."""
_ENDED = """
SELECT idempotency_key, state, result FROM commands
WHERE workspace_id = $1 AND idempotency_key = ANY($2) AND state <> 'new'
"""


class RoadEnds:
    """The callers of one process who wait for rows of one workspace."""

    def __init__(self, db: Database, workspace_id: str) -> None:
        self._db = db
        self._workspace_id = workspace_id
        self._waiting: dict[str, asyncio.Future[Outcome]] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stop: Callable[[], None] | None = None

    async def wait(self, key: str) -> Outcome:
        """The outcome of the row with this key; raises its refusal, or `NoOwner` after `PATIENCE` seconds."""
        future = self._waiting.get(key)
        if future is None:
            future = self._waiting[key] = asyncio.get_running_loop().create_future()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look(), name="road-ends")
        try:
            return await asyncio.wait_for(asyncio.shield(future), PATIENCE)
        except TimeoutError:
            raise NoOwner from None
        finally:
            if self._waiting.get(key) is future:
                del self._waiting[key]

    async def close(self) -> None:
        """Nobody waits any more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(NoOwner())
                future.exception()

    async def _look(self) -> None:
        stop = self._db.signals.listen(JOURNAL, lambda _: self._wake.set())
        connection: asyncpg.Connection | None = None
        try:
            while self._waiting:
                self._wake.clear()
                try:
                    if connection is None or connection.is_closed():
                        connection = await self._db.connect_system()
                    await self._take(connection)
                except (Unavailable, *DRIVER_ERRORS):
                    connection = None
                    await asyncio.sleep(4 * LOOK)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK):
                        await self._wake.wait()
        finally:
            stop()
            if connection is not None:
                connection.terminate()

    async def _take(self, connection: asyncpg.Connection) -> None:
        for row in await connection.fetch(_ENDED, self._workspace_id, list(self._waiting)):
            future = self._waiting.pop(row["idempotency_key"], None)
            if future is None or future.done():
                continue
            if row["state"] == "done":
                future.set_result(outcome_from_wire(row["result"]))
            else:
                future.set_exception(refusal_from_wire(row["result"]))

"""Wake-ups between parts and processes. They may be lost: whoever waits also looks by itself now and then.

Two channels. `parlons_journal` (payload "workspace_id seq") is sent by the owner, once a group commit, inside its
transaction. `parlons_road` (payload workspace_id) says that outbox or command rows wait for the owner; in the owner's own
process it is a function call, elsewhere one NOTIFY gathers all calls of `GATHER` seconds, on a connection of its own,
because a NOTIFY inside many transactions would make them queue for one lock at commit (facts/data.md 2).
"""

import asyncio
import contextlib
from collections.abc import Callable

import asyncpg

from parlons.runtime.log import log

JOURNAL = "parlons_journal"
ROAD = "parlons_road"
GATHER = 0.005
RETRY = 0.5

Listener = Callable[[str], None]


class Signals:
    """One connection that listens and sends; opened on first use, reopened for ever."""

    def __init__(self, connect: Callable[[], "asyncio.Future[asyncpg.Connection]"] | Callable[[], object]) -> None:
        self._connect = connect
        self._listeners: dict[str, list[Listener]] = {JOURNAL: [], ROAD: []}
        self._owned: dict[str, list[Callable[[], None]]] = {}
        self._waiting: set[str] = set()
        self._something = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.connected = asyncio.Event()
        """Set while notices from other processes arrive."""

    def listen(self, channel: str, listener: Listener) -> Callable[[], None]:
        """Calls `listener(payload)` for each notice, and with "" after a reconnection. Returns what stops it."""
        self._listeners[channel].append(listener)
        self._start()
        return lambda: self._listeners[channel].remove(listener)

    def own(self, workspace_id: str, wake: Callable[[], None]) -> Callable[[], None]:
        """The owner of a workspace lives here: its road needs no NOTIFY; several parts of it may ask to be woken. Returns what
        ends the ownership."""
        self._owned.setdefault(workspace_id, []).append(wake)
        return lambda: self._disown(workspace_id, wake)

    def _disown(self, workspace_id: str, wake: Callable[[], None]) -> None:
        wakes = self._owned.get(workspace_id, [])
        if wake in wakes:
            wakes.remove(wake)
        if not wakes:
            self._owned.pop(workspace_id, None)

    def poke(self, workspace_id: str) -> None:
        """Outbox or command rows were committed for this workspace."""
        wakes = self._owned.get(workspace_id)
        if wakes:
            for wake in list(wakes):
                wake()
            return
        self._waiting.add(workspace_id)
        self._something.set()
        self._start()

    async def close(self) -> None:
        """Ends the connection; waiting notices are dropped."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def _start(self) -> None:
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="signals")

    async def _run(self) -> None:
        while True:
            try:
                await self._serve()
            except Exception as error:  # whatever it was: without this connection other processes' news come late
                log.warning("signals.lost", error=type(error).__name__)
            self.connected.clear()
            await asyncio.sleep(RETRY)

    async def _serve(self) -> None:
        connection: asyncpg.Connection = await self._connect()  # type: ignore[misc]
        try:
            connection.add_termination_listener(lambda _: self._something.set())
            for channel in self._listeners:
                await connection.add_listener(channel, self._heard)
            self.connected.set()
            for listeners in self._listeners.values():
                for listener in list(listeners):
                    listener("")
            while not connection.is_closed():
                await self._something.wait()
                self._something.clear()
                await asyncio.sleep(GATHER)
                names, self._waiting = sorted(self._waiting), set()
                if names:
                    await connection.execute("SELECT pg_notify($1, name) FROM unnest($2::text[]) name", ROAD, names)
        finally:
            connection.terminate()

    def _heard(self, _connection: object, _pid: int, channel: str, payload: object) -> None:
        text = str(payload)
        if channel == ROAD:
            for wake in list(self._owned.get(text, ())):
                wake()
        for listener in list(self._listeners[channel]):
            listener(text)

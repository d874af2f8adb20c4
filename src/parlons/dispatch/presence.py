"""Who is reachable: an agent whose screen is gone for `GRACE` seconds gets no offers until it is back.

Each process tells of its own sockets; the activity the agent chose stays as it is. A process that takes over (after a
crash) asks of everybody who has a screen whether he is connected here, once the grace is over; one who is connected to
another process is told reachable again by that process at once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from parlons.dispatch.batch import Batch
from parlons.dispatch.dispatch import Dispatch
from parlons.kit.clock import Millis
from parlons.kit.errors import Refusal, Unavailable
from parlons.routing.commands import SetReachable
from parlons.routing.transitions import WorkerReachableUpdated
from parlons.runtime.journal import Entry
from parlons.runtime.log import log

GRACE = 10.0
"""Seconds without a socket after which a worker gets no more offers."""
LOOK, AWAY = 60.0, 2 * 3600.0
"""Seconds between two questions whether he can be told otherwise, and until that is no answer any more."""
ATTEMPTS = 20
AGAIN = 0.5

Key = tuple[str, str]
Otherwise = Callable[[str, str], Awaitable[bool]]
"""Workspace and worker in."""


async def no_other_way(_workspace_id: str, _worker_id: str) -> bool:
    """A screen is all there is."""
    return False


class Presence:
    """The screens of this process, and what the routers know of them. `hub.on_present` and `on_absent` call it."""

    def __init__(
        self, dispatch: Dispatch, *, grace: float = GRACE, otherwise: Otherwise = no_other_way, away: float = AWAY
    ) -> None:
        self._dispatch = dispatch
        self._grace = grace
        self._otherwise, self._away = otherwise, away
        self.asked: dict[Key, float] = {}
        """Who has no screen and is told otherwise; loop time at which his last screen was missed."""
        self._here: set[Key] = set()
        self._timers: dict[Key, asyncio.TimerHandle] = {}
        self._telling: dict[Key, asyncio.Task[None]] = {}
        self._stop = dispatch.watch(self._committed)

    def agent_connected(self, workspace_id: str, worker_id: str) -> None:
        """A worker's first socket opened here."""
        key = (workspace_id, worker_id)
        self._here.add(key)
        self.asked.pop(key, None)
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()
        self._tell(key)

    def agent_lost(self, workspace_id: str, worker_id: str, last_heard: Millis | None = None) -> None:
        """His last socket here closed, or fell silent at `last_heard`, from when the grace counts."""
        key = (workspace_id, worker_id)
        self._here.discard(key)
        gone = 0.0 if last_heard is None else (self._dispatch.clock() - last_heard) / 1000
        self._after(key, max(0.0, self._grace - gone))

    def took_over(self, workspace_id: str) -> None:
        """This process owns the workspace now: whoever has a screen and is not connected here loses his grace.

        Of whom nobody could be told while it had no owner, it is told now."""
        for worker in self._dispatch.state(workspace_id).workers.values():
            key = (workspace_id, worker.id)
            if key in self._here:
                if not worker.reachable:
                    self._tell(key)
            elif worker.reachable and worker.id in self._dispatch.users:
                self._after(key, self._grace)

    async def close(self) -> None:
        """Tells nothing more."""
        self._stop()
        for timer in self._timers.values():
            timer.cancel()
        for task in self._telling.values():
            task.cancel()
        await asyncio.gather(*self._telling.values(), return_exceptions=True)

    def _after(self, key: Key, seconds: float) -> None:
        old = self._timers.pop(key, None)
        if old is not None:
            old.cancel()
        self._timers[key] = asyncio.get_running_loop().call_later(seconds, self._over, key)

    def _over(self, key: Key) -> None:
        self._timers.pop(key, None)
        if key not in self._here:
            self._tell(key)

    def _tell(self, key: Key) -> None:
        """Brings the router to what is true here; one task for each worker, so the last word wins."""
        running = self._telling.get(key)
        if running is None or running.done():
            self._telling[key] = asyncio.create_task(self._until_told(key), name="presence")

    async def _until_told(self, key: Key) -> None:
        workspace_id, worker_id = key
        for _ in range(ATTEMPTS):
            here = key in self._here
            try:
                if not here and self._known(key) and await self._told_otherwise(key):
                    break
                if self._known(key) is not here:
                    await self._dispatch.send(workspace_id, SetReachable(worker_id, here))
                if here is (key in self._here):
                    break
            except Unavailable:
                await asyncio.sleep(AGAIN)
            except Refusal as refusal:
                log.info("presence.refused", worker_id=worker_id, code=refusal.code)
                break
        self._telling.pop(key, None)

    async def _told_otherwise(self, key: Key) -> bool:
        """Whether he counts as reachable although no screen is there; then it is asked again."""
        now = asyncio.get_running_loop().time()
        gone = self.asked.setdefault(key, now)
        if now - gone >= self._away or not await self._otherwise(*key):
            self.asked.pop(key, None)
            return False
        if key not in self._here:
            self._after(key, LOOK)
        return True

    def _known(self, key: Key) -> bool | None:
        worker = self._dispatch.state(key[0]).workers.get(key[1])
        return worker.reachable if worker is not None else None

    def _committed(self, workspace_id: str, entries: Sequence[Entry], batch: Batch, base: int) -> None:
        for step in batch.steps:
            for transition in step.transitions:
                if isinstance(transition, WorkerReachableUpdated) and not transition.reachable:
                    key = (workspace_id, transition.worker_id)
                    if key in self._here:
                        self._tell(key)

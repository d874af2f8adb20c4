"""Commands of calls to the router: at once where that is possible, later where the router is away, once in any case.

What a call did has happened: the router is told until it takes it (each command has a key), and a refusal means that it no
longer fits. Only what a person waits for is asked with `ask`, which says no at once.
"""

import asyncio

from parlons.dispatch.dispatch import Dispatch, submit
from parlons.dispatch.outcome import Outcome
from parlons.kit.errors import Refusal, Unavailable
from parlons.routing.commands import CancelTask, Command
from parlons.routing.refusals import UnknownTask
from parlons.runtime.log import log

AGAIN = 0.3
LONGEST = 5.0


class Router:
    """The workspace's router, for its calls."""

    def __init__(self, dispatch: Dispatch, workspace_id: str) -> None:
        self.dispatch = dispatch
        self.workspace_id = workspace_id
        self._telling: set[asyncio.Task[bool]] = set()

    async def ask(self, command: Command, *, key: str | None = None, actor: str | None = None) -> Outcome:
        """Carries out a command somebody waits for; raises its refusal."""
        return await self.dispatch.send(self.workspace_id, command, key=key, actor=actor)

    def tell(self, command: Command, *, key: str | None = None) -> None:
        """Sees to it that the command is carried out, now or when the router is back; does not wait."""
        task = asyncio.get_running_loop().create_task(self.until_done(command, key=key), name="call to router")
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def until_done(self, command: Command, *, key: str | None = None) -> bool:
        """As `tell`, but waits; False when it was refused."""
        pause = AGAIN
        while True:
            try:
                await self.dispatch.send(self.workspace_id, command, key=key)
                return True
            except Unavailable as refusal:
                log.info("call.router_away", code=refusal.code)
            except UnknownTask:
                if not isinstance(command, CancelTask):
                    return False
                # Its task may still be on the road: behind it, the cancellation meets it.
                if await self._by_the_road(command):
                    return True
            except Refusal as refusal:
                log.info("call.command_refused", command=type(command).__name__, code=refusal.code)
                return False
            await asyncio.sleep(pause)
            pause = min(LONGEST, pause * 2)

    async def _by_the_road(self, command: CancelTask) -> bool:
        tenant_id = self.dispatch.seat(self.workspace_id).tenant_id
        try:
            async with self.dispatch.db.transaction(tenant_id) as tx:
                await submit(tx, self.workspace_id, command, key=f"call:{command.task_id}:over")
        except Unavailable as refusal:
            log.info("call.router_away", code=refusal.code)
            return False
        return True

    async def close(self) -> None:
        """Tells nothing more."""
        for task in list(self._telling):
            task.cancel()
        await asyncio.gather(*self._telling, return_exceptions=True)

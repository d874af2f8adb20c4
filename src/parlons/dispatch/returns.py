"""Unanswered chats of an agent who is gone for good go back to their queue, with their original place.

Gone for good: unreachable for the queue's `return_after_seconds` (0: never). Unanswered is a fact of the conversation,
which this room does not know: app hands in `unanswered`. What the people concerned are told, the journal's readers decide
from the canceled reservation, whose reason is `REASON`.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from parlons.dispatch.dispatch import Dispatch
from parlons.kit.errors import Refusal
from parlons.routing.commands import RequeueTask
from parlons.runtime.log import log

REASON = "agent-lost"
LOOK = 1.0
"""Seconds between looks."""

Unanswered = Callable[[str, str], Awaitable[bool]]
"""(workspace id, conversation id): whether the customer waits for an answer."""


class Returns:
    """Watches the workspaces owned here."""

    def __init__(self, dispatch: Dispatch, unanswered: Unanswered) -> None:
        self._dispatch = dispatch
        self._unanswered = unanswered
        self._since: dict[tuple[str, str], int] = {}

    async def run(self) -> None:
        """Looks for ever; cancel to stop."""
        while True:
            for workspace_id in self._dispatch.workspaces():
                if self._dispatch.owns(workspace_id):
                    with contextlib.suppress(Refusal):
                        await self.look(workspace_id)
            await asyncio.sleep(LOOK)

    async def look(self, workspace_id: str) -> None:
        """Sends back what is due now."""
        now = self._dispatch.clock()
        for task_id, conversation_id in self._due(workspace_id, now):
            if conversation_id is not None and not await self._unanswered(workspace_id, conversation_id):
                continue
            try:
                await self._dispatch.send(workspace_id, RequeueTask(task_id, REASON), actor="system")
            except Refusal as refusal:
                log.info("returns.refused", task_id=task_id, code=refusal.code)

    def _due(self, workspace_id: str, now: int) -> list[tuple[str, str | None]]:
        state = self._dispatch.state(workspace_id)
        gone = {worker.id: worker for worker in state.workers.values() if not worker.reachable}
        self._since = {key: since for key, since in self._since.items() if key[0] != workspace_id or key[1] in gone}
        due: list[tuple[str, str | None]] = []
        for worker in gone.values():
            key = (workspace_id, worker.id)
            since = self._since[key] = min(self._since.get(key, now), now)  # the clock may have been set back
            for reservation in list(worker.held.values()):
                queue = state.queues.get(reservation.queue_id or "")
                after = queue.config.return_after_seconds if queue is not None else 0
                if reservation.status == "accepted" and after and now - since >= after * 1000:
                    due.append((reservation.task.id, reservation.task.conversation_id))
        return due

"""A call begun from a chat ("Call me now"): it joins the same conversation and goes to the same agent, with no menu between.

Its task is a companion of the chat's: born accepted by one command where the agent has room for a call, else it waits for him
and the caller hears so. A chat that still waits for an agent is waited for with it. The work is written up once, when the last
of the two ends.
"""

from typing import Any

from parlons.kit.errors import Refusal
from parlons.kit.ids import TASK
from parlons.routing.commands import CreateCompanion
from parlons.routing.transitions import (
    ReservationAccepted,
    TaskCanceled,
    TaskCompleted,
    TaskWrapup,
)
from parlons.runtime.log import log
from parlons.voice.calls.floor import Floor
from parlons.voice.calls.incoming import CHANNEL, Incoming
from parlons.voice.calls.model import Call
from parlons.voice.calls.prompts_shipped import say
from parlons.voice.calls.scripting import Scripting
from parlons.voice.calls.waiting import Waiting

WAITS_SECONDS = 1_800
"""How long a call waits for the agent of its chat."""
LEAD = (ReservationAccepted, TaskWrapup, TaskCompleted, TaskCanceled)
"""What can happen to a chat's task that a call waits for."""


class Companions:
    """Calls beside chats, of one workspace."""

    def __init__(self, floor: Floor, incoming: Incoming, scripting: Scripting, waiting: Waiting) -> None:
        self.floor = floor
        self.incoming = incoming
        self.scripting = scripting
        self.waiting = waiting
        self._with_chat: dict[str, set[str]] = {}
        """Calls that wait with a chat for its agent, by the chat's task."""

    async def begins(self, call: Call) -> None:
        """The page is connected: to the chat's agent, or to wait with the chat; without either the line's script leads."""
        status = self._lead(call)
        if status is None or status == "wrapping":
            return self._by_script(call)
        await self.scripting.web_answer(call)
        if status == "assigned":
            return await self._ask(call)
        self._with_chat.setdefault(call.companion_of or "", set()).add(call.id)
        call.state, call.queued_at = "waiting", self.floor.now()
        self.floor.changed(call)
        await self._hears(call, "chat-waits")
        return None

    def lead_changed(self, event: Any) -> None:
        """Something happened to a task that may be the one of a chat whose caller waits for it."""
        for call_id in self._with_chat.pop(event.task_id, ()):
            call = self.floor.calls.get(call_id)
            if call is not None:
                self.floor.post(call, lambda call=call: self._goes_on(call))  # type: ignore[misc]

    async def returns(self, call: Call) -> None:
        """This process took over a call that waits with its chat."""
        if call.companion_of is not None and call.state == "waiting" and call.task_id is None:
            self._with_chat.setdefault(call.companion_of, set()).add(call.id)
            await self._goes_on(call)

    async def _goes_on(self, call: Call) -> None:
        if not call.live or call.task_id is not None:
            return
        status = self._lead(call)
        if status == "assigned":
            await self._ask(call)
        elif status is None or status == "wrapping":
            call.state = "menu"
            self._by_script(call)

    async def _ask(self, call: Call) -> None:
        """One command: the router gives the call to the chat's agent, or lets it wait for him."""
        floor = self.floor
        call.task_id, call.state = floor.fresh(TASK), "waiting"
        call.queued_at = call.queued_at or floor.now()
        floor.by_task[call.task_id] = call.id
        floor.changed(call)
        command = CreateCompanion(
            call.task_id, call.companion_of or "", CHANNEL, {"title": call.customer_name, "channel": CHANNEL},
            ttl_seconds=WAITS_SECONDS, firm_id=call.firm_id, conversation_id=call.conversation_id,
        )  # fmt: skip
        try:
            await floor.router.ask(command, key=f"call:{call.id}:companion:{call.task_id}")
        except Refusal as refusal:
            log.info("call.no_companion", call_id=call.id, code=refusal.code)
            floor.by_task.pop(call.task_id, None)
            call.task_id, call.state = None, "menu"
            return self._by_script(call)
        state = floor.state()
        task = state.tasks.get(call.task_id) if state is not None else None
        if task is not None and task.status != "assigned":
            await self._hears(call, "agent-on-a-call")
        return None

    async def _hears(self, call: Call, prompt: str) -> None:
        """Why he waits, then music."""
        await self.floor.say(call, [say(prompt, call.language)], "comfort")
        await self.waiting.music(call)

    def _by_script(self, call: Call) -> None:
        """No chat's agent: as any other call of the line."""
        call.companion_of = None
        self.floor.changed(call)
        self.scripting.begins(call, self.incoming.contact(call))

    def _lead(self, call: Call) -> str | None:
        """Status of the chat's task; None: it has ended, or the router is away."""
        state = self.floor.state()
        task = state.tasks.get(call.companion_of or "") if state is not None else None
        if task is not None:
            call.queue_id = call.queue_id or task.queue_id
        return None if task is None else str(task.status)

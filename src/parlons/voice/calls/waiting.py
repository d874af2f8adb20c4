"""A caller waits in a queue: music, comfort messages, his place, and how long it takes where that is known well enough.

Nothing here looks or asks: music loops in the engine, one timer a caller brings the next message, and the journal says when
an agent is there. Places are those of `router` memory, never told rising.
"""

from bisect import bisect_left
from collections.abc import Awaitable, Callable

from parlons.routing.matching import place_of
from parlons.routing.state import WorkspaceState
from parlons.routing.transitions import QueueEntered
from parlons.voice.calls import prompts_shipped as prompts
from parlons.voice.calls.estimate import Waits, hit, minutes
from parlons.voice.calls.floor import Floor
from parlons.voice.calls.model import Call
from parlons.voice.calls.script import Words

CHECK_MS = 2_000
"""Until a caller whose task is not there yet is looked after."""
CALLBACK_KEY = "1"
"""Pressed while waiting, once it was offered, it asks to be called back."""
FIRST_MS = 8_000
"""Until the first message, so that who is answered at once hears music only."""


class Waiting:
    """Callers in queues."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.without_task: Callable[[Call, str], Awaitable[None]] | None = None
        """Told of a call whose task the router refused."""
        self._told: dict[str, int] = {}
        """Best place each caller was told."""

    async def begins(self, call: Call, task_id: str, queue_id: str | None) -> None:
        """The call's task is on the road: the caller hears music from now on."""
        floor = self.floor
        if not call.live or call.agent() is not None:
            return
        call.task_id, call.state = task_id, "waiting"
        call.queue_id = queue_id or self._queue(task_id) or call.queue_id
        call.queued_at = call.queued_at or floor.now()
        self._foresee(call)
        floor.changed(call)
        await self.music(call)
        self._next(call, FIRST_MS)
        self.offer_later(call)
        floor.after(call, "task", CHECK_MS, lambda: self._check_task(call, task_id))

    async def _check_task(self, call: Call, task_id: str) -> None:
        """A refused command leaves no trace in the journal: a task that is not there after a while is asked for, once."""
        state = self.floor.state()
        if call.state != "waiting" or call.task_id != task_id or (state is not None and task_id in state.tasks):
            return
        async with self.floor.db.transaction(call.tenant_id) as tx:
            refused = await tx.scalar(
                "SELECT 1 FROM commands WHERE workspace_id = :workspace AND state = 'refused' AND body->>'task_id' = :task",
                {"workspace": call.workspace_id, "task": task_id},
            )
        if refused is None:  # the router is behind, or away
            self.floor.after(call, "task", CHECK_MS, lambda: self._check_task(call, task_id))
        elif self.without_task is not None:
            await self.without_task(call, task_id)

    async def entered_queue(self, call: Call, transition: QueueEntered) -> None:
        """The router put the task into a queue."""
        if transition.task_id != call.task_id or call.queue_id == transition.queue_id:
            return
        call.queue_id = transition.queue_id
        if call.state == "waiting":
            self._foresee(call)
            self.offer_later(call)
        self.floor.changed(call)

    def offer_later(self, call: Call) -> None:
        """After the time the queue's settings name, who waits is offered a callback; only where a script leads him and his
        number is known."""
        floor, seconds = self.floor, self.floor.configured.queue(call.queue_id).callback_after_seconds
        floor.stop_timer(call, "callback")
        if seconds and call.script and not call.callback_offered and call.from_number.startswith("+"):
            waited = floor.now() - (call.queued_at or floor.now())
            floor.after(call, "callback", max(0, seconds * 1000 - waited), lambda: self._offer(call))

    async def _offer(self, call: Call) -> None:
        if call.state != "waiting" or not call.script:
            return
        call.callback_offered = True
        self.floor.changed(call)
        await self.quiet(call)
        await self.floor.say(call, [prompts.say("callback-offer", call.language)], "comfort")
        await self.music(call)

    async def quiet(self, call: Call) -> None:
        """What plays to him ends."""
        await self.floor.quiet(call, call.leg_id)

    async def again(self, call: Call) -> None:
        """The caller waits once more: his agent is gone, or nobody took the transfer."""
        call.state, call.worker_id, call.reservation_id = "waiting", None, None
        self.floor.changed(call)
        await self.music(call)
        self._next(call, self._every(call))

    def over(self, call: Call) -> None:
        """He waits no more."""
        self._told.pop(call.id, None)
        self.floor.stop_timer(call, "comfort")
        self.floor.stop_timer(call, "callback")

    async def music(self, call: Call) -> None:
        """Music on the customer's leg, until something else is played or it is stopped."""
        floor = self.floor
        name = floor.configured.queue(call.queue_id).music
        if name == "none":
            return
        wanted = None if name == "default" else name
        sounds = list(await floor.sounds.music(call.tenant_id, call.firm_id, wanted))
        await floor.play(call, floor.play_id(call, "music"), call.leg_id, sounds, loop=True)

    def _every(self, call: Call) -> int:
        return self.floor.configured.queue(call.queue_id).comfort_seconds * 1000

    def _next(self, call: Call, ms: int) -> None:
        if self._every(call) and ms:
            self.floor.after(call, "comfort", ms, lambda: self._comfort(call))

    async def _comfort(self, call: Call) -> None:
        """One message; music goes on after it."""
        floor = self.floor
        if call.state != "waiting":
            return
        words = self._words(call)
        if words and await floor.say(call, words, "comfort") is not None:
            await self.music(call)
            floor.changed(call)
        self._next(call, self._every(call))

    def _words(self, call: Call) -> list[Words]:
        settings, language = self.floor.configured.queue(call.queue_id), call.language
        words = [prompts.say("all-busy", language)]
        place = self.place(call)
        best = self._told.get(call.id)
        if settings.say_position and place is not None and (best is None or place <= best):
            self._told[call.id] = place
            words.append(prompts.position(place, language))
        known = self.floor.waits.get(call.queue_id or "")
        if settings.say_wait and place is not None and known is not None and known.may_say():
            said = known.range(place)
            if said is not None:
                words.append(prompts.wait(*minutes(said), language))
        if call.callback_offered:
            words.append(prompts.say("callback-offer", language))
        words.append(prompts.say("thank-you", language))
        return words

    # --- places and forecasts ---

    def place(self, call: Call) -> int | None:
        """The caller's place, 1 = next; None while the router is away or does not have the task in a queue."""
        state = self.floor.state()
        return None if state is None or call.task_id is None else place_in_line(state, call.task_id)

    def _queue(self, task_id: str) -> str | None:
        state = self.floor.state()
        task = state.tasks.get(task_id) if state is not None else None
        return task.queue_id if task is not None else None

    def _foresee(self, call: Call) -> None:
        """Notes the range for this caller, said or not: it is compared when he is answered."""
        place = self.place(call)
        if place is None:
            state = self.floor.state()
            waiting = (
                [] if state is None else [one for one in self.floor.calls.values() if one.queue_id == call.queue_id]
            )
            place = max(1, sum(1 for one in waiting if one.state == "waiting"))
        call.position = place
        known = self.floor.waits.get(call.queue_id or "")
        call.forecast = known.range(place) if known is not None else None

    def answered(self, call: Call) -> None:
        """An agent talks to the caller for the first time: what was foreseen is compared."""
        if call.queued_at is None or call.waited_ms is not None:
            return
        call.waited_ms = self.floor.now() - call.queued_at
        call.forecast_hit = hit(call.forecast, call.waited_ms)
        if call.queue_id is not None:
            known = self.floor.waits.setdefault(call.queue_id, Waits())
            known.answered(call.waited_ms, call.position or 1, call.forecast_hit)


def place_in_line(state: WorkspaceState, task_id: str) -> int | None:
    """One more than the number of tasks of the same queue and channel that the router would take before it."""
    mine = state.tasks.get(task_id)
    if mine is None or mine.queue_id is None or mine.status not in ("pending", "reserved"):
        return None
    line = []
    for task in state.tasks.values():
        if task.queue_id == mine.queue_id and task.channel == mine.channel and task.status in ("pending", "reserved"):
            first, then, _ = place_of(task, task.pool is not None and task.pool.lifo)
            line.append((first, then, task.id))
    first, then, _ = place_of(mine, mine.pool is not None and mine.pool.lifo)
    return bisect_left(sorted(line), (first, then, task_id)) + 1

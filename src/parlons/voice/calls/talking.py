"""People talk: customer and agent in one room, hold and mute, who leaves, the end, and the writing-up after it.

An agent's browser leg outlives the call: it leaves the room. Every other leg ends with the call.
"""

from typing import TYPE_CHECKING

from parlons.routing.commands import CancelTask, CompleteTask, WrapTask
from parlons.routing.transitions import TaskCanceled, TaskCompleted, TaskWrapup
from parlons.voice.calls import prompts_shipped as prompts
from parlons.voice.calls.floor import Floor, browser_leg
from parlons.voice.calls.hearing import enter, heard_as_he_is
from parlons.voice.calls.model import Call, Party
from parlons.voice.calls.recording import Recording
from parlons.voice.calls.waiting import Waiting
from parlons.voice.media.engine import SilenceSound, Sound, ToneSound
from parlons.voice.media.events import LegEnded, LegHeld, LegQuality

if TYPE_CHECKING:
    from parlons.voice.calls.dialling import Dialling
    from parlons.voice.calls.scripting import Scripting
    from parlons.voice.calls.transferring import Transferring

BUSY = frozenset({"talking", "held", "consulting"})
RINGBACK: tuple[Sound, ...] = (ToneSound((440.0,), 1500), SilenceSound(3500))
"""What a caller hears while somebody is rung; ITU-T E.180, European cadence."""
POOR, GOOD = 3.1, 3.6
"""Opinion score below which a call counts as poor, and above which it is well again."""


class Talking:
    """Calls in which somebody talks."""

    def __init__(self, floor: Floor, waiting: Waiting, recording: Recording) -> None:
        self.floor = floor
        self.waiting = waiting
        self.recording = recording
        self.transferring: Transferring | None = None
        self.scripting: Scripting | None = None
        self.dialling: Dialling | None = None

    # --- joining ---

    async def joins(self, call: Call, worker_id: str, reservation_id: str, task_id: str, leg_id: str | None) -> None:
        """A worker took the call, or a consultation of it. `leg_id`: the phone he answered; None: his browser."""
        floor = self.floor
        if task_id != call.task_id:
            assert self.transferring is not None
            return await self.transferring.colleague_joins(call, worker_id, task_id, leg_id)
        handed_from = call.worker_id if call.worker_id != worker_id else None
        self.waiting.over(call)
        call.worker_id, call.reservation_id = worker_id, reservation_id
        party = self._party(call, worker_id, leg_id)
        if party is None or party.state == "ringing":  # music goes on until a phone of his is connected
            floor.changed(call)
            return None
        if handed_from is not None and self.transferring is not None:
            await self.transferring.handed(call, handed_from)
        if call.customer() is None and call.direction != "in":
            assert self.dialling is not None
            return await self.dialling.agent_there(call, party)
        await self.bridge(call, party)
        return None

    def _party(self, call: Call, worker_id: str, leg_id: str | None) -> Party | None:
        """The worker's place in the call; None when he has no leg that is connected."""
        floor = self.floor
        if leg_id is not None:
            known = call.party(leg_id)
            if known is not None:
                known.kind, known.consulted = "agent", False
                return known
        user_id = floor.user_of(worker_id)
        leg_id = leg_id or browser_leg(user_id or "")
        known = call.party(leg_id)
        if known is not None:
            known.kind, known.consulted = "agent", False
            return known
        if leg_id not in floor.talking:
            return None
        party = Party(
            leg_id, "agent", floor.name_of(worker_id), worker_id, user_id, "browser", "talking", shared=True,
            since=floor.now(), answered_at=floor.now(),
        )  # fmt: skip
        call.parties = [*call.parties, party]
        floor.on_leg(leg_id, call)
        return party

    async def bridge(self, call: Call, party: Party) -> None:
        """Customer and agent hear each other, and the recording begins where it is to."""
        floor = self.floor
        if self.scripting is not None:
            self.scripting.ends(call)
        async with floor.quietly():
            await floor.engine.create_room(call.room_id)
        await self.quiet(call)
        await floor.quiet(call, party.leg_id)
        if self.recording.wanted(call):
            await self.recording.notice(call)
        await enter(floor, call, call.leg_id)
        listened, party.mode = party.mode is not None, None
        await enter(floor, call, party.leg_id)
        if listened:  # before he took over: now all hear him
            await heard_as_he_is(floor, call, party)
        customer = call.customer()
        if customer is not None and customer.held:
            customer.held = False
            async with floor.quietly():
                await floor.engine.hold(call.leg_id, False)
        call.state, call.held_since, call.agent_at = "talking", None, call.agent_at or floor.now()
        self.waiting.answered(call)
        floor.changed(call)
        await self.recording.begin(call)

    async def quiet(self, call: Call) -> None:
        """Music and announcements to the customer end."""
        await self.floor.quiet(call, call.leg_id)

    async def ringback(self, call: Call, leg_id: str) -> None:
        """A leg hears that somebody is being rung."""
        await self.floor.play(call, self.floor.play_id(call, "ringback"), leg_id, RINGBACK, loop=True)

    async def party_answered(self, call: Call, leg_id: str) -> None:
        """Somebody who was dialled into the call answered."""
        party = call.party(leg_id)
        if party is None:
            return
        party.state, party.answered_at = "talking", self.floor.now()
        self.floor.changed(call)
        if party.kind == "agent" and party.worker_id == call.worker_id and call.reservation_id is not None:
            if call.customer() is None and call.direction != "in" and self.dialling is not None:
                await self.dialling.agent_there(call, party)
            else:
                await self.bridge(call, party)
            return
        if self.scripting is not None and call.script and f"dial {leg_id}" in call.outstanding.values():
            await self._join_outside(call, leg_id)
            await self.scripting.dial_ended(call, leg_id, "answered")
            return
        assert self.transferring is not None
        await self.transferring.outside_answered(call, party)

    async def _join_outside(self, call: Call, leg_id: str) -> None:
        floor = self.floor
        await self.quiet(call)
        async with floor.quietly():
            await floor.engine.create_room(call.room_id)
        await enter(floor, call, call.leg_id)
        await enter(floor, call, leg_id)
        call.state = "talking"
        floor.changed(call)

    # --- while talking ---

    async def hold(self, call: Call, held: bool) -> None:
        """The customer hears music, or is back. Held twice is held once."""
        floor = self.floor
        customer = call.customer()
        if customer is None or customer.held is held or call.state not in BUSY:
            return
        customer.held = held
        if held:
            async with floor.quietly():
                await floor.engine.hold(call.leg_id, True)
            await self.waiting.music(call)
            call.held_since = floor.now()
            call.state = "held" if call.state == "talking" else call.state
        else:
            await self.quiet(call)
            async with floor.quietly():
                await floor.engine.hold(call.leg_id, False)
            call.held_since = None
            call.state = "talking" if call.state == "held" else call.state
        floor.changed(call)

    async def mute(self, call: Call, worker_id: str, muted: bool) -> None:
        """Nobody hears this worker."""
        party = next((one for one in call.parties if one.worker_id == worker_id), None)
        if party is None or party.muted is muted:
            return
        party.muted = muted
        await heard_as_he_is(self.floor, call, party)
        self.floor.changed(call)

    async def far_held(self, call: Call, event: LegHeld) -> None:
        """A phone put us on hold, or took us back; it plays its own music, so this is shown only."""
        party = call.party(event.leg_id)
        if party is not None and party.kind != "customer" and party.held is not event.held:
            party.held = event.held
            self.floor.changed(call)

    async def quality(self, call: Call, event: LegQuality) -> None:
        """Kept when it turns poor or well, not each time."""
        before = call.quality
        if (before is None and event.mos >= POOR) or (before is not None and POOR <= event.mos < GOOD):
            return
        poor = event.mos < POOR
        if poor is (before is not None):
            return
        call.quality = (
            {"lost_percent": event.lost_percent, "jitter_ms": event.jitter_ms, "rtt_ms": event.rtt_ms, "mos": event.mos}
            if poor
            else None
        )
        self.floor.changed(call)

    # --- leaving ---

    async def customer_gone(self, call: Call, event: LegEnded) -> None:
        """The customer's leg is over."""
        cause = "hangup" if event.by == "far" and event.cause in ("hangup", "canceled") else event.cause
        if call.conversation_id is None and call.direction == "in":
            self.floor.forget(call)
            return
        if call.direction != "in" and call.answered_at is None and self.dialling is not None:
            await self.dialling.failed(call, event)
            return
        fell = cause in ("lost", "error") and call.state in BUSY | {"waiting", "parked"}
        if fell and self.dialling is not None and await self.dialling.call_back_dropped(call):
            return
        others = [one for one in call.of("agent", "outside") if one.state == "talking"]
        call.parties = [one for one in call.parties if one.leg_id != event.leg_id]
        if len(others) > 1 and call.state in BUSY:  # those who were brought in talk on until the agent ends it
            call.state = "talking"
            self.floor.changed(call)
            return
        await self.end(call, cause)

    async def party_gone(self, call: Call, event: LegEnded) -> None:
        """An agent's phone, a colleague or a number left the call."""
        party = call.party(event.leg_id)
        if party is None:
            return
        floor = self.floor
        if self.scripting is not None and f"dial {event.leg_id}" in call.outstanding.values():
            await self.scripting.dial_ended(call, event.leg_id, event.cause)
            return
        call.parties = [one for one in call.parties if one.leg_id != event.leg_id]
        floor.changed(call)
        if party.kind == "agent" and party.worker_id == call.worker_id:
            await self._agent_left(call, party, event)
        elif party.kind == "outside" or party.consulted:
            assert self.transferring is not None
            await self.transferring.party_left(call, party, event.cause)

    async def _agent_left(self, call: Call, party: Party, event: LegEnded) -> None:
        if call.transfer is not None or call.state == "parked":
            return
        if party.shared and event.cause in ("lost", "error"):  # his page is gone: he has a while to come back
            if call.customer() is not None:
                await self.waiting.music(call)
            self.floor.after(call, "connect", 20_000, lambda: self._not_back(call, party))
            return
        await self.end(call, "agent-hangup" if event.cause == "hangup" else event.cause)

    async def _not_back(self, call: Call, party: Party) -> None:
        if call.live and call.party(party.leg_id) is None and call.worker_id == party.worker_id:
            await self.end(call, "agent-lost")

    async def agent_lost(self, call: Call) -> None:
        """The router took the task back from the agent: the caller waits again, at his old place."""
        for party in call.of("agent"):
            await self.leave(call, party)
        await self.waiting.again(call)

    async def leave(self, call: Call, party: Party) -> None:
        """One party leaves: a browser the room, any other leg the world."""
        floor = self.floor
        call.parties = [one for one in call.parties if one.leg_id != party.leg_id]
        floor.off_leg(party.leg_id, call)
        async with floor.quietly():
            if party.shared:
                await floor.engine.leave(party.leg_id)
            else:
                await floor.engine.hang_up(party.leg_id)
        floor.changed(call)

    # --- the end ---

    async def end(self, call: Call, cause: str) -> None:
        """Nobody talks any more. What the router has of it is told, and the writing-up begins where there is any."""
        if not call.live:
            return
        floor = self.floor
        call.end_cause, call.ended_at = cause, floor.now()
        self.waiting.over(call)
        floor.stop_timers(call)
        phone = call.agent()
        if phone is not None and not phone.shared:  # silent before it can be rung for the next caller
            await self.leave(call, phone)
        wraps = self._tell_router(call)
        if self.scripting is not None:
            self.scripting.ends(call)
        await self.recording.stop(call)
        for party in list(call.parties):
            if party.task_id is not None:
                floor.by_task.pop(party.task_id, None)
                over = CancelTask(party.task_id, "hangup") if party.state == "ringing" else CompleteTask(party.task_id)
                floor.router.tell(over)
            if party.leg_id != call.leg_id:
                await floor.quiet(call, party.leg_id)
                await self.leave(call, party)
        async with floor.quietly():
            await floor.engine.hang_up(call.leg_id)
        async with floor.quietly():
            await floor.engine.close_room(call.room_id)
        call.parties, call.rings, call.held_since = [], [], None
        if wraps:
            self._write_up(call)
        else:
            self.finish(call)

    def _tell_router(self, call: Call) -> bool:
        """The router hears of the end before the engine is tidied: the agent's next caller waits for it. Whether there is
        anything to write up. None of these commands needs a key: what has ended already refuses to end again."""
        tell = self.floor.router.tell
        if call.task_id is None:
            return False
        if call.reservation_id is None:
            tell(CancelTask(call.task_id, "hangup"))
            return False
        if call.direction == "internal" or self.wrap_seconds(call) == 0:
            tell(CompleteTask(call.task_id, "call-over"))
            return False
        tell(WrapTask(call.task_id))
        return True

    def _write_up(self, call: Call) -> None:
        floor, seconds = self.floor, self.wrap_seconds(call)
        call.state = "wrapping"
        if seconds is not None:
            call.wrap_until = floor.now() + seconds * 1000
            floor.after(call, "wrap", seconds * 1000, lambda: self.wrap_over(call))
        floor.changed(call)

    def _goes_on_beside(self, call: Call) -> bool:
        """The matter goes on in a chat with the same agent: the work is written up once, after that."""
        state = self.floor.state()
        lead = state.tasks.get(call.companion_of or "") if state is not None else None
        return lead is not None and lead.status in ("assigned", "wrapping")

    def wrap_seconds(self, call: Call) -> int | None:
        """Time to write up: what the queue's voice part says, else the queue; None: as long as it takes."""
        if self._goes_on_beside(call):
            return 0
        chosen = self.floor.configured.queue(call.queue_id).wrap_up_seconds
        if chosen is not None:
            return chosen
        state = self.floor.state()
        queue = state.queues.get(call.queue_id or "") if state is not None else None
        return (queue.config.wrap_up_seconds or None) if queue is not None else None

    async def wrap_over(self, call: Call) -> None:
        """The time for writing up is over."""
        if call.state == "wrapping" and call.task_id is not None:
            self.floor.router.tell(CompleteTask(call.task_id, "wrap-up-over"))
            self.finish(call)

    def finish(self, call: Call) -> None:
        """Nothing of the call is left to do."""
        call.state, call.wrap_until = "ended", None
        call.ended_at = call.ended_at or self.floor.now()
        self.floor.changed(call)
        self.floor.forget(call)
        if self.scripting is not None:
            self.scripting.over(call)

    # --- what the router tells ---

    async def wrapping(self, call: Call, _event: TaskWrapup) -> None:
        """The task went to its wrap-up: when the talk goes on, somebody ended the work from his screen."""
        if _event.task_id == call.task_id and call.live:
            await self.end(call, "agent-hangup")

    async def task_over(self, call: Call, event: TaskCompleted | TaskCanceled) -> None:
        """The task ended: finished by the agent, or unserved."""
        if event.task_id != call.task_id:
            assert self.transferring is not None
            return await self.transferring.colleague_task_over(call, event.task_id)
        if call.state == "wrapping":
            self.finish(call)
        elif isinstance(event, TaskCanceled) and call.live and call.direction == "in" and event.reason != "hangup":
            await self._unserved(call, event.task_id)
        elif call.live:
            call.task_id = None
            await self.end(call, "work-over")
        return None

    async def _unserved(self, call: Call, task_id: str) -> None:
        """Nobody came. A script that still leads the call goes on (reception tells it); without one a word is said."""
        floor = self.floor
        self.waiting.over(call)
        self.floor.by_task.pop(task_id, None)
        call.task_id, call.state, call.queue_id = None, "menu", call.queue_id
        await self.quiet(call)
        floor.changed(call)
        if call.script and self.scripting is not None:
            self.scripting.unserved(call, task_id)
        else:
            words = [prompts.say("nobody", call.language), prompts.say("try-later", call.language)]
            await floor.say(call, words, "last")
            floor.after(call, "last", 30_000, lambda: self.end(call, "unserved"))

"""This process takes the calls over: after a restart, from a process that died, or when the voice process came back.

What rows say is held against what the engine has: legs that are gone have ended, what should be heard is played again, who
rings is rung, scripts are asked to go on. Nobody on the line notices more than that.
"""

from typing import TYPE_CHECKING

from parlons.routing.commands import CancelTask, CompleteTask
from parlons.routing.state import Reservation
from parlons.routing.transitions import Decision, ReservationAccepted, ReservationCreated
from parlons.runtime.log import log
from parlons.voice.calls import queries
from parlons.voice.calls.floor import Floor, user_of_leg
from parlons.voice.calls.incoming import CHANNEL
from parlons.voice.calls.model import LIVE, Call
from parlons.voice.media.events import EngineState, LegEnded, LegIncoming

if TYPE_CHECKING:
    from parlons.voice.calls.controller import Controller

REPLAYED = 9_000
"""Events read again for legs that arrived while nobody listened; the engine keeps 10,000."""


class Takeover:
    """Brings memory and engine together."""

    def __init__(self, floor: Floor, controller: "Controller") -> None:
        self.floor = floor
        self.controller = controller
        self._first = True

    async def now(self) -> int:
        """Takes over; the engine's sequence up to which everything is taken in."""
        floor = self.floor
        await self.controller.configure_engine()
        state = await floor.engine.state()
        if self._first:
            async with floor.db.transaction(floor.tenant_id) as tx:
                found = await queries.open_calls(tx, floor.workspace_id)
            for call in found:
                if call.id not in floor.calls:
                    floor.ledger.knows(call)
                    floor.add(call)
            self._first = False
        floor.talking = {one.leg_id for one in state.legs if user_of_leg(one.leg_id) and one.state == "talking"}
        floor.phones, floor.trunks_up = set(state.phones), set(state.trunks_up)
        for play_id in state.play_ids:
            call_id = play_id.partition("/")[0]
            if call_id in floor.calls:
                floor.plays.setdefault(call_id, {}).setdefault(play_id, floor.calls[call_id].leg_id)
        await self.controller.recording.take_over(frozenset(state.recording_ids))
        legs = {one.leg_id for one in state.legs}
        known = list(floor.calls.values())
        for call in known:
            floor.post(call, lambda call=call: self._one(call, legs, state))  # type: ignore[misc]
        await self._unheard(state)
        await self._untold()
        log.info("calls.taken_over", workspace_id=floor.workspace_id, calls=len(known), legs=len(legs))
        return state.seq

    async def _untold(self) -> None:
        """Tasks of calls that ended while the router was away, or whose process died before it was told: nobody else would
        end them, and their agents would stay busy."""
        floor, state = self.floor, self.floor.state()
        if state is None:
            return
        tasks = {one.id for one in state.tasks.values() if one.channel == CHANNEL and one.id not in floor.by_task}
        for held in list(state.reservations.values()):
            if held.status == "accepted" and held.task.id in tasks:  # a callback whose number nobody dialled yet
                self.controller.dialling.taken(_accepted(held))
        async with floor.db.transaction(floor.tenant_id) as tx:
            ended = await queries.ended_with(tx, floor.workspace_id, tasks)
        for call in ended:
            task_id = call.task_id or ""
            if call.reservation_id is not None:
                floor.router.tell(CompleteTask(task_id, "call-over"), key=f"call:{call.id}:over")
            else:
                floor.router.tell(CancelTask(task_id, "hangup"), key=f"call:{call.id}:hangup")

    async def _unheard(self, state: EngineState) -> None:
        """Legs that arrived and whose arrival nobody took in; legs nobody knows end."""
        floor = self.floor
        strangers = {
            one.leg_id: one for one in state.legs if not floor.by_leg.get(one.leg_id) and not user_of_leg(one.leg_id)
        }
        if not strangers:
            return
        arriving = {leg_id for leg_id, one in strangers.items() if one.state in ("incoming", "ringing")}
        if arriving:
            async for event in floor.engine.events(max(0, state.seq - REPLAYED)):
                if isinstance(event, LegIncoming) and event.leg_id in arriving:
                    arriving.discard(event.leg_id)
                    strangers.pop(event.leg_id)
                    self.controller.incoming.arrived(event)
                if event.seq >= state.seq or not arriving:
                    break
        for leg_id in strangers:
            async with floor.quietly():
                await floor.engine.hang_up(leg_id)

    async def _one(self, call: Call, legs: set[str], state: EngineState) -> None:
        floor, talking = self.floor, self.controller.talking
        if call.state == "wrapping":
            if call.wrap_until is not None:
                floor.after(call, "wrap", call.wrap_until - floor.now(), lambda: talking.wrap_over(call))
            self._finish_if_done(call)
            return
        gone = [one.leg_id for one in call.parties if one.leg_id not in legs and not one.leg_id.startswith("asked/")]
        gone += [one.leg_id for one in call.rings if one.leg_id is not None and one.leg_id not in legs]
        if call.leg_id not in legs and call.direction == "in":
            gone = [call.leg_id, *(one for one in gone if one != call.leg_id)]
        for leg_id in dict.fromkeys(gone):
            if call.state in LIVE:
                await self.controller.leg_ended(call, _lost(leg_id, floor.now()))
        if call.state not in LIVE or call.id not in floor.calls:
            return
        before = call.state in ("ringing", "menu") and call.direction == "in" and call.reservation_id is None
        if before and call.task_id is not None:  # stored, and the process died before it asked anything of the call
            await self.controller.scripting.waits(call, call.task_id, call.queue_id)
        await self._sound(call, state)
        self._rung(call)
        await self.controller.companions.returns(call)
        if call.script:
            self._script(call, state)

    def _finish_if_done(self, call: Call) -> None:
        state = self.floor.state()
        if state is not None and call.task_id not in state.tasks:
            self.controller.talking.finish(call)

    async def _sound(self, call: Call, state: EngineState) -> None:
        """Who waits hears music, who is to talk is in the room."""
        waits = call.state in ("waiting", "parked", "held")
        if waits and not any(one.startswith(f"{call.id}/music/") for one in state.play_ids):
            await self.controller.waiting.music(call)
        if call.state == "waiting":
            self.controller.waiting._next(call, self.controller.waiting._every(call))
            self.controller.waiting.offer_later(call)
        running = call.recording
        if running is not None and running.state in ("on", "paused") and running.id not in state.recording_ids:
            running.state = "off"
            if call.state == "talking":
                await self.controller.recording.begin(call)
        elif running is None and call.state == "talking" and call.notified:
            await self.controller.recording.begin(call)

    def _rung(self, call: Call) -> None:
        """Offers made, and taken, while nobody listened."""
        state = self.floor.state()
        if state is None:
            return
        for held in list(state.reservations.values()):
            if self.floor.by_task.get(held.task.id) != call.id:
                continue
            task = held.task
            if held.status == "pending" and call.ring_of(held.id) is None:
                made = ReservationCreated(
                    held.created_at,
                    *_facts(held),
                    held.id,
                    held.worker.id,
                    held.deadline,
                    Decision("", 0, "task", 0, 0, 0),
                )
                self.floor.post(call, lambda made=made: self.controller.ringing.offered(call, made))  # type: ignore[misc]
            elif held.status == "accepted" and task.id == call.task_id and call.reservation_id != held.id:
                taken = _accepted(held)
                self.floor.post(call, lambda taken=taken: self.controller.ringing.accepted(call, taken))  # type: ignore[misc]

    def _script(self, call: Call, state: EngineState) -> None:
        """What the engine still carries out is waited for; of all else the script is to ask again."""
        there = (*state.play_ids, *state.gather_ids, *state.stream_ids)
        going = {one.split("/", 2)[2] for one in there if one.startswith(f"{call.id}/")}
        for key, kind in list(call.outstanding.items()):
            word, _, what = kind.partition(" ")
            still = key in going or what in state.recording_ids or (word == "dial" and call.party(what) is not None)
            if not still:
                del call.outstanding[key]
        self.controller.scripting.returns(call)


def _lost(leg_id: str, at: int) -> LegEnded:
    return LegEnded(0, at, leg_id, "engine", "lost", 0, "")


def _facts(held: Reservation) -> tuple[str, str | None, str | None, str, str | None, str | None]:
    """What events of a reservation tell of its task."""
    task = held.task
    return task.id, held.queue_id, task.workflow_id, task.channel, task.firm_id, task.conversation_id


def _accepted(held: Reservation) -> ReservationAccepted:
    """The taking of an offer, as it was told when it happened."""
    return ReservationAccepted(held.accepted_at, *_facts(held), held.id, held.worker.id, 0, 0, 0)

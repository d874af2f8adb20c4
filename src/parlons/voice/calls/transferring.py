"""A call is handed on, or others are brought into it: blind and attended transfer, consultation, three and more, park, pick up.

The task goes with the call: a colleague gets it by the router's transfer, so his capacity is charged and `why` can tell. A
colleague who is only asked gets a task of his own for as long as he talks.
"""

from typing import TYPE_CHECKING, Any

from parlons.kit.errors import Invalid, Refusal
from parlons.kit.ids import TASK
from parlons.routing.commands import CancelTask, CompleteTask, CreateTask, TransferTask
from parlons.routing.configuration import Target
from parlons.routing.transitions import TaskTransferCanceled, TaskTransferCompleted, TaskTransferFailed
from parlons.runtime.events import Audience, Event
from parlons.voice.calls.errors import NotOutside, WrongCallState
from parlons.voice.calls.floor import Floor
from parlons.voice.calls.handing import hand_to
from parlons.voice.calls.hearing import enter
from parlons.voice.calls.limits import ways_out
from parlons.voice.calls.model import Call, Party, Transfer
from parlons.voice.calls.numbers import is_emergency, normal_number
from parlons.voice.calls.recording import Recording
from parlons.voice.calls.waiting import Waiting
from parlons.voice.media.engine import Caller, NumberTarget
from parlons.voice.media.events import LegReferred

if TYPE_CHECKING:
    from parlons.voice.calls.talking import Talking

To = dict[str, Any]
RING_MS = 45_000


class Transferring:
    """Calls that go on to others."""

    def __init__(self, floor: Floor, talking: "Talking", waiting: Waiting, recording: Recording) -> None:
        self.floor = floor
        self.talking = talking
        self.waiting = waiting
        self.recording = recording

    # --- blind ---

    async def blind(self, call: Call, to: To) -> None:
        """Hands the call on at once; it comes back to the agent when nobody takes it."""
        agent = self._agent(call)
        if call.transfer is not None or self._consulted(call):
            raise WrongCallState
        if to.get("number"):
            return await self._blind_outside(call, agent, to["number"])
        target = Target("worker", to["worker_id"]) if to.get("worker_id") else Target("queue", to["queue_id"])
        if call.task_id is None:
            raise WrongCallState
        call.transfer = Transfer("blind", target.kind, target.id)  # type: ignore[arg-type]
        try:
            await self.floor.router.ask(TransferTask(call.task_id, target, call.reservation_id))
        except Refusal:
            call.transfer = None
            raise
        await self.talking.hold(call, True)
        await self._step_aside(agent)
        self.floor.changed(call)
        return None

    async def _step_aside(self, agent: Party) -> None:
        """The agent hears the call no more, but has it until somebody takes it."""
        async with self.floor.quietly():
            await self.floor.engine.leave(agent.leg_id)

    async def _blind_outside(self, call: Call, agent: Party, number: str) -> None:
        leg_id = await self._dial(call, number, consulted=False)
        call.transfer = Transfer("blind", "number", number, leg_id)
        await self.talking.hold(call, True)
        await self._step_aside(agent)
        self.floor.changed(call)

    async def came_back(self, call: Call, event: TaskTransferFailed | TaskTransferCanceled) -> None:
        """Nobody took it: the agent has his caller again."""
        if event.task_id != call.task_id or call.transfer is None:
            return
        call.transfer = None
        await self._back_to_agent(call)

    async def _back_to_agent(self, call: Call) -> None:
        agent = call.agent()
        if agent is not None:
            await enter(self.floor, call, agent.leg_id)
        call.state = "held" if call.state == "consulting" else call.state
        await self.talking.hold(call, False)
        self.floor.changed(call)

    async def went(self, call: Call, event: TaskTransferCompleted) -> None:
        """Another worker has the task; his joining (`talking.joins`) does the rest."""

    async def handed(self, call: Call, former: str) -> None:
        """A new worker has the call: the one before leaves it."""
        call.transfer = None
        for party in [one for one in call.of("agent") if one.worker_id == former]:
            await self.talking.leave(call, party)

    # --- consulting and adding ---

    async def consult(self, call: Call, to: To) -> str | None:
        """The customer hears music while the agent talks to somebody else; the leg that rings."""
        self._agent(call)
        if self._consulted(call) or call.transfer is not None or call.state not in ("talking", "held"):
            raise WrongCallState
        await self.talking.hold(call, True)
        try:
            leg_id = await self._bring(call, to, consulted=True)
        except Refusal:
            await self.talking.hold(call, False)
            raise
        call.state = "consulting"
        self.floor.changed(call)
        return leg_id

    async def add(self, call: Call, to: To) -> str | None:
        """One more in the conversation; the leg that rings."""
        self._agent(call)
        if call.state not in ("talking", "held"):
            raise WrongCallState
        leg_id = await self._bring(call, to, consulted=False)
        self.floor.changed(call)
        return leg_id

    async def _bring(self, call: Call, to: To, *, consulted: bool) -> str | None:
        if to.get("number"):
            leg_id = await self._dial(call, to["number"], consulted=consulted)
            agent = call.agent()
            if consulted and agent is not None:
                await self.talking.ringback(call, agent.leg_id)
            return leg_id
        if not to.get("worker_id"):
            raise Invalid("Name a colleague or a number.", field="to")
        await self._ask(call, to["worker_id"], consulted=consulted)
        return None

    async def _ask(self, call: Call, worker_id: str, *, consulted: bool) -> None:
        """Offers a colleague a task of his own: the router knows that he talks."""
        floor = self.floor
        task_id = floor.fresh(TASK)
        command = CreateTask(
            task_id,
            {"title": floor.name_of(call.worker_id), "type": "consultation", "call_id": call.id},
            target=Target("worker", worker_id),
            channel="voice",
            ttl_seconds=120,
            firm_id=call.firm_id,
        )
        floor.by_task[task_id] = call.id
        call.parties = [
            *call.parties,
            Party(
                f"asked/{task_id}", "agent", floor.name_of(worker_id), worker_id, floor.user_of(worker_id),
                state="ringing", consulted=consulted, task_id=task_id, since=floor.now(),
            ),
        ]  # fmt: skip
        try:
            await floor.router.ask(command)
        except Refusal:
            floor.by_task.pop(task_id, None)
            call.parties = [one for one in call.parties if one.task_id != task_id]
            raise

    async def colleague_joins(self, call: Call, worker_id: str, task_id: str, leg_id: str | None) -> None:
        """A colleague who was asked took it."""
        floor = self.floor
        asked = next((one for one in call.parties if one.task_id == task_id), None)
        call.parties = [one for one in call.parties if one.task_id != task_id]
        party = self.talking._party(call, worker_id, leg_id)
        if asked is None or party is None or not call.live:
            floor.router.tell(CompleteTask(task_id, "gone"), key=f"call:{task_id}:over")
            floor.changed(call)
            return
        party.consulted, party.task_id = asked.consulted, task_id
        if call.direction == "internal":
            call.state, call.answered_at = "talking", call.answered_at or floor.now()
            agent = call.agent()
            if agent is not None:
                await floor.quiet(call, agent.leg_id)
        await enter(floor, call, party.leg_id)
        floor.changed(call)

    async def colleague_task_over(self, call: Call, task_id: str) -> None:
        """The task of a colleague who was asked ended: refused, run out, or finished."""
        self.floor.by_task.pop(task_id, None)
        party = next((one for one in call.parties if one.task_id == task_id), None)
        if party is None:
            return
        if party.leg_id.startswith("asked/"):
            call.parties = [one for one in call.parties if one.task_id != task_id]
        else:
            party.task_id = None
            await self.talking.leave(call, party)
        await self.party_left(call, party, "declined")

    async def _dial(self, call: Call, number: str, *, consulted: bool) -> str:
        """Rings an outside number into the call."""
        floor = self.floor
        target = normal_number(number, floor.configured.country())
        self._check_outside(call, target)
        trunks = await ways_out(floor, target, call.worker_id)
        leg_id = floor.fresh("LG")
        floor.on_leg(leg_id, call)
        shown = call.number if call.number.startswith("+") else ""
        try:
            await floor.engine.dial(leg_id, NumberTarget(target, trunks), caller=Caller(shown), timeout_ms=RING_MS)
        except Refusal:
            floor.off_leg(leg_id, call)
            raise
        party = Party(leg_id, "outside", target, via="number", state="ringing", consulted=consulted, since=floor.now())
        call.parties = [*call.parties, party]
        return leg_id

    def _check_outside(self, call: Call, number: str) -> None:
        """The queue's settings: any outside number, or only those they name. Emergency numbers always."""
        settings, country = self.floor.configured.queue(call.queue_id), self.floor.configured.country()
        if settings.transfer_outside or is_emergency(number):
            return
        if number not in {normal_number(one, country) for one in settings.transfer_numbers}:
            raise NotOutside(numbers=list(settings.transfer_numbers))

    async def outside_answered(self, call: Call, party: Party) -> None:
        """A number that was dialled into the call talks."""
        floor = self.floor
        agent = call.agent()
        if agent is not None:
            await floor.quiet(call, agent.leg_id)
        await enter(floor, call, party.leg_id)
        if call.transfer is not None and call.transfer.leg_id == party.leg_id:
            await self._to_outside(call)

    async def party_left(self, call: Call, party: Party, cause: str) -> None:
        """Somebody who was asked or added is gone, or never came."""
        floor = self.floor
        agent = call.agent()
        if agent is not None:
            await floor.quiet(call, agent.leg_id)
        if party.task_id is not None:
            floor.router.tell(CompleteTask(party.task_id, "gone"), key=f"call:{party.task_id}:over")
        if call.transfer is not None and call.transfer.leg_id == party.leg_id:
            call.transfer = None
            await self._back_to_agent(call)
            self._tell_failed(call, cause)
        elif call.direction == "internal":
            if party.state == "ringing":
                self._tell_failed(call, cause)
            await self.talking.end(call, cause)
        elif party.consulted and call.state == "consulting":
            call.state = "held" if call.held_since is not None else "talking"
            if party.state == "ringing":
                self._tell_failed(call, cause)
            floor.changed(call)
        elif call.worker_id is None and call.reservation_id is None and party.kind == "outside":
            await self.talking.end(call, "hangup")

    def _tell_failed(self, call: Call, cause: str) -> None:
        """The agent's screen says why nobody came."""
        tell_failed(self.floor, call, cause)

    async def complete(self, call: Call) -> None:
        """Who was consulted has the customer; the agent leaves."""
        party = self._consulted(call)
        if party is None or party.state != "talking":
            raise WrongCallState
        if party.kind == "outside":
            call.transfer = Transfer("attended", "number", party.label, party.leg_id)
            return await self._to_outside(call)
        if call.task_id is None or party.worker_id is None:
            raise WrongCallState
        call.transfer = Transfer("attended", "worker", party.worker_id, party.leg_id)
        asked = party.task_id
        try:
            await self.floor.router.ask(
                TransferTask(call.task_id, Target("worker", party.worker_id), call.reservation_id)
            )
        except Refusal:
            call.transfer = None
            raise
        if asked is not None:
            party.task_id = None
            self.floor.by_task.pop(asked, None)
            self.floor.router.tell(CompleteTask(asked, "handed-over"), key=f"call:{asked}:over")
        call.state = "talking"
        self.floor.changed(call)
        return None

    async def _to_outside(self, call: Call) -> None:
        """Customer and outside number talk by themselves; the agent's work with the call is over."""
        floor = self.floor
        for party in call.of("outside"):
            party.consulted = False
        call.transfer = None
        for party in list(call.of("agent")):
            await self.talking.leave(call, party)
        call.state = "talking"
        await self.talking.hold(call, False)
        customer = call.customer()
        if customer is not None:
            customer.held = False
        if call.task_id is not None:
            task_id, call.task_id = call.task_id, None
            floor.by_task.pop(task_id, None)
            floor.router.tell(CompleteTask(task_id, "transferred"), key=f"call:{task_id}:transferred")
        call.worker_id, call.reservation_id = None, None
        floor.changed(call)

    async def cancel(self, call: Call) -> None:
        """Back to the customer, without who was consulted."""
        party = self._consulted(call)
        if party is None:
            raise WrongCallState
        await self._send_away(call, party)
        call.state = "held"
        await self.talking.hold(call, False)
        self.floor.changed(call)

    async def merge(self, call: Call) -> None:
        """All talk together."""
        party = self._consulted(call)
        if party is None or party.state != "talking":
            raise WrongCallState
        party.consulted = False
        call.state = "held"
        await self.talking.hold(call, False)
        self.floor.changed(call)

    async def remove(self, call: Call, leg_id: str) -> None:
        """One who was added leaves."""
        party = call.party(leg_id)
        if (
            party is None
            or party.kind == "customer"
            or (party.worker_id is not None and party.worker_id == call.worker_id)
        ):
            raise WrongCallState
        await self._send_away(call, party)
        if party.consulted and call.state == "consulting":
            call.state = "held"
            self.floor.changed(call)

    async def _send_away(self, call: Call, party: Party) -> None:
        floor = self.floor
        agent = call.agent()
        if agent is not None:
            await floor.quiet(call, agent.leg_id)
        if party.task_id is not None:
            floor.by_task.pop(party.task_id, None)
            command = (
                CancelTask(party.task_id, "not-needed") if party.state == "ringing" else CompleteTask(party.task_id)
            )
            floor.router.tell(command, key=f"call:{party.task_id}:over")
        if party.leg_id.startswith("asked/"):
            call.parties = [one for one in call.parties if one.leg_id != party.leg_id]
            for ring in [one for one in call.rings if one.task_id == party.task_id]:
                if ring.leg_id is not None:
                    async with floor.quietly():
                        await floor.engine.hang_up(ring.leg_id)
            call.rings = [one for one in call.rings if one.task_id != party.task_id]
            floor.changed(call)
        else:
            await self.talking.leave(call, party)

    # --- park ---

    async def park(self, call: Call) -> None:
        """The customer hears music until somebody picks up; the task stays with the agent until then."""
        agent = self._agent(call)
        if call.state not in ("talking", "held"):
            raise WrongCallState
        call.state = "talking"
        await self.talking.hold(call, True)
        call.state = "parked"
        await self.talking.leave(call, agent)
        self.floor.changed(call)

    async def pick_up(self, call: Call, worker_id: str) -> None:
        """Takes a parked call."""
        if call.state != "parked" or call.task_id is None:
            raise WrongCallState
        if call.worker_id == worker_id:
            call.state = "held"
            await self.talking.joins(call, worker_id, call.reservation_id or "", call.task_id, None)
            return
        await hand_to(self.floor, call, worker_id)

    # --- REFER ---

    async def referred(self, call: Call, event: LegReferred) -> None:
        """An agent's desk phone asks for a transfer by its own button."""
        party = call.party(event.leg_id)
        if party is None or party.kind != "agent" or party.worker_id != call.worker_id:
            return
        number = event.to.removeprefix("sip:").partition("@")[0]
        user_id = self.floor.configured.phones.get(number)
        worker_id = self.floor.worker_of(user_id)
        try:
            await self.blind(call, {"worker_id": worker_id} if worker_id is not None else {"number": number})
        except Refusal as refusal:
            self._tell_failed(call, refusal.code)

    # --- small ---

    def _agent(self, call: Call) -> Party:
        agent = call.agent()
        if agent is None or not call.live:
            raise WrongCallState
        return agent

    def _consulted(self, call: Call) -> Party | None:
        return next((one for one in call.parties if one.consulted), None)


def tell_failed(floor: Floor, call: Call, cause: str, worker_id: str | None = None) -> None:
    """The screen of the agent says why nobody answered."""
    user_id = floor.user_of(worker_id or call.worker_id or call.placed_by)
    if user_id is None:
        return

    async def tell() -> None:
        async with floor.db.transaction(call.tenant_id) as tx:
            data = {"call_id": call.id, "cause": cause}
            audience = Audience(user_ids=(user_id,), supervisors=False)
            tx.publish(Event(call.workspace_id, "call.dial-failed", data, audience=audience))

    floor.lanes.post(f"told {call.id}", tell)

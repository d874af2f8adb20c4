"""Calls that go out: from the desk, from a desk phone, to a colleague, as a callback. First the agent's phone, then the number.

The task is born for the worker who dials: a companion of the work he has with the conversation, else one sent straight to
him and taken for him. Emergency numbers need no task, no limit and no database.
"""

import asyncio
from typing import Any

from parlons.accounts import loading
from parlons.conversations import commands as conversations
from parlons.conversations import queries as conversation_queries
from parlons.conversations.rights import UnknownConversation
from parlons.dispatch.contacts import Entry
from parlons.kit.errors import NotFound, Refusal, Unavailable
from parlons.kit.ids import CALL, TASK
from parlons.routing.commands import Command, CompleteTask, CreateCompanion, CreateTask, RequeueTask
from parlons.routing.configuration import Target
from parlons.routing.transitions import ReservationAccepted
from parlons.runtime.db import Tx
from parlons.runtime.log import log
from parlons.voice.calls import callbacks
from parlons.voice.calls import prompts_shipped as prompts
from parlons.voice.calls.errors import AlreadyOnCall, NoEmergencyRoute, NoPhone, NoRoute
from parlons.voice.calls.floor import Floor, browser_leg
from parlons.voice.calls.hearing import enter
from parlons.voice.calls.incoming import CHANNEL, file_call
from parlons.voice.calls.limits import check_machine, check_outgoing
from parlons.voice.calls.model import Call, Party
from parlons.voice.calls.numbers import is_emergency, normal_number, rate_of
from parlons.voice.calls.recording import Recording
from parlons.voice.calls.ringing import Ringing
from parlons.voice.calls.talking import Talking
from parlons.voice.calls.transferring import tell_failed
from parlons.voice.media.engine import Caller, NumberTarget
from parlons.voice.media.events import LegEnded, LegRinging

RING_MS = 60_000
BACK_MS = 60_000
"""An agent whose call fell has this long to be back before the customer waits for any agent."""
EMERGENCY_SECONDS = 2.0
"""The longest an emergency call waits to be stored; it is dialled all the same."""
MANY = 1000
"""Idempotency keys from which on those of ended calls go."""
AGAIN = 0.5
"""Seconds until a callback is looked at again that the database could not give."""
ON_THE_LINE = frozenset({"ringing", "talking", "consulting"})


class Dialling:
    """Outgoing calls of one workspace."""

    def __init__(self, floor: Floor, talking: Talking, ringing: Ringing, recording: Recording) -> None:
        self.floor = floor
        self.talking = talking
        self.ringing = ringing
        self.recording = recording
        self._keys: dict[str, str] = {}
        """Calls by idempotency key, live ones and some that are over."""

    # --- from the desk ---

    async def place(self, worker_id: str | None, values: dict[str, Any]) -> Call:
        """Places a call for a worker; raises what forbids it. It is under way when this returns."""
        floor = self.floor
        known = floor.calls.get(self._keys.get(values.get("key") or "", ""))
        if known is not None:
            return known
        to = values["to"]
        urgent = is_emergency(to.get("number") or "")
        self._check_agent(worker_id, urgent=urgent)
        assert worker_id is not None
        if urgent:
            await self._clear_line(worker_id)
        call = self._new(worker_id)
        if to.get("worker_id"):
            call.direction, call.number = "internal", to["worker_id"]
        else:
            if not to.get("number"):
                raise NoRoute
            call.from_number = normal_number(to["number"], floor.configured.country())
            call.emergency = is_emergency(call.from_number)
            await self._check_route(call)
        if values.get("key"):
            if len(self._keys) >= MANY:
                self._keys = {key: known for key, known in self._keys.items() if known in floor.calls}
            self._keys[values["key"]] = call.id
        await self._file(call, values)
        return call

    def _new(self, worker_id: str) -> Call:
        floor = self.floor
        return Call(
            id=floor.fresh(CALL), tenant_id=floor.tenant_id, workspace_id=floor.workspace_id, direction="out",
            state="ringing", started_at=floor.now(), leg_id=floor.fresh("LG"), worker_id=worker_id, placed_by=worker_id,
        )  # fmt: skip

    async def _clear_line(self, worker_id: str) -> None:
        """An emergency call waits for nothing: whom he talks to hears music. Where no trunk takes it, he hears so at once."""
        floor = self.floor
        if floor.configured.emergency_trunks():
            for other in [one for one in floor.calls.values() if one.worker_id == worker_id and one.state == "talking"]:
                await floor.lanes.run(other.id, lambda other=other: self.talking.hold(other, True))  # type: ignore[misc]
            return
        words = [prompts.say("no-emergency", "fr"), prompts.say("no-emergency", "en")]
        sounds = list(await floor.sounds.sounds(floor.tenant_id, None, words))
        async with floor.quietly():
            leg_id = browser_leg(floor.user_of(worker_id) or "")
            await floor.engine.play(f"{floor.fresh(CALL)}/notice/emergency", "leg", leg_id, sounds)

    def _check_agent(self, worker_id: str | None, *, urgent: bool = False) -> None:
        """He has a phone, and nobody on it, unless it is an emergency."""
        floor = self.floor
        user_id = floor.user_of(worker_id)
        if worker_id is None or user_id is None:
            raise NoPhone
        phone = floor.configured.phone_of(user_id)
        if browser_leg(user_id) not in floor.talking and phone not in floor.phones:
            raise NoPhone
        if not urgent and any(one.worker_id == worker_id and one.state in ON_THE_LINE for one in floor.calls.values()):
            raise AlreadyOnCall

    async def _check_route(self, call: Call) -> None:
        if call.emergency:
            if not self.floor.configured.emergency_trunks():
                raise NoEmergencyRoute
            return
        if not self.floor.configured.trunks:
            raise NoRoute
        await check_outgoing(self.floor, call.from_number, call.placed_by)
        call.cost = rate_of(call.from_number, self.floor.configured.limits.rates)

    async def _file(self, call: Call, values: dict[str, Any]) -> None:
        """Conversation and task of the call; then the router gives it to the worker, and his phone is connected."""
        floor = self.floor
        command: Command | None = None
        try:
            async with (
                asyncio.timeout(EMERGENCY_SECONDS if call.emergency else None),
                floor.db.transaction(call.tenant_id) as tx,
            ):
                command = await self._filed(tx, call, values)
                await floor.ledger.write(tx, call)
        except (Refusal, TimeoutError) as error:
            if not call.emergency:
                raise
            log.warning("call.emergency_not_stored", call_id=call.id, error=type(error).__name__)
            command = None
        floor.add(call)
        if command is None:
            agent = call.agent()  # who dialled on his desk phone is there
            await (self._connect_agent(call) if agent is None else self.agent_there(call, agent))
            return
        try:
            await floor.router.ask(command, key=f"call:{call.id}:task")
        except Refusal:
            call.task_id = None
            self.talking.finish(call)
            raise

    async def _filed(self, tx: Tx, call: Call, values: dict[str, Any]) -> Command | None:
        assert call.placed_by is not None
        if call.direction == "internal":
            call.firm_id = self._firm_of_worker(call.placed_by)
            call.task_id = tx.new_id(TASK)
            title = self.floor.name_of(call.number)
            return self._task(call, {"title": title, "type": "internal call"})
        lead = await self._conversation(tx, call, values)
        if call.emergency:
            return None
        call.task_id = tx.new_id(TASK)
        if lead is not None:
            call.companion_of = lead
            return CreateCompanion(
                call.task_id, lead, CHANNEL, {"title": call.customer_name, "direction": "out"},
                firm_id=call.firm_id, conversation_id=call.conversation_id,
            )  # fmt: skip
        await conversations.set_lead_task(tx, call.conversation_id or "", call.task_id)
        return self._task(call, {"title": call.customer_name, "direction": "out", "channel": CHANNEL})

    def _task(self, call: Call, attributes: dict[str, Any]) -> Command:
        return CreateTask(
            call.task_id or "", attributes, target=Target("worker", call.placed_by or ""), channel=CHANNEL,
            ttl_seconds=300, firm_id=call.firm_id, conversation_id=call.conversation_id,
        )  # fmt: skip

    async def _conversation(self, tx: Tx, call: Call, values: dict[str, Any]) -> str | None:
        """The matter of the call; the task the worker has with it, if he has one."""
        floor = self.floor
        shown = await self._numbers(tx, values.get("firm_id"), values.get("firm_ids"))
        call.number = values["caller_number"] if values.get("caller_number") in shown else shown[0] if shown else ""
        conversation_id = values.get("conversation_id")
        if conversation_id is not None:
            known = await conversation_queries.conversation(tx, conversation_id)
            if known is None:
                raise UnknownConversation
            call.firm_id = known.firm_id
            if values.get("caller_number") is None:
                own = await floor.numbers(tx, known.firm_id)
                call.number = own[0] if own else call.number
            entry = Entry(known.firm_id, True, None, known.language)
            await file_call(tx, call, entry, "", conversation_id)
            if known.lead_task_id is not None and known.assigned_worker_id == call.placed_by:
                return known.lead_task_id
            if not known.live:
                await conversations.bring_back(tx, known.id, by="system")
            return None
        call.firm_id = values.get("firm_id") or await self._firm(tx, call)
        entry = Entry(call.firm_id or "", True, None, call.language)
        await file_call(tx, call, entry, "")
        return None

    async def _numbers(self, tx: Tx, firm_id: str | None, firm_ids: list[str] | None) -> list[str]:
        """What may be shown: the numbers of the firm, else of the firms the worker may see (None: all)."""
        if firm_id is not None or firm_ids is None:
            return await self.floor.numbers(tx, firm_id)
        return [number for one in firm_ids for number in await self.floor.numbers(tx, one)]

    async def _firm(self, tx: Tx, call: Call) -> str | None:
        """Of the number that is shown, else the worker's, else the default one."""
        if call.number:
            try:
                found = await self.floor.handler.entry(tx, channel=CHANNEL, address=call.number, at=self.floor.now())
                return found.firm_id
            except NotFound:
                pass
        own = self._firm_of_worker(call.placed_by or "")
        if own is not None:
            return own
        firms = await loading.all_firms(tx)
        return next((firm.id for firm in firms if firm.is_default), firms[0].id if firms else None)

    def _firm_of_worker(self, worker_id: str) -> str | None:
        state = self.floor.state()
        worker = state.workers.get(worker_id) if state is not None else None
        return worker.firm_ids[0] if worker is not None and worker.firm_ids else None

    async def _connect_agent(self, call: Call) -> None:
        """A call without a task: the agent's phone is connected by itself."""
        party = self.talking._party(call, call.placed_by or "", None)
        if party is None:
            raise NoPhone
        await self.agent_there(call, party)

    # --- on the way ---

    async def agent_there(self, call: Call, party: Party) -> None:
        """The agent's leg is connected: now whom he calls."""
        floor = self.floor
        if call.customer() is not None or not call.live:
            return
        async with floor.quietly():
            await floor.engine.create_room(call.room_id)
        await enter(floor, call, party.leg_id)
        if call.direction == "internal":
            assert self.talking.transferring is not None
            try:
                await self.talking.transferring._ask(call, call.number, consulted=False)
            except Refusal as refusal:
                tell_failed(floor, call, refusal.code, call.placed_by)
                await self.talking.end(call, "failed")
                return
            await self.talking.ringback(call, party.leg_id)
            floor.changed(call)
            return
        try:
            if call.placed_by is None:  # called back: the number is one that a caller gave, or claims to call from
                await check_machine(floor, call.from_number)
        except Refusal as refusal:
            log.warning("call.not_dialled", call_id=call.id, code=refusal.code)
            return await self._not_reached(call, refusal.code)
        label = call.customer_name or call.from_number
        customer = Party(call.leg_id, "customer", label, via="number", state="ringing", since=floor.now())
        call.parties = [*call.parties, customer]
        configured = floor.configured
        trunks = configured.emergency_trunks() if call.emergency else tuple(row.id for row in configured.trunks)
        caller = Caller(call.number if call.number.startswith("+") else "")
        floor.changed(call)
        try:
            await floor.engine.dial(
                call.leg_id, NumberTarget(call.from_number, trunks), caller=caller, timeout_ms=RING_MS
            )
        except Refusal as refusal:
            log.info("call.not_dialled", call_id=call.id, code=refusal.code)
            await self._not_reached(call, "unreachable")

    async def leg_rings(self, call: Call, event: LegRinging) -> None:
        """Who is called rings: the agent hears it, from the other side where that sends sound."""
        floor = self.floor
        agent = call.agent()
        if event.leg_id != call.leg_id or call.direction == "in" or agent is None or call.answered_at is not None:
            return
        if event.early_media:
            await floor.quiet(call, agent.leg_id)
            await enter(floor, call, call.leg_id)
        elif agent.leg_id not in floor.plays.get(call.id, {}).values():
            await self.talking.ringback(call, agent.leg_id)

    async def answered(self, call: Call) -> None:
        """Who was called answered."""
        floor = self.floor
        agent, customer = call.agent(), call.customer()
        if customer is not None:
            customer.state, customer.answered_at = "talking", floor.now()
        call.answered_at = call.agent_at = floor.now()
        call.state = "talking"
        if agent is not None:
            await floor.quiet(call, agent.leg_id)
        await enter(floor, call, call.leg_id)
        floor.changed(call)
        await self.recording.begin(call)
        if call.callback_id is not None:
            self._callback_over(call, "done")

    async def failed(self, call: Call, event: LegEnded) -> None:
        """Who was called did not answer."""
        await self._not_reached(call, event.cause)

    async def _not_reached(self, call: Call, cause: str) -> None:
        floor = self.floor
        tell_failed(floor, call, cause, call.worker_id or call.placed_by)
        if call.callback_id is not None:
            self._callback_over(call, "failed")
        call.end_cause, call.ended_at = cause, floor.now()
        for party in list(call.parties):
            if party.leg_id != call.leg_id:
                await floor.quiet(call, party.leg_id)
                await self.talking.leave(call, party)
        async with floor.quietly():
            await floor.engine.close_room(call.room_id)
        call.parties = []
        if call.task_id is not None:
            floor.router.tell(CompleteTask(call.task_id, f"not-reached {cause}"), key=f"call:{call.id}:over")
        self.talking.finish(call)

    # --- a desk phone dials ---

    async def from_phone(self, call: Call, username: str) -> None:
        """A desk phone dialled somebody: the leg that came in is the agent's."""
        floor = self.floor
        user_id = floor.configured.phones.get(username)
        worker_id = floor.worker_of(user_id)
        dialled, leg_id = call.number, call.leg_id
        if worker_id is None:
            return await self._refuse(call, 403)
        floor.off_leg(leg_id, call)
        call.direction, call.placed_by, call.worker_id = "out", worker_id, worker_id
        call.leg_id, call.number, call.from_number = floor.fresh("LG"), "", ""
        call.parties = [
            Party(leg_id, "agent", floor.name_of(worker_id), worker_id, user_id, "phone", "talking", since=floor.now())
        ]
        colleague = floor.worker_of(floor.configured.phones.get(dialled))
        try:
            if colleague is not None:
                call.direction, call.number = "internal", colleague
            else:
                call.from_number = normal_number(dialled, floor.configured.country())
                call.emergency = is_emergency(call.from_number)
                await self._check_route(call)
            await floor.engine.answer(leg_id)
            await self._file(call, {})
            if call.emergency:
                await self.agent_there(call, call.parties[0])
        except NoEmergencyRoute:
            await self._no_emergency(call, leg_id)
        except Refusal as refusal:
            log.info("call.phone_refused", code=refusal.code)
            call.leg_id = leg_id
            await self._refuse(call, 403)
        return None

    async def _refuse(self, call: Call, status: int) -> None:
        async with self.floor.quietly():
            await self.floor.engine.reject(call.leg_id, status=status)
        async with self.floor.quietly():
            await self.floor.engine.hang_up(call.leg_id)
        self.floor.forget(call)

    async def _no_emergency(self, call: Call, leg_id: str) -> None:
        """No trunk takes emergency calls: said at once."""
        floor = self.floor
        call.leg_id, call.parties, call.conversation_id, call.state = leg_id, [], None, "ended"
        call.direction = "in"
        floor.add(call)
        async with floor.quietly():
            await floor.engine.answer(leg_id)
        words = [prompts.say("no-emergency", "fr"), prompts.say("no-emergency", "en")]
        if await floor.say(call, words, "last") is None:
            await self._refuse(call, 503)

    # --- callbacks ---

    def taken(self, event: ReservationAccepted) -> None:
        """A worker took a task that is no live call: when it is a callback, the customer is dialled."""
        if event.channel == CHANNEL:
            self.floor.lanes.post(f"task {event.task_id}", lambda: self._call_back(event))

    async def _call_back(self, event: ReservationAccepted) -> None:
        """The callback is taken and its call written in one: who takes over after us goes on with it (`takeover`)."""
        floor = self.floor
        state = floor.state()
        if event.task_id in floor.by_task or (state is not None and event.reservation_id not in state.reservations):
            return
        try:
            async with floor.db.transaction(floor.tenant_id) as tx:
                wanted = await callbacks.take(tx, event.task_id)
                if wanted is None:
                    return
                call = self._of_callback(wanted, event)
                await floor.ledger.write(tx, call)
        except Unavailable as refusal:
            log.warning("callback.not_taken", code=refusal.code)
            await asyncio.sleep(AGAIN)
            self.taken(event)
            return
        floor.add(call)
        floor.changed(call)
        floor.post(call, lambda: self.ringing.accepted(call, event))

    def _of_callback(self, wanted: callbacks.Callback, event: ReservationAccepted) -> Call:
        call = self._new(event.worker_id)
        call.placed_by, call.callback_id = None, wanted.id
        call.firm_id, call.conversation_id, call.customer_id = (
            wanted.firm_id,
            wanted.conversation_id,
            wanted.customer_id,
        )
        call.task_id, call.queue_id = event.task_id, event.queue_id
        call.from_number, call.number = wanted.number, wanted.caller_number
        call.queued_at = wanted.virtual_start
        call.cost = rate_of(call.from_number, self.floor.configured.limits.rates)
        return call

    def _callback_over(self, call: Call, state: str) -> None:
        callback_id, floor = call.callback_id or "", self.floor

        async def close() -> None:
            async with floor.db.transaction(call.tenant_id) as tx:
                await callbacks.close(tx, callback_id, state)

        floor.lanes.post(f"callback {callback_id}", close)

    async def call_back_dropped(self, call: Call) -> bool:
        """The customer's call fell through no doing of his: where queue and number allow it he is called back. A caller who
        waited keeps his place; one who talked is called by the same agent as soon as that one is back."""
        floor = self.floor
        allowed = floor.configured.queue(call.queue_id).call_back_when_dropped
        if not allowed or not call.from_number.startswith("+") or call.task_id is None or call.conversation_id is None:
            return False
        task_id, talked = call.task_id, call.reservation_id is not None and call.worker_id is not None
        if not talked:
            await self._note_dropped(call, task_id)
        again = None
        if talked:
            again = self._new(call.worker_id or "")
            for name in ("firm_id", "conversation_id", "customer_id", "customer_name", "queue_id", "from_number",
                         "number", "language", "reservation_id"):  # fmt: skip
                setattr(again, name, getattr(call, name))
            again.placed_by, again.task_id = None, task_id
        floor.by_task.pop(task_id, None)
        call.task_id, call.reservation_id = None, None
        await self.talking.end(call, "lost")
        if again is not None:
            floor.add(again)
            floor.changed(again)
            floor.after(again, "connect", BACK_MS, lambda: self._not_back(again, task_id))
            party = self.talking._party(again, again.worker_id or "", None)
            if party is not None:
                floor.post(again, lambda: self.agent_there(again, party))
        return True

    async def _note_dropped(self, call: Call, task_id: str) -> None:
        try:
            async with self.floor.db.transaction(call.tenant_id) as tx:
                await callbacks.ask(
                    tx, workspace_id=call.workspace_id, firm_id=call.firm_id, conversation_id=call.conversation_id or "",
                    customer_id=call.customer_id or "", task_id=task_id, queue_id=call.queue_id, number=call.from_number,
                    caller_number=call.number, virtual_start=call.queued_at or call.started_at, why="dropped",
                )  # fmt: skip
        except Unavailable as refusal:
            log.warning("callback.not_noted", code=refusal.code)

    async def _not_back(self, call: Call, task_id: str) -> None:
        """The agent did not come back: any agent calls the customer."""
        if call.answered_at is not None or call.agent() is not None:
            return
        await self._note_dropped(call, task_id)
        self.floor.by_task.pop(task_id, None)
        call.task_id = None
        self.floor.router.tell(RequeueTask(task_id, "call-lost"), key=f"call:{call.id}:lost")
        self.talking.finish(call)

"""The controller: what the engine tells and what the journal tells reaches the part that acts on it. Decides nothing itself.

It runs in the process that owns the workspace's router, for as long as the engine's events come to it; when another process
reads them it has lost its calls to that one. Parts: incoming (a call arrives), scripting (a script's verbs), waiting (music,
comfort, place), ringing (agents), talking (bridge, hold, end, wrap-up), transferring (hand on, consult, add, park),
supervising, recording, dialling (outgoing), takeover (after a restart).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from parlons.dispatch.batch import Batch
from parlons.kit.errors import Unavailable
from parlons.routing import transitions as t
from parlons.routing.transitions import Transition
from parlons.runtime.journal import Entry
from parlons.runtime.log import log
from parlons.voice.calls import queries
from parlons.voice.calls.companion import LEAD, Companions
from parlons.voice.calls.dialling import Dialling
from parlons.voice.calls.estimate import KEPT, learnt
from parlons.voice.calls.floor import Floor, user_of_leg
from parlons.voice.calls.incoming import Incoming
from parlons.voice.calls.model import Call
from parlons.voice.calls.recording import Recording
from parlons.voice.calls.ringing import Ringing
from parlons.voice.calls.script import CallScript
from parlons.voice.calls.scripting import Scripting
from parlons.voice.calls.settings import CONFIGURED, read_configured
from parlons.voice.calls.supervising import Supervising
from parlons.voice.calls.takeover import Takeover
from parlons.voice.calls.talking import Talking
from parlons.voice.calls.transferring import Transferring
from parlons.voice.calls.waiting import Waiting
from parlons.voice.media import events as e
from parlons.voice.media.config import EngineConfig

AGAIN = 0.5
"""Seconds between two tries while the voice process is away."""


class Controller:
    """One for each workspace whose router this process owns."""

    def __init__(self, floor: Floor, script: CallScript) -> None:
        self.floor = floor
        self.recording = Recording(floor)
        self.waiting = Waiting(floor)
        self.talking = Talking(floor, self.waiting, self.recording)
        self.ringing = Ringing(floor, self.talking)
        self.scripting = Scripting(floor, script, self.waiting, self.talking, self.recording)
        self.incoming = Incoming(floor, self.scripting)
        self.companions = Companions(floor, self.incoming, self.scripting, self.waiting)
        self.transferring = Transferring(floor, self.talking, self.waiting, self.recording)
        self.supervising = Supervising(floor, self.talking)
        self.dialling = Dialling(floor, self.talking, self.ringing, self.recording)
        self.takeover = Takeover(floor, self)
        self.waiting.without_task = self.scripting.no_task
        self.talking.transferring = self.transferring
        self.talking.scripting = self.scripting
        self.talking.dialling = self.dialling
        self.incoming.dialling = self.dialling
        self.seq = 0
        self.ready = asyncio.Event()
        """Set when calls that were there are taken over."""
        self._of_transition: dict[type[Transition], Callable[[Call, Any], Awaitable[None]]] = {
            t.QueueEntered: self.waiting.entered_queue,
            t.ReservationCreated: self.ringing.offered,
            t.ReservationAccepted: self.ringing.accepted,
            t.ReservationRejected: self.ringing.over,
            t.ReservationTimeout: self.ringing.over,
            t.ReservationCanceled: self.ringing.canceled,
            t.ReservationRescinded: self.ringing.over,
            t.TaskTransferFailed: self.transferring.came_back,
            t.TaskTransferCanceled: self.transferring.came_back,
            t.TaskTransferCompleted: self.transferring.went,
            t.TaskWrapup: self.talking.wrapping,
            t.TaskCompleted: self.talking.task_over,
            t.TaskCanceled: self.talking.task_over,
        }

    # --- life ---

    async def run(self) -> None:
        """Until another process takes the engine's events."""
        floor = self.floor
        stop = floor.dispatch.watch(self._committed)
        writing = asyncio.create_task(floor.ledger.run(), name="calls ledger")
        try:
            await floor.lanes.run("settings", self.read_settings)  # before those that the journal makes it read
            async with floor.db.transaction(floor.tenant_id) as tx:
                floor.waits = learnt(await queries.answered(tx, floor.workspace_id, KEPT))
            await self._attend()
        finally:
            stop()
            for handle in floor.timers.values():
                handle.cancel()
            floor.timers.clear()
            await floor.lanes.close()
            await floor.router.close()
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)

    async def _attend(self) -> None:
        """Takes over, then follows the engine; again when the voice process was away, until somebody else follows it."""
        floor = self.floor
        while True:
            try:
                self.seq = await self.takeover.now()
                self.ready.set()
                async for event in floor.engine.events(self.seq):
                    self.seq = event.seq
                    self.heard(event)
                log.info("calls.left", workspace_id=floor.workspace_id)
                return
            except Unavailable as refusal:
                log.info("calls.engine_away", code=refusal.code)
                await asyncio.sleep(AGAIN)

    async def read_settings(self) -> None:
        """Settings from the database, into memory and into the engine."""
        floor = self.floor
        async with floor.db.transaction(floor.tenant_id) as tx:
            floor.configured = await read_configured(tx, floor.workspace_id)
        await self.configure_engine()

    async def configure_engine(self) -> None:
        """Trunks and phones as they are configured."""
        found = self.floor.configured
        config = EngineConfig(tuple(row.trunk for row in found.trunks), found.engine_phones())
        try:
            await self.floor.engine.configure(config)
        except Unavailable as refusal:
            log.info("calls.engine_away", code=refusal.code)

    # --- the journal ---

    def _committed(self, workspace_id: str, entries: Sequence[Entry], batch: Batch, base: int) -> None:
        """After each commit, in this process: no waiting, no looking."""
        floor = self.floor
        if workspace_id != floor.workspace_id:
            return
        for step in batch.steps:
            for transition in step.transitions:
                act = self._of_transition.get(type(transition))
                if act is None:
                    continue
                call_id = floor.by_task.get(transition.task_id)  # type: ignore[attr-defined]
                call = floor.calls.get(call_id or "")
                if call is not None:
                    self._post(call, act, transition)
                    continue
                if isinstance(transition, LEAD):
                    self.companions.lead_changed(transition)
                if isinstance(transition, t.ReservationAccepted):
                    self.dialling.taken(transition)
        for entry in entries[:base] if base else ():
            if entry.kind == "event" and entry.type == CONFIGURED:
                floor.lanes.post("settings", self.read_settings)

    def _post(self, call: Call, act: Callable[[Call, Any], Awaitable[None]], thing: Any) -> None:
        self.floor.post(call, lambda: act(call, thing))

    # --- the engine ---

    def heard(self, event: e.EngineEvent) -> None:
        """One event of the engine, to the part it concerns."""
        floor = self.floor
        match event:
            case e.LegIncoming():
                self.incoming.arrived(event)
            case e.LegAnswered() | e.LegEnded() | e.LegRinging() | e.LegHeld() | e.LegReferred() | e.ReferEnded():
                self._leg(event)
            case e.DigitReceived():
                for call in floor.calls_of(event.leg_id):
                    if event.leg_id == call.leg_id:
                        self.scripting.key(call, event.digit)
                        self.floor.post(call, lambda call=call: self.recording.keyed(call))  # type: ignore[misc]
            case e.PlayEnded():
                self._of(event.play_id, self.scripting.play_ended, event)
            case e.Gathered():
                self._of(event.gather_id, self.scripting.gathered, event)
            case e.StreamEnded():
                self._of(event.stream_id, self.scripting.programs.ended, event)
            case e.RecordingEnded():
                self.recording.ended(event)
            case e.LegQuality():
                for call in floor.calls_of(event.leg_id):
                    self._post(call, self.talking.quality, event)
            case e.PhoneChanged():
                (floor.phones.add if event.registered else floor.phones.discard)(event.username)
            case e.TrunkChanged():
                (floor.trunks_up.add if event.up else floor.trunks_up.discard)(event.trunk_id)

    def _of(self, thing_id: str, act: Callable[[Call, Any], Awaitable[None]], event: Any) -> None:
        call = self.floor.calls.get(thing_id.partition("/")[0])
        if call is not None:
            self._post(call, act, event)

    def _leg(self, event: Any) -> None:
        floor = self.floor
        if user_of_leg(event.leg_id) is not None:
            if isinstance(event, e.LegAnswered):
                floor.talking.add(event.leg_id)
                self.ringing.browser_connected(event.leg_id)
            elif isinstance(event, e.LegEnded):
                floor.talking.discard(event.leg_id)
        for call in floor.calls_of(event.leg_id):
            match event:
                case e.LegAnswered():
                    self._post(call, self.leg_answered, event)
                case e.LegEnded():
                    self._post(call, self.leg_ended, event)
                case e.LegRinging():
                    self._post(call, self.leg_rings, event)
                case e.LegHeld():
                    self._post(call, self.talking.far_held, event)
                case e.LegReferred():
                    self._post(call, self.transferring.referred, event)

    async def leg_rings(self, call: Call, event: e.LegRinging) -> None:
        """A leg of the call rings."""
        if event.leg_id == call.leg_id and self.scripting.lines.placed(call):
            self.scripting.progress(call, "ringing")
        else:
            await self.dialling.leg_rings(call, event)

    async def leg_answered(self, call: Call, event: e.LegAnswered) -> None:
        """A leg of the call talks."""
        ring = next((one for one in call.rings if one.leg_id == event.leg_id), None)
        if ring is not None:
            await self.ringing.answered(call, ring)
        elif event.leg_id == call.leg_id and self.scripting.lines.placed(call):
            await self.scripting.lines.answered(call)
        elif event.leg_id == call.leg_id and call.direction != "in":
            await self.dialling.answered(call)
        elif event.leg_id == call.leg_id:
            await self.incoming.answered(call)
        else:
            await self.talking.party_answered(call, event.leg_id)

    async def leg_ended(self, call: Call, event: e.LegEnded) -> None:
        """A leg of the call is over."""
        self.floor.off_leg(event.leg_id, call)
        ring = next((one for one in call.rings if one.leg_id == event.leg_id), None)
        if ring is not None:
            await self.ringing.refused(call, ring, event.cause)
        elif event.leg_id == call.leg_id and self.scripting.lines.placed(call):
            self.scripting.lines.not_reached(call, event.cause)
        elif event.leg_id == call.leg_id:
            await self.talking.customer_gone(call, event)
        else:
            await self.talking.party_gone(call, event)

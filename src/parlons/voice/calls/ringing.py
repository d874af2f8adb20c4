"""Agents are rung: a reservation rings his contact addresses one after the other; who takes it is joined with the caller.

The browser rings by itself (its desk sees the reservation) and takes by the API; a desk phone or an outside number is dialled,
and its answer is his taking. The reservation's own time limits all of it. First dial follows the commit at once.
"""

from typing import Literal

from parlons.kit.errors import Refusal
from parlons.routing.commands import AcceptReservation, RejectReservation, RequeueTask
from parlons.routing.transitions import ReservationAccepted, ReservationCanceled, ReservationCreated
from parlons.runtime.log import log
from parlons.voice.calls.errors import LiftPhone, NoPhone, UnknownCall
from parlons.voice.calls.floor import Floor, browser_leg, user_of_leg
from parlons.voice.calls.limits import check_machine
from parlons.voice.calls.model import Call, Party, Ring
from parlons.voice.calls.settings import ContactAddress
from parlons.voice.calls.talking import Talking
from parlons.voice.media.engine import Caller, NumberTarget, PhoneTarget, Target

QUIET_SECONDS = 20
"""After a phone that was refused or did not answer, this agent is not offered the same call again for so long."""
CONNECT_MS = 20_000
"""An agent who took a call without any phone connected has this long to connect one."""


class Ringing:
    """Agents who are rung."""

    def __init__(self, floor: Floor, talking: Talking) -> None:
        self.floor = floor
        self.talking = talking

    # --- the journal ---

    async def offered(self, call: Call, made: ReservationCreated) -> None:
        """A worker is offered the call (or a consultation of it)."""
        if not call.live or call.ring_of(made.reservation_id) is not None:
            return
        ring = Ring(made.reservation_id, made.worker_id, made.task_id)
        call.rings.append(ring)
        if self._is_expected(call, made):
            self.floor.router.tell(
                AcceptReservation(made.reservation_id, made.worker_id), key=f"call:{made.reservation_id}:taken"
            )
            return
        await self._next(call, ring)

    def _is_expected(self, call: Call, made: ReservationCreated) -> bool:
        """Who dialled it, or is to have it after a consultation, needs no offer."""
        if (
            call.placed_by == made.worker_id
            and call.worker_id in (None, made.worker_id)
            and made.task_id == call.task_id
        ):
            return call.direction != "in"
        handed = call.transfer
        return (
            handed is not None
            and handed.mode == "attended"
            and handed.kind == "worker"
            and handed.to == made.worker_id
            and made.task_id == call.task_id
        )

    async def accepted(self, call: Call, made: ReservationAccepted) -> None:
        """He took it: by his screen, or by the phone that rang."""
        ring = call.ring_of(made.reservation_id)
        call.rings = [one for one in call.rings if one.reservation_id != made.reservation_id]
        self.floor.stop_timer(call, f"ring {made.reservation_id}")
        if not call.live:
            return
        leg_id = ring.leg_id if ring is not None else None
        party = call.party(leg_id) if leg_id is not None else None
        browser = browser_leg(self.floor.user_of(made.worker_id) or "") in self.floor.talking
        if leg_id is not None and browser and (party is None or party.state != "talking"):
            await self._stop(call, leg_id)  # his phone still rings, but he took it on his screen: that one is meant
            leg_id = None
        await self.talking.joins(call, made.worker_id, made.reservation_id, made.task_id, leg_id)
        if leg_id is None and call.party(browser_leg(self.floor.user_of(made.worker_id) or "")) is None:
            await self._without_browser(call, made)

    async def _without_browser(self, call: Call, made: ReservationAccepted) -> None:
        """Taken on the screen, but no browser leg: his phone is rung, else he has a while to connect."""
        floor = self.floor
        user_id = floor.user_of(made.worker_id)
        for address in floor.configured.addresses_of(user_id):
            if address.kind != "browser" and await self._dial(call, made.worker_id, address) is not None:
                return

        async def too_long() -> None:
            if call.live and call.agent() is None and call.reservation_id == made.reservation_id:
                floor.router.tell(RequeueTask(made.task_id, "no-phone"), key=f"call:{made.reservation_id}:no-phone")

        floor.after(call, "connect", CONNECT_MS, too_long)

    def browser_connected(self, leg_id: str) -> None:
        """A browser is there: calls whose agent waits for it are joined, and those it was in when it broke."""
        floor = self.floor
        worker_id = floor.worker_of(user_of_leg(leg_id))
        if worker_id is None:
            return
        for call in list(floor.calls.values()):
            if call.live and call.worker_id == worker_id and call.reservation_id is not None and call.agent() is None:
                task_id, reservation_id = call.task_id or "", call.reservation_id
                floor.post(
                    call,
                    lambda call=call, r=reservation_id, t=task_id: self.talking.joins(call, worker_id, r, t, None),  # type: ignore[misc]
                )

    async def over(self, call: Call, ended: "ReservationCanceled") -> None:
        """Refused, timed out or taken by another: what rang falls silent."""
        ring = call.ring_of(ended.reservation_id)
        call.rings = [one for one in call.rings if one.reservation_id != ended.reservation_id]
        self.floor.stop_timer(call, f"ring {ended.reservation_id}")
        if ring is not None:
            if ring.leg_id is not None:
                await self._stop(call, ring.leg_id)
            self.floor.changed(call)

    async def canceled(self, call: Call, ended: ReservationCanceled) -> None:
        """The offer, or the work itself, was taken from him."""
        if ended.reservation_id == call.reservation_id and ended.task_id == call.task_id and call.live:
            if call.transfer is None:
                await self.talking.agent_lost(call)
            return
        await self.over(call, ended)

    # --- contact addresses ---

    async def _next(self, call: Call, ring: Ring) -> None:
        """Rings the next address; after the last one the reservation is given back, unless his browser rings."""
        floor = self.floor
        addresses = floor.configured.addresses_of(floor.user_of(ring.worker_id))
        while ring.place + 1 < len(addresses):
            ring.place += 1
            address = addresses[ring.place]
            last = ring.place + 1 == len(addresses)
            if address.kind == "browser":
                if last:
                    return
                if browser_leg(floor.user_of(ring.worker_id) or "") not in floor.talking:
                    continue
                floor.after(
                    call, f"ring {ring.reservation_id}", address.ring_seconds * 1000, lambda: self._follow(call, ring)
                )
                return
            ring.leg_id = await self._dial(call, ring.worker_id, address)
            if ring.leg_id is not None:
                return
        if any(one.kind == "browser" for one in addresses):
            return  # the offer stands on his screen until its time is over
        self._give_back(ring)

    async def _follow(self, call: Call, ring: Ring) -> None:
        if ring in call.rings and call.live:
            await self._next(call, ring)

    def _give_back(self, ring: Ring) -> None:
        state = self.floor.state()
        missed = state.settings.timeout_activity_id if state is not None else None
        command = RejectReservation(ring.reservation_id, missed, QUIET_SECONDS)
        self.floor.router.tell(command, key=f"call:{ring.reservation_id}:unanswered")

    async def _dial(self, call: Call, worker_id: str, address: ContactAddress) -> str | None:
        """Rings a phone of the agent; None when it cannot be rung at all."""
        floor = self.floor
        user_id = floor.user_of(worker_id)
        target: Target
        if address.kind == "phone":
            username = floor.configured.phone_of(user_id)
            if username is None or username not in floor.phones:
                return None
            target = PhoneTarget(username)
        else:
            if address.number is None or not await self._may_ring(address.number):
                return None
            target = NumberTarget(address.number, tuple(row.id for row in floor.configured.trunks))
        leg_id = floor.fresh("LG")
        floor.on_leg(leg_id, call)
        caller = Caller(call.from_number, call.customer_name)
        if address.kind == "number":
            caller = Caller(call.number if call.number.startswith("+") else "")
        try:
            await floor.engine.dial(leg_id, target, caller=caller, timeout_ms=address.ring_seconds * 1000)
        except Refusal as refusal:
            log.info("call.agent_not_rung", code=refusal.code)
            floor.off_leg(leg_id, call)
            return None
        via: Literal["phone", "number"] = "phone" if address.kind == "phone" else "number"
        party = Party(leg_id, "agent", floor.name_of(worker_id), worker_id, user_id, via, "ringing", since=floor.now())
        call.parties = [*call.parties, party]
        floor.changed(call)
        return leg_id

    async def _may_ring(self, number: str) -> bool:
        """An agent chose it himself: the limits hold for it as for what he dials."""
        try:
            await check_machine(self.floor, number)
        except Refusal as refusal:
            log.warning("call.agent_not_rung", code=refusal.code)
            return False
        return True

    async def take(self, reservation_id: str, worker_id: str | None) -> Call:
        """He takes what he is offered without touching a phone; raises UnknownCall, NoPhone, LiftPhone."""
        floor, call = self.floor, self._offer(reservation_id, worker_id)
        user_id = floor.user_of(worker_id)
        if browser_leg(user_id or "") not in floor.talking:
            ring = call.ring_of(reservation_id)
            raise LiftPhone if ring is not None and ring.leg_id is not None else NoPhone
        await floor.router.ask(AcceptReservation(reservation_id, worker_id))
        return call

    async def decline(self, reservation_id: str, worker_id: str | None) -> Call:
        """He refuses what he is offered; raises UnknownCall."""
        call = self._offer(reservation_id, worker_id)
        await self.floor.router.ask(RejectReservation(reservation_id, None, QUIET_SECONDS))
        return call

    def _offer(self, reservation_id: str, worker_id: str | None) -> Call:
        """By what the router knows: whoever answers at once may be ahead of the news of the offer here."""
        state = self.floor.state()
        worker = None if state is None or worker_id is None else state.workers.get(worker_id)
        held = None if worker is None else worker.held.get(reservation_id)
        call = None if held is None else self.floor.calls.get(self.floor.by_task.get(held.task.id, ""))
        if call is None or not call.live:
            raise UnknownCall
        return call

    async def answered(self, call: Call, ring: Ring) -> None:
        """The phone that rang was answered: that is his taking, if it is still his to take."""
        floor = self.floor
        party = call.party(ring.leg_id or "")
        if party is not None:
            party.state, party.answered_at = "talking", floor.now()
        leg_id, command = ring.leg_id or "", AcceptReservation(ring.reservation_id, ring.worker_id)

        async def take() -> None:
            if not await floor.router.until_done(command, key=f"call:{ring.reservation_id}:answered"):
                floor.post(call, lambda: self._stop(call, leg_id))

        floor.lanes.post(f"take {ring.reservation_id}", take)

    async def refused(self, call: Call, ring: Ring, cause: str) -> None:
        """The phone that rang did not answer, or was refused: the next address, or the offer goes back."""
        call.parties = [one for one in call.parties if one.leg_id != ring.leg_id]
        ring.leg_id = None
        self.floor.changed(call)
        if cause == "declined":
            self.floor.router.tell(
                RejectReservation(ring.reservation_id, None, QUIET_SECONDS), key=f"call:{ring.reservation_id}:declined"
            )
        else:
            await self._next(call, ring)

    async def _stop(self, call: Call, leg_id: str) -> None:
        """A phone rings no more."""
        call.parties = [one for one in call.parties if one.leg_id != leg_id]
        self.floor.off_leg(leg_id, call)
        self.floor.changed(call)
        async with self.floor.quietly():
            await self.floor.engine.hang_up(leg_id)

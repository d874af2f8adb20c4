"""Calls that a script places by itself, and rooms into which it puts calls. A room is the engine's; who is in it, and how loud
each hears the others, is the script's to remember."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Literal

from parlons.kit.errors import NotFound, Refusal
from parlons.runtime.db import Tx
from parlons.runtime.log import log
from parlons.voice.calls.incoming import CHANNEL, file_call
from parlons.voice.calls.limits import check_machine
from parlons.voice.calls.model import Call, Party
from parlons.voice.calls.numbers import normal_number, rate_of
from parlons.voice.calls.script import Dialled, Progress, Words
from parlons.voice.media.engine import Caller, NumberTarget, PhoneTarget, Sound, Target, UriTarget

if TYPE_CHECKING:
    from parlons.voice.calls.scripting import Scripting

_WORDS: dict[str, Progress] = {
    "busy": "busy", "declined": "busy", "no-answer": "no-answer", "canceled": "canceled",
}  # fmt: skip
"""What a script hears of a call that was not answered; of any other cause: failed."""


class Placing:
    """Fulfils `script.Lines` for the calls of one workspace."""

    def __init__(self, scripting: "Scripting") -> None:
        self.scripting = scripting
        self.floor = scripting.floor

    # --- calls ---

    def placed(self, call: Call) -> bool:
        """Whether a script placed the call, and nobody has answered it yet."""
        return call.script and call.direction == "out" and call.placed_by is None and call.answered_at is None

    async def place(self, call_id: str, wanted: Dialled) -> None:
        """See `script.Lines`."""
        floor = self.floor
        if call_id in floor.calls:
            return
        call = Call(
            id=call_id, tenant_id=floor.tenant_id, workspace_id=floor.workspace_id, direction="out", state="ringing",
            started_at=floor.now(), leg_id=floor.fresh("LG"), number=wanted.caller_number, script=True,
        )  # fmt: skip
        label, target = wanted.to, self._target(wanted)
        if isinstance(target, NumberTarget):
            label = call.from_number = target.number
            await check_machine(floor, target.number)
            call.cost = rate_of(target.number, floor.configured.limits.rates)
        call.parties = [Party(call.leg_id, "customer", label, via=wanted.kind, state="ringing", since=call.started_at)]
        async with floor.db.transaction(call.tenant_id) as tx:
            await self._file(tx, call)
            await floor.ledger.write(tx, call)
        floor.add(call)
        caller = Caller(call.number if call.number.startswith("+") else "")
        try:
            await floor.engine.dial(call.leg_id, target, caller=caller, timeout_ms=wanted.timeout_ms)
        except Refusal as refusal:
            log.info("call.not_dialled", call_id=call.id, code=refusal.code)
            self.not_reached(call, "unreachable")

    def _target(self, wanted: Dialled) -> Target:
        configured = self.floor.configured
        if wanted.kind == "number":
            number = normal_number(wanted.to, configured.country())
            return NumberTarget(number, tuple(row.id for row in configured.trunks))
        return PhoneTarget(wanted.to) if wanted.kind == "phone" else UriTarget(wanted.to)

    async def _file(self, tx: Tx, call: Call) -> None:
        """A number's call belongs to its customer's matters, where the number shown is a firm's."""
        if not call.from_number:
            return
        try:
            entry = await self.floor.handler.entry(tx, channel=CHANNEL, address=call.number, at=self.floor.now())
        except NotFound:
            return
        call.firm_id, call.language = entry.firm_id, entry.language
        await file_call(tx, call, entry, "")

    async def answered(self, call: Call) -> None:
        """Whom the script called answered."""
        call.answered_at, call.state = self.floor.now(), "menu"
        customer = call.customer()
        if customer is not None:
            customer.state, customer.answered_at = "talking", call.answered_at
        self.floor.changed(call)
        self.scripting.progress(call, "answered")

    def not_reached(self, call: Call, cause: str) -> None:
        """Whom the script called did not answer."""
        call.end_cause, call.parties = cause, []
        self.scripting.progress(call, _WORDS.get(cause, "failed"))
        self.scripting.ends(call)
        self.scripting.talking.finish(call)

    # --- rooms ---

    async def join(self, call_id: str, room_id: str) -> None:
        """See `script.Lines`."""

        async def act(call: Call) -> None:
            floor = self.floor
            await floor.quiet(call, call.leg_id)
            async with floor.quietly():
                await floor.engine.create_room(room_id)
                await floor.engine.join(room_id, call.leg_id)
            call.state = "talking"
            floor.changed(call)

        await self.scripting.act(call_id, act)

    async def leave(self, call_id: str) -> None:
        """See `script.Lines`."""

        async def act(call: Call) -> None:
            async with self.floor.quietly():
                await self.floor.engine.leave(call.leg_id)
            call.state = "menu"
            self.floor.changed(call)

        await self.scripting.act(call_id, act)

    async def gain(self, room_id: str, from_call_id: str, to_call_id: str, gain: float) -> None:
        """See `script.Lines`."""
        speaks, hears = (self.floor.calls.get(one) for one in (from_call_id, to_call_id))
        if speaks is not None and hears is not None:
            async with self.floor.quietly():
                await self.floor.engine.create_room(room_id)  # set before the first of them joins
                await self.floor.engine.set_gain(room_id, speaks.leg_id, hears.leg_id, gain)

    async def music(self, call_id: str, tone: Literal["music", "ringback", "none"]) -> None:
        """See `script.Lines`."""

        async def act(call: Call) -> None:
            await self.floor.quiet(call, call.leg_id)
            if tone == "music":
                await self.scripting.waiting.music(call)
            elif tone == "ringback":
                await self.scripting.talking.ringback(call, call.leg_id)

        await self.scripting.act(call_id, act)

    async def announce(self, room_id: str, words: Sequence[Words | Sound], *, call_id: str) -> None:
        """See `script.Lines`."""
        call = self.floor.calls.get(call_id)
        if call is not None:
            sounds = await self.sounds(call, words)
            async with self.floor.quietly():
                await self.floor.engine.play(self.floor.play_id(call, "announce"), "room", room_id, sounds)

    async def sounds(self, call: Call, words: Sequence[Words | Sound]) -> list[Sound]:
        """What is played, in order."""
        found: list[Sound] = []
        for one in words:
            if isinstance(one, Words):
                found += await self.floor.sounds.sounds(call.tenant_id, call.firm_id, [one])
            else:
                found.append(one)
        return found

    def later(self, call_id: str, step: Callable[[], Awaitable[None]]) -> None:
        """See `script.Lines`."""
        call = self.floor.calls.get(call_id)
        if call is None:
            self.floor.lanes.post(f"script {call_id}", step)
        else:
            self.scripting.tell(call, step)

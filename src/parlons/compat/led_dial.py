"""Dial: one or several are called for a caller; who answers first is joined with him, the others are let go."""

from typing import TYPE_CHECKING

from parlons.compat import led_store
from parlons.compat.applications import all_numbers
from parlons.compat.call_xml import Dial, Far, XmlRefused
from parlons.compat.led import Hook, Led, Told, address_of, far_side, sip_host
from parlons.kit.errors import Refusal
from parlons.kit.ids import CALL, CONFERENCE, new_id
from parlons.runtime.log import log
from parlons.voice.calls import queries as calls

if TYPE_CHECKING:
    from parlons.compat.programs import CallPrograms

NO_CALLER = 13214


class Dials:
    """Calls joined in pairs."""

    def __init__(self, programs: "CallPrograms") -> None:
        self.programs = programs

    async def dial(self, led: Led, verb: Dial, wanted: tuple[Far, ...]) -> None:
        """Rings those who are wanted; again, it rings nobody twice."""
        if led.children or led.other:
            return
        shown, programs = await self.caller(led, verb.caller_id), self.programs
        now = programs.around.clock()
        children = [self._child(led, one, shown, now) for one in wanted]
        for child in children:
            self.check(child)
        if verb.answer_on_bridge and led.answered_at is None:
            await programs.verbs.ring(led.id)
        else:
            await programs.answer(led)
            await programs.verbs.lines.music(led.id, "ringback")
        led.children = [child.id for child in children]
        await programs.keep(led, *children)  # together: `returns` finds whom nobody has called yet
        for child in children:
            try:
                await programs.create(child, verb.timeout)
            except Refusal as refusal:
                log.info("compat.not_dialled", call_id=led.id, code=refusal.code)
                await self.not_reached(child, "failed")

    def _child(self, led: Led, wanted: Far, shown: str, now: int) -> Led:
        named = self.programs.named
        return Led(
            new_id(CALL, now), led.tenant_id, led.workspace_id, "outbound-dial", address_of(wanted.kind, wanted.to), shown,
            "queued", now, Hook(named(led, wanted.url), wanted.method), parent_id=led.id,
            told=Told(
                named(led, wanted.status_callback), wanted.status_callback_method,
                wanted.status_callback_event or ("completed",),
            ),
        )  # fmt: skip

    async def caller(self, led: Led, wanted: str) -> str:
        """The number that is shown: a number of ours, by default that of the call."""
        async with self.programs.around.db.transaction(self.programs.tenant_id) as tx:
            ours = [one.name for one in await all_numbers(tx)]
        if wanted and wanted not in ours:
            raise XmlRefused(f"{wanted[:40]} is not a number of this account", NO_CALLER)
        return wanted or next((one for one in (led.to, led.from_) if one in ours), "")

    def check(self, child: Led) -> None:
        """Raises XmlRefused for a SIP address at a host that may not be called."""
        kind, _ = far_side(child.to)
        if kind == "uri" and not self.programs.around.allow.host(*sip_host(child.to)):
            raise XmlRefused(f"{child.to[:80]} is at no host that may be called", 13224)

    async def answered(self, child: Led) -> None:
        """Somebody who was called for a caller answered, and has heard what he was to hear."""
        parent = self.programs.led.get(child.parent_id or "")
        if parent is None or child.id not in parent.children or parent.other:
            await self.programs.verbs.hang_up(child.id)
            return
        others = [one for one in parent.children if one != child.id]
        parent.children, parent.other = [], child.id
        self.programs.verbs.lines.later(parent.id, lambda: self._joined(parent, child, others))

    async def _joined(self, parent: Led, child: Led, others: list[str]) -> None:
        await self.programs.answer(parent)
        await self.join(parent, child)
        for one in others:
            await self._let_go(one)

    async def join(self, one: Led, other: Led) -> None:
        """Two calls hear each other."""
        room_id = new_id(CONFERENCE, self.programs.around.clock())
        one.other, other.other = other.id, one.id
        one.room_id = other.room_id = room_id
        for led in (one, other):
            await self.programs.keep(led)
            await self.programs.verbs.lines.join(led.id, room_id)

    async def returns(self, parent: Led) -> bool:
        """This process took over: of those who were rung for a call, some may never have been called, or ring no more. Whether
        nobody is left, and the call goes on."""
        programs = self.programs
        rang = parent.children  # stays as it is, whom `not_reached` takes out meanwhile
        async with programs.around.db.transaction(programs.tenant_id) as tx:
            found = [await led_store.find(tx, one) for one in rang]
            rings = [await calls.call(tx, one) for one in rang]
        for child_id, one, call in zip(rang, found, rings, strict=True):
            if one is None:  # it was forbidden to call him
                self._without(parent, child_id, "failed", None)
            elif not one.led.live or call is None or call.state == "ended":  # of all others it is told
                child = programs.led.get(child_id, one.led)
                await programs.becomes(child, "failed")
                self._without(parent, child_id, child.status, child)
        return bool(rang) and not parent.children

    async def not_reached(self, child: Led, status: str) -> None:
        """Somebody who was called did not answer; when he was the last, the caller goes on."""
        parent = self.programs.led.get(child.parent_id or "")
        if parent is not None:
            self._without(parent, child.id, status, child)

    def _without(self, parent: Led, child_id: str, status: str, child: Led | None) -> None:
        if child_id not in parent.children:
            return
        parent.children = [one for one in parent.children if one != child_id]
        if not parent.children and not parent.other:
            self.programs.instructions.goes_on_after(parent, status, child)

    async def gone(self, led: Led) -> None:
        """A call is over, or goes another way: whom it rang is let go, with whom it talked goes on."""
        children, led.children = led.children, []
        other, led.other = self.programs.led.get(led.other), ""
        for one in children:
            await self._let_go(one)
        if other is None or other.other != led.id:
            return
        other.other = ""
        if other.parent_id == led.id or other.reservation is not None:
            await self._let_go(other.id)
        elif other.waits is not None:
            await self.programs.queues.served(other, led)
        else:
            await self.programs.verbs.lines.leave(other.id)
            self.programs.instructions.goes_on_after(other, "completed", led)

    async def _let_go(self, call_id: str) -> None:
        child = self.programs.led.get(call_id)
        if child is not None:
            child.canceled = child.answered_at is None
            await self.programs.verbs.hang_up(call_id)

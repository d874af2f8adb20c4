"""Conferences: calls in a room by its name, who hears whom there, and when it begins and ends.

The rooms are in the memory of the process that carries the calls; each call's row says how it stands in which, so that a
process that takes over puts them together again. Whoever enters or leaves, one after the other.
"""

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct, field

from parlons.compat import led_store
from parlons.compat.call_xml import Conference, conference_of
from parlons.compat.errors import ApiError
from parlons.compat.led import CALLED, Led, Member, Told
from parlons.compat.telling import tell_of_conference
from parlons.kit.ids import CONFERENCE, new_id
from parlons.voice.media.engine import ToneSound

if TYPE_CHECKING:
    from parlons.compat.programs import CallPrograms

Json = dict[str, Any]
BEEP = (ToneSound((880.0,), 200),)
LEFT, ENDED_BY = "last-participant-left", "participant-with-end-conference-on-exit-left"
KICKED, KICKED_END = "last-participant-kicked", "participant-with-end-conference-on-exit-kicked"
BY_PROGRAM = "conference-ended-via-api"
UNKNOWN = -1.0
"""How loud one hears another, after another process had the conference: whatever it is to be is set."""


class Room(Struct):
    """A conference, as its row has it."""

    id: str
    name: str
    status: str = "init"
    told: Told = field(default_factory=Told)
    why: str | None = None
    ended_by: str | None = None
    told_of: int = 0


class Rooms:
    """The conferences of one workspace."""

    def __init__(self, programs: "CallPrograms") -> None:
        self.programs = programs
        self.rooms: dict[str, Room] = {}
        """Those that are not over."""
        self._gains: dict[str, dict[tuple[str, str], float]] = {}
        """By room: who does not hear whom as usual."""
        self._turn = asyncio.Lock()

    def members(self, room_id: str) -> list[Led]:
        """The calls in a conference, in the order in which they came."""
        found = [one for one in self.programs.led.values() if one.member and one.member.conference_id == room_id]
        return sorted(found, key=lambda one: (one.member.joined_at if one.member else 0, one.id))

    def invited(self, *names: str) -> list[Led]:
        """Who is called into a conference, by its name or id, and has not answered."""
        called = [one for one in self.programs.led.values() if one.direction != "inbound" and one.status in CALLED]
        return [one for one in called if (room := conference_of(one.hook.xml)) is not None and room.name in names]

    async def room(self, name: str, told: Told) -> Room:
        """The conference of this name or id, made when there is none."""
        known = next((one for one in self.rooms.values() if name in (one.name, one.id)), None)
        if known is not None:
            return known
        made = Room(new_id(CONFERENCE, self.programs.around.clock()), name, told=told)
        self.rooms[made.id] = made
        await self._keep(made)
        return made

    # --- coming and going ---

    async def enter(self, led: Led, wanted: Conference) -> None:
        """Puts a call into a conference; one that is full lets the call go on. Again, after another process had it, he is there
        as he was."""
        async with self._turn:
            again = led.member is not None
            room = await (self._known(led) if again else self._admits(led, wanted))
            if room is None or led.member is None:
                led.member = None
                self.programs.instructions.goes_on_after(led, "completed")
                return
            if room.status == "init" and (led.member.starts or self._runs(room)):
                room.status = "in-progress"
                await self._tell(room, "start", led)
                for one in self.members(room.id):
                    await self._connect(room, one)
            elif room.status == "in-progress":
                await self._connect(room, led, beeps=not again)
            else:
                await self.programs.verbs.lines.music(led.id, "none" if wanted.wait_url == "" else "music")
            if not again:
                await self._tell(room, "join", led)
            await self._keep(room)

    async def _admits(self, led: Led, wanted: Conference) -> Room | None:
        """The conference, with one more in it; None: it is full."""
        url = self.programs.named(led, wanted.status_callback)
        told = Told(url, wanted.status_callback_method, wanted.status_callback_event)
        room = await self.room(wanted.name, told)
        if room.told.url == "" and told.url:
            room.told = told
        if len(self.members(room.id)) >= wanted.max_participants:
            return None
        led.member = Member(
            room.id, wanted.participant_label, wanted.muted, coach=wanted.coach, beep=wanted.beep,
            starts=wanted.start_conference_on_enter, ends=wanted.end_conference_on_exit,
            joined_at=self.programs.around.clock(),
        )  # fmt: skip
        await self.programs.keep(led)
        return room

    def _runs(self, room: Room) -> bool:
        """After another process died, a conference that ran goes on."""
        return any(one.member is not None and one.member.starts for one in self.members(room.id))

    async def _connect(self, room: Room, led: Led, *, beeps: bool = True) -> None:
        """He is in the room, and is heard by whom he is to be heard: that is set before he joins."""
        member, lines = led.member, self.programs.verbs.lines
        if member is None or member.hold:
            return
        await self._hear(room)
        await lines.join(led.id, room.id)
        if beeps and member.beeps_on_enter and not member.coach and len(self.members(room.id)) > 1:
            await lines.announce(room.id, BEEP, call_id=led.id)

    async def _hear(self, room: Room) -> None:
        """Who hears whom, as far as it has changed."""
        members, known = self.members(room.id), self._gains.setdefault(room.id, {})
        for speaks in members:
            for hears in members:
                if speaks is hears or speaks.member is None:
                    continue
                deaf = speaks.member.muted or speaks.member.coach not in ("", hears.id)
                pair, gain = (speaks.id, hears.id), 0.0 if deaf else 1.0
                if known.get(pair, 1.0) != gain:
                    known[pair] = gain
                    await self.programs.verbs.lines.gain(room.id, *pair, gain)

    def _forget(self, room: Room, led: Led) -> None:
        """A call that goes out of its room takes with it how loud it hears and is heard."""
        known = self._gains.get(room.id, {})
        for pair in [one for one in known if led.id in one]:
            del known[pair]

    async def leave(self, led: Led, *, kicked: bool = False) -> None:
        """A call leaves its conference, still connected or over."""
        async with self._turn:
            member = led.member
            room = self.rooms.get(member.conference_id) if member is not None else None
            led.member = None
            if member is None or room is None:
                return
            self._forget(room, led)
            if led.live:
                await self.programs.verbs.lines.leave(led.id)
                await self.programs.keep(led)
            await self._tell(room, "leave", led, member)
            if member.ends and room.status == "in-progress":
                await self._end(room, KICKED_END if kicked else ENDED_BY, led)
            elif not self.members(room.id):
                await self._end(room, KICKED if kicked else LEFT, led)
            elif member.beeps_on_exit and not member.coach:
                await self.programs.verbs.lines.announce(room.id, BEEP, call_id=self.members(room.id)[0].id)

    async def end(self, room_id: str) -> None:
        """The program ends a conference."""
        async with self._turn:
            room = self.rooms.get(room_id)
            if room is not None:
                await self._end(room, BY_PROGRAM, None)

    async def _end(self, room: Room, why: str, by: Led | None) -> None:
        room.status, room.why, room.ended_by = "completed", why, by.id if by is not None else None
        rest = self.members(room.id)
        self.rooms.pop(room.id, None)
        self._gains.pop(room.id, None)
        for one in rest:
            one.member = None
            await self.programs.verbs.lines.leave(one.id)
            self.programs.instructions.goes_on_after(one, "completed")
        await self._tell(room, "end", by)
        await self._keep(room)

    # --- what the program changes ---

    async def change(self, led: Led, values: Json) -> None:
        """Mutes, holds, coaches; `values`: fields of `Member`."""
        async with self._turn:
            member, lines = led.member, self.programs.verbs.lines
            room = self.rooms.get(member.conference_id) if member is not None else None
            if member is None or room is None:
                raise ApiError(f"Call {led.id} is in no conference", 404)
            coach = values.get("coach")
            if coach and coach not in [one.id for one in self.members(room.id)]:
                raise ApiError(f"CallSidToCoach {coach} is not in the conference")
            before = msgspec.structs.replace(member)
            led.member = member = msgspec.structs.replace(member, **values)
            if member.hold and not before.hold:
                await lines.leave(led.id)
                self._forget(room, led)
                await lines.music(led.id, "music")
            await self._hear(room)
            if before.hold and not member.hold and room.status == "in-progress":
                await lines.join(led.id, room.id)
            for name, off in (("muted", "unmute"), ("hold", "unhold")):
                is_on = getattr(member, name)
                if is_on is not getattr(before, name):
                    await self._tell(room, {"muted": "mute", "hold": "hold"}[name] if is_on else off, led)
            await self.programs.keep(led)

    # --- keeping and telling ---

    def clear(self) -> None:
        """The calls are carried elsewhere."""
        self.rooms.clear()
        self._gains.clear()

    async def returns(self, led: Led) -> None:
        """This process took the calls over: the call's conference is in its memory again, and who hears whom is set anew."""
        room = await self._known(led)
        if room is None:
            return
        known = self._gains.setdefault(room.id, {})
        for other in self.members(room.id):
            if other is not led:
                known[led.id, other.id] = known[other.id, led.id] = UNKNOWN

    async def _known(self, led: Led) -> Room | None:
        """The conference in which a call is, from its row when need be."""
        if led.member is None:
            return None
        room_id = led.member.conference_id
        if room_id not in self.rooms:
            async with self.programs.around.db.transaction(self.programs.tenant_id) as tx:
                found = await led_store.thing(tx, room_id)
            if found is not None:  # the same one, should another call have brought it meanwhile
                self.rooms.setdefault(room_id, msgspec.convert(found.data, Room))
        return self.rooms.get(room_id)

    async def _keep(self, room: Room) -> None:
        async with self.programs.around.db.transaction(self.programs.tenant_id) as tx:
            await led_store.put(tx, room.id, room.name, msgspec.to_builtins(room))

    async def _tell(self, room: Room, event: str, led: Led | None, member: Member | None = None) -> None:
        async with self.programs.around.db.transaction(self.programs.tenant_id) as tx:
            await tell_of_conference(tx, room, event, led, member or (led.member if led is not None else None))

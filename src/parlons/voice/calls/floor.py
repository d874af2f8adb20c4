"""What all parts of the controller share: the calls in memory and who is on which leg, and the ways to the world.

Memory leads while a call lives: rows follow by the ledger, so talk does not depend on the database. The parts (incoming,
waiting, ringing, talking, transferring, supervising, recording, dialling, scripting, takeover) change calls in their lanes
only; `changed` tells the ledger.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from parlons.dispatch.contacts import ContactHandler
from parlons.dispatch.dispatch import Dispatch
from parlons.kit.clock import Clock, Millis
from parlons.kit.errors import Refusal
from parlons.kit.ids import new_id
from parlons.routing.state import WorkspaceState
from parlons.runtime.db import Database, Tx
from parlons.runtime.files import Files
from parlons.runtime.log import log
from parlons.voice.calls.estimate import Waits
from parlons.voice.calls.lanes import Lanes
from parlons.voice.calls.ledger import Ledger
from parlons.voice.calls.model import Call
from parlons.voice.calls.router import Router
from parlons.voice.calls.script import Words
from parlons.voice.calls.settings import Configured
from parlons.voice.calls.vault import Vault
from parlons.voice.media.engine import CannotDo, MediaEngine, NotThere, Sound

Numbers = Callable[[Tx, str | None], Awaitable[list[str]]]
"""The numbers of a firm, or of all: what may be shown to who is called."""

SocketAddress = Callable[[str], Awaitable[tuple[str, int]]]
"""A WebSocket's URL -> the address and port to connect to; refuses what may not be (`SafeHttp.socket_address`)."""


class Sounds(Protocol):
    """Turns words into what the engine plays (prompts.Prompts)."""

    async def sounds(self, tenant_id: str, firm_id: str | None, words: Sequence[Words]) -> Sequence[Sound]:
        """What is to be played, in order; never raises."""
        ...

    async def music(self, tenant_id: str, firm_id: str | None, name: str | None = None) -> Sequence[Sound]:
        """Music on hold, to be played in a loop."""
        ...


@dataclass(slots=True)
class Floor:
    """One workspace's calls, in the process that owns its router."""

    tenant_id: str
    workspace_id: str
    engine: MediaEngine
    db: Database
    dispatch: Dispatch
    handler: ContactHandler
    sounds: Sounds
    files: Files
    vault: Vault
    folder: Path
    """Where the voice process writes recordings while they run."""
    clock: Clock
    numbers: Numbers
    socket_address: SocketAddress
    ledger: Ledger
    router: Router
    lanes: Lanes = field(default_factory=Lanes)
    configured: Configured = field(default_factory=Configured)
    calls: dict[str, Call] = field(default_factory=dict)
    """Calls that have not ended."""
    by_leg: dict[str, set[str]] = field(default_factory=dict)
    """Ids of calls by leg; an agent's browser may be in several."""
    by_task: dict[str, str] = field(default_factory=dict)
    talking: set[str] = field(default_factory=set)
    """Browser legs that are connected."""
    phones: set[str] = field(default_factory=set)
    trunks_up: set[str] = field(default_factory=set)
    waits: dict[str, Waits] = field(default_factory=dict)
    """By queue."""
    timers: dict[tuple[str, str], asyncio.TimerHandle] = field(default_factory=dict)
    """By call and purpose."""
    plays: dict[str, dict[str, str]] = field(default_factory=dict)
    """What is played in each call: the leg by play."""
    count: int = 0

    # --- calls ---

    def now(self) -> Millis:
        """Milliseconds UTC."""
        return self.clock()

    def fresh(self, prefix: str) -> str:
        """A new id."""
        return new_id(prefix, self.now())

    def add(self, call: Call) -> None:
        """The call is in memory from now on."""
        self.calls[call.id] = call
        self.on_leg(call.leg_id, call)
        for party in call.parties:
            self.on_leg(party.leg_id, call)
            if party.task_id is not None:
                self.by_task[party.task_id] = call.id
        for ring in call.rings:
            self.by_task[ring.task_id] = call.id
            if ring.leg_id is not None:
                self.on_leg(ring.leg_id, call)
        if call.task_id is not None:
            self.by_task[call.task_id] = call.id

    def on_leg(self, leg_id: str, call: Call) -> None:
        """Events of this leg concern this call."""
        self.by_leg.setdefault(leg_id, set()).add(call.id)

    def off_leg(self, leg_id: str, call: Call) -> None:
        """They do no more."""
        known = self.by_leg.get(leg_id)
        if known is not None:
            known.discard(call.id)
            if not known:
                del self.by_leg[leg_id]

    def forget(self, call: Call) -> None:
        """The call has ended; its row stays."""
        self.calls.pop(call.id, None)
        self.plays.pop(call.id, None)
        for leg_id in [one for one, known in self.by_leg.items() if call.id in known]:
            self.off_leg(leg_id, call)
        for task_id in [one for one, known in self.by_task.items() if known == call.id]:
            del self.by_task[task_id]
        self.stop_timers(call)

    def changed(self, call: Call) -> None:
        """The row and the screens follow."""
        self.ledger.note(call)

    def calls_of(self, leg_id: str) -> list[Call]:
        """The calls this leg is in."""
        return [self.calls[one] for one in sorted(self.by_leg.get(leg_id, ())) if one in self.calls]

    def post(self, call: Call, step: Callable[[], Awaitable[Any]]) -> None:
        """Does `step` in the call's lane."""
        self.lanes.post(call.id, step)

    # --- timers ---

    def after(self, call: Call, purpose: str, ms: float, step: Callable[[], Awaitable[Any]]) -> None:
        """Does `step` in the call's lane in `ms` milliseconds, unless stopped; one timer a purpose."""
        self.stop_timer(call, purpose)

        def due() -> None:
            self.timers.pop((call.id, purpose), None)
            if call.id in self.calls:
                self.post(call, step)

        loop = asyncio.get_running_loop()
        self.timers[call.id, purpose] = loop.call_later(max(0.0, ms) / 1000, due)

    def stop_timer(self, call: Call, purpose: str) -> None:
        """The timer of this purpose does not come."""
        timer = self.timers.pop((call.id, purpose), None)
        if timer is not None:
            timer.cancel()

    def stop_timers(self, call: Call) -> None:
        """None of the call's timers comes."""
        for key in [key for key in self.timers if key[0] == call.id]:
            self.timers.pop(key).cancel()

    # --- the router ---

    def state(self) -> WorkspaceState | None:
        """The router's memory, to be read without awaiting; None while it is away."""
        try:
            return self.dispatch.state(self.workspace_id)
        except Refusal:
            return None

    def user_of(self, worker_id: str | None) -> str | None:
        """The user behind a worker."""
        return self.dispatch.users.get(worker_id or "")

    def worker_of(self, user_id: str | None) -> str | None:
        """The worker of a user."""
        return next((worker for worker, user in self.dispatch.users.items() if user == user_id), None)

    def name_of(self, worker_id: str | None) -> str:
        """A worker's name; empty when nobody knows."""
        state = self.state()
        worker = state.workers.get(worker_id or "") if state is not None else None
        return worker.name if worker is not None else ""

    # --- sound ---

    def play_id(self, call: Call, what: str) -> str:
        """An id for a play; events bring it back, and the call is found by it."""
        self.count += 1
        return f"{call.id}/{what}/{self.now()}.{self.count}"

    async def say(self, call: Call, words: Sequence[Words], what: str = "say") -> str | None:
        """Plays words to the customer, and shows them on his page; the play's id."""
        for one in words:
            call.hears(one.text)
        sounds = await self.sounds.sounds(call.tenant_id, call.firm_id, words)
        if not sounds:
            return None
        play_id = self.play_id(call, what)
        await self.play(call, play_id, call.leg_id, sounds)
        return play_id

    async def play(
        self,
        call: Call,
        play_id: str,
        leg_id: str,
        sounds: Sequence[Sound],
        *,
        loop: bool = False,
        stop_on_digit: bool = False,
    ) -> bool:
        """Plays to a leg of the call, after what is played to it; False when the leg is gone."""
        begun = False
        self.plays.setdefault(call.id, {})[play_id] = leg_id
        async with self.quietly():
            await self.engine.play(play_id, "leg", leg_id, list(sounds), loop=loop, stop_on_digit=stop_on_digit)
            begun = True
        if not begun:
            self.played(play_id)
        return begun

    def played(self, play_id: str) -> None:
        """A play is over."""
        self.plays.get(play_id.partition("/")[0], {}).pop(play_id, None)

    async def quiet(self, call: Call, leg_id: str) -> None:
        """Whatever is played to a leg of the call ends."""
        known = self.plays.get(call.id, {})
        for play_id in [one for one, leg in known.items() if leg == leg_id]:
            known.pop(play_id, None)
            async with self.quietly():
                await self.engine.stop_play(play_id)

    @asynccontextmanager
    async def quietly(self) -> AsyncIterator[None]:
        """What the engine has no more, or cannot do, is passed by: the leg's end comes as an event."""
        try:
            yield
        except (NotThere, CannotDo) as refusal:
            log.info("call.engine_refused", code=refusal.code)
        except Refusal as refusal:
            log.warning("call.engine_away", code=refusal.code)


def browser_leg(user_id: str) -> str:
    """The leg of a user's browser: the same for ever."""
    return "LB" + user_id[2:]


def user_of_leg(leg_id: str) -> str | None:
    """The user whose browser this leg is; None: it is another kind of leg."""
    return "US" + leg_id[2:] if leg_id.startswith("LB") else None

"""What a contract case of media engines works with: a `Driver` makes far sides act, a `Scene` watches what the engine tells.

Whoever brings an engine writes a `Driver`: callers, phones and browsers that speak and listen over the engine's real wires.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from parlons.testing.fake_sound import Samples, hears_tone
from parlons.voice.media.engine import Caller, MediaEngine, Stream, Target
from parlons.voice.media.events import EngineEvent, Event, LegAnswered, LegIncoming

E = TypeVar("E", bound=Event)
R = TypeVar("R")
STEP_MS = 20
PATIENCE_MS = 20_000
"""For what must come; a machine under load is slow."""
EAR_MS = 300


class Far(Protocol):
    """A person at the far side of a leg. Each method returns once the act is done on his side."""

    async def rings(self) -> None:
        """His phone, which is dialled, rings."""
        ...

    async def answers(self) -> None:
        """He answers the call that came."""
        ...

    async def refuses(self, status: int) -> None:
        """He refuses it."""
        ...

    async def hangs_up(self) -> None:
        """He ends his call, or gives up."""
        ...

    async def presses(self, digits: str) -> None:
        """Keys."""
        ...

    async def holds(self, held: bool) -> None:
        """He puts us on hold, or takes us back."""
        ...

    async def refers(self, to: str) -> None:
        """He asks us to call somebody else instead."""
        ...

    async def says(self, frequency: float) -> None:
        """He speaks a tone, from now on."""
        ...

    async def hears(self, ms: int) -> Samples:
        """What he hears in the next `ms`."""
        ...

    def sees(self) -> "FarView":
        """What his side knows of the call now."""
        ...


@dataclass
class FarView:
    """What the far side was told."""

    calls: int = 0
    """That reached him."""
    ringing: bool = False
    """What he dialled rings, or sends sound before the answer."""
    talking: bool = False
    held: bool = False
    """We hold him."""
    ended: int | None = None
    """Status of the end: a SIP status for a refusal, 0 for a hang-up and the like; None while it goes on."""
    digits: str = ""
    from_number: str = ""
    header: str = ""
    """The header X-Test."""
    referred_to: str = ""


class Browser(Protocol):
    """A browser's end of a leg."""

    async def offer(self) -> str:
        """A new connection's offer, or a new offer for the one there is."""
        ...

    async def takes(self, answer: str) -> None:
        """The engine's answer."""
        ...

    async def vanishes(self) -> None:
        """No packet more, and no goodbye."""
        ...

    async def says(self, frequency: float) -> None:
        """As `Far.says`."""
        ...

    async def hears(self, ms: int) -> Samples:
        """As `Far.hears`."""
        ...

    async def presses(self, digits: str) -> None:
        """Keys of the page's keypad."""
        ...


class Listener(Protocol):
    """A program at the other end of a stream."""

    def stream(self, **more: Any) -> Stream:
        """How an engine is told of it."""
        ...

    async def hears(self, ms: int) -> Samples:
        """What the leg says in the next `ms`."""
        ...

    async def says(self, frequency: float, ms: int) -> None:
        """A tone for the leg, sent at once."""
        ...

    async def sends(self, event: str, about: Any = None) -> None:
        """Another message: mark, clear, done."""
        ...

    @property
    def marks(self) -> list[str]:
        """That came back."""
        ...

    @property
    def keys(self) -> str:
        """That the far side of the leg pressed."""
        ...


class Ear(Protocol):
    """Whoever can be asked what he hears."""

    async def hears(self, ms: int) -> Samples:
        """In the next `ms`."""
        ...


class Driver(Protocol):
    """Brings an engine and its far sides."""

    engine: MediaEngine
    folder: Path
    """For recordings and sounds; the engine may read and write in it."""

    async def calls(self, *, from_number: str, to_number: str) -> Far:
        """Somebody calls; LegIncoming follows."""
        ...

    async def person(self) -> tuple[Target, Far]:
        """Somebody who can be dialled; nothing rings until `rings`."""
        ...

    async def registers(self, username: str, password: str) -> None:
        """A desk phone tries to register."""
        ...

    async def browser(self) -> Browser:
        """A browser, not connected yet."""
        ...

    def program(self) -> contextlib.AbstractAsyncContextManager[Listener]:
        """A program that may be connected to."""
        ...

    async def passes(self, ms: int) -> None:
        """Time goes by; shorter than 20 ms is 20 ms."""
        ...

    async def changes(self) -> None:
        """Waits until something may have happened, or a moment at most."""
        ...


class Scene:
    """A driver and everything its engine told since the case began."""

    def __init__(self, driver: Driver, seq: int) -> None:
        self.driver, self.engine, self.folder = driver, driver.engine, driver.folder
        self.told: list[EngineEvent] = []
        self._used: set[int] = set()
        self._reader = self.engine.events(seq)
        self.calls, self.person, self.browser = driver.calls, driver.person, driver.browser
        self.passes, self.program = driver.passes, driver.program

    async def read(self) -> None:
        """Reads events for ever."""
        async for event in self._reader:
            self.told.append(event)

    async def event(self, kind: type[E], *, within_ms: int = PATIENCE_MS, **fields: Any) -> E:
        """The next event of this kind and these fields that was not given yet; waits for it."""

        def found() -> E | None:
            for event in self.told:
                if isinstance(event, kind) and event.seq not in self._used and _fits(event, fields):
                    self._used.add(event.seq)
                    return event
            return None

        return await self.until(found, within_ms=within_ms, what=f"{kind.__name__} {fields}")

    async def until(self, look: Callable[[], R | None], *, within_ms: int = PATIENCE_MS, what: str) -> R:
        """Waits until `look` gives something."""
        for _ in range(0, within_ms, STEP_MS):
            if found := look():
                return found
            await self.driver.changes()
        raise AssertionError(f"{what} did not come in {within_ms} ms; told: {self.told}")

    def count(self, kind: type[Event], **fields: Any) -> int:
        """How many such events there were."""
        return sum(isinstance(event, kind) and _fits(event, fields) for event in self.told)

    # what many cases begin with

    async def ringing_in(self) -> tuple[str, Far]:
        """Somebody calls, and nobody answered."""
        far = await self.calls(from_number="+33612345678", to_number="+33155500000")
        return (await self.event(LegIncoming)).leg_id, far

    async def caller(self, tone: float | None = None) -> tuple[str, Far]:
        """Somebody who called and was answered; he speaks `tone`."""
        leg_id, far = await self.ringing_in()
        await self.engine.answer(leg_id)
        await self.event(LegAnswered, leg_id=leg_id)
        await self.until(lambda: far.sees().talking, what="the answer at the far side")
        if tone is not None:
            await far.says(tone)
        return leg_id, far

    async def dialled(self, leg_id: str, tone: float | None = None) -> Far:
        """Somebody who was called and answered."""
        target, far = await self.person()
        await self.engine.dial(leg_id, target, caller=Caller("+33155500000"))
        await self.until(lambda: far.sees().calls, what="the call at the far side")
        await far.answers()
        await self.event(LegAnswered, leg_id=leg_id)
        if tone is not None:
            await far.says(tone)
        return far

    async def room_of(self, *leg_ids: str, room_id: str = "CF1") -> str:
        """A room with these legs in it."""
        await self.engine.create_room(room_id)
        for leg_id in leg_ids:
            await self.engine.join(room_id, leg_id)
        return room_id

    async def ears(self, *fars: "Ear", ms: int = EAR_MS) -> list[Samples]:
        """What each hears, after the sound had time to arrive."""
        await self.passes(300)
        return [await far.hears(ms) for far in fars]

    async def hears(self, far: "Ear", *tones: float, but: Collection[float] = (), ms: int = EAR_MS) -> None:
        """Listens until all these tones are heard at once, and none of the others: sound under way has come, or is over."""
        heard: set[float] = set()
        for _ in range(0, PATIENCE_MS, ms):
            sound = await far.hears(ms)
            heard = {tone for tone in (*tones, *but) if hears_tone(sound, tone)}
            if heard == set(tones):
                return
        raise AssertionError(f"{sorted(heard)} Hz were heard, not {sorted(tones)} alone")

    async def refused(self, kind: type[Exception], asked: Awaitable[Any]) -> None:
        """The engine must refuse this so."""
        try:
            await asked
        except kind:
            return
        raise AssertionError(f"{kind.__name__} was expected")


def _fits(event: Event, fields: dict[str, Any]) -> bool:
    return all(getattr(event, name, None) == value for name, value in fields.items())


@contextlib.asynccontextmanager
async def scene(driver: Driver) -> AsyncIterator[Scene]:
    """A scene whose events are read."""
    made = Scene(driver, (await driver.engine.state()).seq)
    reading = asyncio.create_task(made.read())
    try:
        yield made
    finally:
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading

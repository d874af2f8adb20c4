"""The newest events of an engine, in order, for one reader at a time (`MediaEngine.events`)."""

import asyncio
from collections import deque
from typing import Self

from parlons.voice.media.events import EngineEvent

KEPT = 10_000
"""Events a reader who was away may ask for again."""


class EventLog:
    """Keeps events and wakes whoever reads; not for several threads."""

    def __init__(self, kept: int = KEPT) -> None:
        self._events: deque[EngineEvent] = deque(maxlen=kept)
        self._new = asyncio.Event()
        self._reader: EventReader | None = None

    @property
    def read_by_nobody(self) -> bool:
        """Whether there is no reader now."""
        return self._reader is None

    @property
    def last_seq(self) -> int:
        """Number of the newest event, 0 before the first."""
        return self._events[-1].seq if self._events else 0

    @property
    def caught_up(self) -> bool:
        """Whether the reader, if there is one, has taken the newest event."""
        return self._reader is None or self._reader.seq >= self.last_seq

    def add(self, event: EngineEvent) -> None:
        """The next event; `seq` must be one more than the last one's."""
        self._events.append(event)
        self._new.set()

    def read(self, after_seq: int) -> "EventReader":
        """A reader of what comes after `after_seq`; the reader before it ends."""
        self._reader = EventReader(self, after_seq)
        self._new.set()
        return self._reader

    def leave(self, reader: "EventReader") -> None:
        """A reader is done."""
        if self._reader is reader:
            self._reader = None

    async def next_after(self, reader: "EventReader", seq: int) -> EngineEvent | None:
        """Waits for the oldest event after `seq`; None once another reader has taken over."""
        while self._reader is reader:
            if (found := self._find(seq)) is not None:
                return found
            self._new.clear()
            await self._new.wait()
        self._new.set()  # the reader that took over may wait behind this very wake-up
        return None

    def _find(self, seq: int) -> EngineEvent | None:
        if not self._events or self._events[-1].seq <= seq:
            return None
        return self._events[max(0, seq + 1 - self._events[0].seq)]


class EventReader:
    """Iterates events; ends when another reader comes or it is closed."""

    def __init__(self, log: EventLog, after_seq: int) -> None:
        self._log, self.seq = log, after_seq

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> EngineEvent:
        event = await self._log.next_after(self, self.seq)
        if event is None:
            raise StopAsyncIteration
        self.seq = event.seq
        return event

    async def aclose(self) -> None:
        """Reads no more."""
        self._log.leave(self)
        self._log._new.set()

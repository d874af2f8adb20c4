"""What a process remembers of configuration and keys: read once, forgotten when they change.

Who opens a process gives its `Database` one of these and shows it what the journal tells (`heard`): another process may have
changed it. A transaction of this process that tells of a change has it forgotten at its commit. Without one everything is read
each time. What was being read while it changed is not remembered, nor is what is not there. A value is read again after `AGE`
in any case, should the journal have been out of sight.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol, TypeVar

from parlons.kit.clock import Clock

T = TypeVar("T")
AGE = 10_000
"""Milliseconds."""
MOST = 5_000


class Told(Protocol):
    """An event, or an entry of the journal."""

    @property
    def type(self) -> str:
        """Which."""
        ...


class Remembered:
    """Values by tenant and key."""

    def __init__(self, clock: Clock, *until: str) -> None:
        """`until`: the types of the events that tell of a change."""
        self._clock = clock
        self._until = frozenset(until)
        self._values: dict[Any, tuple[int, Any]] = {}
        self.changes = 0
        """How often something changed since this process began."""

    def forget(self) -> None:
        """Something of it changed."""
        self.changes += 1
        self._values.clear()

    def heard(self, events: Iterable[Told]) -> None:
        """What was just committed."""
        if any(event.type in self._until for event in events):
            self.forget()

    async def value(self, key: Any, read: Callable[[], Awaitable[T]]) -> T:
        """What `read` gives, or gave a moment ago. What it raises is not remembered."""
        now, known = self._clock(), self._values.get(key)
        if known is not None and 0 <= now - known[0] < AGE:
            found: T = known[1]
            return found
        changes = self.changes
        fresh = await read()
        if changes == self.changes and fresh is not None:
            if len(self._values) >= MOST:
                self._values.clear()
            self._values[key] = (now, fresh)
        return fresh

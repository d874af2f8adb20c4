"""One group commit in the making: what was stepped since the last one was closed, and what it will write.

Nothing here touches the world. A batch is filled while the batch before it is being committed; its callers are answered
only after its own commit, and a failed commit throws away this one and everything stepped on top of it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from parlons.dispatch.outcome import Outcome, outcome_to_wire, refusal_to_wire
from parlons.dispatch.views import Configured, ReservationView, Step, TaskView
from parlons.kit.errors import Refusal
from parlons.routing.commands import Command, EraseTask
from parlons.runtime.journal import Entry
from parlons.runtime.road import Done as RowDone

Read = Callable[[Any], Any]


@dataclass(slots=True)
class Asked:
    """A command and who waits for its outcome."""

    command: Command
    actor: str | None = None
    """User, key or `system`: an id, for the journal."""
    future: "asyncio.Future[Outcome] | None" = None
    key: str | None = None
    """Idempotency key of an in-process caller; a command row has its own."""
    row: int | None = None
    """The command row it came from."""
    seen: tuple[str, str] | None = None
    """An id and the mark (`Views.mark`) that its caller has seen: carried out only as long as that is its mark."""

    @property
    def plain(self) -> bool:
        """Whether carrying it out leaves nothing but entries and what they are about."""
        return self.row is None and self.key is None and type(self.command) is not EraseTask

    def refuse(self, refusal: Refusal) -> None:
        """Tells a caller in this process; nobody listening is normal."""
        if self.future is not None and not self.future.done():
            self.future.set_exception(refusal)


@dataclass(slots=True)
class Done:
    """A command that was carried out, and where its entries end within the batch."""

    asked: Asked
    outcome: Outcome
    end: int


@dataclass(slots=True)
class Batch:
    """Filled by the stepper, written by the committer, then answered."""

    entries: list[Entry] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)
    refused: list[tuple[Asked, Refusal]] = field(default_factory=list)
    tasks: dict[str, TaskView] = field(default_factory=dict)
    reservations: dict[str, ReservationView] = field(default_factory=dict)
    offered: dict[str, tuple[int, Any]] = field(default_factory=dict)
    """New reservations: index of the entry that made it, and its decision."""
    configured: dict[tuple[str, str], Configured] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    readers: list[tuple[Read, "asyncio.Future[tuple[int, Any]]"]] = field(default_factory=list)
    """Who wants to read memory exactly as this batch leaves it, after its commit."""
    found: list[Any] = field(default_factory=list)
    image: "asyncio.Future[bytes | None] | None" = None
    """A snapshot of the state at the batch's end, when one is due."""

    @property
    def writes(self) -> bool:
        """Whether there is anything for the database."""
        return bool(self.entries) or any(asked.row is not None for asked, _ in self.refused)

    @property
    def empty(self) -> bool:
        """Whether nothing at all happened."""
        return not self.entries and not self.refused and not self.readers

    @property
    def plain(self) -> bool:
        """Whether entries, tasks and reservations are all there is to write: no configuration, no row or key to be
        answered, nobody erased."""
        return (
            not self.configured
            and all(one.asked.plain for one in self.done)
            and all(asked.row is None for asked, _ in self.refused)
        )

    def number(self, base: int) -> None:
        """Says in each outcome where the journal has it. `base`: sequence before this batch."""
        for done in self.done:
            done.outcome.seq = base + done.end

    def results(self) -> tuple[list[RowDone], list[tuple[str, dict[str, Any], Command]]]:
        """Results for command rows, and for callers who gave a key in this process."""
        rows, keyed = [], []
        for done in self.done:
            if done.asked.row is not None:
                rows.append(RowDone(done.asked.row, "done", outcome_to_wire(done.outcome)))
            elif done.asked.key is not None:
                keyed.append((done.asked.key, outcome_to_wire(done.outcome), done.asked.command))
        for asked, refusal in self.refused:
            if asked.row is not None:
                rows.append(RowDone(asked.row, "refused", refusal_to_wire(refusal)))
        return rows, keyed

    def read(self, stepper: Any) -> None:
        """Reads for `readers`; called when no further command joins this batch."""
        for read, future in self.readers:
            try:
                self.found.append(read(stepper))
            except Exception as error:
                self.found.append(None)
                if not future.done():
                    future.set_exception(error)

    def answer(self, seq: int) -> None:
        """Tells everybody who waits, after the commit that ended at `seq`."""
        for done in self.done:
            future = done.asked.future
            if future is not None and not future.done():
                future.set_result(done.outcome)
        for asked, refusal in self.refused:
            asked.refuse(refusal)
        for (_, reader), found in zip(self.readers, self.found, strict=True):
            if not reader.done():
                reader.set_result((seq, found))

    def fail(self, refusal: Refusal) -> None:
        """Tells everybody that nothing of this happened."""
        for done in self.done:
            done.asked.refuse(refusal)
        for asked, _ in self.refused:
            asked.refuse(refusal)
        for _, reader in self.readers:
            if not reader.done():
                reader.set_exception(refusal)

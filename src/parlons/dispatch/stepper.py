"""The router's memory and its step, with what a step changed put down for journal, projections and screens.

No I/O and no clock: the owner, the standby and the replay drive the same object, so what a standby knows at a sequence is
what the owner knew there.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from parlons.dispatch.batch import Asked, Batch, Done
from parlons.dispatch.errors import ChangedMeanwhile
from parlons.dispatch.outcome import Outcome
from parlons.dispatch.views import Views
from parlons.kit.errors import Refusal
from parlons.routing.commands import Command, Tick, sealed, to_wire
from parlons.routing.snapshot import dump, load
from parlons.routing.state import WorkspaceState, new_state
from parlons.routing.step import step
from parlons.routing.transitions import Transition
from parlons.runtime.journal import Entry

_TICK = Tick()


class Image(msgspec.Struct, array_like=True):
    """A snapshot's body: no value of a task's attributes is in it."""

    router: bytes
    now: int
    versions: dict[str, int]
    """Version of each open task."""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Image).decode


class Stepper:
    """One workspace's router in memory."""

    def __init__(self, state: WorkspaceState, now: int = 0, versions: dict[str, int] | None = None) -> None:
        self.state = state
        self.views = Views(state, versions)
        self.now = now
        """The last time given to the router; it never goes back."""
        self.transitions = 0
        """How many this object has seen, for the rhythm of snapshots."""

    def at(self, clock: int) -> int:
        """The router's time when the clock shows `clock`: never before an earlier one."""
        if clock > self.now:
            self.now = clock
        return self.now

    def due(self, now: int) -> bool:
        """Whether a timer wants to fire."""
        deadline = self.state.next_deadline
        return deadline is not None and deadline <= now

    def carry_out(self, asked: Asked, clock: int, batch: Batch) -> None:
        """Steps `asked`, after a tick when timers are due; a refusal is noted for its caller and changes nothing."""
        now = self.at(clock)
        if self.due(now):
            self.tick(now, batch)
        if asked.seen is not None and self.views.mark(asked.seen[0]) != asked.seen[1]:
            batch.refused.append((asked, ChangedMeanwhile()))
            return
        try:
            transitions = step(self.state, asked.command, now)
        except Refusal as refusal:
            batch.refused.append((asked, refusal))
            return
        self._note(asked, transitions, now, batch)

    def tick(self, now: int, batch: Batch) -> None:
        """Lets due timers fire."""
        self._note(Asked(_TICK), step(self.state, _TICK, now), now, batch)

    def again(
        self, command: Command, now: int, recorded: Sequence[Transition] | None, first: int, batch: Batch | None
    ) -> list[Transition]:
        """Steps a command of the journal. `recorded` lends outcomes that depended on values which were erased since;
        `first` is the index, within `batch`, of the entry of its first transition; without a batch nothing is put down."""
        self.now = max(self.now, now)
        transitions = step(self.state, command, now, recorded)
        self.transitions += len(transitions)
        if batch is not None:
            self.views.note(command, transitions, first, batch)
        return transitions

    def image(self) -> bytes:
        """The snapshot's body."""
        return _encode(Image(dump(self.state), self.now, self.views.versions()))

    def _note(self, asked: Asked, transitions: list[Transition], now: int, batch: Batch) -> None:
        entries = batch.entries
        entries.append(command_entry(asked.command, asked.actor, now))
        first = len(entries)
        for transition in transitions:
            # The encoder takes the value itself; who reads it in this process gets a dict (screens.plain_in).
            entries.append(Entry("transition", transition.type, now, transition))  # type: ignore[arg-type]
        self.transitions += len(transitions)
        self.views.note(asked.command, transitions, first, batch)
        batch.done.append(Done(asked, Outcome(transitions, at=now), len(entries)))


def fresh(workspace_id: str) -> Stepper:
    """The router of a workspace where nothing ever happened."""
    return Stepper(new_state(workspace_id))


def open_tasks(body: bytes) -> list[str]:
    """The tasks that were open in a snapshot."""
    return list(_decode(body).versions)


def restored(body: bytes, attributes: Mapping[str, dict[str, Any] | None]) -> Stepper:
    """The router of a snapshot; `attributes` of its open tasks, None or absent where they were erased."""
    image = _decode(body)
    full = {task_id: attributes.get(task_id) for task_id in image.versions}
    return Stepper(load(image.router, full), image.now, image.versions)


def command_entry(command: Command, actor: str | None, now: int) -> Entry:
    """The journal's entry of a command; a task's attributes go to the erasable side, keyed by the task."""
    bare, attributes = sealed(command)
    data = to_wire(bare)
    if actor is not None:
        data["actor"] = actor
    entry = Entry("command", data["command"], now, data)
    if attributes is not None:
        entry.private, entry.private_key = {"attributes": attributes}, data["task_id"]
    return entry

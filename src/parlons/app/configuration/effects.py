"""What a change would do to the work that waits now: which agents match each queue, which tasks move, which find nobody.

Computed by the router itself: a copy of it (newest snapshot, then the journal, in a thread) carries the commands out, and
what waits is compared. Nothing of the living router is touched, and its event loop goes on.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from parlons.app.configuration.refusals import WouldStrand
from parlons.dispatch.replay import opened, read_rows
from parlons.routing.commands import Command
from parlons.routing.pools import bits
from parlons.routing.state import Task, WorkspaceState
from parlons.routing.step import step
from parlons.runtime.db import Database

_SHOWN = 12
"""Agents named one by one."""


@dataclass(slots=True)
class Effects:
    """What would become of queues and waiting tasks."""

    queues: list[dict[str, Any]] = field(default_factory=list)
    """Queues whose agents change, and queues that are touched."""
    waiting: int = 0
    moved: list[dict[str, Any]] = field(default_factory=list)
    """`{from, to, count}` by names of queues."""
    stranded: list[dict[str, Any]] = field(default_factory=list)
    """`{queue, count}`: tasks somebody could have served, and nobody could afterwards."""
    ended: int = 0
    """Tasks that would end unserved at once, because no rule takes them any more."""

    @property
    def total(self) -> int:
        """How many tasks would find nobody: the number that must be accepted."""
        return self.ended + sum(int(each["count"]) for each in self.stranded)

    def check(self, accepted: int | None) -> None:
        """Raise WouldStrand unless nobody is stranded, or exactly this number was accepted."""
        if self.total and accepted != self.total:
            raise WouldStrand(
                f"{self.total} waiting {'tasks' if self.total > 1 else 'task'} would find nobody. Nothing was changed.",
                stranded=self.total,
                ended=self.ended,
                queues=self.stranded,
            )

    def as_lines(self) -> list[str]:
        """What becomes of waiting tasks, for people to read; nothing where all stay where they are."""
        lines = [
            f"! {_waiting_tasks(each['count'])} would go from {each['from']} to {each['to']}" for each in self.moved
        ]
        lines += [f"! {_waiting_tasks(each['count'])} of {each['queue']} would find nobody" for each in self.stranded]
        if self.ended:
            lines.append(f"! {_waiting_tasks(self.ended)} would end: no rule takes them any more")
        if self.total:
            lines.append(f"! To do it all the same, accept their number: --accept-stranded {self.total}")
        return lines

    def as_json(self) -> dict[str, Any]:
        """As the API answers it."""
        tasks = {"waiting": self.waiting, "moved": self.moved, "stranded": self.stranded, "ended": self.ended}
        return {"queues": self.queues, "tasks": {**tasks, "stranded_total": self.total}}


async def effects_of(db: Database, workspace_id: str, commands: Sequence[Command]) -> Effects:
    """What these commands would do now."""
    if not commands:
        return Effects()
    # A loop of its own in a thread: with 100,000 waiting tasks reading alone would hold up calls and screens for a second.
    return await asyncio.to_thread(lambda: asyncio.run(_beside(db, workspace_id, commands)))


async def _beside(db: Database, workspace_id: str, commands: Sequence[Command]) -> Effects:
    connection = await db.connect_system()
    try:
        replay = await opened(connection, workspace_id)
        while entries := await read_rows(connection, replay):
            replay.feed(entries, shown=False)
    finally:
        await connection.close()
    return compared(replay.stepper.state, commands, replay.stepper.now)


def compared(state: WorkspaceState, commands: Sequence[Command], now: int) -> Effects:
    """Carries the commands out on `state`, which is nobody else's, and compares."""
    before, members = _waiting(state), _members(state)
    for command in commands:
        step(state, command, now)
    found = Effects(waiting=len(before))
    moved: Counter[tuple[str, str]] = Counter()
    stranded: Counter[str] = Counter()
    names = {queue_id: queue.config.name for queue_id, queue in state.queues.items()}
    for task_id, (queue_id, served) in before.items():
        task = state.tasks.get(task_id)
        if task is None:
            found.ended += 1
            continue
        if not task.looking:
            continue
        if task.queue_id != queue_id:
            moved[names.get(queue_id or "", ""), names.get(task.queue_id or "", "")] += 1
        if served and not _served(state, task):
            stranded[names.get(task.queue_id or "", "")] += 1
    found.moved = [{"from": old, "to": new, "count": count} for (old, new), count in sorted(moved.items())]
    found.stranded = [{"queue": name, "count": count} for name, count in sorted(stranded.items())]
    after = _members(state)
    for queue_id, queue in state.queues.items():
        told = _queue(queue.config.name, members.get(queue_id, {}), after[queue_id])
        if told["joined"] or told["left"] or queue_id in _touched(commands):
            found.queues.append(told)
    return found


def _waiting_tasks(count: int) -> str:
    return f"{count} waiting task{'s' if count > 1 else ''}"


def _touched(commands: Sequence[Command]) -> set[str]:
    return {item.id for command in commands for item in getattr(command, "put", ())}


def _queue(name: str, before: dict[str, str], after: dict[str, str]) -> dict[str, Any]:
    joined = [each for worker, each in after.items() if worker not in before]
    left = [each for worker, each in before.items() if worker not in after]
    return {
        "name": name,
        "before": len(before),
        "after": len(after),
        "agents": sorted(after.values())[:_SHOWN],
        "joined": sorted(joined)[:_SHOWN],
        "left": sorted(left)[:_SHOWN],
    }


def _members(state: WorkspaceState) -> dict[str, dict[str, str]]:
    """Names by worker, by queue."""
    return {
        queue_id: {worker.id: worker.name for worker in bits(state, queue.members)}
        for queue_id, queue in state.queues.items()
    }


def _waiting(state: WorkspaceState) -> dict[str, tuple[str | None, bool]]:
    return {task.id: (task.queue_id, _served(state, task)) for task in state.tasks.values() if task.looking}


def _served(state: WorkspaceState, task: Task) -> bool:
    """Whether anybody, at work or not, could be offered it where it stands."""
    if task.pool is not None:
        members = task.pool.members
    else:  # an offer is out: it goes through its workflow again when that ends
        queue = state.queues.get(task.queue_id or "")
        members = queue.members if queue is not None else 0
    while members:
        low = members & -members
        members ^= low
        worker = state.numbers[low.bit_length() - 1]
        if worker is not None and worker.channels[task.channel].capacity > 0:
            return True
    return False

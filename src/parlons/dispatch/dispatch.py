"""The room's front: send a command to a workspace's router wherever it lives, and hear what happened.

    dispatch = Dispatch(db, clock=clock)
    await dispatch.open(workspace_id, tenant_id)          # a seat: standby, or owner when nobody else is
    outcome = await dispatch.send(workspace_id, AcceptReservation(reservation_id), actor=user_id)
    await submit(tx, workspace_id, command, key=message_id)   # in the caller's own transaction

`send` returns after the commit of what it caused. When the owner is another process the command goes by a row and `send`
waits for its result. The same key twice is the same command, on both roads: the second caller gets the first one's outcome.
"""

import asyncio
import os
import socket
from collections.abc import Callable, Sequence
from typing import Any

from parlons.accounts.model import Principal
from parlons.dispatch import queries
from parlons.dispatch.admission import admit, row_of
from parlons.dispatch.batch import Asked, Batch
from parlons.dispatch.errors import NoOwner, UnknownWorkerHere
from parlons.dispatch.outcome import Outcome
from parlons.dispatch.road_ends import RoadEnds
from parlons.dispatch.screens import ScreenTail
from parlons.dispatch.seat import Seat, Watcher
from parlons.dispatch.stepper import Stepper
from parlons.kit.clock import Clock, wall_clock
from parlons.kit.errors import NotFound
from parlons.kit.ids import JOB, new_id
from parlons.routing.commands import Command
from parlons.routing.state import WorkspaceState
from parlons.runtime import road
from parlons.runtime.db import Database, Tx
from parlons.runtime.journal import Entry
from parlons.runtime.readers import Tail

CLOSING = 5.0
"""Seconds a leaving owner has to commit what waits."""


class UnknownWorkspace(NotFound):
    """No such workspace is served here."""

    code = "unknown-workspace"


async def submit(
    tx: Tx,
    workspace_id: str,
    command: Command,
    *,
    key: str,
    actor: str | None = None,
    seen: tuple[str, str] | None = None,
) -> bool:
    """Writes `command` to the road in the caller's transaction: it is carried out if and only if that commits, once per
    `key`. False when the key was used before. Its outcome comes back as transitions in the journal."""
    admit(command)
    body, private, private_key = row_of(command, actor, seen)
    return await road.submit(tx, workspace_id, body, key=key, private=private, private_key=private_key)


class Dispatch:
    """All seats of one process."""

    def __init__(self, db: Database, *, clock: Clock = wall_clock, name: str | None = None) -> None:
        self.db = db
        self.clock = clock
        self.name = name or f"{socket.gethostname()}:{os.getpid()}"
        self.users: dict[str, str] = {}
        """The user of each worker, filled by the app (`accounts.queries.users_by_worker`); screens' audiences need it."""
        self._seats: dict[str, Seat] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._ends: dict[str, RoadEnds] = {}
        self._watchers: list[Watcher] = []
        self._keyed: dict[tuple[str, str], asyncio.Future[Outcome]] = {}

    # -- seats ---------------------------------------------------------------------------------------------------------

    async def open(self, workspace_id: str, tenant_id: str) -> Seat:
        """Takes a seat at a workspace; returns at once, the seat works until `close`. Repeating does no harm."""
        if workspace_id not in self._seats:
            seat = Seat(
                self.db,
                workspace_id,
                tenant_id,
                clock=self.clock,
                name=self.name,
                users=self.users,
                watch=self._committed,
            )
            self._seats[workspace_id] = seat
            self._ends[workspace_id] = RoadEnds(self.db, workspace_id)
            self._tasks[workspace_id] = asyncio.create_task(seat.run(), name=f"seat-{workspace_id}")
        return self._seats[workspace_id]

    async def close(self) -> None:
        """Leaves every seat: what was accepted is committed, snapshots are kept, standbys take over at once."""
        await asyncio.gather(*(self.leave(workspace_id) for workspace_id in list(self._seats)))

    async def leave(self, workspace_id: str) -> None:
        """Leaves one seat, as `close` does; without a seat there is nothing to leave."""
        if workspace_id not in self._seats:
            return
        seat, task, ends = self._seats.pop(workspace_id), self._tasks.pop(workspace_id), self._ends.pop(workspace_id)
        try:
            async with asyncio.timeout(CLOSING):
                await seat.leave()
                await asyncio.shield(task)
        except TimeoutError:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await ends.close()

    def workspaces(self) -> list[str]:
        """The workspaces served here."""
        return list(self._seats)

    def seat(self, workspace_id: str) -> Seat:
        """The seat at a workspace; raises UnknownWorkspace."""
        seat = self._seats.get(workspace_id)
        if seat is None:
            raise UnknownWorkspace(workspace_id=workspace_id)
        return seat

    def owns(self, workspace_id: str) -> bool:
        """Whether this process owns the workspace's router now."""
        seat = self._seats.get(workspace_id)
        return seat is not None and seat.owner is not None

    def state(self, workspace_id: str) -> WorkspaceState:
        """The router's memory, to be read only, without awaiting in between. It may be ahead of the last commit by what
        is being committed: for what is shown to people use `snapshot_for` and `queries`. Raises NoOwner while it is read in."""
        return self.stepper(workspace_id).state

    def stepper(self, workspace_id: str) -> Stepper:
        """As `state`, with the views."""
        stepper = self.seat(workspace_id).stepper
        if stepper is None:
            raise NoOwner
        return stepper

    async def ready(self, workspace_id: str, *, as_owner: bool = False) -> None:
        """Returns when the seat knows the router's state, or when it owns it."""
        seat = self.seat(workspace_id)
        while seat.owner is None and (as_owner or seat.standby is None):
            changed = seat.changed
            await changed.wait()

    def tail(self, workspace_id: str) -> Tail:
        """The journal for durable readers of this process."""
        return self.seat(workspace_id).tail

    def screens(self, workspace_id: str) -> ScreenTail:
        """The journal for the hub: `hub.follow(dispatch.screens(workspace_id))`."""
        return self.seat(workspace_id).screens

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Calls `watcher` after each commit, as owner and as standby. Returns what stops it."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    # -- commands ------------------------------------------------------------------------------------------------------

    async def send(
        self,
        workspace_id: str,
        command: Command,
        *,
        actor: str | None = None,
        key: str | None = None,
        seen: tuple[str, str] | None = None,
    ) -> Outcome:
        """Carries out `command` and returns after its commit. Raises the router's refusal; ChangedMeanwhile when the id
        `seen` names has another mark (`Views.mark`) by then; `Unavailable` when nothing was kept, or when it is unknown
        whether it was (repeat with the same `key` then)."""
        seat = self.seat(workspace_id)
        admit(command)
        if key is None:
            return await self._once(seat, command, actor, None, seen)
        running = self._keyed.get((workspace_id, key))
        if running is None:
            running = asyncio.ensure_future(self._with_key(seat, command, actor, key, seen))
            self._keyed[workspace_id, key] = running
            running.add_done_callback(lambda _: self._keyed.pop((workspace_id, key), None))
        return await asyncio.shield(running)

    async def outcome_of(self, workspace_id: str, key: str) -> Outcome:
        """The outcome of a command submitted with `key`, when it has one; raises its refusal, or `NoOwner` after a while."""
        return await self._ends[self.seat(workspace_id).workspace_id].wait(key)

    async def _with_key(
        self, seat: Seat, command: Command, actor: str | None, key: str, seen: tuple[str, str] | None
    ) -> Outcome:
        async with self.db.transaction(seat.tenant_id) as tx:
            known = await tx.scalar(
                "SELECT state FROM commands WHERE workspace_id = :workspace AND idempotency_key = :key",
                {"workspace": seat.workspace_id, "key": key},
            )
        if known is not None:
            return await self._ends[seat.workspace_id].wait(key)
        return await self._once(seat, command, actor, key, seen)

    async def _once(
        self,
        seat: Seat,
        command: Command,
        actor: str | None,
        key: str | None,
        seen: tuple[str, str] | None,
    ) -> Outcome:
        if seat.owner is not None:
            future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
            seat.ask(Asked(command, actor, future, key, seen=seen))
            return await future
        key = key or new_id(JOB, self.clock())
        async with self.db.transaction(seat.tenant_id) as tx:
            await submit(tx, seat.workspace_id, command, key=key, actor=actor, seen=seen)
        return await self._ends[seat.workspace_id].wait(key)

    def _committed(self, workspace_id: str, entries: Sequence[Entry], batch: Batch, base: int) -> None:
        for watcher in self._watchers:
            watcher(workspace_id, entries, batch, base)

    # -- what is committed ---------------------------------------------------------------------------------------------

    async def committed(self, workspace_id: str, read: Callable[[Stepper], Any]) -> tuple[int, Any]:
        """Reads memory at a commit: (sequence, `read(stepper)`), so that entries after the sequence complete what was
        read. Nothing that is not committed is seen. Raises Unavailable when the ownership ends meanwhile."""
        seat = self.seat(workspace_id)
        if seat.owner is not None:
            return await seat.owner.read(read)
        if (replica := seat.standby) is not None:
            return replica.seq, read(replica.stepper)
        raise NoOwner

    async def seen_worker(self, principal: Principal, worker_id: str) -> dict[str, Any]:
        """A worker the principal may see, as the last commit leaves him; raises UnknownWorkerHere."""
        _, found = await self.committed(
            principal.workspace_id, lambda stepper: queries.worker(stepper, self.users, principal, worker_id)
        )
        if found is None:
            raise UnknownWorkerHere(worker_id=worker_id)
        worker: dict[str, Any] = found
        return worker

    async def serving(self, principal: Principal) -> queries.Serving:
        """What may come to a principal's worker, or is offered to him, as of a commit."""
        if principal.worker_id is None:
            return queries.Serving()
        _, found = await self.committed(principal.workspace_id, lambda stepper: queries.serving(stepper, principal))
        serving: queries.Serving = found
        return serving

    async def snapshot_for(self, principal: Principal) -> tuple[int, dict[str, Any]]:
        """(cursor, {"activities", "queues", "workers", "tasks", "reservations"}): what the router knows and the principal may
        see, by id, as the events after the cursor tell it. `principal`: accounts' or anything shaped like it."""
        seq, parts = await self.committed(
            principal.workspace_id, lambda stepper: queries.snapshot(stepper, self.users, principal)
        )
        return seq, parts

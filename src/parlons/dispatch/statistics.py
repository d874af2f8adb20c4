"""Live and cumulative figures. Service level = accepted within T / (offered - abandoned before S), T and S by queue.

Live: what waits now, from the router's memory, and what was accepted or given up during the last hours, kept up from the
commits of this process (owner or standby) and read once from the journal at its start. Cumulative: folded from the journal
on demand, so nothing is counted on the way of a task. The arithmetic is routing/statistics.py's.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any

import asyncpg
import msgspec

from parlons.accounts.model import Principal
from parlons.dispatch import queries
from parlons.dispatch.batch import Batch
from parlons.dispatch.dispatch import Dispatch
from parlons.dispatch.stepper import Stepper
from parlons.dispatch.views import lines, queue_view
from parlons.kit.clock import to_datetime
from parlons.kit.errors import NotFound, Refusal
from parlons.routing import transitions as t
from parlons.routing.configuration import Queue
from parlons.routing.statistics import Statistics, real_time
from parlons.runtime.events import Audience
from parlons.runtime.journal import Entry
from parlons.runtime.log import log

Json = dict[str, Any]
WINDOW_MINUTES = 12 * 60
"""How far back live figures reach: a shift."""
MINUTE = 60_000
_LIVE = frozenset({t.ReservationAccepted, t.TaskCanceled})
_LIVE_NAMES = frozenset({"reservation.accepted", "task.canceled"})
_FIRST = "SELECT min(first_seq) FROM journal WHERE workspace_id = $1 AND at >= $2"
_ROWS = "SELECT last_seq, body FROM journal WHERE workspace_id = $1 AND last_seq >= $2 ORDER BY last_seq LIMIT 200"
_decode = msgspec.msgpack.Decoder(list[Entry]).decode

Tell = Callable[[str, Audience, str, Json], None]
"""Hub.ephemeral."""


class UnknownQueueHere(NotFound):
    """No queue has this id."""

    code = "unknown-queue"


class Recent:
    """One queue's last hours: accepted, accepted in time, given up, given up too early to count. Sums are kept as it goes."""

    __slots__ = ("_minutes", "sums")

    def __init__(self) -> None:
        self._minutes: dict[int, list[int]] = {}
        self.sums = [0, 0, 0, 0]

    def add(self, told: t.Transition, queue: Queue) -> None:
        """Takes an acceptance or a cancellation in, judged by what the queue promises now."""
        waited: int = told.waited_ms // 1000  # type: ignore[attr-defined]
        if type(told) is t.ReservationAccepted:
            changed = (0, 1) if waited < queue.within_seconds else (0,)
        else:
            changed = (2, 3) if waited < queue.abandoned_before_seconds else (2,)
        minute = self._minutes.setdefault(told.at // MINUTE, [0, 0, 0, 0])
        for which in changed:
            minute[which] += 1
            self.sums[which] += 1

    def forget(self, before: int) -> None:
        """Drops the minutes before `before` (ms)."""
        for minute in [minute for minute in self._minutes if (minute + 1) * MINUTE <= before]:
            for which, count in enumerate(self._minutes.pop(minute)):
                self.sums[which] -= count

    @property
    def service_level(self) -> float | None:
        """Accepted in time / (offered - given up too early to count); None when nothing was offered."""
        accepted, within, canceled, early = self.sums
        offered = accepted + canceled - early
        return within / offered if offered else None


class LiveFigures:
    """What was accepted and given up lately, by workspace. One for a process; `Dispatch.watch` feeds it."""

    def __init__(self, dispatch: Dispatch) -> None:
        self._dispatch = dispatch
        self._figures: dict[str, dict[str, Recent]] = {}
        self._seeding: dict[str, asyncio.Task[None]] = {}
        self._changed: dict[str, set[str]] = {}
        self._stop = dispatch.watch(self._committed)

    async def close(self) -> None:
        """Counts no more."""
        self._stop()
        for task in self._seeding.values():
            task.cancel()
        await asyncio.gather(*self._seeding.values(), return_exceptions=True)

    def begin(self, workspace_id: str) -> None:
        """Reads the last hours of a workspace from its journal, in the background; what comes later is counted as it comes.
        Repeating does no harm."""
        if workspace_id not in self._seeding:
            self._figures[workspace_id] = {}
            seq = self._dispatch.seat(workspace_id).screens.last_seq
            task = asyncio.create_task(self._seed(workspace_id, seq), name="figures")
            self._seeding[workspace_id] = task

    async def seeded(self, workspace_id: str) -> None:
        """Returns when the past has been read."""
        self.begin(workspace_id)
        await asyncio.shield(self._seeding[workspace_id])

    async def live(self, principal: Principal) -> Json:
        """The page of the supervisor: each queue he may see with its line and its service level; agents by activity."""
        self.begin(principal.workspace_id)
        _, found = await self._dispatch.committed(
            principal.workspace_id, lambda stepper: self._read(stepper, principal)
        )
        answer: Json = found
        return answer

    async def run(self, tell: Tell) -> None:
        """Tells screens the figures of queues that changed, at most once a second; cancel to stop."""
        while True:
            await asyncio.sleep(1)
            for workspace_id in self._dispatch.workspaces():
                changed, self._changed[workspace_id] = self._changed.get(workspace_id, set()), set()
                try:
                    if changed:
                        self._tell(workspace_id, changed, tell)
                except Refusal as refusal:
                    log.info("figures.wait", workspace_id=workspace_id, code=refusal.code)

    def _tell(self, workspace_id: str, changed: set[str], tell: Tell) -> None:
        stepper = self._dispatch.stepper(workspace_id)
        counted = lines(stepper.views.tasks)
        recent = self._recent(workspace_id, stepper.now)
        for queue_id in sorted(changed & stepper.state.queues.keys()):
            queue = queue_view(stepper.state.queues[queue_id].config, counted)
            figures = _queue_figures(stepper, queue, recent)
            audience = Audience(queue["firm_id"], queue_id=queue_id, figures=True)
            tell(workspace_id, audience, "queue.statistics", {**figures, "queue": queue})

    def _read(self, stepper: Stepper, principal: Principal) -> Json:
        recent = self._recent(principal.workspace_id, stepper.now)
        state = stepper.state
        floor = [one for one in state.workers.values() if principal.sees_any(one.firm_ids)]
        by_activity = dict.fromkeys(state.activities, 0)
        for worker in floor:
            by_activity[worker.activity_id] = by_activity.get(worker.activity_id, 0) + 1
        return {
            "queues": [
                _queue_figures(stepper, queue, recent)
                for queue in queries.queues(stepper, principal)
                if principal.oversees(queue["firm_id"], queue["id"])
            ],
            "agents": {
                "by_activity": by_activity,
                "on_contact": sum(1 for one in floor if one.held),
                "ready": sum(1 for one in floor if one.available and one.reachable and not one.held),
                "unreachable": sum(1 for one in floor if not one.reachable),
                "total": len(floor),
            },
            "window_minutes": WINDOW_MINUTES,
        }

    def _recent(self, workspace_id: str, now: int) -> dict[str, Recent]:
        figures = self._figures.get(workspace_id, {})
        for one in figures.values():
            one.forget(now - WINDOW_MINUTES * MINUTE)
        return figures

    def _take(self, workspace_id: str, transitions: Iterable[t.Transition]) -> None:
        figures, queues = self._figures[workspace_id], self._dispatch.state(workspace_id).queues
        for told in transitions:
            queue = queues.get(told.queue_id or "") if type(told) in _LIVE else None  # type: ignore[attr-defined]
            if queue is not None:
                figures.setdefault(queue.config.id, Recent()).add(told, queue.config)

    def _committed(self, workspace_id: str, entries: Sequence[Entry], batch: Batch, base: int) -> None:
        known = workspace_id in self._figures
        changed = self._changed.setdefault(workspace_id, set())
        for step in batch.steps:
            for task in step.tasks.values():
                if task.queue_id is not None:
                    changed.add(task.queue_id)
            if known:
                self._take(workspace_id, step.transitions)

    async def _seed(self, workspace_id: str, upto: int) -> None:
        since = self._dispatch.clock() - WINDOW_MINUTES * MINUTE
        connection = await self._dispatch.db.connect_system()
        try:
            async for transitions in _told(connection, workspace_id, since, _LIVE_NAMES, upto):
                self._take(workspace_id, transitions)
        except Refusal as refusal:
            log.warning("figures.not_read", workspace_id=workspace_id, code=refusal.code)
        finally:
            await connection.close()


async def cumulative(
    dispatch: Dispatch, principal: Principal, queue_id: str, *, start: int, end: int, split: tuple[int, ...] = ()
) -> Json:
    """One queue's figures over `[start, end)` (ms), and how it stands now; raises UnknownQueue."""
    workspace_id = principal.workspace_id

    def now(stepper: Stepper) -> tuple[Json, Json] | None:
        queue = stepper.state.queues.get(queue_id)
        if queue is None or not principal.oversees(queue.config.firm_id, queue_id):
            return None
        return real_time(stepper.state, stepper.now, queue_id=queue_id), queries.queue(stepper, queue_id)

    _, found = await dispatch.committed(workspace_id, now)
    if found is None:
        raise UnknownQueueHere(queue_id=queue_id)
    present, queue = found
    figures = Statistics()
    connection = await dispatch.db.connect_system()
    try:
        async for transitions in _told(connection, workspace_id, start, None, None):
            figures.fold(one for one in transitions if start <= one.at < end)
    finally:
        await connection.close()
    subject = ("queue", queue_id)
    config = dispatch.state(workspace_id).queues[queue_id].config
    return {
        "queue": queue,
        "real_time": present,
        "cumulative": figures.cumulative(subject, start, end, split=split),
        "service_level": figures.service_level(
            subject, start, end, config.within_seconds, config.abandoned_before_seconds
        ),
    }


async def _told(
    connection: asyncpg.Connection, workspace_id: str, since: int, names: frozenset[str] | None, upto: int | None
) -> AsyncIterator[list[t.Transition]]:
    """The transitions of the journal since a time, in batches; those called `names` only, up to a sequence."""
    first = await connection.fetchval(_FIRST, workspace_id, to_datetime(since))
    while first is not None:
        rows = await connection.fetch(_ROWS, workspace_id, first)
        yield [
            t.from_wire(entry.data)
            for row in rows
            for entry in _decode(row["body"])
            if entry.kind == "transition"
            and (names is None or entry.type in names)
            and (upto is None or entry.seq <= upto)
        ]
        first = rows[-1]["last_seq"] + 1 if len(rows) == 200 else None
        await asyncio.sleep(0)


def _queue_figures(stepper: Stepper, queue: Json, recent: Mapping[str, Recent]) -> Json:
    queue_id = queue["id"]
    state = stepper.state
    figures = recent.get(queue_id) or Recent()
    accepted, within, canceled, early = figures.sums
    members = state.queues[queue_id].members
    here = [
        worker for worker in state.workers.values() if members & worker.bit and worker.available and worker.reachable
    ]
    return {
        "queue_id": queue_id,
        "name": queue["name"],
        "firm_id": queue["firm_id"],
        "waiting": queue["waiting"],
        "oldest_entered_at": queue["oldest_entered_at"],
        "service_level": figures.service_level,
        "target_share": queue["target_share"],
        "target_seconds": queue["target_seconds"],
        "offered": accepted + canceled,
        "accepted": accepted,
        "accepted_within": within,
        "abandoned": canceled - early,
        "ready": sum(1 for worker in here if not worker.held),
        "busy": sum(1 for worker in here if worker.held),
    }

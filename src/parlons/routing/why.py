"""Why a task went where it went, or waits: the decision kept with each offer, and on demand every worker with what
speaks against him.

`explain` describes the present state; for a decision of the past the shell replays to its sequence first. It reads
and changes nothing."""

from msgspec import Struct

from parlons.expr.explaining import false_parts
from parlons.routing.matching import is_barred
from parlons.routing.pools import Pool
from parlons.routing.refusals import UnknownTask
from parlons.routing.state import Task, Worker, WorkspaceState
from parlons.routing.transitions import Decision, ReservationCreated, Transition


class Reason(Struct, frozen=True, omit_defaults=True):
    """One thing that speaks against a worker: a stable code, and what it is about (an activity, parts of an
    expression, a time)."""

    code: str
    """activity, unreachable, one-at-a-time, channel-full, channel-closed, queue-expression, target-expression,
    other-worker, refused, holds-offer, transfers."""
    about: tuple[str, ...] = ()
    until: int = 0
    """Milliseconds; 0: no end known."""


class Candidate(Struct, frozen=True, omit_defaults=True):
    """One worker, seen from one task."""

    worker_id: str
    eligible: bool
    """He could be offered it now."""
    chosen: bool
    """He holds it, or an offer of it."""
    reasons: tuple[Reason, ...]
    unoccupied_since: int
    order: tuple[int | None, ...] = ()
    """Values of order_by; None: he has none."""


class Explanation(Struct, frozen=True, omit_defaults=True):
    """Everything about one task's way at this moment. Candidates: eligible ones first, in the order in which they
    would be chosen."""

    task_id: str
    status: str
    at: int
    workflow_id: str | None
    queue_id: str | None
    rule: str
    step: int
    priority: int
    virtual_start: int
    ahead: int
    """Tasks before it under the same rule, while it waits."""
    waiting: bool
    step_ends: int | None
    ends: int | None
    """When its time to live is over, while it looks for a worker (ms)."""
    held_by: tuple[str, ...]
    candidates: tuple[Candidate, ...]


def decision(transition: Transition) -> Decision | None:
    """The decision kept with a reservation.created, None for other transitions."""
    return transition.decision if isinstance(transition, ReservationCreated) else None


def explain(state: WorkspaceState, task_id: str, now: int) -> Explanation:
    """Every worker of the workspace, with what speaks against offering him this task; raises UnknownTask."""
    task = state.tasks.get(task_id)
    if task is None:
        raise UnknownTask(task_id=task_id)
    pool, step, extra = task.pool, task.step, task.extra
    found = [_candidate(state, task, worker) for worker in state.workers.values()]
    found.sort(key=lambda each: _order(state, pool, each))
    ends = extra.ttl_until if extra is not None and extra.ttl_until is not None else task.deadline
    return Explanation(
        task_id=task.id,
        status=task.status,
        at=now,
        workflow_id=task.workflow_id,
        queue_id=task.queue_id,
        rule=step.rule if step is not None else ("target" if extra is not None and extra.target is not None else ""),
        step=step.index if step is not None else 0,
        priority=task.priority,
        virtual_start=task.virtual_start,
        ahead=_ahead(task),
        waiting=task.entry is not None,
        step_ends=task.step_until,
        ends=ends if task.looking else None,
        held_by=tuple(held.worker.id for held in task.held),
        candidates=tuple(found),
    )


def _ahead(task: Task) -> int:
    entry, pool = task.entry, task.pool
    if entry is None or pool is None:
        return 0
    return sum(1 for each in pool.places if each < entry)


def _candidate(state: WorkspaceState, task: Task, worker: Worker) -> Candidate:
    pool = task.pool
    holds = any(held.worker is worker for held in task.held)
    if holds:
        reasons: tuple[Reason, ...] = (Reason("holds-offer"),)
    else:
        reasons = (
            *_membership(state, task, pool, worker),
            *_presence(state, task, pool, worker),
            *_barred(task, worker),
        )
    order: tuple[int | None, ...] = ()
    if pool is not None and pool.order is not None:
        order = pool.order.values(pool.order.key(worker.attributes, worker.facts(state)))
    return Candidate(worker.id, not reasons and task.looking, holds, reasons, worker.idle_since, order)


def _membership(state: WorkspaceState, task: Task, pool: Pool | None, worker: Worker) -> list[Reason]:
    reasons: list[Reason] = []
    facts = worker.facts(state)
    queue = state.queues.get(task.queue_id or "")
    if queue is not None and not queue.members & worker.bit:
        parts = false_parts(queue.expression, None, worker.attributes, facts) if queue.expression is not None else []
        reasons.append(Reason("queue-expression", tuple(parts)))
    if pool is None:
        return reasons
    if pool.only is not None and pool.only != worker.id:
        reasons.append(Reason("other-worker", (pool.only,) if pool.only else ()))
    selection = pool.selection
    if selection is not None and not selection.members & worker.bit:
        # A class speaks as a whole: the answer is the same after the task's attributes are erased.
        false = [] if selection.class_id else false_parts(selection.expression, None, worker.attributes, facts)
        reasons.append(Reason("target-expression", tuple(false) or (selection.expression.text,)))
    return reasons


def _presence(state: WorkspaceState, task: Task, pool: Pool | None, worker: Worker) -> list[Reason]:
    reasons: list[Reason] = []
    if not worker.available:
        reasons.append(Reason("activity", (worker.activity_id,)))
    if not worker.reachable:
        reasons.append(Reason("unreachable"))
    if not state.settings.multi_task and worker.held:
        reasons.append(Reason("one-at-a-time"))
    own = worker.channels[task.channel]
    if pool is None or not pool.ignore:
        if not own.available:
            reasons.append(Reason("channel-closed", (task.channel,)))
        if own.load >= own.capacity:
            reasons.append(Reason("channel-full", (task.channel, str(own.load), str(own.capacity))))
    return reasons


def _barred(task: Task, worker: Worker) -> list[Reason]:
    if not is_barred(task, worker):
        return []
    extra = task.extra
    if extra is not None and extra.quiet is not None and worker.id in extra.quiet:
        return [Reason("refused", until=extra.quiet[worker.id])]
    return [Reason("transfers")]


def _order(state: WorkspaceState, pool: Pool | None, each: Candidate) -> tuple[object, ...]:
    worker = state.workers[each.worker_id]
    key = pool.order.key(worker.attributes, worker.facts(state)) if pool is not None and pool.order is not None else ()
    return (not each.chosen, not each.eligible, len(each.reasons), key, worker.rank)

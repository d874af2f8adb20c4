"""How a task walks through its workflow: filter, target, skip_if, timeout, next filter, default.

Source: the documented workflow semantics of the field's best-known task-routing API. A target is left only by timeout
or skip_if; skip_if is looked at only when entering found nobody. After the last target: the next filter that matches;
then the default filter if the task was skipped out, never if it timed out; else the task is canceled.

What depends on a task's attributes (filter, known worker, class of workers) comes from the record while a command is
replayed."""

from typing import Any

from parlons.expr.compiling import Compiled
from parlons.routing.clocks import StepClock
from parlons.routing.ending import unserved
from parlons.routing.holding import About, about, leave_pool, offer_task
from parlons.routing.matching import put_in_pool
from parlons.routing.pools import (
    Selection,
    direct_pool,
    link,
    queue_pool,
    recorded_class,
    static_selection,
    step_pool,
    task_class,
)
from parlons.routing.state import Task, WorkspaceState
from parlons.routing.transitions import (
    REASON_GONE,
    REASON_NO_FILTER,
    REASON_SKIPPED,
    REASON_WORKFLOW_TIMEOUT,
    QueueEntered,
    QueueMoved,
    QueueTimeout,
    TaskCreated,
    WorkflowEntered,
    WorkflowSkipped,
    WorkflowTargetMatched,
    WorkflowTimeout,
)
from parlons.routing.workflow import DEFAULT_FILTER, KnownWorker, Step, WorkflowState

Values = dict[str, Any]


def enter(
    state: WorkspaceState, task: Task, *, created: bool = False, wait: bool = False, values: Values | None = None
) -> None:
    """Start on the task's route: its workflow, or straight to its target. `created`: announce the new task at its
    documented place. `wait`: take a place, but offer nothing yet."""
    if task.extra is not None and task.extra.target is not None:
        _straight(state, task, created=created, wait=wait)
        return
    workflow = state.workflows.get(task.workflow_id or "")
    if workflow is None:
        unserved(state, task, REASON_GONE)
        return
    state.out.append(WorkflowEntered(state.now, *about(task)))
    if values is None:
        values = task.values()
    first = _first_filter(state, workflow, task, values, 0)
    step = first if first is not None else workflow.default
    if step is None:
        if created:
            announce(state, task, about(task))
        unserved(state, task, REASON_NO_FILTER)
        return
    go(state, task, step, values, created=created, wait=wait)


def go(
    state: WorkspaceState, task: Task, step: Step, values: Values, *, created: bool = False, wait: bool = False
) -> None:
    """Stand at `step` and look for workers; pass on while nobody is found and skip_if says so."""
    stand(state, task, step, values, created=created)
    if wait:
        _wait(state, task)
    elif not offer_task(state, task) and step.skip_if is not None:
        skip_if_due(state, task, values)


def skip_if_due(state: WorkspaceState, task: Task, values: Values | None = None) -> None:
    """The task has just come to its step and nobody was found: pass on as long as skip_if holds."""
    values = task.values() if values is None else values
    while task.step is not None and task.step.skip_if is not None and _skips(state, task.step.skip_if, task.step):
        step = task.step
        state.out.append(WorkflowSkipped(state.now, *about(task), step.filter, step.index))
        leave_pool(state, task)
        following = _following(state, task, step, values, timed_out=False)
        if following is None:
            unserved(state, task, REASON_SKIPPED)
            return
        stand(state, task, following, values)
        if offer_task(state, task):
            return


def timed_out(state: WorkspaceState, task: Task) -> None:
    """The task's time at its step is over and nobody holds it."""
    step = task.step
    assert step is not None
    state.out.append(QueueTimeout(state.now, *about(task)))
    leave_pool(state, task)
    values = task.values()
    following = _following(state, task, step, values, timed_out=True)
    if following is None:
        state.out.append(WorkflowTimeout(state.now, *about(task)))
        unserved(state, task, REASON_WORKFLOW_TIMEOUT)
        return
    go(state, task, following, values)


def stand(state: WorkspaceState, task: Task, step: Step, values: Values, *, created: bool = False) -> None:
    """Take the place at a step: queue, priority, pool, clock."""
    now = state.now
    task.step = step
    facts = about(task) if task.queue_id == step.queue_id else _into_queue(state, task, step.queue_id)
    if created:
        announce(state, task, facts)
    if step.priority is not None and step.priority != task.priority:
        extra = task.more()
        if extra.base_priority is None:
            extra.base_priority = task.priority
        task.priority = step.priority
    known: str | None
    if step.depends or state.recorded is not None:
        known, selection = _outcome(state, task, step, values)
        class_id = selection.class_id if selection is not None else 0
        pool = step_pool(state, task, known, selection)
    else:
        known, class_id, pool = None, 0, step_pool(state, task, None, None)
    state.out.append(WorkflowTargetMatched(now, *facts, step.filter, step.index, task.priority, known, class_id))
    task.pool = pool
    pool.references += 1
    if step.timeout is None:
        task.step_until = None
    else:
        task.step_until = now + step.timeout
        state.timers.start(step.timeout, StepClock(task, step, task.step_until))


def _straight(state: WorkspaceState, task: Task, *, created: bool, wait: bool) -> None:
    extra = task.extra
    assert extra is not None
    assert extra.target is not None
    task.step, task.step_until = None, None
    if extra.target.kind == "queue" and extra.target.id not in state.queues:
        unserved(state, task, REASON_GONE)
        return
    if extra.target.kind == "queue" and task.queue_id != extra.target.id:
        _into_queue(state, task, extra.target.id)
    if created:
        announce(state, task, about(task))
    if extra.target.kind == "queue":
        pool = queue_pool(state, extra.target.id, task.channel)
    else:
        task.queue_id = None
        pool = direct_pool(state, extra.target.id, task.channel, extra.ignore)
    pool.references += 1
    task.pool = pool
    if wait:
        _wait(state, task)
    else:
        offer_task(state, task)


def _wait(state: WorkspaceState, task: Task) -> None:
    assert task.pool is not None
    link(state, task.pool)
    put_in_pool(state, task)


def _into_queue(state: WorkspaceState, task: Task, queue_id: str) -> About:
    """Into another queue; what `about` says of the task there."""
    if task.queue_id is not None:
        state.out.append(QueueMoved(state.now, *about(task), queue_id))
    task.queue_id = queue_id
    task.entered_at = state.now
    facts = about(task)
    state.out.append(QueueEntered(state.now, *facts))
    return facts


def announce(state: WorkspaceState, task: Task, facts: About) -> None:
    """Say that there is a new task; `facts` is what `about` says of it."""
    extra = task.extra
    target, companion_of = (extra.target, extra.companion_of) if extra is not None else (None, None)
    state.out.append(TaskCreated(state.now, *facts, task.priority, task.virtual_start, task.ttl, target, companion_of))


def _first_filter(
    state: WorkspaceState, workflow: WorkflowState, task: Task, values: Values, start: int
) -> Step | None:
    if state.recorded is not None:
        recorded = state.recorded.peek(task.id)
        if recorded is None or recorded.workflow_id != task.workflow_id or recorded.filter < start:
            return None
        return workflow.step(recorded.filter, 0)
    for found in workflow.filters[start:] if start else workflow.filters:
        if found.expression.test(values, None, None):
            return found.steps[0]
    return None


def _following(state: WorkspaceState, task: Task, step: Step, values: Values, *, timed_out: bool) -> Step | None:
    assert task.workflow_id is not None
    workflow = state.workflows[task.workflow_id]
    if step.filter == DEFAULT_FILTER:
        return None
    following = workflow.step(step.filter, step.index + 1) or _first_filter(
        state, workflow, task, values, step.filter + 1
    )
    if following is None and not timed_out:
        return workflow.default
    return following


def _outcome(state: WorkspaceState, task: Task, step: Step, values: Values) -> tuple[str | None, Selection | None]:
    """Which worker the step names and for which workers its expression holds."""
    recorded = state.recorded.take(task.id) if state.recorded is not None else None
    known: str | None = None
    if step.known is not None:
        known = recorded.known_worker_id if recorded is not None else _named(state, step.known, values)
    if step.expression is None:
        return known, None
    if not step.expression.task_paths:
        return known, static_selection(state, step.expression)
    if recorded is not None and state.recorded is not None:
        return known, recorded_class(
            state, step.expression, recorded.class_id, state.recorded.classes.get(recorded.class_id)
        )
    return known, task_class(state, step.expression, values)


def _named(state: WorkspaceState, known: KnownWorker, values: Values) -> str:
    """The id of the named worker; empty when nobody has it: an attribute's value never leaves as such."""
    wanted = known.value(values)
    if not known.by_name:
        return wanted if wanted in state.workers else ""
    return next((worker.id for worker in state.workers.values() if worker.name == wanted), "")


def counts(state: WorkspaceState, queue_id: str) -> dict[str, int]:
    """What skip_if may read: workers of the queue by availability and by activity."""
    members = state.queues[queue_id].members
    found: dict[str, int] = {}
    available = 0
    for activity in state.activities.values():
        mask = members & state.doing.get(activity.id, 0)
        found[activity.id] = mask.bit_count()
        if activity.available:
            available |= mask
    found["available"] = (available & state.reachable).bit_count()
    found["unavailable"] = members.bit_count() - found["available"]
    return found


def _skips(state: WorkspaceState, skip_if: Compiled, step: Step) -> bool:
    return skip_if.test(None, None, counts(state, step.queue_id))

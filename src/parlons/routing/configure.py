"""Configure: an atomic change of activities, task channels, queues, workflows and settings, checked as a whole before
anything changes.

Afterwards what waits is looked at anew: tasks of changed workflows go through them again from the top (those with an
offer out, when it has ended), workers are sorted into changed queues, and everybody takes his turn in the order of
places."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from parlons.expr.compiling import Compiled, compiled
from parlons.expr.problems import InvalidExpression
from parlons.expr.scopes import Scope
from parlons.routing import transitions as t
from parlons.routing.commands import Configure
from parlons.routing.configuration import Activity, Item, Queue, Removal, Settings, TaskChannel, Workflow
from parlons.routing.holding import free, leave_pool, set_free
from parlons.routing.matching import place_of, put_in_pool, take_from_pool
from parlons.routing.pools import Pool, bits, drop, index_queues, link, reevaluate, sort_into
from parlons.routing.refusals import ActivityFixed, InUse, InvalidConfiguration, NameTaken
from parlons.routing.settling import grow_stale, reenter, settle_everything
from parlons.routing.state import Channel, QueueState, Task, WorkerChannel, WorkspaceState
from parlons.routing.workflow import WorkflowState, read_workflow


@dataclass(slots=True)
class Plan:
    """The whole configuration as it would be, and what of it is new."""

    activities: dict[str, Activity]
    channels: dict[str, TaskChannel]
    queues: dict[str, Queue]
    workflows: dict[str, Workflow]
    settings: Settings
    expressions: dict[str, Compiled | None] = field(default_factory=dict)
    """Of queues that are new or changed."""
    read: dict[str, WorkflowState] = field(default_factory=dict)
    """Workflows that are new or changed."""


def configure(state: WorkspaceState, command: Configure) -> None:
    """Check everything, then change everything."""
    plan = _planned(state, command)
    _check(state, plan)
    _check_unused(state, plan)
    affected = _affected(state, plan)
    _announce(state, plan, command)
    _apply(state, plan)
    settle_everything(state, _enter_again(state, affected))


def _planned(state: WorkspaceState, command: Configure) -> Plan:
    plan = Plan(
        dict(state.activities),
        {name: channel.config for name, channel in state.channels.items()},
        {queue_id: queue.config for queue_id, queue in state.queues.items()},
        {workflow_id: workflow.config for workflow_id, workflow in state.workflows.items()},
        command.settings if command.settings is not None else state.settings,
    )
    for item in command.put:
        _put(plan, item)
    for removal in command.remove:
        _remove(plan, removal)
    return plan


def _put(plan: Plan, item: Item) -> None:
    match item:
        case Activity():
            plan.activities[item.id] = item
        case TaskChannel():
            plan.channels[item.unique_name] = item
        case Queue():
            plan.queues[item.id] = item
        case Workflow():
            plan.workflows[item.id] = item


def _remove(plan: Plan, removal: Removal) -> None:
    match removal.kind:
        case "activity":
            plan.activities.pop(removal.id, None)
        case "task_channel":
            plan.channels.pop(removal.id, None)
        case "queue":
            plan.queues.pop(removal.id, None)
        case "workflow":
            plan.workflows.pop(removal.id, None)


def _check(state: WorkspaceState, plan: Plan) -> None:
    """Whether the plan is right in itself."""
    _check_names(plan.activities.values())
    _check_names(plan.queues.values())
    _check_names(plan.workflows.values())
    for activity in plan.activities.values():
        before = state.activities.get(activity.id)
        if before is not None and before.available != activity.available:
            raise ActivityFixed(activity=activity.name)
    settings = plan.settings
    for activity_id in (settings.default_activity_id, settings.timeout_activity_id):
        _check_activity(plan, activity_id, "settings")
    if not 1 <= settings.reservation_timeout_seconds <= 86_400 or settings.max_moves < 1:
        raise InvalidConfiguration("settings: reservation_timeout_seconds is from 1 to 86400, max_moves at least 1")
    if any(not name for name in plan.channels):
        raise InvalidConfiguration("a task channel needs a unique name")
    for queue in plan.queues.values():
        _check_activity(plan, queue.reservation_activity_id, f"queue {queue.name}")
        _check_activity(plan, queue.assignment_activity_id, f"queue {queue.name}")
        known = state.queues.get(queue.id)
        if known is None or (known.config is not queue and known.config != queue):
            plan.expressions[queue.id] = _check_queue(plan, queue)
    queue_gone = not state.queues.keys() <= plan.queues.keys()
    for workflow in plan.workflows.values():
        old = state.workflows.get(workflow.id)
        if old is not None and queue_gone and not old.queue_ids() <= plan.queues.keys():
            old = None
        if old is None or (old.config is not workflow and old.config != workflow):
            plan.read[workflow.id] = read_workflow(workflow, set(plan.queues))


def _check_names(things: Iterable[Activity | Queue | Workflow]) -> None:
    seen: set[str] = set()
    for thing in things:
        if not thing.id or not thing.name:
            raise InvalidConfiguration("everything needs an id and a name")
        if thing.name in seen:
            raise NameTaken(name=thing.name)
        seen.add(thing.name)


def _check_activity(plan: Plan, activity_id: str | None, where: str) -> None:
    if activity_id is not None and activity_id not in plan.activities:
        raise InvalidConfiguration(
            f"{where}: there is no activity {activity_id}. Name one of this workspace, or make it first."
        )


def _check_queue(plan: Plan, queue: Queue) -> Compiled | None:
    if not 1 <= queue.max_reserved <= 50:
        raise InvalidConfiguration(f"queue {queue.name}: max_reserved is from 1 to 50")
    if not queue.expression.strip():
        return None
    try:
        return compiled(queue.expression, Scope.QUEUE)
    except InvalidExpression as error:
        raise InvalidConfiguration(
            f"queue {queue.name}: {error.message}", queue=queue.name, line=error.problem.line, column=error.problem.column,
            remedy=error.problem.remedy,
        ) from None  # fmt: skip


def _check_unused(state: WorkspaceState, plan: Plan) -> None:
    """Whether what is taken away is free of work."""
    for activity_id in state.activities.keys() - plan.activities.keys():
        if state.doing.get(activity_id, 0):
            raise InUse("workers are in this activity", activity_id=activity_id)
    gone_queues = state.queues.keys() - plan.queues.keys()
    gone_workflows = state.workflows.keys() - plan.workflows.keys()
    gone_channels = state.channels.keys() - plan.channels.keys()
    if not gone_queues and not gone_workflows and not gone_channels:
        return
    for task in state.tasks.values():
        if task.channel in gone_channels:
            raise InUse("open tasks use this task channel", channel=task.channel)
        if not task.looking:
            continue
        if task.queue_id in gone_queues:
            raise InUse("waiting tasks are in this queue", queue_id=task.queue_id)
        if task.workflow_id in gone_workflows:
            raise InUse("waiting tasks follow this workflow", workflow_id=task.workflow_id)


def _affected(state: WorkspaceState, plan: Plan) -> list[Task]:
    """Tasks whose workflow is another one now, in the order of their own places."""
    found = [
        task
        for task in (state.tasks.values() if plan.read else ())
        if task.workflow_id in plan.read and task.looking and (task.extra is None or task.extra.target is None)
    ]

    def place(task: Task) -> tuple[int, int, str]:
        base = task.extra.base_priority if task.extra is not None else None
        return (-(task.priority if base is None else base), task.virtual_start, task.id)

    return sorted(found, key=place)


def _enter_again(state: WorkspaceState, affected: list[Task]) -> list[Task]:
    waiting = [task for task in affected if not task.held]
    for task in affected:
        if task.held:
            grow_stale(state, task)
        else:
            leave_pool(state, task)
    for task in waiting:
        reenter(state, task, wait=True)
    for pool in list(state.pools):
        if pool is not None and pool.static and pool.references == 0:
            drop(state, pool)
    return waiting


def _announce(state: WorkspaceState, plan: Plan, command: Configure) -> None:
    kinds = (
        (state.activities, plan.activities, t.ActivityCreated, t.ActivityUpdated, t.ActivityDeleted),
        (_configs(state.channels), plan.channels, t.TaskChannelCreated, t.TaskChannelUpdated, t.TaskChannelDeleted),
        (_configs(state.queues), plan.queues, t.QueueCreated, t.QueueUpdated, t.QueueDeleted),
        (_configs(state.workflows), plan.workflows, t.WorkflowCreated, t.WorkflowUpdated, t.WorkflowDeleted),
    )
    for before, after, created, updated, deleted in kinds:
        for key, item in after.items():
            if key not in before:
                state.out.append(created(state.now, item.id, item.name))
            elif before[key] is not item and before[key] != item:
                state.out.append(updated(state.now, item.id, item.name))
        for key, item in before.items():
            if key not in after:
                state.out.append(deleted(state.now, item.id, item.name))
    if plan.settings != state.settings:
        state.out.append(t.WorkspaceUpdated(state.now))


def _configs(holders: "dict[str, Channel] | dict[str, QueueState] | dict[str, WorkflowState]") -> "dict[str, Item]":
    return {key: holder.config for key, holder in holders.items()}


def _apply(state: WorkspaceState, plan: Plan) -> None:
    renamed = state.activities != plan.activities
    state.activities = plan.activities
    single_changed = state.settings.multi_task != plan.settings.multi_task
    state.settings = plan.settings
    _apply_channels(state, plan)
    changed = _apply_queues(state, plan)
    state.workflows = {
        workflow_id: plan.read[workflow_id] if workflow_id in plan.read else state.workflows[workflow_id]
        for workflow_id in plan.workflows
    }
    volatile, state.volatile = state.volatile, reads_volatile(state)
    if state.volatile != volatile or (renamed and volatile):
        for worker in state.workers.values():
            reevaluate(state, worker)
    else:
        for queue in changed:
            sort_into(state, queue)
    if single_changed:
        for worker in state.workers.values():
            free(state, worker)


def _apply_channels(state: WorkspaceState, plan: Plan) -> None:
    for name in [name for name in state.channels if name not in plan.channels]:
        for pool in [pool for pool in state.pools if pool is not None and pool.channel.name == name]:
            drop(state, pool)
        del state.channels[name]
        for worker in state.workers.values():
            del worker.channels[name]
    for name, config in plan.channels.items():
        channel = state.channels.get(name)
        if channel is None:
            channel = state.channels[name] = Channel(config)
            for worker in state.workers.values():
                own = worker.channels[name] = WorkerChannel(channel, 1)
                set_free(own, worker)
        elif channel.config != config:
            channel.config = config
            for each in state.pools:
                if each is not None and each.channel is channel:
                    each.idle = None


def _apply_queues(state: WorkspaceState, plan: Plan) -> list[QueueState]:
    """The queues that workers must be sorted into anew."""
    changed: list[QueueState] = []
    for queue_id in [queue_id for queue_id in state.queues if queue_id not in plan.queues]:
        for pool in list(state.queues[queue_id].pools.values()):
            drop(state, pool)
        del state.queues[queue_id]
        for worker in state.workers.values():
            worker.queues.pop(queue_id, None)
    for queue_id, expression in plan.expressions.items():
        config, queue = plan.queues[queue_id], state.queues.get(queue_id)
        if queue is None:
            queue = state.queues[queue_id] = QueueState(config, expression)
            changed.append(queue)
            continue
        if queue.config.expression != config.expression:
            changed.append(queue)
        queue.config, queue.expression = config, expression
        for pool in queue.pools.values():
            _reorder(state, pool, config)
    index_queues(state)
    return changed


def _reorder(state: WorkspaceState, pool: Pool, config: Queue) -> None:
    lifo = config.order == "LIFO"
    if pool.lifo != lifo:
        pool.lifo = lifo
        state.lifo = state.lifo | pool.bit if lifo else state.lifo & ~pool.bit
        waiting = [entry[2] for entry in pool.places]
        for task in waiting:
            task.entry = place_of(task, lifo)
        pool.places.rebuild([task.entry for task in waiting if task.entry is not None])
        state.heads[pool.index] = pool.places.head
        for worker in bits(state, pool.members):
            worker.channels[pool.channel.name].looks = [None, None]
    if pool.room == config.max_reserved:
        return
    pool.room = config.max_reserved
    for task in state.tasks.values():
        if task.pool is pool and task.looking:
            if len(task.held) < pool.room:
                link(state, pool)
                put_in_pool(state, task)
            else:
                take_from_pool(state, task)


def reads_volatile(state: WorkspaceState) -> bool:
    """Whether some expression reads what changes while a worker works."""
    steps = [
        step
        for workflow in state.workflows.values()
        for step in [
            *(each for one in workflow.filters for each in one.steps),
            *([workflow.default] if workflow.default else []),
        ]
    ]
    return (
        any(queue.expression is not None and queue.expression.volatile for queue in state.queues.values())
        or any(step.expression is not None and step.expression.volatile for step in steps)
        or any(step.order is not None and step.order.volatile for step in steps)
    )

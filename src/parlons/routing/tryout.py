"""Who would be asked, now: a queue's expression or a whole workflow tried on the present floor, before it serves anybody.

Pure and read-only: nothing enters a queue, nobody is offered anything. It answers with the same expressions, order and
rules of room as matching.py; what cannot be foreseen, who refuses and who becomes free meanwhile, is not guessed.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from parlons.expr.compiling import compiled
from parlons.expr.explaining import false_parts
from parlons.expr.scopes import Scope
from parlons.routing.advance import counts
from parlons.routing.configuration import Workflow
from parlons.routing.pools import bits
from parlons.routing.state import Worker, WorkspaceState
from parlons.routing.workflow import DEFAULT_FILTER, Step, read_workflow

Attributes = Mapping[str, Any]


class Asked(Struct, frozen=True):
    """One worker of a step; `ready`: would be offered it at once."""

    worker_id: str
    ready: bool


class Passed(Struct, frozen=True):
    """A filter that does not match, and the parts of its expression that are false."""

    filter: int
    false: tuple[str, ...]


class TriedStep(Struct, frozen=True):
    """One target: whom it asks, the first first; `skipped`: left at once by skip_if if nobody is ready."""

    queue_id: str
    seconds: int | None
    priority: int | None
    skipped: bool
    asked: tuple[Asked, ...]


class Tried(Struct, frozen=True):
    """`filter`: the first that matches, -1 the default queue, None neither."""

    filter: int | None
    passed: tuple[Passed, ...]
    steps: tuple[TriedStep, ...]


def try_queue(state: WorkspaceState, expression: str, channel: str | None) -> list[Asked]:
    """Everybody for whom the expression holds; `ready` on that task channel, None: available at all. Raises InvalidExpression."""
    if not expression.strip():
        return []
    test = compiled(expression, Scope.QUEUE).test
    found = [each for each in state.workers.values() if test(None, each.attributes, each.facts(state))]
    return [Asked(each.id, _ready(each, channel)) for each in sorted(found, key=lambda one: one.rank)]


def try_workflow(state: WorkspaceState, configuration: dict[str, Any], task: Attributes, channel: str) -> Tried:
    """The way of a task with these attributes; raises InvalidWorkflow with all problems."""
    workflow = read_workflow(Workflow("", "tried", configuration), set(state.queues))
    passed: list[Passed] = []
    for index, each in enumerate(workflow.filters):
        if each.expression.test(task, None, None):
            return Tried(index, tuple(passed), tuple(_step(state, step, task, channel) for step in each.steps))
        passed.append(Passed(index, tuple(false_parts(each.expression, task, None, None))))
    if workflow.default is None:
        return Tried(None, tuple(passed), ())
    return Tried(DEFAULT_FILTER, tuple(passed), (_step(state, workflow.default, task, channel),))


def _step(state: WorkspaceState, step: Step, task: Attributes, channel: str) -> TriedStep:
    found = bits(state, state.queues[step.queue_id].members)
    if step.known is not None:
        wanted = step.known.value(dict(task))
        found = [each for each in found if wanted and wanted == (each.name if step.known.by_name else each.id)]
    if step.expression is not None:
        test = step.expression.test
        found = [each for each in found if test(task, each.attributes, each.facts(state))]
    order = step.order
    found.sort(
        key=lambda one: (
            not _ready(one, channel),
            order.key(one.attributes, one.facts(state)) if order is not None else (),
            one.rank,
        )
    )
    asked = tuple(Asked(each.id, _ready(each, channel)) for each in found)
    idle = any(each.ready for each in asked)
    skipped = not idle and step.skip_if is not None and step.skip_if.test(None, None, counts(state, step.queue_id))
    seconds = None if step.timeout is None else step.timeout // 1000
    return TriedStep(step.queue_id, seconds, step.priority, skipped, asked)


def _ready(worker: Worker, channel: str | None) -> bool:
    if not worker.available or not worker.reachable or channel is None:
        return worker.available and worker.reachable
    own = worker.channels.get(channel)
    return own is not None and own.available and own.load < own.capacity

"""A workflow's JSON, checked and compiled to steps. It says what is wrong, where, and how to mend it; advance.py
walks the steps.

Source: the documented workflow JSON of the field's best-known task-routing API: filters from the top, the first that
matches; targets from the top, the next only by timeout or skip_if; the first target names a queue, later ones inherit
it; numbers may come as strings."""

import json
from dataclasses import dataclass, field
from typing import Any

from parlons.expr.compiling import Compiled, compiled
from parlons.expr.ordering import CompiledOrder, compiled_order
from parlons.expr.problems import InvalidExpression
from parlons.expr.scopes import Scope
from parlons.expr.values import lookup
from parlons.routing.configuration import Workflow
from parlons.routing.refusals import InvalidWorkflow

DEFAULT_FILTER = -1
MAX_PRIORITY = 2**31 - 1
_FILTER_KEYS = {"filter_friendly_name", "friendly_name", "expression", "targets"}
_TARGET_KEYS = {
    "queue", "known_worker_sid", "known_worker_friendly_name", "expression", "order_by", "priority", "timeout", "skip_if",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `where` is the path in the JSON; line and column are inside the text named there, from 1."""

    where: str
    message: str
    line: int
    column: int
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: line {self.line}, column {self.column}: {self.message}. {self.remedy}"


@dataclass(frozen=True, slots=True)
class KnownWorker:
    """Who a target names: a path in the task's attributes, or a literal id or name."""

    path: tuple[str | int, ...]
    literal: str
    by_name: bool

    def value(self, attributes: dict[str, Any]) -> str:
        """The id or name; empty when the task has none."""
        found = lookup(attributes, self.path) if self.path else self.literal
        return found if isinstance(found, str) else ""


@dataclass(eq=False, slots=True)
class Step:
    """One target of one filter, or the default filter."""

    workflow_id: str
    filter: int
    index: int
    rule: str
    queue_id: str
    expression: Compiled | None = None
    order: CompiledOrder | None = None
    priority: int | None = None
    timeout: int | None = None
    """Milliseconds."""
    skip_if: Compiled | None = None
    known: KnownWorker | None = None
    pools: dict[str, Any] = field(default_factory=dict)
    """By channel: the pool, when it does not depend on the task."""
    depends: bool = False
    """Whether more than the queue decides who may have the task."""

    def __post_init__(self) -> None:
        self.depends = self.expression is not None or self.known is not None


@dataclass(slots=True)
class Filter:
    """One filter and its steps."""

    name: str
    expression: Compiled
    steps: list[Step]


@dataclass(slots=True)
class WorkflowState:
    """A compiled workflow."""

    config: Workflow
    filters: list[Filter]
    default: Step | None

    def queue_ids(self) -> set[str]:
        """All queues it names."""
        steps = [step for each in self.filters for step in each.steps] + ([self.default] if self.default else [])
        return {step.queue_id for step in steps}

    def step(self, filter_index: int, index: int) -> Step | None:
        """The step at this place, None when there is none."""
        if filter_index == DEFAULT_FILTER:
            return self.default
        steps = self.filters[filter_index].steps if filter_index < len(self.filters) else []
        return steps[index] if index < len(steps) else None


class _Reader:
    """Collects problems while it reads."""

    def __init__(self, workflow_id: str, queues: set[str] | None) -> None:
        self.workflow_id = workflow_id
        self.queues = queues
        self.problems: list[Problem] = []

    def wrong(self, where: str, message: str, remedy: str, line: int = 1, column: int = 1) -> None:
        self.problems.append(Problem(where, message, line, column, remedy))

    def mapping(self, value: object, where: str, known: set[str]) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.wrong(where, "an object is expected here", "Write { ... }.")
            return {}
        for key in value:
            if key not in known:
                self.wrong(f"{where}.{key}", f"{key} is not known here", f"Use {', '.join(sorted(known))}.")
        return value

    def expression(self, value: object, where: str, scope: Scope) -> Compiled | None:
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            self.wrong(where, "an expression is a string", "Put it in quotes.")
            return None
        try:
            return compiled(value, scope)
        except InvalidExpression as error:
            problem = error.problem
            self.wrong(where, problem.message, problem.remedy, problem.line, problem.column)
            return None

    def number(self, value: object, where: str, highest: int) -> int | None:
        if value is None or value == "":
            return None
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= highest:
            self.wrong(where, f"a whole number from 0 to {highest} is expected here", "Correct the number.")
            return None
        return value

    def queue(self, value: object, where: str) -> str | None:
        if not isinstance(value, str) or not value:
            self.wrong(where, "the id of a queue is missing", "Name a queue of this workspace.")
            return None
        if self.queues is not None and value not in self.queues:
            self.wrong(where, f"there is no queue {value}", "Name a queue of this workspace, or make it first.")
        return value

    def order(self, value: object, where: str) -> CompiledOrder | None:
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            self.wrong(where, "order_by is a string", "Write worker.name DESC.")
            return None
        try:
            return compiled_order(value)
        except InvalidExpression as error:
            self.wrong(where, error.problem.message, error.problem.remedy, error.problem.line, error.problem.column)
            return None

    def known(self, target: dict[str, Any], where: str) -> KnownWorker | None:
        for key, by_name in (("known_worker_sid", False), ("known_worker_friendly_name", True)):
            value = target.get(key)
            if value is None or value == "":
                continue
            if not isinstance(value, str):
                self.wrong(f"{where}.{key}", "a string is expected here", 'Write "task.agent_sid".')
                return None
            path = tuple(value.split("."))[1:] if value.startswith("task.") else ()
            return KnownWorker(path, "" if path else value, by_name)
        return None

    def steps(self, targets: object, where: str, index: int, rule: str) -> list[Step]:
        if not isinstance(targets, list) or not targets:
            self.wrong(where, "a filter needs at least one target", 'Write [{"queue": "..."}].')
            return []
        found: list[Step] = []
        queue: str | None = None
        for number, raw in enumerate(targets):
            here = f"{where}[{number}]"
            target = self.mapping(raw, here, _TARGET_KEYS)
            if number == 0 or target.get("queue"):
                queue = self.queue(target.get("queue"), f"{here}.queue")
            timeout = self.number(target.get("timeout"), f"{here}.timeout", 1_209_600)
            found.append(
                Step(
                    workflow_id=self.workflow_id,
                    filter=index,
                    index=number,
                    rule=rule,
                    queue_id=queue or "",
                    expression=self.expression(target.get("expression"), f"{here}.expression", Scope.TARGET),
                    order=self.order(target.get("order_by"), f"{here}.order_by"),
                    priority=self.number(target.get("priority"), f"{here}.priority", MAX_PRIORITY),
                    timeout=None if timeout is None else timeout * 1000,
                    skip_if=self.expression(target.get("skip_if"), f"{here}.skip_if", Scope.SKIP),
                    known=self.known(target, here),
                )
            )
        return found

    def filter(self, raw: object, index: int) -> Filter:
        where = f"task_routing.filters[{index}]"
        each = self.mapping(raw, where, _FILTER_KEYS)
        name = str(each.get("filter_friendly_name") or each.get("friendly_name") or index)
        expression = self.expression(each.get("expression"), f"{where}.expression", Scope.FILTER)
        if expression is None:
            if not each.get("expression"):
                self.wrong(f"{where}.expression", "a filter needs an expression", "Write 1==1 for always.")
            expression = compiled("1==1", Scope.FILTER)
        return Filter(name, expression, self.steps(each.get("targets"), f"{where}.targets", index, name))

    def workflow(self, config: Workflow) -> WorkflowState:
        root = self.mapping(config.configuration, "workflow", {"task_routing"})
        routing = self.mapping(root.get("task_routing"), "task_routing", {"filters", "default_filter"})
        raw = routing.get("filters") or []
        if not isinstance(raw, list):
            self.wrong("task_routing.filters", "a list is expected here", "Write [ ... ].")
            raw = []
        filters = [self.filter(each, index) for index, each in enumerate(raw)]
        default = None
        if routing.get("default_filter") is not None:
            inner = self.mapping(routing["default_filter"], "task_routing.default_filter", {"queue"})
            queue = self.queue(inner.get("queue"), "task_routing.default_filter.queue")
            default = Step(self.workflow_id, DEFAULT_FILTER, 0, "default", queue or "")
        if not filters and default is None and not self.problems:
            self.wrong(
                "task_routing", "neither a filter nor a default filter", 'Add "default_filter": {"queue": "..."}.'
            )
        return WorkflowState(config, filters, default)


def read_workflow(config: Workflow, queues: set[str]) -> WorkflowState:
    """The compiled workflow; raises InvalidWorkflow with all problems."""
    reader = _Reader(config.id, queues)
    found = reader.workflow(config)
    if not 1 <= config.reservation_timeout_seconds <= 86_400:
        reader.wrong("reservation_timeout_seconds", "it must be from 1 to 86400", "Correct the number.")
    if reader.problems:
        raise _refusal(config.name, reader.problems)
    return found


def _refusal(name: str, problems: list[Problem]) -> InvalidWorkflow:
    listed = [
        {"where": each.where, "line": each.line, "column": each.column, "message": each.message, "remedy": each.remedy}
        for each in problems
    ]
    return InvalidWorkflow(f"workflow {name}: " + "; ".join(str(each) for each in problems), problems=listed)


def check_configuration(configuration: str | dict[str, Any], queues: set[str] | None = None) -> list[Problem]:
    """All problems of a workflow's JSON, given as text or as an object. `queues`: the ids that exist; None: not checked."""
    if isinstance(configuration, str):
        try:
            configuration = json.loads(configuration)
        except json.JSONDecodeError as error:
            return [
                Problem(
                    "workflow",
                    f"this is not JSON: {error.msg}",
                    error.lineno,
                    error.colno,
                    "Correct the text at this place.",
                )
            ]
    if not isinstance(configuration, dict):
        return [Problem("workflow", "an object is expected here", 1, 1, 'Write {"task_routing": {...}}.')]
    reader = _Reader("", queues)
    reader.workflow(Workflow("", "", configuration))
    return reader.problems

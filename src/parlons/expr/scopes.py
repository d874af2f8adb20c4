"""Who a name speaks of: a queue's expression and a filter use bare names, a target's says task. or worker., skip_if
says workers."""

from enum import Enum

from parlons.expr.problems import Problem, position
from parlons.expr.tree import Path

FACTS = ("sid", "friendly_name", "activity_sid", "activity_name", "channel")
"""What every worker has besides his attributes; they come before attributes of the same name."""
_CHANNEL_FACTS = ("configured_capacity", "assigned_tasks", "available_capacity_percentage")
VOLATILE = ("activity_sid", "activity_name", "channel")
"""Facts that change while the worker works."""


class Scope(Enum):
    """Where an expression stands."""

    QUEUE = "queue"
    FILTER = "filter"
    TARGET = "target"
    SKIP = "skip_if"


def resolve(path: Path, scope: Scope) -> tuple[str, tuple[str | int, ...]]:
    """Root (`task`, `worker`, `facts`, `counts`, or `` for a name out of place) and the steps from there."""
    first, rest = path.parts[0], path.parts[1:]
    if scope is Scope.FILTER:
        return "task", path.parts
    if scope is Scope.SKIP:
        return ("counts", rest) if first == "workers" and len(rest) == 1 else ("", ())
    if scope is Scope.TARGET:
        if first == "task" and rest:
            return "task", rest
        return _of_worker(rest) if first == "worker" and rest else ("", ())
    return _of_worker(rest) if first == "worker" and rest else _of_worker(path.parts)


def _of_worker(parts: tuple[str | int, ...]) -> tuple[str, tuple[str | int, ...]]:
    if parts[0] == "channel":
        return ("facts", parts) if len(parts) == 3 and parts[2] in _CHANNEL_FACTS else ("worker", parts)
    return ("facts", parts) if parts[0] in FACTS else ("worker", parts)


def misplaced(path: Path, scope: Scope, text: str) -> Problem | None:
    """The problem of a name that speaks of nobody in this scope."""
    if resolve(path, scope)[0]:
        return None
    line, column = position(text, path.offset)
    shown = ".".join(str(part) for part in path.parts)
    if scope is Scope.TARGET:
        return Problem(
            f"{shown} is neither the task's nor the worker's", line, column, f"Write task.{shown} or worker.{shown}."
        )
    return Problem(
        f"{shown} is not known in skip_if",
        line,
        column,
        "Use workers.available, workers.unavailable or workers. and an activity's id.",
    )

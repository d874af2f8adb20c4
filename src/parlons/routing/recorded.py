"""The outcomes recorded for one command, handed out in order while that command is replayed."""

from collections import deque
from collections.abc import Sequence

from parlons.routing.transitions import Transition, WorkerClassChanged, WorkerClassCreated, WorkflowTargetMatched


class Recorded:
    """What the router decided from attributes that may be gone or changed by now."""

    __slots__ = ("all", "classes", "matched")

    def __init__(self, transitions: Sequence[Transition]) -> None:
        self.all = transitions
        self.matched: dict[str, deque[WorkflowTargetMatched]] = {}
        self.classes: dict[int, str] = {}
        for each in transitions:
            if isinstance(each, WorkflowTargetMatched):
                self.matched.setdefault(each.task_id, deque()).append(each)
            elif isinstance(each, WorkerClassCreated):
                self.classes[each.class_id] = each.members

    def peek(self, task_id: str) -> WorkflowTargetMatched | None:
        """The task's next step."""
        found = self.matched.get(task_id)
        return found[0] if found else None

    def take(self, task_id: str) -> WorkflowTargetMatched | None:
        """The task's next step, which is thereby used."""
        found = self.matched.get(task_id)
        return found.popleft() if found else None

    def changed(self, at: int, class_id: int, worker_id: str) -> bool:
        """Whether, as the `at`-th thing that happened, the worker joined or left the class."""
        each = self.all[at] if at < len(self.all) else None
        return isinstance(each, WorkerClassChanged) and each.class_id == class_id and each.worker_id == worker_id

"""The timers that are neither an offer's nor a task's first time to live. Values; deadlines.py says what happens when
they end."""

from typing import TYPE_CHECKING

from parlons.routing.state import Task

if TYPE_CHECKING:
    from parlons.routing.workflow import Step


class StepClock:
    """A task's time at one target."""

    __slots__ = ("deadline", "step", "task")

    def __init__(self, task: Task, step: "Step", deadline: int) -> None:
        self.task = task
        self.step = step
        self.deadline = deadline

    @property
    def running(self) -> bool:
        """The task still stands there, since the same moment."""
        return self.task.step is self.step and self.task.step_until == self.deadline and self.task.looking


class QuietClock:
    """The time during which a worker who refused a task is not offered it."""

    __slots__ = ("deadline", "task", "worker_id")

    def __init__(self, task: Task, worker_id: str, deadline: int) -> None:
        self.task = task
        self.worker_id = worker_id
        self.deadline = deadline

    @property
    def running(self) -> bool:
        """The task is open and the refusal was not repeated since."""
        quiet = self.task.extra.quiet if self.task.extra is not None else None
        return (
            quiet is not None
            and quiet.get(self.worker_id) == self.deadline
            and self.task.status not in ("completed", "canceled")
        )


class LifeClock:
    """A time to live that was started again, after a requeue or for a transfer."""

    __slots__ = ("deadline", "task")

    def __init__(self, task: Task, deadline: int) -> None:
        self.task = task
        self.deadline = deadline

    @property
    def running(self) -> bool:
        """The task still looks for a worker and no later one was started."""
        return self.task.looking and self.task.extra is not None and self.task.extra.ttl_until == self.deadline

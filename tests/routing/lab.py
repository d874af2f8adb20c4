"""A small workspace to try rules on. `K` ids are workers, `Q` queues, `T` tasks; A is available, O and M (missed) are not."""

from typing import Any

from parlons.routing import commands as c
from parlons.routing import configuration as conf
from parlons.routing.state import new_state
from parlons.routing.step import step
from parlons.routing.transitions import ReservationCreated, Transition

ACTIVITIES = (
    conf.Activity("A", "Available", True),
    conf.Activity("O", "Offline", False),
    conf.Activity("M", "Missed", False),
)


def workflow(
    *filters: dict[str, Any], default: str | None = None, timeout: int = 120, name: str = "W"
) -> conf.Workflow:
    """A workflow of these filters."""
    inner: dict[str, Any] = {"filters": list(filters)}
    if default is not None:
        inner["default_filter"] = {"queue": default}
    return conf.Workflow(name, name, {"task_routing": inner}, timeout)


def rule(expression: str, *targets: dict[str, Any], name: str = "") -> dict[str, Any]:
    """One filter."""
    return {"filter_friendly_name": name or expression, "expression": expression, "targets": list(targets)}


class Lab:
    """Carries out commands; time stands still unless told to pass."""

    def __init__(self, *items: conf.Item, **settings: Any) -> None:
        self.state = new_state("WS1")
        self.now = 1_000_000
        self.heard: list[Transition] = []
        given = {"default_activity_id": "A", "timeout_activity_id": "M"} | settings
        queues = () if any(isinstance(item, conf.Queue) for item in items) else (conf.Queue("Q", "Q"),)
        self.do(c.Configure((*ACTIVITIES, *queues, *items), (), conf.Settings(**given)))

    def do(self, command: c.Command) -> list[Transition]:
        """Carry out one command now."""
        out = step(self.state, command, self.now)
        self.heard += out
        return out

    def names(self, command: c.Command) -> list[str]:
        """The names of what the command led to."""
        return [each.type for each in self.do(command)]

    def wait(self, seconds: float) -> list[Transition]:
        """Let time pass, timers fire on their time."""
        end, out = self.now + int(seconds * 1000), []
        while (due := self.state.next_deadline) is not None and due <= end:
            self.now = due
            out += self.do(c.Tick())
        self.now = end
        return out

    def worker(
        self,
        name: str,
        activity: str = "A",
        capacity: int = 1,
        channels: dict[str, int] | None = None,
        **attributes: Any,
    ) -> None:
        """A worker, a millisecond later than the one before."""
        self.now += 1
        self.do(c.PutWorker(name, name, attributes, {"default": capacity} if channels is None else channels, activity))

    def task(
        self, name: str, to: str | None = "Q", priority: int = 0, attributes: dict[str, Any] | None = None, **more: Any
    ) -> list[Transition]:
        """A task straight to a queue, or to the workflow with `to=None`."""
        self.now += 1
        target = conf.Target("queue", to) if to is not None and "target" not in more else more.pop("target", None)
        return self.do(
            c.CreateTask(name, attributes or {}, more.pop("workflow_id", None), target, priority=priority, **more)
        )

    def offers(self) -> dict[str, list[str]]:
        """Who holds or is offered what."""
        return {name: [held.worker.id for held in task.held] for name, task in self.state.tasks.items() if task.held}

    def offer(self, task: str, worker: str | None = None) -> str:
        """The id of the task's reservation."""
        return next(held.id for held in self.state.tasks[task].held if worker in (None, held.worker.id))

    def accept(self, task: str, worker: str | None = None) -> list[Transition]:
        """The worker takes it."""
        return self.do(c.AcceptReservation(self.offer(task, worker)))

    def reject(self, task: str, worker: str | None = None, **more: Any) -> list[Transition]:
        """The worker refuses it."""
        return self.do(c.RejectReservation(self.offer(task, worker), **more))

    def complete(self, task: str) -> list[Transition]:
        """Done."""
        return self.do(c.CompleteTask(task, "done"))

    def status(self, task: str) -> str:
        """The task's status; `gone` when it has ended."""
        return self.state.tasks[task].status if task in self.state.tasks else "gone"

    def served(self) -> list[str]:
        """Tasks in the order in which they were first offered."""
        return list(dict.fromkeys(each.task_id for each in self.heard if isinstance(each, ReservationCreated)))

    def drain(self) -> list[str]:
        """Accept and complete until nothing is left; the order of offers."""
        self.heard.clear()
        while True:
            ready = [held for held in self.state.reservations.values() if held.status == "pending"]
            if not ready:
                return self.served()
            self.do(c.AcceptReservation(ready[0].id))
            self.complete(ready[0].task.id)

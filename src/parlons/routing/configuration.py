"""The values a workspace is configured with. They decide nothing; workflow.py and pools.py read them.

Source: the vocabulary of the field's best-known task-routing API: workspace, activity, task channel, queue, workflow.
"""

from typing import Any, Literal

from msgspec import Struct

Order = Literal["FIFO", "LIFO"]


class Activity(Struct, frozen=True, tag_field="kind", tag="activity", omit_defaults=True):
    """What a worker is doing; only an available activity takes offers."""

    id: str
    name: str
    available: bool


class TaskChannel(Struct, frozen=True, tag_field="kind", tag="task_channel", omit_defaults=True):
    """A kind of work with a capacity of its own on each worker; tasks and workers name it by `unique_name`."""

    id: str
    unique_name: str
    name: str = ""
    optimized: bool = False
    """Workers with nothing at all on this channel come before the others."""


class Queue(Struct, frozen=True, tag_field="kind", tag="queue", omit_defaults=True):
    """A line of tasks and the expression that says which workers serve it."""

    id: str
    name: str
    expression: str = "1==1"
    """Over bare worker attributes; empty: nobody, tasks wait."""
    order: Order = "FIFO"
    max_reserved: int = 1
    """How many workers may be offered one task at once, [1, 50]."""
    reservation_activity_id: str | None = None
    assignment_activity_id: str | None = None
    """These two act only where a worker does one task at a time (settings.multi_task false)."""
    firm_id: str | None = None
    within_seconds: int = 20
    """Service level = accepted within this / (offered - abandoned before `abandoned_before_seconds`). These five lead
    nobody: statistics, presence and screens read them."""
    abandoned_before_seconds: int = 5
    target_percent: int = 80
    return_after_seconds: int = 60
    """After its agent is gone for good, an unanswered conversation goes back to the queue; 0: never."""
    wrap_up_seconds: int = 0
    """Time to write up; 0: as long as it takes."""


class Workflow(Struct, frozen=True, tag_field="kind", tag="workflow", omit_defaults=True):
    """Filters and targets that lead a task from queue to queue."""

    id: str
    name: str
    configuration: dict[str, Any]
    """`{"task_routing": {"filters": [...], "default_filter": {"queue": ...}}}`; queues by id."""
    reservation_timeout_seconds: int = 120
    firm_id: str | None = None


class Settings(Struct, frozen=True, omit_defaults=True):
    """Settings of the workspace itself."""

    default_activity_id: str | None = None
    """Given to a new worker without one."""
    timeout_activity_id: str | None = None
    """Given to a worker who let an offer time out."""
    prioritize_queue_order: Order = "FIFO"
    """Which kind of queue a worker who serves both drains first."""
    multi_task: bool = True
    reservation_timeout_seconds: int = 120
    """For tasks that came without a workflow."""
    max_moves: int = 1000
    """How often a task may go from pending to reserved before it is canceled."""


Item = Activity | TaskChannel | Queue | Workflow
Kind = Literal["activity", "task_channel", "queue", "workflow"]


class Removal(Struct, frozen=True):
    """Names one configured thing to take away; a task channel by its unique name."""

    kind: Kind
    id: str


DEFAULT_CHANNELS = tuple(
    TaskChannel(id="TC" + name.encode().hex().rjust(32, "0"), unique_name=name, name=name.capitalize())
    for name in ("voice", "sms", "chat", "video", "default")
)
"""Every workspace has these from the start."""


class Target(Struct, frozen=True):
    """Where a task is sent without, or after, a workflow."""

    kind: Literal["worker", "queue", "workflow"]
    id: str

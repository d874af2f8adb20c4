"""The router's memory: one workspace's configuration, workers, open tasks and reservations. Mutable, single writer,
no decisions.

Workers are numbered; sets of workers are integers used as bit masks, so "who of this pool is idle" is two ANDs. Sets
of pools, too."""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from parlons.expr.compiling import Compiled
from parlons.routing.configuration import DEFAULT_CHANNELS, Activity, Queue, Settings, Target, TaskChannel
from parlons.routing.timers import Timers

if TYPE_CHECKING:
    from parlons.routing.pools import Pool, Selection
    from parlons.routing.recorded import Recorded
    from parlons.routing.transitions import Transition
    from parlons.routing.workflow import Step, WorkflowState

Entry = tuple[int, int, "Task"]
"""A waiting task's place: the smaller comes first."""
Look = Callable[[list[Entry]], tuple[Entry, ...]]


class Channel:
    """A task channel and the mask of workers with room on it."""

    __slots__ = ("config", "free", "name")

    def __init__(self, config: TaskChannel) -> None:
        self.config = config
        self.name = config.unique_name
        self.free = 0


class QueueState:
    """A queue, the mask of workers its expression holds for, and the pools made from it."""

    __slots__ = ("config", "expression", "members", "pools")

    def __init__(self, config: Queue, expression: Compiled | None) -> None:
        self.config = config
        self.expression = expression
        """None: an empty expression, nobody serves it."""
        self.members = 0
        self.pools: dict[tuple[object, ...], Pool] = {}


class WorkerChannel:
    """One worker's room on one channel."""

    __slots__ = ("assigned", "available", "capacity", "channel", "load", "looks", "mask", "pools")

    def __init__(self, channel: Channel, capacity: int) -> None:
        self.channel = channel
        self.capacity = capacity
        self.available = True
        self.load = 0
        """Reservations pending, accepted or wrapping."""
        self.assigned = 0
        """Reservations accepted."""
        self.mask = 0
        """Bits of the linked pools he is in."""
        self.pools: list[Pool] = []
        self.looks: list[Look | None] = [None, None]
        """Getters of the heads of his FIFO and LIFO pools; see matching.look_at."""


class Worker:
    """One worker. `rank` is his place in line: it grows when he is offered something, when that ends and when he
    becomes available."""

    __slots__ = (
        "activity_id", "activity_since", "attributes", "available", "bit", "channels", "direct", "direct_pools",
        "firm_ids", "held",
        "id", "idle_since", "index", "lines", "name", "others", "queues", "rank", "reachable",
    )  # fmt: skip

    def __init__(self, worker_id: str, index: int) -> None:
        self.id = worker_id
        self.index = index
        self.bit = 1 << index
        self.others = ~self.bit
        self.name = ""
        self.attributes: dict[str, Any] = {}
        self.firm_ids: tuple[str, ...] = ()
        self.activity_id = ""
        self.activity_since = 0
        self.available = False
        self.reachable = True
        self.rank = 0
        self.idle_since = 0
        self.channels: dict[str, WorkerChannel] = {}
        self.lines: tuple[WorkerChannel, ...] = ()
        """His channels that have linked pools."""
        self.direct = 0
        """Bits of the pools that set capacity aside for him."""
        self.direct_pools: list[Pool] = []
        self.queues: dict[str, QueueState] = {}
        self.held: dict[str, Reservation] = {}

    def facts(self, state: "WorkspaceState") -> dict[str, Any]:
        """What expressions may read besides his attributes."""
        return {
            "sid": self.id,
            "friendly_name": self.name,
            "activity_sid": self.activity_id,
            "activity_name": state.activities[self.activity_id].name if self.activity_id in state.activities else "",
            "channel": {
                name: {
                    "configured_capacity": own.capacity,
                    "assigned_tasks": own.assigned,
                    "available_capacity_percentage": percentage(own),
                }
                for name, own in self.channels.items()
            },
        }


def percentage(own: WorkerChannel) -> int:
    """available_capacity_percentage: floor((1 - reservations / capacity) * 100); 0 without capacity."""
    return (own.capacity - own.load) * 100 // own.capacity if own.capacity else 0


class Transfer:
    """Who offers his task to others, and how the task stood before."""

    __slots__ = ("before", "ignore", "note_id", "origin", "priority", "queue_id", "target", "workflow_id")

    def __init__(self, target: Target, origin: "Reservation | None", note_id: str | None, task: "Task") -> None:
        self.target = target
        self.origin = origin
        """The accepted reservation that keeps the task until another accepts; None: a waiting task was sent elsewhere."""
        self.note_id = note_id
        self.workflow_id = task.workflow_id
        self.queue_id = task.queue_id
        self.priority = task.priority
        self.before = task.extra.target if task.extra is not None else None
        self.ignore = task.extra.ignore if task.extra is not None else False


class Extra:
    """What few tasks have."""

    __slots__ = ("base_priority", "companion_of", "ignore", "quiet", "stale", "target", "transfer", "ttl_until")

    def __init__(self) -> None:
        self.target: Target | None = None
        self.ignore = False
        self.companion_of: str | None = None
        self.base_priority: int | None = None
        """Priority before a target overwrote it."""
        self.quiet: dict[str, int] | None = None
        """Workers who are not to be offered it, until when (ms)."""
        self.transfer: Transfer | None = None
        self.ttl_until: int | None = None
        """Set when the time to live was started again."""
        self.stale = False
        """Configuration or attributes changed while it was reserved: it goes through its workflow again."""


class Task:
    """One open task."""

    __slots__ = (
        "attributes", "channel", "conversation_id", "created_at", "entered_at", "entry", "extra", "firm_id", "held",
        "id", "moves",
        "pool", "priority", "queue_id", "status", "step", "step_until", "ttl", "virtual_start", "workflow_id",
    )  # fmt: skip

    def __init__(self, task_id: str, channel: str, priority: int, virtual_start: int, now: int, ttl: int) -> None:
        self.id = task_id
        self.attributes: bytes | None = None
        self.channel = channel
        self.priority = priority
        self.virtual_start = virtual_start
        self.created_at = now
        self.entered_at = now
        self.ttl = ttl
        """Seconds."""
        self.status = "pending"
        self.moves = 0
        self.held: tuple[Reservation, ...] = ()
        """Offers, or the one accepted."""
        self.workflow_id: str | None = None
        self.queue_id: str | None = None
        self.step: Step | None = None
        self.step_until: int | None = None
        self.pool: Pool | None = None
        self.entry: Entry | None = None
        """Its place in the pool's heap while it has room for a worker."""
        self.firm_id: str | None = None
        self.conversation_id: str | None = None
        self.extra: Extra | None = None

    def __lt__(self, other: "Task") -> bool:
        return self.id < other.id

    @property
    def deadline(self) -> int:
        """End of the first time to live (ms): a task is its own timer."""
        return self.created_at + self.ttl * 1000

    @property
    def running(self) -> bool:
        """Whether that timer still counts."""
        return self.looking and (self.extra is None or self.extra.ttl_until is None)

    @property
    def looking(self) -> bool:
        """Whether it looks for a worker: pending, reserved, or in transfer."""
        if self.status == "pending" or self.status == "reserved":
            return True
        return self.status == "assigned" and self.extra is not None and self.extra.transfer is not None

    def more(self) -> Extra:
        """The rarely needed part, made when missing."""
        if self.extra is None:
            self.extra = Extra()
        return self.extra

    def values(self) -> dict[str, Any]:
        """The attributes; empty when erased."""
        if self.attributes is None:
            return {}
        decoded: dict[str, Any] = msgspec.json.decode(self.attributes)
        return decoded


class Reservation:
    """One worker's hold on one task."""

    __slots__ = ("accepted_at", "created_at", "deadline", "id", "queue_id", "status", "task", "timeout", "worker")

    def __init__(self, reservation_id: str, task: Task, worker: Worker, now: int, timeout: int) -> None:
        self.id = reservation_id
        self.task = task
        self.worker = worker
        self.queue_id = task.queue_id
        self.created_at = now
        self.timeout = timeout
        """Milliseconds."""
        self.deadline = now + timeout
        self.accepted_at = 0
        self.status = "pending"

    @property
    def running(self) -> bool:
        """Whether it still waits for an answer: an offer is its own timer."""
        return self.status == "pending"


NOTHING: Entry = (1 << 62, 0, Task("", "", 0, 0, 0, 0))
"""The head of an empty pool: after every place."""


class WorkspaceState:
    """Everything the router knows; finished tasks are not in it."""

    __slots__ = (
        "able", "activities", "by_token", "channels", "class_sequence", "classes", "direct", "doing", "freed", "heads", "lifo",
        "now", "numbers", "out", "pools", "queues", "rank", "reachable", "recorded", "reservations", "returned",
        "selections", "sequence", "settings", "spare", "tasks", "timers", "unresolved", "untokened", "volatile",
        "waiting", "workers", "workflows", "workspace_id",
    )  # fmt: skip

    def __init__(self, workspace_id: str) -> None:
        self.workspace_id = workspace_id
        self.settings = Settings()
        self.activities: dict[str, Activity] = {}
        self.channels: dict[str, Channel] = {}
        self.queues: dict[str, QueueState] = {}
        self.workflows: dict[str, WorkflowState] = {}
        self.workers: dict[str, Worker] = {}
        self.tasks: dict[str, Task] = {}
        self.reservations: dict[str, Reservation] = {}
        self.now = 0
        self.sequence = 0
        """Counts reservations: ids derive from it."""
        self.rank = 0
        """Counts places in line."""
        self.class_sequence = 0
        self.timers = Timers()
        # -- who and what, as masks --
        self.numbers: list[Worker | None] = []
        """Workers by number; freed numbers are used again, lowest first."""
        self.able = 0
        """Workers who stand in line: available activity, reachable."""
        self.doing: dict[str, int] = {}
        """Workers by activity id."""
        self.reachable = 0
        self.pools: list[Pool | None] = [None]
        """By number; 0 is no pool."""
        self.heads: list[Entry] = [NOTHING]
        """The first waiting place of each pool, or NOTHING."""
        self.spare: list[int] = []
        self.waiting = 0
        """Pools with a task that has room."""
        self.lifo = 0
        """Pools of LIFO queues."""
        self.direct: dict[tuple[object, ...], Pool] = {}
        """Pools of one worker each, without a queue."""
        self.selections: dict[tuple[str, bytes | None], Selection] = {}
        self.classes: dict[int, Selection] = {}
        self.unresolved = False
        """Some class came from the record; its key is found again at the first live command."""
        self.by_token: dict[tuple[str, str], list[QueueState]] = {}
        self.untokened: list[QueueState] = []
        self.volatile = False
        """Some expression reads what changes while a worker works."""
        # -- only during one step --
        self.out: list[Transition] = []
        self.returned: deque[Task] = deque()
        """Tasks that have no offer any more and look for a worker."""
        self.freed: deque[Worker] = deque()
        """Workers out of line who then look at what waits."""
        self.recorded: Recorded | None = None

    @property
    def next_deadline(self) -> int | None:
        """When the next timer is due (ms), None when none runs."""
        return self.timers.next_deadline()


def new_state(workspace_id: str) -> WorkspaceState:
    """An empty workspace with the five standard task channels."""
    state = WorkspaceState(workspace_id)
    for config in DEFAULT_CHANNELS:
        state.channels[config.unique_name] = Channel(config)
    return state

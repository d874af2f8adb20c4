"""Runs of commands against router and oracle at once. Bytes become commands, so that a failing run shrinks well.

After every command: the same refusals, the same events in the same order, the same tasks, holders and deadlines. At
the end: the router's journal, its values sealed and some tasks erased, replays to the same state from the beginning
and from a snapshot of any moment."""

from typing import Any

from parlons.kit.errors import Refusal
from parlons.routing import commands as c
from parlons.routing import configuration as conf
from parlons.routing.snapshot import dump, load, state_digest
from parlons.routing.state import WorkspaceState, new_state
from parlons.routing.step import step
from parlons.routing.transitions import Transition
from tests.routing.oracle import Oracle
from tests.routing.oracle_model import Refused

ACTIVITIES = (conf.Activity("A", "Available", True), conf.Activity("B", "Chatting", True), conf.Activity("O", "Offline", False),
              conf.Activity("M", "Missed", False))  # fmt: skip
CHANNELS = ("chat", "voice")
WORKER_ATTRIBUTES: tuple[dict[str, Any], ...] = (
    {"skills": ["a", "b"], "langs": ["fr"], "level": 3, "team": "x"},
    {"skills": ["a"], "langs": ["fr", "en"], "level": 1, "team": "y"},
    {"skills": ["b"], "langs": ["en"], "level": "high"},
    {"skills": "a", "langs": [], "team": "x"},
    {"skills": ["a", "c"], "langs": ["en", "de"], "level": 2},
)
TASK_ATTRIBUTES: tuple[dict[str, Any], ...] = (
    {"type": "x", "lang": "fr"},
    {"type": "x", "lang": "en", "agent": "K1", "value": 7},
    {"type": "y", "lang": "de", "agent": "K9"},
    {"type": "y", "value": 3, "agent": "Name2"},
    {"type": "z", "vip": True, "lang": "fr"},
    {"other": ["x"]},
)
QUEUES = (
    conf.Queue("QA", "a", 'skills HAS "a"'),
    conf.Queue("QA", "a", 'skills HAS "a" AND level >= 2', max_reserved=2),
    conf.Queue("QA", "a", "langs HAS 'fr' OR team = 'x'"),
    conf.Queue("QB", "b", 'skills HAS "b" OR level >= 3', order="LIFO"),
    conf.Queue("QB", "b", 'skills HAS "b"', max_reserved=3),
    conf.Queue("QC", "c", "1==1", max_reserved=2),
    conf.Queue("QC", "c", "", order="LIFO"),
    conf.Queue(
        "QC", "c", 'team IN ["x", "y"] AND (level < 3 OR level == "high")', order="LIFO", reservation_activity_id="B"
    ),
    conf.Queue("QD", "d", "level != 3", assignment_activity_id="O"),
)


def routing(*filters: dict[str, Any], default: str | None) -> dict[str, Any]:
    inner: dict[str, Any] = {"filters": list(filters)}
    return {"task_routing": inner | ({"default_filter": {"queue": default}} if default else {})}


def rule(expression: str, *targets: dict[str, Any]) -> dict[str, Any]:
    return {"expression": expression, "targets": list(targets)}


WORKFLOWS = (
    conf.Workflow("W1", "one", routing(
        rule("type == 'x'", {"queue": "QA", "expression": "task.lang IN worker.langs", "timeout": "7", "priority": "4"},
             {"skip_if": "workers.available == 0", "timeout": 11}, {"queue": "QC", "order_by": "worker.level DESC",
             "timeout": 5}),
        rule("type == 'x' OR type == 'y'", {"queue": "QB", "known_worker_sid": "task.agent", "timeout": 3, "skip_if": "1==1"},
             {"queue": "QA", "priority": 9}),
        default="QC"), 9),
    conf.Workflow("W1", "one", routing(
        rule("vip == true AND lang == 'fr'", {"queue": "QB", "timeout": 5, "priority": 20}),
        rule("type IN ['x', 'y']",
             {"queue": "QC", "known_worker_friendly_name": "task.agent", "skip_if": "workers.available <= 1", "timeout": 6},
             {"queue": "QA", "expression": "worker.level >= 2 AND task.value > 5", "timeout": 4},
             {"queue": "QB", "skip_if": "workers.available < 4"}),
        default=None), 6),
    conf.Workflow("W2", "two", routing(
        rule("lang == 'fr'", {"queue": "QC", "order_by": "worker.level DESC, worker.cost", "timeout": 8},
             {"queue": "QD", "expression": "worker.team == 'x'", "skip_if": "workers.A == 0 AND workers.unavailable > 0"}),
        rule("value > 2", {"queue": "QA", "expression": "worker.level > task.value OR task.lang IN worker.langs", "timeout": 9},
             {"expression": "task.lang NOT IN worker.langs", "timeout": 2}),
        default="QB"), 5),
    conf.Workflow("W2", "two", routing(default="QD"), 20),
)  # fmt: skip
HEARD: dict[str, tuple[str, ...]] = {
    "reservation.created": ("task_id", "worker_id", "queue_id", "expires_at"),
    "worker.activity.update": ("worker_id", "activity_id"),
    "worker.created": ("worker_id",),
    "worker.deleted": ("worker_id",),
    "worker.attributes.update": ("worker_id",),
    "worker.capacity.update": ("worker_id", "channel", "capacity"),
    "worker.channel.availability.update": ("worker_id", "channel", "available"),
    "worker.reachable.update": ("worker_id", "reachable"),
    "workflow.entered": ("task_id", "workflow_id"),
    "workflow.timeout": ("task_id", "workflow_id"),
    "task-queue.entered": ("task_id", "queue_id"),
    "task-queue.timeout": ("task_id", "queue_id"),
    "task-queue.moved": ("task_id", "queue_id", "to_queue_id"),
    "task.created": ("task_id", "priority"),
    "task.updated": ("task_id", "status"),
    "task.canceled": ("task_id", "reason"),
    "task.completed": ("task_id",),
    "task.wrapup": ("task_id",),
    "task.transfer-attempt-failed": ("task_id", "to_worker_id"),
    "task.transfer-failed": ("task_id", "reason"),
    "task.transfer-canceled": ("task_id", "reason"),
    "task.transfer-completed": ("task_id", "to_worker_id"),
}
SILENT = ("worker-class.created", "worker-class.changed", "workspace.updated")


class Discrepancy(AssertionError):
    """Router and oracle, or router and its replay, are not of one mind."""


def heard(transitions: list[Transition]) -> list[tuple[Any, ...]]:
    """The router's transitions in the oracle's words."""
    found: list[tuple[Any, ...]] = []
    for each in transitions:
        kind, it = each.type, each  # type: Any
        if (
            kind in SILENT
            or kind.split(".")[0] in ("activity", "task-channel")
            or (kind.endswith(("expression.updated", ".deleted")) and "worker" not in kind)
        ):
            continue
        if kind in ("task-queue.created", "workflow.created", "workflow.updated"):
            continue
        if kind == "workflow.target-matched":
            found.append((kind, it.task_id, it.queue_id, (it.filter, it.step), it.priority, it.known_worker_id))
        elif kind == "workflow.skipped":
            found.append((kind, it.task_id, (it.filter, it.step)))
        elif kind == "task.transfer-initiated":
            found.append((kind, it.task_id, it.target.kind, it.target.id))
        else:
            found.append((kind, *(getattr(each, name) for name in HEARD.get(kind, ("task_id", "worker_id")))))
    return found


class Dice:
    """Bytes as choices; zeros when they are used up."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def __bool__(self) -> bool:
        return self.at < len(self.data)

    def __call__(self, sides: int) -> int:
        value = self.data[self.at] if self.at < len(self.data) else 0
        self.at += 1
        return value % sides

    def of(self, things: Any) -> Any:
        return things[self(len(things))]


class World:
    """One run. `kind` chooses the workspace's settings."""

    def __init__(self, kind: int) -> None:
        self.state: WorkspaceState = new_state("WS1")
        self.oracle = Oracle()
        self.now, self.tasks, self.steps = 1_000, 0, 0
        self.journal: list[tuple[c.Command, int, list[Transition]]] = []
        self.attributes: dict[str, dict[str, Any] | None] = {}
        self.images: list[tuple[int, bytes]] = []
        settings = conf.Settings(
            "A", (None, "M", "B")[kind % 3], "LIFO" if kind & 1 else "FIFO", kind % 4 != 3, 10, 2 + kind % 4
        )
        put = (*ACTIVITIES, QUEUES[0], QUEUES[3], QUEUES[5], QUEUES[8], WORKFLOWS[0], WORKFLOWS[2])
        channel = conf.TaskChannel("TCchat", "chat", "Chat", optimized=kind % 5 == 4)
        self.do(c.Configure((*put, channel), (), settings))
        for number in range(2):
            self.do(c.PutWorker(f"K{number}", f"Name{number}", WORKER_ATTRIBUTES[number], {"chat": 1 + number}, "A"))

    def do(self, command: c.Command) -> None:
        """Carry out on both sides and compare."""
        if (due := self.state.next_deadline) is not None and due <= self.now and not isinstance(command, c.Tick):
            self.do(c.Tick())
        self.steps += 1
        refused = expected = None
        before = dump(self.state) if self.steps % 8 == 0 else None
        try:
            transitions = step(self.state, command, self.now)
        except Refusal as refusal:
            refused, transitions = refusal, []
        except Exception as error:
            raise Discrepancy(f"{command}: the router stumbled: {error!r}") from error
        try:
            said = self.oracle.carry_out(command, self.now)
        except Refused as no:
            expected, said = no, []
        if (refused is None) != (expected is None):
            raise Discrepancy(f"{command}: router {refused!r}, oracle {expected!r}")
        if refused is not None and before is not None and dump(self.state) != before:
            raise Discrepancy(f"a refusal of {command} changed the state")
        if heard(transitions) != said:
            raise Discrepancy(f"{command}\nrouter {heard(transitions)}\noracle {said}")
        if refused is None:
            bare, values = c.sealed(command)
            self.journal.append((bare, self.now, transitions))
            if values is not None:
                self.attributes[bare.task_id] = values  # type: ignore[attr-defined]
            elif isinstance(command, c.EraseTask):
                self.attributes[command.task_id] = None
        self.compare(command)

    def compare(self, command: c.Command) -> None:
        """The two memories, and what must hold in any case."""
        state, oracle = self.state, self.oracle
        ours = {
            task.id: (
                task.status,
                task.queue_id,
                task.priority,
                task.moves,
                [held.worker.id for held in task.held],
                task.entry is not None,
            )
            for task in state.tasks.values()
        }
        theirs = {
            job.id: (
                job.status,
                job.queue,
                job.priority,
                job.moves,
                [hold.worker.id for hold in job.holds],
                oracle.waits(job),
            )
            for job in oracle.jobs.values()
        }
        if ours != theirs:
            raise Discrepancy(f"{command}\nrouter {ours}\noracle {theirs}")
        if state.next_deadline != oracle.next_deadline():
            raise Discrepancy(f"{command}: next deadline {state.next_deadline}, oracle {oracle.next_deadline()}")
        line = sorted(state.workers, key=lambda name: state.workers[name].rank)
        if line != sorted(oracle.hands, key=lambda name: oracle.hands[name].rank):
            raise Discrepancy(f"{command}: router's line is {line}")
        for task in state.tasks.values():
            owners = [held for held in task.held if held.status != "pending"]
            if len(owners) > 1 or (owners and len(task.held) > 1):
                raise Discrepancy(f"{task.id} has two owners")
        for worker in state.workers.values():
            for own in worker.channels.values():
                load = sum(1 for held in worker.held.values() if held.task.channel == own.channel.name)
                if load != own.load:
                    raise Discrepancy(f"{worker.id} is charged {own.load} for {load}")

    # --- from bytes to commands -------------------------------------------------------------------------------------------------

    def play(self, data: bytes) -> None:
        """One command after another until the bytes are used up."""
        dice = Dice(data)
        while dice or self.steps < 60:
            self.now += (0, 0, 0, 1, 500, 1_000, 2_000, 8_000)[dice(8)]
            self.do(self.command(dice))
            if dice.at % 16 == 0:
                self.images.append((len(self.journal), dump(self.state)))

    def command(self, dice: Dice) -> c.Command:
        kind = dice(32)
        if kind < 8:
            return self.new_task(dice)
        if kind < 17:
            return self.answer(dice)
        if kind < 26:
            return self.of_task(dice)
        if kind < 30:
            return self.of_worker(dice)
        return self.change(dice) if kind == 30 else c.Tick()

    def new_task(self, dice: Dice) -> c.Command:
        self.tasks += 1
        name, how, channel = f"T{self.tasks:02d}", dice(8), CHANNELS[dice(8) == 0]
        target = {
            5: conf.Target("queue", dice.of(("QA", "QB", "QC"))),
            6: conf.Target("worker", self.a_worker(dice)),
        }.get(how)
        workflow = None if target else dice.of(("W1", "W2"))
        start = None if dice(4) else self.now - 1_000 * dice(20)
        ignore = False if how == 6 and dice(2) else None
        return c.CreateTask(
            name, dice.of(TASK_ATTRIBUTES), workflow, target, channel, dice.of((0, 0, 1, 5)), 60, start, ignore
        )

    def a_worker(self, dice: Dice) -> str:
        return dice.of(sorted(self.state.workers) or ["K0"])  # type: ignore[no-any-return]

    def a_task(self, dice: Dice, *wanted: str) -> str:
        """Mostly one of a status for which the command makes sense."""
        fitting = [task.id for task in self.state.tasks.values() if task.status in wanted] if dice(8) else []
        return dice.of(sorted(fitting or self.state.tasks) or ["T00"])  # type: ignore[no-any-return]

    def answer(self, dice: Dice) -> c.Command:
        how = dice(8)
        wanted = ("pending",) if how < 6 else ("accepted", "wrapping")
        fitting = [held.id for held in self.state.reservations.values() if held.status in wanted] if dice(8) else []
        name = dice.of(sorted(fitting or self.state.reservations) or ["WR000000000000"])
        if how < 4:
            return c.AcceptReservation(name)
        if how < 6:
            return c.RejectReservation(name, dice.of((None, None, None, "O", "B")), dice.of((0, 0, 4, 30)))
        return c.CompleteReservation(name) if how == 6 else c.WrapReservation(name)

    def of_task(self, dice: Dice) -> c.Command:
        how = dice(10)
        if how == 0:
            return c.CompleteTask(self.a_task(dice, "assigned", "wrapping"))
        if how == 1:
            return c.CancelTransfer(self.a_task(dice, "assigned"))
        if how == 2:
            return c.CancelTask(self.a_task(dice, "pending", "reserved"), "gone")
        if how < 5:
            name = self.a_task(dice, "assigned")
            kinds = (
                ("worker", self.a_worker(dice)),
                ("queue", dice.of(("QA", "QB", "QC"))),
                ("workflow", dice.of(("W1", "W2"))),
            )
            return c.TransferTask(name, conf.Target(*dice.of(kinds)), None, dice.of((None, 3)))
        if how == 5:
            self.tasks += 1
            lead = self.a_task(dice, "assigned")
            return c.CreateCompanion(f"T{self.tasks:02d}", lead, CHANNELS[dice(2)], dice.of(TASK_ATTRIBUTES), 0, 30)
        if how == 6:
            return c.RequeueTask(self.a_task(dice, "assigned"), "lost")
        if how == 7:
            name = self.a_task(dice, "pending", "reserved", "assigned")
            return (
                c.UpdateTask(name, dice.of(TASK_ATTRIBUTES))
                if dice(2)
                else c.UpdateTask(name, priority=dice.of((0, 2, 7)))
            )
        if how == 8:
            return c.EraseTask(self.a_task(dice)) if dice(2) else c.WrapTask(self.a_task(dice, "assigned"))
        return self.new_task(dice)

    def of_worker(self, dice: Dice) -> c.Command:
        name, how = self.a_worker(dice), dice(9)
        if how < 3:
            return c.SetActivity(name, dice.of(("A", "A", "O", "B")), bool(dice(2)))
        if how == 3:
            return c.SetReachable(name, bool(dice(2)))
        if how == 4:
            return c.SetChannel(name, dice.of(CHANNELS), dice.of((None, 0, 1, 2, 3)), dice.of((None, True, False)))
        if how == 5:
            return c.SetWorkerAttributes(name, dice.of(WORKER_ATTRIBUTES))
        if how == 6:
            return c.RemoveWorker(name)
        number = dice(5)
        return c.PutWorker(
            f"K{number}", f"Name{number}", dice.of(WORKER_ATTRIBUTES), {"chat": dice(4)}, dice.of((None, "A", "O"))
        )

    def change(self, dice: Dice) -> c.Command:
        how = dice(8)
        if how < 3:
            return c.Configure((dice.of(QUEUES),))
        if how < 6:
            return c.Configure((dice.of(WORKFLOWS),))
        if how == 6:
            return c.Configure(
                (),
                (conf.Removal(*dice.of((("workflow", "W2"), ("queue", "QD"), ("activity", "B"), ("workflow", "W1")))),),
            )
        return c.Configure((dice.of(QUEUES), dice.of(WORKFLOWS), dice.of(QUEUES)))

    # --- replay -----------------------------------------------------------------------------------------------------------------

    def replay(self) -> None:
        """From the beginning, and from the snapshots: the same transitions, the same state, the same behaviour afterwards."""
        digest = state_digest(self.state)
        starts = [(0, dump(new_state("WS1"))), *self.images[-1:], *self.images[: len(self.images) // 2][-1:]]
        later = self.now + 15_000
        futures = []
        for first, image in starts:
            state = load(image, self.attributes)
            for command, at, recorded in self.journal[first:]:
                values = self.attributes.get(getattr(command, "task_id", ""))
                if step(state, c.unsealed(command, values), at, recorded) != recorded:
                    raise Discrepancy(f"replay of {command} differs")
            if state_digest(state) != digest:
                raise Discrepancy("replay leads to another state")
            futures.append(future(state, later))
        futures.append(future(self.state, later))
        if any(each != futures[0] for each in futures):
            raise Discrepancy("after a replay the router behaves differently")


def future(state: WorkspaceState, now: int) -> list[Any]:
    """What the next commands lead to."""
    found: list[Any] = [step(state, c.Tick(), now)]
    for number, worker in enumerate(sorted(state.workers)):
        found.append(step(state, c.SetWorkerAttributes(worker, WORKER_ATTRIBUTES[number % 5]), now))
        found.append(step(state, c.SetActivity(worker, "A"), now))
    for number, values in enumerate(TASK_ATTRIBUTES):
        if "W1" in state.workflows:
            found.append(step(state, c.CreateTask(f"F{number}", values, "W1", None, "chat"), now + number))
    found.append(state_digest(state))
    return found


def run(data: bytes, kind: int, *, replay: bool = True) -> int:
    """A whole run; the number of steps."""
    world = World(kind)
    world.play(data)
    if replay:
        world.replay()
    return world.steps

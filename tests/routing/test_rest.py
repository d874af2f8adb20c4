"""At rest nothing fits: after every command no task waits that an idle worker could have, also where expressions read
what changes while a worker works (load, activity), which the oracle does not model. Masks agree with a fresh
evaluation, and the journal replays."""

import random

import pytest

from parlons.kit.errors import Refusal
from parlons.routing import commands as c
from parlons.routing import configuration as conf
from parlons.routing.step import step
from parlons.routing.why import explain
from tests.routing import world
from tests.routing.world import World, routing, rule

QUEUES = (
    conf.Queue("QA", "a", 'skills HAS "a" AND worker.channel.chat.assigned_tasks < 2'),
    conf.Queue("QA", "a", "channel.chat.available_capacity_percentage > 30", max_reserved=2),
    conf.Queue("QB", "b", 'activity_name == "Available"', order="LIFO"),
    conf.Queue("QC", "c", "channel.voice.assigned_tasks == 0"),
)
VOLATILE = (*QUEUES[:2], QUEUES[0], QUEUES[2], QUEUES[2], QUEUES[3], QUEUES[3], QUEUES[1], conf.Queue("QD", "d"))
"""At the places where a run looks for its queues."""
MINE = "task.lang IN worker.langs AND worker.channel.chat.assigned_tasks <= 1"
WORKFLOWS = (
    conf.Workflow("W1", "one", routing(
        rule("type == 'x'", {"queue": "QA", "expression": MINE, "timeout": 5},
             {"queue": "QC", "order_by": "worker.channel.chat.assigned_tasks ASC, worker.level DESC", "timeout": 9}),
        default="QC"), 6),
    conf.Workflow("W2", "two", routing(rule("lang == 'fr'", {"queue": "QB", "order_by": "worker.level"}), default="QA"), 5),
)  # fmt: skip


class Alone(World):
    """A run of the router alone."""

    def do(self, command: c.Command) -> None:
        if (due := self.state.next_deadline) is not None and due <= self.now and not isinstance(command, c.Tick):
            self.do(c.Tick())
        self.steps += 1
        try:
            transitions = step(self.state, command, self.now)
        except Refusal:
            return
        bare, values = c.sealed(command)
        self.journal.append((bare, self.now, transitions))
        if values is not None:
            self.attributes[bare.task_id] = values  # type: ignore[attr-defined]
        elif isinstance(command, c.EraseTask):
            self.attributes[command.task_id] = None
        self.rest(command)

    def rest(self, command: c.Command) -> None:
        """Nothing that waits fits anyone, and membership is what the expressions say now."""
        state = self.state
        for worker in state.workers.values():
            for queue in state.queues.values():
                facts = worker.facts(state)
                holds = queue.expression is not None and queue.expression.test(None, worker.attributes, facts)
                assert holds == bool(queue.members & worker.bit), f"{command}: {worker.id} in {queue.config.id}"
            for selection in state.selections.values():
                assert selection.holds(worker, state) == bool(selection.members & worker.bit), f"{command}: {worker.id}"
        for task in state.tasks.values():
            if task.entry is not None:
                fits = [each.worker_id for each in explain(state, task.id, self.now).candidates if each.eligible]
                assert fits == [], f"{command}: {task.id} waits for {fits}"


@pytest.mark.parametrize("volatile", [False, True])
@pytest.mark.parametrize("kind", [0, 1, 2, 4])
def test_at_rest_nothing_that_waits_fits_anyone(volatile: bool, kind: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if volatile:
        monkeypatch.setattr(world, "QUEUES", VOLATILE)
        monkeypatch.setattr(world, "WORKFLOWS", (WORKFLOWS[0], WORKFLOWS[0], WORKFLOWS[1]))
    for seed in range(12):
        run = Alone(kind)
        assert run.state.volatile is volatile
        run.play(random.Random(f"{kind} {seed}").randbytes(420))
        run.replay()

"""compat 1.3: filters, targets, timeouts, skip_if, known workers, priorities, the default filter."""

from typing import Any

import pytest

from parlons.routing import commands as c
from parlons.routing.configuration import Activity, Queue, Workflow
from parlons.routing.refusals import InvalidWorkflow
from parlons.routing.transitions import (
    REASON_MOVES,
    REASON_NO_FILTER,
    REASON_SKIPPED,
    REASON_WORKFLOW_TIMEOUT,
    TaskCanceled,
    Transition,
    WorkflowTargetMatched,
)
from parlons.routing.workflow import check_configuration
from tests.routing.lab import Lab, rule, workflow

P = Queue("P", "P")
Q = Queue("Q", "Q")


def path(transitions: list[Transition]) -> list[tuple[int, int, str | None]]:
    """Filter, target and queue of each step."""
    return [(each.filter, each.step, each.queue_id) for each in transitions if isinstance(each, WorkflowTargetMatched)]


def ended(transitions: list[Transition]) -> list[str]:
    """Reasons of cancellations."""
    return [each.reason for each in transitions if isinstance(each, TaskCanceled)]


def test_filters_from_the_top_the_first_that_matches() -> None:
    """compat 1.3: filters top-down, first match."""
    lab = Lab(
        P, Q, workflow(rule("a == 1", {"queue": "P"}), rule("a > 0", {"queue": "Q"}), rule("1==1", {"queue": "P"}))
    )
    assert path(lab.task("T1", None, attributes={"a": 1})) == [(0, 0, "P")]
    assert path(lab.task("T2", None, attributes={"a": 2})) == [(1, 0, "Q")]
    assert path(lab.task("T3", None)) == [(2, 0, "P")]


def test_default_filter_for_what_matches_no_filter() -> None:
    """compat 1.3: default_filter for tasks that match no filter; it has no timeout."""
    lab = Lab(Q, workflow(rule("a == 1", {"queue": "Q"}), default="Q"))
    assert path(lab.task("T1", None)) == [(-1, 0, "Q")]
    assert lab.wait(86_399) == []
    assert ended(lab.wait(1)) == ["Task TTL exceeded"]


def test_without_filter_and_default_the_task_is_canceled() -> None:
    lab = Lab(Q, workflow(rule("a == 1", {"queue": "Q"})))
    out = lab.task("T1", None)
    assert [each.type for each in out] == ["workflow.entered", "task.created", "task.canceled"]
    assert ended(out) == [REASON_NO_FILTER]


def test_targets_follow_each_other_by_timeout_and_inherit_the_queue() -> None:
    """compat 1.3: the next target only through timeout or skip_if; later ones inherit the queue; numbers may be strings."""
    lab = Lab(P, Q, workflow(rule("1==1", {"queue": "P", "timeout": "10"}, {"timeout": 5}, {"queue": "Q"})))
    assert path(lab.task("T1", None)) == [(0, 0, "P")]
    assert lab.wait(9.999) == []
    out = lab.wait(0.001)
    assert [each.type for each in out] == ["task-queue.timeout", "workflow.target-matched"]
    assert path(out) == [(0, 1, "P")]
    out = lab.wait(5)
    assert [each.type for each in out] == [
        "task-queue.timeout",
        "task-queue.moved",
        "task-queue.entered",
        "workflow.target-matched",
    ]
    assert path(out) == [(0, 2, "Q")]
    assert lab.wait(10_000) == []


def test_after_the_last_timeout_the_next_matching_filter_and_never_the_default() -> None:
    """compat 1.3: timed out with none after it: next matching filter, else canceled, never default_filter."""
    rules = (
        rule("a > 0", {"queue": "P", "timeout": 1}),
        rule("a == 9", {"queue": "P"}),
        rule("a == 1", {"queue": "Q", "timeout": 1}),
    )
    lab = Lab(P, Q, workflow(*rules, default="Q"))
    lab.task("T1", None, attributes={"a": 1})
    assert path(lab.wait(1)) == [(2, 0, "Q")]
    out = lab.wait(1)
    assert [each.type for each in out] == ["task-queue.timeout", "workflow.timeout", "task.canceled"]
    assert ended(out) == [REASON_WORKFLOW_TIMEOUT]


def test_skipped_out_of_a_filter_goes_to_the_default() -> None:
    """compat 1.3: default_filter for tasks skipped out of a filter."""
    lab = Lab(P, Q, workflow(rule("1==1", {"queue": "P", "skip_if": "1==1"}), default="Q"))
    out = lab.task("T1", None)
    assert path(out) == [(0, 0, "P"), (-1, 0, "Q")]
    assert "workflow.skipped" in [each.type for each in out]


def test_skipped_out_without_default_is_canceled() -> None:
    lab = Lab(P, workflow(rule("1==1", {"queue": "P", "skip_if": "1==1"})))
    assert ended(lab.task("T1", None)) == [REASON_SKIPPED]


def test_skip_if_only_when_nobody_was_found_at_once() -> None:
    """compat 1.3: skip_if is evaluated only if no reservation was created at once on entering the step."""
    lab = Lab(P, Q, workflow(rule("1==1", {"queue": "P", "skip_if": "1==1"}, {"queue": "Q"})))
    lab.worker("K1")
    assert path(lab.task("T1", None)) == [(0, 0, "P")]
    assert path(lab.task("T2", None)) == [(0, 0, "P"), (0, 1, "Q")]
    lab.do(c.SetActivity("K1", "O"))
    assert lab.status("T2") == "pending"


@pytest.mark.parametrize(
    ("skip_if", "skipped"),
    [
        pytest.param("workers.available == 0", False, id="compat 1.3: workers.available in that queue"),
        pytest.param(
            "workers.available == 1 AND workers.unavailable == 2", True, id="compat 1.3: available and unavailable"
        ),
        pytest.param("workers.O > 1 OR workers.M >= 1", True, id="compat 1.3: workers by activity"),
        pytest.param("workers.A == 2", False, id="compat 1.3: others of the workspace do not count"),
        pytest.param("1==1", True, id="compat 1.3: 1==1"),
    ],
)
def test_skip_if_counts_the_workers_of_the_queue(skip_if: str, skipped: bool) -> None:
    queue = Queue("P", "P", "team == 1")
    lab = Lab(
        queue,
        Q,
        workflow(rule("1==1", {"queue": "P", "skip_if": skip_if}, {"queue": "Q", "expression": "worker.x == 1"})),
    )
    lab.worker("K1", team=1, capacity=0)
    lab.worker("K2", "O", team=1)
    lab.worker("K3", "M", team=1)
    lab.worker("K4", team=2)
    assert (len(path(lab.task("T1", None))) == 2) is skipped


def test_an_unreachable_worker_counts_as_unavailable() -> None:
    lab = Lab(P, Q, workflow(rule("1==1", {"queue": "P", "skip_if": "workers.available == 0"}, {"queue": "Q"})))
    lab.worker("K1")
    lab.do(c.SetReachable("K1", False))
    assert path(lab.task("T1", None)) == [(0, 0, "P"), (0, 1, "Q")]


def test_a_targets_priority_overwrites_the_tasks_else_it_is_kept() -> None:
    """compat 1.3: priority of a target."""
    lab = Lab(P, workflow(rule("1==1", {"queue": "P", "timeout": 1}, {"priority": "10", "timeout": 1}, {"timeout": 1})))
    lab.task("T1", None, priority=3)
    found = [lab.state.tasks["T1"].priority]
    for _ in range(2):
        lab.wait(1)
        found.append(lab.state.tasks["T1"].priority)
    assert found == [3, 10, 10]


@pytest.mark.parametrize(
    ("target", "attributes", "offered"),
    [
        pytest.param(
            {"known_worker_sid": "task.agent"}, {"agent": "K2"}, ["K2"], id="compat 1.3: known_worker_sid by attribute"
        ),
        pytest.param({"known_worker_sid": "K2"}, {}, ["K2"], id="compat 1.3: known_worker_sid literal"),
        pytest.param(
            {"known_worker_friendly_name": "task.who.name"}, {"who": {"name": "K2"}}, ["K2"], id="compat 1.3: by name"
        ),
        pytest.param(
            {"known_worker_sid": "task.agent"}, {"agent": "K9"}, [], id="compat 1.3: nobody has this id: waits"
        ),
        pytest.param(
            {"known_worker_sid": "task.agent"}, {}, [], id="compat 1.3: the task has no such attribute: waits"
        ),
        pytest.param({"known_worker_sid": "K3"}, {}, [], id="compat 1.2: the known worker must serve the queue"),
    ],
)
def test_known_worker(target: dict[str, Any], attributes: dict[str, Any], offered: list[str]) -> None:
    lab = Lab(Queue("Q", "Q", "team == 1"), workflow(rule("1==1", {"queue": "Q"} | target)))
    for name, team in (("K1", 1), ("K2", 1), ("K3", 2)):
        lab.worker(name, team=team)
    lab.task("T1", None, attributes=attributes)
    assert lab.offers().get("T1", []) == offered


def test_a_known_worker_who_does_not_exist_is_not_written_down() -> None:
    """The record holds outcomes, never an attribute's value."""
    lab = Lab(workflow(rule("1==1", {"queue": "Q", "known_worker_sid": "task.phone"})))
    out = lab.task("T1", None, attributes={"phone": "+33123456789"})
    assert "+33123456789" not in repr(out)


def test_the_step_time_goes_on_while_reserved_and_ends_when_the_offer_does() -> None:
    """compat 1.3 and 1.5: the next target is entered when the offer ends without acceptance."""
    lab = Lab(P, Q, workflow(rule("1==1", {"queue": "P", "timeout": 5}, {"queue": "Q"}), timeout=30))
    lab.worker("K1")
    lab.task("T1", None)
    assert lab.wait(29.9) == []
    assert path(lab.wait(0.1)) == [(0, 1, "Q")]


def test_an_edited_workflow_leads_pending_tasks_again() -> None:
    """compat 1.3: editing a workflow re-evaluates pending tasks; the place is kept."""
    lab = Lab(P, Q, workflow(rule("1==1", {"queue": "P", "priority": 7})))
    lab.task("T1", None, priority=2)
    start = lab.state.tasks["T1"].virtual_start
    lab.now += 5_000
    out = lab.do(c.Configure((workflow(rule("1==1", {"queue": "Q"})),)))
    task = lab.state.tasks["T1"]
    assert path(out) == [(0, 0, "Q")]
    assert (task.queue_id, task.priority, task.virtual_start) == ("Q", 2, start)


def test_an_edited_queue_is_looked_at_again() -> None:
    """compat 1.3: editing a queue re-evaluates pending tasks."""
    lab = Lab(Queue("Q", "Q", "team == 1"))
    lab.worker("K1", team=2)
    lab.task("T1")
    assert lab.offers() == {}
    lab.do(c.Configure((Queue("Q", "Q", "team == 2"),)))
    assert lab.offers() == {"T1": ["K1"]}


def test_a_reserved_task_goes_through_the_new_workflow_when_its_offer_ends() -> None:
    lab = Lab(P, Q, workflow(rule("1==1", {"queue": "P"})))
    lab.worker("K1")
    lab.task("T1", None)
    lab.do(c.Configure((workflow(rule("1==1", {"queue": "Q"})),)))
    assert lab.state.tasks["T1"].queue_id == "P"
    assert path(lab.reject("T1")) == [(0, 0, "Q")]


def test_new_attributes_lead_a_pending_task_again() -> None:
    lab = Lab(P, Q, workflow(rule("a == 1", {"queue": "P"}), rule("a == 2", {"queue": "Q"})))
    lab.task("T1", None, attributes={"a": 1})
    assert path(lab.do(c.UpdateTask("T1", {"a": 2}))) == [(1, 0, "Q")]


def test_too_many_moves_cancel_the_task() -> None:
    """compat 1.5: 1,000 pending -> reserved moves."""
    lab = Lab(workflow(rule("1==1", {"queue": "Q"})))
    lab.worker("K1")
    lab.task("T1", None)
    out: list[Transition] = []
    for _ in range(1_000):
        assert lab.status("T1") == "reserved"
        out = lab.reject("T1")
    assert ended(out) == [REASON_MOVES]


ONE = {"queue": "Q"}
MALFORMED: list[Any] = [
    pytest.param('{"task_routing": ', 1, 18, "JSON", id="not JSON"),
    pytest.param("[]", 1, 1, "object", id="not an object"),
    pytest.param({"task_routing": {}}, 1, 1, "neither a filter", id="nothing in it"),
    pytest.param(
        {"task_routing": {"filters": [{"expression": "a ==", "targets": [ONE]}]}},
        1,
        5,
        "value is missing",
        id="expression",
    ),
    pytest.param({"task_routing": {"filters": [rule("1==1", {"queue": "X"})]}}, 1, 1, "no queue X", id="unknown queue"),
    pytest.param(
        {"task_routing": {"filters": [rule("1==1", {})]}}, 1, 1, "queue is missing", id="first target without queue"
    ),
    pytest.param({"task_routing": {"filters": [rule("1==1")]}}, 1, 1, "at least one target", id="no target"),
    pytest.param({"task_routing": {"filters": [{"targets": [ONE]}]}}, 1, 1, "needs an expression", id="no expression"),
    pytest.param(
        {"task_routing": {"filters": [rule("1==1", ONE | {"timeout": "soon"})]}}, 1, 1, "whole number", id="timeout"
    ),
    pytest.param(
        {"task_routing": {"filters": [rule("1==1", ONE | {"priority": -1})]}}, 1, 1, "whole number", id="priority"
    ),
    pytest.param(
        {"task_routing": {"filters": [rule("1==1", ONE | {"skip_if": "level > 1"})]}}, 1, 1, "skip_if", id="skip_if"
    ),
    pytest.param(
        {"task_routing": {"filters": [rule("1==1", ONE | {"expression": "lang == 'fr'"})]}},
        1,
        1,
        "task.lang",
        id="no prefix",
    ),
    pytest.param(
        {"task_routing": {"filters": [rule("1==1", ONE | {"order_by": "worker.a UP"})]}},
        1,
        1,
        "order_by",
        id="order_by",
    ),
    pytest.param(
        {"task_routing": {"filters": [rule("1==1", ONE | {"color": 1})]}}, 1, 1, "not known", id="unknown key"
    ),
    pytest.param({"task_routing": {"default_filter": {"queue": 7}}}, 1, 1, "queue is missing", id="wrong type"),
]


@pytest.mark.parametrize(("configuration", "line", "column", "says"), MALFORMED)
def test_a_malformed_workflow_is_refused_with_place_and_remedy(
    configuration: Any, line: int, column: int, says: str
) -> None:
    problems = check_configuration(configuration, {"Q"})
    assert problems
    assert says in str(problems[0])
    assert (problems[0].line, problems[0].column) == (line, column)
    assert problems[0].remedy


def test_a_malformed_workflow_changes_nothing() -> None:
    lab = Lab()
    with pytest.raises(InvalidWorkflow) as caught:
        lab.do(
            c.Configure(
                (Activity("X", "X", True), Workflow("W", "W", {"task_routing": {"default_filter": {"queue": "nope"}}}))
            )
        )
    assert caught.value.details["problems"][0]["where"] == "task_routing.default_filter.queue"
    assert "X" not in lab.state.activities

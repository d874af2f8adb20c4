"""compat 1.2: who may be reserved, how much, and in which order tasks and workers are taken."""

from typing import Any

import pytest

from parlons.routing import commands as c
from parlons.routing.configuration import Queue, Target, TaskChannel
from tests.routing.lab import Lab, rule, workflow

FR = Queue("Q", "Q", 'langs HAS "fr"')


@pytest.mark.parametrize(
    ("worker", "offered"),
    [
        pytest.param({"langs": ["fr"]}, True, id="compat 1.2: queue expression holds"),
        pytest.param({"langs": ["en"]}, False, id="compat 1.2: queue expression does not hold"),
        pytest.param({"langs": ["fr"], "activity": "O"}, False, id="compat 1.2: activity not available"),
        pytest.param({"langs": ["fr"], "capacity": 0}, False, id="compat 1.2: no capacity on the channel"),
    ],
)
def test_who_may_be_offered(worker: dict[str, Any], offered: bool) -> None:
    lab = Lab(FR)
    lab.worker("K1", **worker)
    lab.task("T1")
    assert (lab.offers() == {"T1": ["K1"]}) is offered


def test_target_expression_counts_besides_the_queue() -> None:
    """compat 1.2: TargetWorkers AND target expression."""
    lab = Lab(FR, workflow(rule("1==1", {"queue": "Q", "expression": "task.n <= worker.level"})))
    lab.worker("K1", langs=["fr"], level=1)
    lab.worker("K2", langs=["en"], level=9)
    lab.task("T1", None, attributes={"n": 5})
    assert lab.offers() == {}
    lab.worker("K3", langs=["fr"], level=5)
    assert lab.offers() == {"T1": ["K3"]}


def test_a_closed_channel_takes_nothing_and_an_opened_one_at_once() -> None:
    """compat 1.2: the channel `available`."""
    lab = Lab()
    lab.worker("K1")
    lab.do(c.SetChannel("K1", "default", available=False))
    lab.task("T1")
    assert lab.offers() == {}
    lab.do(c.SetChannel("K1", "default", available=True))
    assert lab.offers() == {"T1": ["K1"]}


def test_pending_accepted_and_wrapping_all_count_against_capacity() -> None:
    """compat 1.2: reservations in pending + accepted + wrapping < capacity."""
    lab = Lab()
    lab.worker("K1", capacity=3)
    for number in range(5):
        lab.task(f"T{number}")
    assert len(lab.offers()) == 3
    lab.accept("T0")
    lab.accept("T1")
    lab.do(c.WrapTask("T1"))
    assert len(lab.offers()) == 3
    own = lab.state.workers["K1"].channels["default"]
    assert (own.load, own.assigned) == (3, 1), "assigned_tasks counts accepted only"
    lab.complete("T1")
    assert lab.offers().keys() == {"T0", "T2", "T3"}


def test_capacity_is_counted_by_channel() -> None:
    """compat 1.1: capacity per task channel."""
    lab = Lab()
    lab.worker("K1", channels={"chat": 1, "voice": 1})
    lab.task("T1", channel="chat")
    lab.task("T2", channel="voice")
    lab.task("T3", channel="chat")
    assert lab.offers() == {"T1": ["K1"], "T2": ["K1"]}


@pytest.mark.parametrize(
    ("capacity", "load", "percentage"), [(3, 1, 66), (3, 3, 0), (2, 0, 100), (0, 0, 0), (2, 3, -50)]
)
def test_available_capacity_percentage(capacity: int, load: int, percentage: int) -> None:
    """compat 1.2: floor((1 - reservations/capacity) * 100)."""
    lab = Lab()
    lab.worker("K1", capacity=max(load, capacity))
    for number in range(load):
        lab.task(f"T{number}")
    lab.do(c.SetChannel("K1", "default", capacity))
    facts = lab.state.workers["K1"].facts(lab.state)
    assert facts["channel"]["default"]["available_capacity_percentage"] == percentage


@pytest.mark.parametrize(
    ("expression", "after_first"),
    [
        pytest.param("channel.default.assigned_tasks < 1", ["T1"], id="compat 1.2: assigned_tasks"),
        pytest.param(
            "worker.channel.default.available_capacity_percentage >= 100",
            [],
            id="compat 1.2: available_capacity_percentage",
        ),
        pytest.param("channel.default.configured_capacity == 3", ["T1", "T2"], id="compat 1.2: configured_capacity"),
        pytest.param('sid == "K1" AND friendly_name == "K1"', ["T1", "T2"], id="compat 1.2: sid and friendly_name"),
        pytest.param('activity_sid == "A" AND activity_name = "Available"', ["T1", "T2"], id="compat 1.2: activity"),
    ],
)
def test_expressions_read_the_workers_own_figures(expression: str, after_first: list[str]) -> None:
    lab = Lab(Queue("Q", "Q", expression))
    lab.worker("K1", capacity=3)
    lab.task("T0")
    assert lab.offers() == {"T0": ["K1"]}
    lab.task("T1")
    lab.accept("T0")
    lab.task("T2")
    assert [name for name in lab.offers() if name != "T0"] == after_first


def test_a_figure_that_comes_back_brings_what_waits() -> None:
    """compat 1.2: expressions over assigned_tasks are looked at again when it changes."""
    lab = Lab(Queue("Q", "Q", "channel.default.assigned_tasks == 0"))
    lab.worker("K1", capacity=2)
    lab.task("T0")
    lab.accept("T0")
    lab.task("T1")
    assert "T1" not in lab.offers()
    lab.do(c.WrapTask("T0"))
    assert lab.offers()["T1"] == ["K1"]


def test_fifo_is_priority_then_virtual_start_then_id() -> None:
    """compat 1.2: priority desc, then virtual_start_time asc, then sid."""
    lab = Lab()
    lab.task("T1")
    lab.task("T2", priority=5)
    lab.task("T3", priority=5, virtual_start=10)
    lab.task("T5", virtual_start=20)
    lab.task("T4", virtual_start=20)
    lab.worker("K1")
    assert ["T3", *lab.drain()] == ["T3", "T2", "T4", "T5", "T1"]


def test_lifo_is_newest_first_and_ignores_priority() -> None:
    """compat 1.2: LIFO newest first, priority ignored."""
    lab = Lab(Queue("Q", "Q", order="LIFO"))
    for name, priority in (("T1", 0), ("T2", 9), ("T3", 0)):
        lab.task(name, priority=priority)
    lab.worker("K1")
    assert ["T3", *lab.drain()] == ["T3", "T2", "T1"]


@pytest.mark.parametrize(("first", "order"), [("FIFO", ["T1", "T2", "T4", "T3"]), ("LIFO", ["T4", "T3", "T1", "T2"])])
def test_prioritize_queue_order_says_which_kind_drains_first(first: str, order: list[str]) -> None:
    """compat 1.2: a worker in FIFO and LIFO queues; PrioritizeQueueOrder decides."""
    lab = Lab(Queue("Q", "Q"), Queue("L", "L", order="LIFO"), prioritize_queue_order=first)
    lab.task("T1")
    lab.task("T2")
    lab.task("T3", "L", priority=9)
    lab.task("T4", "L")
    lab.worker("K1")
    assert [next(iter(lab.offers())), *lab.drain()] == order


def test_several_fifo_queues_drain_as_one() -> None:
    """compat 1.2: one global sort over FIFO queues."""
    lab = Lab(Queue("Q", "Q"), Queue("P", "P"))
    for name, queue, priority in (("T1", "Q", 0), ("T2", "P", 3), ("T3", "Q", 5), ("T4", "P", 0)):
        lab.task(name, queue, priority)
    lab.worker("K1")
    assert ["T3", *lab.drain()] == ["T3", "T2", "T1", "T4"]


def test_the_longest_unoccupied_worker_comes_first() -> None:
    """compat 1.2: default worker order."""
    lab = Lab()
    for name in ("K1", "K2", "K3"):
        lab.worker(name)
    lab.task("T1")
    lab.accept("T1")
    lab.complete("T1")
    for name in ("T2", "T3", "T4"):
        lab.task(name)
    assert lab.offers() == {"T2": ["K2"], "T3": ["K3"], "T4": ["K1"]}


def test_coming_back_from_a_break_is_the_end_of_the_line_but_a_lost_socket_is_not() -> None:
    """compat 1.2: longest unoccupied counts from becoming available."""
    lab = Lab()
    for name in ("K1", "K2", "K3"):
        lab.worker(name)
    lab.do(c.SetActivity("K1", "O"))
    lab.do(c.SetActivity("K1", "A"))
    lab.do(c.SetReachable("K2", False))
    lab.do(c.SetReachable("K2", True))
    for name in ("T1", "T2", "T3"):
        lab.task(name)
    assert lab.offers() == {"T1": ["K2"], "T2": ["K3"], "T3": ["K1"]}


@pytest.mark.parametrize(
    ("order_by", "order"),
    [
        pytest.param(
            "worker.level DESC", ["K2", "K1", "K3", "K4"], id="compat 1.2: DESC, missing and non-integer after"
        ),
        pytest.param("worker.level ASC", ["K1", "K2", "K3", "K4"], id="compat 1.2: ASC, missing and non-integer after"),
        pytest.param("worker.nick DESC", ["K1", "K2", "K3", "K4"], id="compat 1.2: non-integer, clause ignored"),
        pytest.param(
            "worker.same.x DESC, worker.level", ["K1", "K2", "K3", "K4"], id="compat 1.2: nested, second clause"
        ),
        pytest.param("worker.none ASC", ["K1", "K2", "K3", "K4"], id="compat 1.2: tie, longest unoccupied"),
    ],
)
def test_order_by(order_by: str, order: list[str]) -> None:
    lab = Lab(workflow(rule("1==1", {"queue": "Q", "order_by": order_by})))
    for name, level in (("K1", 1), ("K2", 8), ("K3", None), ("K4", "high")):
        more = {} if level is None else {"level": level}
        lab.worker(name, nick=name, same={"x": 1}, **more)
    found = []
    for number in range(4):
        lab.task(f"T{number}", None)
        found.append(lab.offers()[f"T{number}"][0])
    assert found == order


def test_optimized_channel_takes_idle_workers_first() -> None:
    """compat 1.1: channel_optimized_routing prioritises idle."""
    lab = Lab(TaskChannel("TC1", "chat", optimized=True))
    lab.worker("K1", channels={"chat": 2})
    lab.worker("K2", channels={"chat": 2})
    lab.task("T1", channel="chat")
    lab.task("T2", channel="chat")
    lab.accept("T2")
    lab.complete("T2")
    lab.task("T3", channel="chat")
    assert lab.offers() == {"T1": ["K1"], "T3": ["K2"]}


def test_as_many_are_asked_at_once_as_the_queue_says() -> None:
    """compat 1.2: up to MaxReservedWorkers; first accept wins, the others are rescinded."""
    lab = Lab(Queue("Q", "Q", max_reserved=3))
    for name in ("K1", "K2"):
        lab.worker(name)
    lab.task("T1")
    assert lab.offers() == {"T1": ["K1", "K2"]}
    lab.worker("K3")
    lab.worker("K4")
    assert lab.offers() == {"T1": ["K1", "K2", "K3"]}, "a worker who comes free joins while there is room"
    assert [each.type for each in lab.accept("T1", "K2")] == ["reservation.accepted", *["reservation.rescinded"] * 2]
    assert lab.offers() == {"T1": ["K2"]}


def test_back_to_pending_only_when_all_have_ended_and_counted_once() -> None:
    """compat 1.2: pending again only when all ended without acceptance; one move."""
    lab = Lab(Queue("Q", "Q", max_reserved=2))
    lab.worker("K1")
    lab.worker("K2")
    lab.task("T1")
    lab.do(c.SetActivity("K1", "O", reject_pending=True))
    assert (lab.status("T1"), lab.state.tasks["T1"].moves) == ("reserved", 1)
    lab.do(c.SetActivity("K2", "O", reject_pending=True))
    assert (lab.status("T1"), lab.state.tasks["T1"].moves) == ("pending", 1)
    lab.do(c.SetActivity("K2", "A"))
    assert (lab.status("T1"), lab.state.tasks["T1"].moves) == ("reserved", 2)


def test_a_returned_task_goes_to_those_who_stand_in_line_before_the_one_who_refused() -> None:
    """compat 1.2, 1.5: the refuser is the last in line; he may get the same task at once."""
    lab = Lab()
    lab.worker("K1")
    lab.worker("K2")
    lab.task("T1")
    lab.reject("T1")
    assert lab.offers() == {"T1": ["K2"]}
    lab.reject("T1")
    assert lab.offers() == {"T1": ["K1"]}


def test_a_task_straight_to_a_worker_sets_capacity_aside_unless_told_otherwise() -> None:
    """compat 1.1: ignore_capacity, default true when the target is a worker; activity still counts."""
    lab = Lab()
    lab.worker("K1")
    lab.worker("K2")
    lab.task("T0")
    for name, ignore in (("T1", None), ("T2", False)):
        lab.task(name, None, target=Target("worker", "K1"), ignore_capacity=ignore)
    assert lab.offers() == {"T0": ["K1"], "T1": ["K1"]}
    lab.do(c.SetActivity("K1", "O"))
    lab.task("T3", None, target=Target("worker", "K1"))
    assert "T3" not in lab.offers()
    lab.do(c.SetActivity("K1", "A"))
    assert lab.offers().keys() == {"T0", "T1", "T3"}


def test_one_task_at_a_time_where_the_workspace_says_so() -> None:
    """compat 1.1: single-tasking; reservation and assignment activity act only there."""
    busy = Queue("Q", "Q", reservation_activity_id="M", assignment_activity_id="O")
    lab = Lab(busy, multi_task=False)
    lab.worker("K1", channels={"default": 5})
    lab.task("T1")
    lab.task("T2")
    assert (lab.offers(), lab.state.workers["K1"].activity_id) == ({"T1": ["K1"]}, "M")
    lab.accept("T1")
    assert lab.state.workers["K1"].activity_id == "O"
    lab.complete("T1")
    lab.do(c.SetActivity("K1", "A"))
    assert lab.offers() == {"T2": ["K1"]}
    many = Lab(busy)
    many.worker("K1", capacity=5)
    many.task("T1")
    assert many.state.workers["K1"].activity_id == "A"

"""Transfers (the task keeps its id; failure returns it) and companion tasks (architecture: the model)."""

import pytest

from parlons.routing import commands as c
from parlons.routing.configuration import Queue, Target
from parlons.routing.refusals import InvalidCommand, WorkerNotAvailable, WrongStatus
from tests.routing.lab import Lab, rule, workflow

P = Queue("P", "P", "team == 2")
Q = Queue("Q", "Q", "team == 1")


@pytest.fixture
def lab() -> Lab:
    """K1 (team 1) has T1; K2 is of team 2."""
    made = Lab(P, Q, workflow(rule("1==1", {"queue": "P", "timeout": 20}), timeout=10))
    made.worker("K1", team=1, capacity=2)
    made.worker("K2", team=2, capacity=2)
    made.task("T1")
    made.accept("T1")
    return made


def held(lab: Lab) -> dict[str, int]:
    return {worker.id: len(worker.held) for worker in lab.state.workers.values()}


@pytest.mark.parametrize("target", [Target("worker", "K2"), Target("queue", "P"), Target("workflow", "W")])
def test_the_worker_keeps_the_task_until_another_accepts(lab: Lab, target: Target) -> None:
    out = lab.names(c.TransferTask("T1", target, lab.offer("T1"), note_id="NO1"))
    assert (out[0], out[-1]) == ("task.transfer-initiated", "reservation.created")
    assert (lab.status("T1"), held(lab)) == ("assigned", {"K1": 1, "K2": 1})
    assert [each.type for each in lab.accept("T1", "K2")] == [
        "reservation.accepted",
        "task.transfer-completed",
        "reservation.completed",
    ]
    assert (lab.status("T1"), held(lab)) == ("assigned", {"K1": 0, "K2": 1})


def test_a_named_worker_who_refuses_sends_it_back(lab: Lab) -> None:
    lab.do(c.TransferTask("T1", Target("worker", "K2")))
    assert [each.type for each in lab.reject("T1", "K2")] == [
        "reservation.rejected", "task.transfer-attempt-failed", "task.transfer-failed",
    ]  # fmt: skip
    assert (lab.status("T1"), lab.offers(), lab.state.tasks["T1"].queue_id) == ("assigned", {"T1": ["K1"]}, "Q")
    lab.complete("T1")
    assert held(lab) == {"K1": 0, "K2": 0}


def test_in_a_queue_others_are_asked_until_its_time_is_over(lab: Lab) -> None:
    lab.do(c.TransferTask("T1", Target("workflow", "W")))
    assert [each.type for each in lab.reject("T1", "K2")][-1] == "reservation.created", "he may be asked at once again"
    out = [each.type for each in lab.wait(40)]
    assert out.count("task.transfer-attempt-failed") == 1
    assert out[-1] == "task.transfer-failed"
    assert (lab.status("T1"), lab.offers(), lab.state.tasks["T1"].workflow_id) == ("assigned", {"T1": ["K1"]}, None)


def test_a_transfer_that_nobody_takes_in_its_time_to_live_comes_back(lab: Lab) -> None:
    lab.do(c.SetActivity("K2", "O"))
    lab.do(c.TransferTask("T1", Target("queue", "P")))
    assert [each.type for each in lab.wait(86_400)] == ["task.transfer-failed"]
    assert lab.offers() == {"T1": ["K1"]}


def test_the_transferrer_is_never_asked_himself(lab: Lab) -> None:
    lab.do(c.TransferTask("T1", Target("queue", "Q")))
    assert held(lab) == {"K1": 1, "K2": 0}
    lab.worker("K3", team=1)
    assert held(lab) == {"K1": 1, "K2": 0, "K3": 1}


def test_calling_back(lab: Lab) -> None:
    lab.do(c.TransferTask("T1", Target("queue", "P")))
    assert lab.names(c.CancelTransfer("T1")) == ["reservation.canceled", "task.transfer-canceled"]
    assert lab.offers() == {"T1": ["K1"]}


def test_completing_or_wrapping_ends_the_transfer(lab: Lab) -> None:
    lab.do(c.TransferTask("T1", Target("queue", "P")))
    lab.do(c.WrapTask("T1"))
    assert (lab.status("T1"), held(lab)) == ("wrapping", {"K1": 1, "K2": 0})


def test_a_lost_worker_in_transfer_puts_the_task_back_to_its_first_way(lab: Lab) -> None:
    lab.do(c.TransferTask("T1", Target("queue", "P")))
    lab.do(c.SetReachable("K1", False))
    lab.do(c.RequeueTask("T1", "gone"))
    assert (lab.status("T1"), lab.state.tasks["T1"].queue_id, held(lab)) == ("pending", "Q", {"K1": 0, "K2": 0})


def test_capacity_is_set_aside_for_a_transfer_to_a_worker_but_not_availability(lab: Lab) -> None:
    lab.do(c.SetChannel("K2", "default", 0))
    lab.do(c.TransferTask("T1", Target("worker", "K2")))
    assert held(lab)["K2"] == 1
    lab.do(c.CancelTransfer("T1"))
    lab.do(c.SetActivity("K2", "O"))
    with pytest.raises(WorkerNotAvailable):
        lab.do(c.TransferTask("T1", Target("worker", "K2")))
    with pytest.raises(InvalidCommand):
        lab.do(c.TransferTask("T1", Target("worker", "K1")))


def test_one_transfer_at_a_time_and_none_of_a_wrapping_task(lab: Lab) -> None:
    lab.do(c.TransferTask("T1", Target("queue", "P")))
    with pytest.raises(WrongStatus):
        lab.do(c.TransferTask("T1", Target("queue", "P")))
    lab.do(c.WrapTask("T1"))
    with pytest.raises(WrongStatus):
        lab.do(c.TransferTask("T1", Target("queue", "P")))


def test_a_waiting_task_can_be_sent_elsewhere_and_comes_back_to_its_own_way(lab: Lab) -> None:
    lab.do(c.SetChannel("K1", "default", 1))
    lab.task("T2")
    start = lab.state.tasks["T2"].virtual_start
    lab.do(c.TransferTask("T2", Target("worker", "K2")))
    assert (lab.status("T2"), held(lab)["K2"]) == ("reserved", 1)
    lab.reject("T2", "K2")
    task = lab.state.tasks["T2"]
    assert (task.status, task.queue_id, task.virtual_start) == ("pending", "Q", start)


def test_a_companion_is_born_accepted_where_there_is_room(lab: Lab) -> None:
    assert lab.names(c.CreateCompanion("T2", "T1", "voice", {})) == [
        "task.created",
        "reservation.created",
        "reservation.accepted",
    ]
    assert lab.status("T2") == "assigned"
    own = lab.state.workers["K1"].channels["voice"]
    assert (own.load, own.assigned) == (1, 1)


def test_a_companion_waits_for_its_worker_when_the_channel_is_full(lab: Lab) -> None:
    lab.do(c.CreateCompanion("T2", "T1", "voice", {}))
    lab.do(c.CreateCompanion("T3", "T1", "voice", {}))
    assert lab.status("T3") == "pending"
    lab.complete("T2")
    assert lab.offers()["T3"] == ["K1"]


def test_a_companion_needs_an_assigned_task(lab: Lab) -> None:
    lab.do(c.WrapTask("T1"))
    with pytest.raises(WrongStatus):
        lab.do(c.CreateCompanion("T2", "T1", "voice", {}))

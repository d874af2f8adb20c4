"""compat 1.5: lifecycles of tasks and reservations, their timers, and the documented order of events."""

import pytest

from parlons.kit.errors import Refusal
from parlons.routing import commands as c
from parlons.routing.configuration import Activity, Queue, Removal, Settings, Target, TaskChannel, Workflow
from parlons.routing.refusals import (
    ActivityFixed,
    DuplicateId,
    InUse,
    InvalidCommand,
    InvalidConfiguration,
    NameTaken,
    NotYours,
    UnknownActivity,
    UnknownChannel,
    UnknownQueue,
    UnknownReservation,
    UnknownTask,
    UnknownWorker,
    UnknownWorkflow,
    WorkerBusy,
    WrongStatus,
)
from parlons.routing.snapshot import dump
from parlons.routing.transitions import ReservationCanceled, TaskCanceled
from tests.routing.lab import Lab, rule, workflow


def lab_with_offer(**settings: object) -> Lab:
    lab = Lab(workflow(rule("1==1", {"queue": "Q"}), timeout=30), **settings)
    lab.worker("K1")
    lab.task("T1", None)
    return lab


def test_documented_order_of_events_for_one_task() -> None:
    """compat 1.5: observed order for one task."""
    lab = lab_with_offer()
    lab.accept("T1")
    lab.complete("T1")
    assert [each.type for each in lab.heard if "task_id" in each.__struct_fields__] == [
        "workflow.entered", "task-queue.entered", "task.created", "workflow.target-matched", "reservation.created",
        "reservation.accepted", "task.completed", "reservation.completed", "task.updated",
    ]  # fmt: skip
    assert (lab.state.tasks, lab.state.reservations) == ({}, {}), "a finished task leaves memory at once"


def test_pending_reserved_assigned_wrapping_completed() -> None:
    """compat 1.5: task and reservation lifecycle; wrap-up keeps the capacity."""
    lab = lab_with_offer()
    found = [(lab.status("T1"), lab.state.reservations[lab.offer("T1")].status)]
    lab.accept("T1")
    found.append((lab.status("T1"), lab.state.reservations[lab.offer("T1")].status))
    assert lab.names(c.WrapReservation(lab.offer("T1"))) == ["task.wrapup", "reservation.wrapup"]
    found.append((lab.status("T1"), lab.state.reservations[lab.offer("T1")].status))
    lab.task("T2")
    assert lab.status("T2") == "pending"
    lab.do(c.CompleteReservation(lab.offer("T1")))
    assert found == [("reserved", "pending"), ("assigned", "accepted"), ("wrapping", "wrapping")]
    assert (lab.status("T1"), lab.status("T2")) == ("gone", "reserved")


def test_an_unanswered_offer_sends_the_worker_to_the_timeout_activity() -> None:
    """compat 1.5: on timeout the worker goes to TimeoutActivity, even in multitasking; the task is pending again."""
    lab = lab_with_offer()
    assert lab.wait(29.999) == []
    out = lab.wait(0.001)
    assert [each.type for each in out] == ["reservation.timeout", "worker.activity.update", "task.updated"]
    assert (lab.status("T1"), lab.state.workers["K1"].activity_id) == ("pending", "M")
    lab.do(c.SetActivity("K1", "A"))
    assert lab.offers() == {"T1": ["K1"]}


def test_the_workflow_says_how_long_an_offer_lasts_else_the_workspace() -> None:
    """compat 1.1: task_reservation_timeout."""
    lab = Lab(reservation_timeout_seconds=7)
    lab.worker("K1")
    lab.task("T1")
    assert lab.state.reservations[lab.offer("T1")].deadline - lab.now == 7_000


def test_a_refusal_gives_the_same_task_at_once_unless_an_activity_or_quiet_is_given() -> None:
    """compat 1.5: on reject the optional activity applies, else he may get the same task at once."""
    lab = lab_with_offer()
    lab.reject("T1")
    assert lab.offers() == {"T1": ["K1"]}
    lab.reject("T1", activity_id="O")
    assert (lab.offers(), lab.state.workers["K1"].activity_id) == ({}, "O")


def test_quiet_seconds_keep_one_task_from_one_worker() -> None:
    lab = lab_with_offer()
    lab.reject("T1", quiet_seconds=60)
    assert lab.offers() == {}
    lab.task("T2")
    assert lab.offers() == {"T2": ["K1"]}, "other tasks come to him, though T1 is first"
    lab.accept("T2")
    lab.complete("T2")
    lab.worker("K2")
    assert lab.offers() == {"T1": ["K2"]}, "and T1 goes to others"
    lab.reject("T1", quiet_seconds=600)
    lab.wait(60)
    assert lab.offers() == {"T1": ["K1"]}


def test_canceling_takes_the_offer_back() -> None:
    """compat 1.5: reservation canceled when the task is; pending|reserved -> canceled."""
    lab = lab_with_offer()
    assert lab.names(c.CancelTask("T1", "left")) == ["task.canceled", "reservation.canceled"]
    lab.task("T2")
    assert lab.offers() == {"T2": ["K1"]}


@pytest.mark.parametrize("wrapping", [False, True])
def test_assigned_never_becomes_canceled(wrapping: bool) -> None:
    """compat 1.5."""
    lab = lab_with_offer()
    lab.accept("T1")
    if wrapping:
        lab.do(c.WrapTask("T1"))
    with pytest.raises(WrongStatus):
        lab.do(c.CancelTask("T1", "no"))


def test_time_to_live_ends_what_nobody_took_and_nothing_else() -> None:
    """compat 1.1, 1.5: timeout (TTL before assignment); a reserved task is canceled, too."""
    lab = Lab()
    lab.worker("K1", capacity=2)
    lab.task("T1", ttl_seconds=50)
    lab.task("T2", ttl_seconds=50)
    lab.accept("T1")
    out = lab.wait(50)
    assert [each.task_id for each in out if isinstance(each, TaskCanceled)] == ["T2"]
    assert [each.reason for each in out if isinstance(each, ReservationCanceled)] == ["Task canceled"]
    assert lab.status("T1") == "assigned"


def test_a_requeued_task_has_its_old_place_and_a_new_life() -> None:
    lab = lab_with_offer()
    lab.do(c.UpdateTask("T1", priority=4))
    start = lab.state.tasks["T1"].virtual_start
    lab.accept("T1")
    lab.now += 90_000_000
    lab.task("T0", None, priority=4)
    lab.do(c.SetReachable("K1", False))
    assert lab.names(c.RequeueTask("T1", "agent gone"))[:2] == ["reservation.canceled", "task.updated"]
    task = lab.state.tasks["T1"]
    assert (task.status, task.priority, task.virtual_start) == ("pending", 4, start)
    lab.worker("K2")
    assert lab.offers() == {"T1": ["K2"]}
    assert lab.state.next_deadline is not None


def test_pending_offers_stay_when_the_worker_becomes_unavailable_unless_asked_for() -> None:
    """compat 1.1: RejectPendingReservations (only if going unavailable)."""
    lab = lab_with_offer()
    lab.do(c.SetActivity("K1", "O"))
    assert lab.offers() == {"T1": ["K1"]}
    lab.do(c.SetActivity("K1", "A", reject_pending=True))
    assert lab.offers() == {"T1": ["K1"]}
    assert lab.names(c.SetActivity("K1", "O", reject_pending=True)) == [
        "worker.activity.update",
        "reservation.rejected",
        "task.updated",
    ]


def test_an_unreachable_worker_keeps_what_he_holds_and_gets_nothing_new() -> None:
    lab = lab_with_offer()
    lab.do(c.SetChannel("K1", "default", 5))
    lab.do(c.SetReachable("K1", False))
    lab.task("T2")
    assert lab.offers() == {"T1": ["K1"]}
    lab.do(c.SetReachable("K1", True))
    assert lab.offers() == {"T1": ["K1"], "T2": ["K1"]}


def test_a_new_capacity_is_filled_at_once_and_a_smaller_one_takes_nothing_away() -> None:
    lab = lab_with_offer()
    lab.task("T2")
    lab.do(c.SetChannel("K1", "default", 2))
    assert len(lab.offers()) == 2
    lab.do(c.SetChannel("K1", "default", 0))
    assert len(lab.offers()) == 2


def test_several_due_timers_fire_in_the_order_of_their_deadlines() -> None:
    lab = Lab()
    for name, seconds in (("T1", 30), ("T2", 10), ("T3", 20)):
        lab.task(name, ttl_seconds=seconds)
    lab.now += 60_000
    assert [each.task_id for each in lab.do(c.Tick()) if isinstance(each, TaskCanceled)] == ["T2", "T3", "T1"]


def test_the_only_workflow_is_taken_when_none_is_named() -> None:
    """compat 1.1: workflow optional if only one."""
    lab = lab_with_offer()
    assert lab.state.tasks["T1"].workflow_id == "W"
    two = Lab(workflow(default="Q"), workflow(default="Q", name="V"))
    with pytest.raises(UnknownWorkflow):
        two.task("T1", None)


def test_the_default_activity_is_a_new_workers() -> None:
    """compat 1.1: default_activity_sid."""
    lab = Lab(default_activity_id="O")
    lab.do(c.PutWorker("K1", "Ann"))
    assert lab.state.workers["K1"].activity_id == "O"


REFUSED = [
    (c.AcceptReservation("WR"), UnknownReservation),
    (c.RejectReservation("WR"), UnknownReservation),
    (c.CompleteReservation("OFFER"), WrongStatus),
    (c.WrapReservation("OFFER"), WrongStatus),
    (c.AcceptReservation("OFFER", "K2"), NotYours),
    (c.RejectReservation("OFFER", "nope"), UnknownActivity),
    (c.RejectReservation("OFFER", None, -1), InvalidCommand),
    (c.WrapTask("T1"), WrongStatus),
    (c.CompleteTask("T1"), WrongStatus),
    (c.RequeueTask("T1"), WrongStatus),
    (c.CompleteTask("T9"), UnknownTask),
    (c.CancelTask("T9"), UnknownTask),
    (c.UpdateTask("T9", {}), UnknownTask),
    (c.UpdateTask("T1", priority=-1), InvalidCommand),
    (c.UpdateTask("T1", {"x": object()}), InvalidCommand),
    (c.CreateTask("T1", {}), DuplicateId),
    (c.CreateTask("T2", {}, "nope"), UnknownWorkflow),
    (c.CreateTask("T2", {}, channel="fax"), UnknownChannel),
    (c.CreateTask("T2", {}, priority=2**31), InvalidCommand),
    (c.CreateTask("T2", {}, ttl_seconds=0), InvalidCommand),
    (c.CreateTask("T2", {"long": "x" * 70_000}), InvalidCommand),
    (c.CreateTask("T2", {}, target=Target("queue", "X")), UnknownQueue),
    (c.CreateTask("T2", {}, target=Target("worker", "X")), UnknownWorker),
    (c.TransferTask("T1", Target("queue", "X")), UnknownQueue),
    (c.CancelTransfer("T1"), WrongStatus),
    (c.CreateCompanion("T2", "T1", "chat"), WrongStatus),
    (c.CreateCompanion("T2", "T9", "chat"), UnknownTask),
    (c.PutWorker("K2", "K1"), NameTaken),
    (c.PutWorker("K2", ""), InvalidCommand),
    (c.PutWorker("K2", "Bob", channels={"fax": 1}), UnknownChannel),
    (c.PutWorker("K2", "Bob", channels={"chat": -1}), InvalidCommand),
    (c.PutWorker("K2", "Bob", activity_id="nope"), UnknownActivity),
    (c.RemoveWorker("K1"), WorkerBusy),
    (c.RemoveWorker("K9"), UnknownWorker),
    (c.SetActivity("K1", "nope"), UnknownActivity),
    (c.SetActivity("K9", "A"), UnknownWorker),
    (c.SetChannel("K1", "fax", 1), UnknownChannel),
    (c.SetReachable("K9", True), UnknownWorker),
    (c.SetWorkerAttributes("K9", {}), UnknownWorker),
    (c.Configure((Activity("A", "Available", False),)), ActivityFixed),
    (c.Configure((Queue("P", "Q"),)), NameTaken),
    (c.Configure((Queue("P", "P", "skill-level > 3"),)), InvalidConfiguration),
    (c.Configure((Queue("P", "P", max_reserved=51),)), InvalidConfiguration),
    (c.Configure((Queue("P", "P", reservation_activity_id="X"),)), InvalidConfiguration),
    (c.Configure((), (), Settings("X")), InvalidConfiguration),
    (c.Configure((), (), Settings("A", max_moves=0)), InvalidConfiguration),
    (c.Configure((Workflow("W", "W", {"task_routing": {"default_filter": {"queue": "Q"}}}, 0),)), InvalidConfiguration),
    (c.Configure((), (Removal("queue", "Q"),)), InvalidConfiguration),
    (c.Configure((), (Removal("workflow", "W"),)), InUse),
    (c.Configure((), (Removal("activity", "A"),), Settings("O")), InUse),
    (c.Configure((), (Removal("task_channel", "default"),)), InUse),
    (c.Configure((TaskChannel("TC", ""),)), InvalidConfiguration),
]


@pytest.mark.parametrize(
    ("command", "refusal"), REFUSED, ids=lambda each: str(each)[:60] if isinstance(each, c.Command) else ""
)
def test_a_refused_command_says_why_and_changes_nothing(command: c.Command, refusal: type[Refusal]) -> None:
    lab = lab_with_offer()
    before = dump(lab.state)
    if getattr(command, "reservation_id", "") == "OFFER":
        command = c.from_wire(c.to_wire(command) | {"reservation_id": lab.offer("T1")})
    with pytest.raises(refusal) as caught:
        lab.do(command)
    assert caught.value.message
    assert dump(lab.state) == before


def test_the_first_of_two_tabs_wins() -> None:
    lab = lab_with_offer()
    lab.accept("T1")
    with pytest.raises(WrongStatus):
        lab.accept("T1")


def test_an_expired_offer_cannot_be_accepted() -> None:
    lab = lab_with_offer()
    offer = lab.offer("T1")
    lab.wait(30)
    with pytest.raises(UnknownReservation):
        lab.do(c.AcceptReservation(offer))


def test_a_queue_where_tasks_wait_is_not_removed() -> None:
    lab = Lab()
    lab.task("T1")
    with pytest.raises(InUse):
        lab.do(c.Configure((), (Removal("queue", "Q"),)))
    lab.do(c.CancelTask("T1"))
    assert lab.names(c.Configure((), (Removal("queue", "Q"),))) == ["task-queue.deleted"]


def test_an_empty_queue_expression_lets_tasks_wait() -> None:
    """compat 1.1: target_workers empty -> tasks wait."""
    lab = Lab(Queue("Q", "Q", " "))
    lab.worker("K1")
    lab.task("T1")
    assert lab.offers() == {}


def test_a_new_task_channel_is_everybodys_with_capacity_one() -> None:
    lab = Lab()
    lab.worker("K1")
    lab.do(c.Configure((TaskChannel("TC9", "fax"),)))
    lab.task("T1", channel="fax")
    assert lab.offers() == {"T1": ["K1"]}

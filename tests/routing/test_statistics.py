"""compat 1.8: real-time and cumulative figures."""

from parlons.routing import commands as c
from parlons.routing.statistics import Statistics, real_time
from tests.routing.lab import Lab


def a_day() -> tuple[Lab, Statistics, int]:
    """Three tasks: taken after 4 s, taken after 30 s, left after 2 s; one still waits."""
    lab = Lab()
    lab.worker("K1")
    start = lab.now
    lab.task("T1")
    lab.wait(4)
    lab.accept("T1")
    lab.task("T2")
    lab.task("T3")
    lab.wait(2)
    lab.do(c.CancelTask("T3", "left"))
    lab.wait(18)
    lab.complete("T1")
    lab.wait(10)
    lab.accept("T2")
    lab.task("T4", priority=3)
    figures = Statistics()
    figures.fold(lab.heard)
    return lab, figures, start


def test_cumulative_figures() -> None:
    lab, figures, start = a_day()
    found = figures.cumulative(("queue", "Q"), start, lab.now + 1, split=(5, 10))
    assert {name: found[name] for name in ("tasks_entered", "tasks_created", "tasks_canceled", "tasks_completed")} == {
        "tasks_entered": 4, "tasks_created": 4, "tasks_canceled": 1, "tasks_completed": 1,
    }  # fmt: skip
    assert found["wait_duration_until_accepted"] == {"avg": 17.0, "min": 4, "max": 30, "total": 34}
    assert found["split_by_wait_time"]["5"] == {
        "above": {"tasks_canceled": 0, "reservations_accepted": 1},
        "below": {"tasks_canceled": 1, "reservations_accepted": 1},
    }
    assert figures.cumulative(("queue", "Q"), start, lab.now + 1, "voice")["tasks_created"] == 0
    worker = figures.cumulative(("worker", "K1"), start, lab.now + 1)
    assert (worker["reservations_created"], worker["reservations_accepted"]) == (2, 2)


def test_service_level() -> None:
    """Accepted within T / (offered - abandoned before S)."""
    lab, figures, start = a_day()
    subject, end = ("workspace", ""), lab.now + 1
    assert figures.service_level(subject, start, end, within=20) == 1 / 3
    assert figures.service_level(subject, start, end, within=20, abandoned_before=5) == 1 / 2
    assert figures.service_level(("queue", "X"), start, end, within=20) is None


def test_activity_durations_and_forgetting() -> None:
    lab, _, _ = a_day()
    out = lab.do(c.SetActivity("K1", "O"))
    figures = Statistics()
    figures.fold(out)
    durations = figures.cumulative(("worker", "K1"), lab.now, lab.now + 1)["activity_durations_seconds"]
    assert list(durations) == ["A"]
    assert durations["A"] > 30
    figures.forget(lab.now + 120_000)
    assert figures.minutes == {}


def test_real_time_figures() -> None:
    lab, _, _ = a_day()
    lab.wait(7)
    found = real_time(lab.state, lab.now, queue_id="Q")
    assert found["tasks_by_status"] == {"pending": 1, "reserved": 0, "assigned": 1, "wrapping": 0}
    assert found["tasks_by_priority"] == {"0": 1, "3": 1}
    assert (found["longest_task_waiting_sid"], found["longest_task_waiting_age_seconds"]) == ("T4", 7)
    assert (
        found["total_tasks"],
        found["total_available_workers"],
        found["total_eligible_workers"],
        found["total_workers"],
    ) == (2, 1, 1, 1)
    assert found["activity_statistics"][0] == {"sid": "A", "friendly_name": "Available", "workers": 1}

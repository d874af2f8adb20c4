"""Figures over a period, folded from what happened, in the API's words. Pure; statistics.py asks and shows.

A task that this API deleted counts as deleted, not as canceled or completed."""

from collections import Counter, defaultdict
from typing import Any

from parlons.compat.shapes import date
from parlons.compat.shapes_work import DELETED
from parlons.routing import transitions as t
from parlons.routing.state import Worker, WorkspaceState
from parlons.routing.statistics import Statistics, Subject, real_time

Json = dict[str, Any]
_RESERVATIONS = ("created", "accepted", "rejected", "timed_out", "canceled", "rescinded")
_ENDS = (t.TaskCanceled, t.TaskCompleted)


class Period:
    """What happened between two times (ms), for any subject."""

    def __init__(self, start: int, end: int) -> None:
        """`end` is not in it."""
        self.start = start
        self.end = end
        self._figures = Statistics()
        self._deleted: Counter[Subject] = Counter()
        self._spent: dict[str, list[tuple[str, int]]] = defaultdict(list)
        """By activity: which worker, how long (ms)."""

    def add(self, told: t.Transition, channel: str | None) -> None:
        """Takes one in; `channel`: only work of this task channel."""
        if isinstance(told, t.WorkerActivityUpdated):
            self._spend(told.worker_id, told.previous_activity_id, told.at - told.previous_ms, told.at)
        elif isinstance(told, t._OfTask) and channel in (None, told.channel):
            if isinstance(told, _ENDS) and told.reason == DELETED:
                self._deleted.update([("workspace", ""), ("queue", told.queue_id or "-")])
                self._deleted[("workflow", told.workflow_id or "-")] += 1
            else:
                self._figures.add(told)

    def still(self, workers: list[Worker], now: int) -> None:
        """Adds what workers are doing still."""
        for worker in workers:
            self._spend(worker.id, worker.activity_id, worker.activity_since, now)

    def _spend(self, worker_id: str, activity_id: str, since: int, until: int) -> None:
        spent = min(until, self.end) - max(since, self.start)
        if spent > 0:
            self._spent[activity_id].append((worker_id, spent))

    def reservations(self, *subjects: Subject) -> Json:
        """How many offers came to what, of all these subjects."""
        counts: Counter[str] = Counter()
        for subject in subjects:
            counts.update(self._figures.total(subject, self.start, self.end).counts)
        return {
            **{f"reservations_{word}": counts[f"reservations_{word}"] for word in _RESERVATIONS},
            "start_time": date(self.start),
            "end_time": date(self.end),
        }

    def durations(self, state: WorkspaceState, worker_ids: set[str]) -> list[Json]:
        """How long these workers were in each activity, in seconds."""
        found = []
        for activity in state.activities.values():
            spent = [spent // 1000 for worker_id, spent in self._spent[activity.id] if worker_id in worker_ids]
            total = sum(spent)
            found.append(
                {
                    "sid": activity.id,
                    "friendly_name": activity.name,
                    "avg": total // len(spent) if spent else 0,
                    "min": min(spent, default=0),
                    "max": max(spent, default=0),
                    "total": total,
                }
            )
        return found

    def tasks(self, subject: Subject, split: tuple[int, ...]) -> Json:
        """The cumulative figures of the workspace, a queue or a workflow."""
        figures = self._figures.cumulative(subject, self.start, self.end, split=split)
        shown = {
            **self.reservations(subject),
            "avg_task_acceptance_time": round(figures["avg_task_acceptance_time"]),
            "split_by_wait_time": figures["split_by_wait_time"] or None,
            "wait_duration_until_accepted": _whole(figures["wait_duration_until_accepted"]),
            "wait_duration_until_canceled": _whole(figures["wait_duration_until_canceled"]),
            "tasks_canceled": figures["tasks_canceled"],
            "tasks_completed": figures["tasks_completed"],
            "tasks_deleted": self._deleted[subject],
            "tasks_moved": figures["tasks_moved"],
        }
        if subject[0] == "queue":
            shown["tasks_entered"] = figures["tasks_entered"]
            shown["wait_duration_in_queue_until_accepted"] = _whole(figures["wait_duration_in_queue_until_accepted"])
        else:
            shown["tasks_timed_out_in_workflow"] = figures["tasks_timed_out_in_workflow"]
        if subject[0] == "workflow":
            shown["tasks_entered"] = figures["workflows_entered"]
        if subject[0] == "workspace":
            shown["tasks_created"] = figures["tasks_created"]
        return shown


def _whole(spread: Json) -> Json:
    return {name: round(value) for name, value in spread.items()}


_NOW = {
    "workspace": ("activity_statistics", "total_workers"),
    "workflow": (),
    "queue": ("activity_statistics", "total_available_workers", "total_eligible_workers"),
}


def present(state: WorkspaceState, now: int, subject: Subject, channel: str | None) -> Json:
    """The real-time figures of the workspace, a queue or a workflow."""
    kind, name = subject
    figures = real_time(
        state,
        now,
        queue_id=name if kind == "queue" else None,
        workflow_id=name if kind == "workflow" else None,
        channel=channel,
    )
    shown = {
        "longest_task_waiting_age": figures["longest_task_waiting_age_seconds"],
        "longest_task_waiting_sid": figures["longest_task_waiting_sid"],
        "tasks_by_priority": figures["tasks_by_priority"],
        "tasks_by_status": figures["tasks_by_status"],
        "total_tasks": figures["total_tasks"],
        **{each: figures[each] for each in _NOW[kind]},
    }
    if kind == "queue":
        shown["longest_relative_task_age_in_queue"] = figures["longest_relative_task_age_in_queue_seconds"]
        shown["longest_relative_task_sid_in_queue"] = figures["longest_relative_task_sid_in_queue"]
    return shown


def activity_counts(state: WorkspaceState, workers: list[Worker]) -> Json:
    """How many of these workers are in each activity."""
    counts = Counter(worker.activity_id for worker in workers)
    return {
        "activity_statistics": [
            {"sid": each.id, "friendly_name": each.name, "workers": counts[each.id]}
            for each in state.activities.values()
        ],
        "total_workers": len(workers),
    }

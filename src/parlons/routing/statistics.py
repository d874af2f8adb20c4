"""Figures: what has happened, by minute (a pure fold over transitions), and what is, read from the state.

Source: the documented real-time and cumulative statistics of the field's best-known task-routing API. Service level =
accepted within T / (offered - abandoned before S)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from parlons.routing import transitions as t
from parlons.routing.state import Task, WorkspaceState

MINUTE = 60_000
WORKSPACE = ""
_COUNTS = {
    t.TaskCreated: "tasks_created",
    t.TaskCanceled: "tasks_canceled",
    t.TaskCompleted: "tasks_completed",
    t.QueueEntered: "tasks_entered",
    t.WorkflowEntered: "workflows_entered",
    t.QueueMoved: "tasks_moved",
    t.WorkflowTimeout: "tasks_timed_out_in_workflow",
    t.ReservationCreated: "reservations_created",
    t.ReservationAccepted: "reservations_accepted",
    t.ReservationRejected: "reservations_rejected",
    t.ReservationTimeout: "reservations_timed_out",
    t.ReservationCanceled: "reservations_canceled",
    t.ReservationRescinded: "reservations_rescinded",
    t.ReservationCompleted: "reservations_completed",
}
_OF_NO_WORKER = (t.TaskCompleted,)


@dataclass(slots=True)
class Bucket:
    """What happened in one minute to one queue, workflow, worker or the workspace. Waits by whole seconds."""

    counts: Counter[str] = field(default_factory=Counter)
    accepted: Counter[int] = field(default_factory=Counter)
    """Seconds from creation to acceptance."""
    accepted_in_queue: Counter[int] = field(default_factory=Counter)
    """Seconds from entering the queue to acceptance."""
    canceled: Counter[int] = field(default_factory=Counter)
    """Seconds from creation to cancellation."""
    answering_ms: int = 0
    """From offer to acceptance, summed."""
    handled_ms: int = 0
    activities: Counter[str] = field(default_factory=Counter)
    """Milliseconds by activity id, noted when the activity ends."""

    def add(self, other: "Bucket") -> None:
        """Sum up."""
        for name in ("counts", "accepted", "accepted_in_queue", "canceled", "activities"):
            getattr(self, name).update(getattr(other, name))
        self.answering_ms += other.answering_ms
        self.handled_ms += other.handled_ms


Subject = tuple[str, str]
"""`queue`, `workflow`, `worker` or `workspace`, and its id (empty for the workspace)."""


class Statistics:
    """Cumulative figures by minute, subject and task channel."""

    def __init__(self) -> None:
        self.minutes: dict[int, dict[tuple[str, str, str], Bucket]] = {}

    def fold(self, transitions: Iterable[t.Transition]) -> None:
        """Take transitions in, each once, in order."""
        for each in transitions:
            self.add(each)

    def add(self, each: t.Transition) -> None:
        """Take one transition in."""
        if isinstance(each, t.WorkerActivityUpdated):
            for subject in (("worker", each.worker_id), ("workspace", WORKSPACE)):
                self._bucket(each.at, subject, "").activities[each.previous_activity_id] += each.previous_ms
            return
        name = _COUNTS.get(type(each))
        if name is None or not isinstance(each, t._OfTask):
            return
        for subject in _subjects(each):
            bucket = self._bucket(each.at, subject, each.channel)
            bucket.counts[name] += 1
            if isinstance(each, t.ReservationAccepted):
                bucket.accepted[each.waited_ms // 1000] += 1
                bucket.accepted_in_queue[each.in_queue_ms // 1000] += 1
                bucket.answering_ms += each.ringing_ms
            elif isinstance(each, t.TaskCanceled):
                bucket.canceled[each.waited_ms // 1000] += 1
            elif isinstance(each, t.ReservationCompleted):
                bucket.handled_ms += each.handled_ms

    def _bucket(self, at: int, subject: Subject, channel: str) -> Bucket:
        minute = self.minutes.setdefault(at // MINUTE, {})
        key = (*subject, channel)
        found = minute.get(key)
        if found is None:
            found = minute[key] = Bucket()
        return found

    def forget(self, before: int) -> None:
        """Drop the minutes that ended before `before` (ms)."""
        for minute in [minute for minute in self.minutes if (minute + 1) * MINUTE <= before]:
            del self.minutes[minute]

    def total(self, subject: Subject, start: int, end: int, channel: str | None = None) -> Bucket:
        """The sum over the whole minutes that touch `[start, end)` (ms)."""
        found = Bucket()
        for minute, buckets in self.minutes.items():
            if start // MINUTE <= minute and minute * MINUTE < end:
                for (kind, name, of), bucket in buckets.items():
                    if (kind, name) == subject and channel in (None, of):
                        found.add(bucket)
        return found

    def cumulative(
        self, subject: Subject, start: int, end: int, channel: str | None = None, split: tuple[int, ...] = ()
    ) -> dict[str, Any]:
        """The documented cumulative figures; `split`: wait times in seconds to split at."""
        total = self.total(subject, start, end, channel)
        accepted = total.counts["reservations_accepted"]
        figures: dict[str, Any] = {name: total.counts[name] for name in _COUNTS.values()}
        figures |= {
            "avg_task_acceptance_time": _average(total.accepted),
            "avg_answer_seconds": total.answering_ms / 1000 / accepted if accepted else 0.0,
            "wait_duration_until_accepted": _spread(total.accepted),
            "wait_duration_in_queue_until_accepted": _spread(total.accepted_in_queue),
            "wait_duration_until_canceled": _spread(total.canceled),
            "activity_durations_seconds": {name: value / 1000 for name, value in sorted(total.activities.items())},
            "split_by_wait_time": {str(limit): _split(total, limit) for limit in split},
        }
        return figures

    def service_level(
        self, subject: Subject, start: int, end: int, within: int, abandoned_before: int = 0, channel: str | None = None
    ) -> float | None:
        """Accepted within `within` s / (offered - abandoned before `abandoned_before` s), [0, 1]; None when nothing
        was offered."""
        total = self.total(subject, start, end, channel)
        offered = sum(total.accepted.values()) + sum(total.canceled.values())
        offered -= sum(count for wait, count in total.canceled.items() if wait < abandoned_before)
        good = sum(count for wait, count in total.accepted.items() if wait < within or wait == within == 0)
        return good / offered if offered else None


def _subjects(each: "t._OfTask") -> list[Subject]:
    found: list[Subject] = [("workspace", WORKSPACE)]
    if each.queue_id is not None:
        found.append(("queue", each.queue_id))
    if each.workflow_id is not None:
        found.append(("workflow", each.workflow_id))
    worker_id = getattr(each, "worker_id", None)
    if worker_id is not None and not isinstance(each, _OF_NO_WORKER):
        found.append(("worker", worker_id))
    return found


def _average(waits: Counter[int]) -> float:
    count = sum(waits.values())
    return sum(wait * number for wait, number in waits.items()) / count if count else 0.0


def _spread(waits: Counter[int]) -> dict[str, float]:
    total = sum(wait * number for wait, number in waits.items())
    return {"avg": _average(waits), "min": min(waits, default=0), "max": max(waits, default=0), "total": total}


def _split(total: Bucket, limit: int) -> dict[str, dict[str, int]]:
    def count(waits: Counter[int], above: bool) -> int:
        return sum(number for wait, number in waits.items() if (wait >= limit) == above)

    return {
        side: {"tasks_canceled": count(total.canceled, above), "reservations_accepted": count(total.accepted, above)}
        for side, above in (("above", True), ("below", False))
    }


def real_time(
    state: WorkspaceState,
    now: int,
    *,
    queue_id: str | None = None,
    workflow_id: str | None = None,
    channel: str | None = None,
) -> dict[str, Any]:
    """The documented real-time figures of the workspace, one queue or one workflow."""
    tasks = [
        task
        for task in state.tasks.values()
        if queue_id in (None, task.queue_id)
        and workflow_id in (None, task.workflow_id)
        and channel in (None, task.channel)
    ]
    members = state.queues[queue_id].members if queue_id in state.queues and queue_id is not None else _everyone(state)
    waiting = [task for task in tasks if task.status in ("pending", "reserved")]
    longest = min(waiting, key=lambda task: (task.created_at, task.id), default=None)
    in_queue = min(waiting, key=lambda task: (task.entered_at, task.id), default=None)
    available = 0
    for activity in state.activities.values():
        if activity.available:
            available |= state.doing.get(activity.id, 0)
    return {
        "activity_statistics": [
            {"sid": each.id, "friendly_name": each.name, "workers": (members & state.doing.get(each.id, 0)).bit_count()}
            for each in state.activities.values()
        ],
        "longest_task_waiting_sid": longest.id if longest is not None else None,
        "longest_task_waiting_age_seconds": (now - longest.created_at) // 1000 if longest is not None else 0,
        "longest_relative_task_sid_in_queue": in_queue.id if in_queue is not None else None,
        "longest_relative_task_age_in_queue_seconds": (now - in_queue.entered_at) // 1000
        if in_queue is not None
        else 0,
        "tasks_by_status": _by(tasks, "status", ("pending", "reserved", "assigned", "wrapping")),
        "tasks_by_priority": _by(tasks, "priority", ()),
        "total_tasks": len(tasks),
        "total_available_workers": (members & available & state.reachable).bit_count(),
        "total_eligible_workers": members.bit_count(),
        "total_workers": len(state.workers),
    }


def _everyone(state: WorkspaceState) -> int:
    mask = 0
    for worker in state.workers.values():
        mask |= worker.bit
    return mask


def _by(tasks: list[Task], attribute: str, always: tuple[str, ...]) -> dict[str, int]:
    found = dict.fromkeys(always, 0)
    for task in tasks:
        value = str(getattr(task, attribute))
        found[value] = found.get(value, 0) + 1
    return found

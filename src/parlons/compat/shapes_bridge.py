"""Resources as the bridge of the browser SDK has them: those of the API with times in seconds, a version, no addresses. Pure."""

from datetime import datetime
from typing import Any

from parlons.compat import shapes_configured, shapes_work
from parlons.compat.shapes_configured import Place
from parlons.dispatch.stepper import Stepper
from parlons.dispatch.views import ReservationView, TaskView, reservation_mark
from parlons.routing.configuration import Activity, Queue
from parlons.routing.state import Worker, WorkerChannel, WorkspaceState

Json = dict[str, Any]
_RENAMED = {
    "task_queue_sid": "queue_sid",
    "task_queue_friendly_name": "queue_name",
    "workflow_friendly_name": "workflow_name",
}
_LEFT_OUT = ("url", "links")


def turned(shown: Json) -> Json:
    """A resource of the API in the bridge's words."""
    return {
        _RENAMED.get(name, name): _seconds(value) if "date" in name or name == "virtual_start_time" else value
        for name, value in shown.items()
        if name not in _LEFT_OUT
    }


def _seconds(value: str | None) -> int | None:
    return None if value is None else int(datetime.fromisoformat(value).timestamp())


def activity(place: Place, found: Activity) -> Json:
    """An activity."""
    return turned(shapes_configured.activity(place, found))


def queue(place: Place, state: WorkspaceState, found: Queue) -> Json:
    """A task queue."""
    shown = turned(shapes_configured.queue(place, found, dict(state.activities)))
    return {**shown, "lifo_queue": found.order == "LIFO"}


def worker(place: Place, state: WorkspaceState, found: Worker) -> Json:
    """A worker. He has no version: what the SDK would count up by itself is not counted here."""
    return {**turned(shapes_work.worker(place, state, found)), "version": ""}


def channel(place: Place, found: Worker, own: WorkerChannel) -> Json:
    """A worker's room on a task channel; when it was last reserved is not kept."""
    return {**turned(shapes_work.worker_channel(place, found, own)), "last_reserved_time": 0}


def task(place: Place, stepper: Stepper, task_id: str, now: int) -> Json | None:
    """An open task; None: it is not open."""
    found, view = stepper.state.tasks.get(task_id), stepper.views.tasks.get(task_id)
    if found is None or view is None:
        return None
    return {**turned(shapes_work.open_task(place, stepper.state, found, now)), "version": view.version}


def stood(task: Json, view: TaskView) -> Json:
    """A task as it was at one step, whatever came after it."""
    ended = {} if view.ended_at is None else {"date_updated": view.ended_at // 1000}
    return {
        **task,
        **ended,
        "assignment_status": view.status,
        "priority": view.priority,
        "reason": view.reason,
        "version": view.version,
    }


def reservation(place: Place, view: ReservationView, task: Json) -> Json:
    """A reservation with its task."""
    changed = max(view.created_at, view.accepted_at or 0, view.ended_at or 0)
    return {
        "account_sid": place.account,
        "workspace_sid": place.workspace_id,
        "worker_sid": view.worker_id,
        "sid": view.id,
        "task_sid": view.task_id,
        "reservation_status": view.status,
        "reservation_timeout": (view.expires_at - view.created_at) // 1000,
        "date_created": view.created_at // 1000,
        "date_updated": changed // 1000,
        "version": int(reservation_mark(view.status)),
        "task": task,
    }

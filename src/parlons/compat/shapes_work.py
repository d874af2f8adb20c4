"""Workers and work, as the API shows them: worker, worker channel, task, reservation. Pure.

A task that has ended is shown for five minutes: that is a fact of this face, the router and its projections know no such
clock (docs/decisions/007)."""

import hashlib
from typing import Any

import msgspec

from parlons.compat.shapes import date, links, made_at
from parlons.compat.shapes_configured import Place
from parlons.dispatch.listing import EndedTask, Held
from parlons.routing.state import Task, Worker, WorkerChannel, WorkspaceState, percentage

Json = dict[str, Any]
SHOWN_MS = 5 * 60 * 1000
"""How long an ended task is there."""
DELETED = "Task deleted"
"""The reason of a task that this API deleted: it is not shown."""
USUAL_TTL = 86_400


def worker(place: Place, state: WorkspaceState, found: Worker) -> Json:
    """A worker."""
    activity = state.activities.get(found.activity_id)
    url = place.url("Workers", found.id)
    made = made_at(found.id, made_at(place.workspace_id))
    return {
        "account_sid": place.account,
        "activity_name": activity.name if activity is not None else None,
        "activity_sid": found.activity_id,
        "attributes": msgspec.json.encode(found.attributes).decode(),
        "available": found.available,
        "date_created": date(made),
        "date_status_changed": date(found.activity_since),
        "date_updated": date(max(made, found.activity_since)),
        "friendly_name": found.name,
        "sid": found.id,
        "workspace_sid": place.workspace_id,
        "url": url,
        "links": links(
            place.url(),
            workspace="",
            channels=f"Workers/{found.id}/Channels",
            activity=f"Activities/{found.activity_id}",
            statistics="Workers/Statistics",
            real_time_statistics="Workers/RealTimeStatistics",
            cumulative_statistics="Workers/CumulativeStatistics",
            worker_statistics=f"Workers/{found.id}/Statistics",
            worker_channels=f"Workers/{found.id}/Channels",
            reservations=f"Workers/{found.id}/Reservations",
        ),
    }


def worker_channel_sid(worker_id: str, channel_id: str) -> str:
    """The id of a worker's room on a channel: it follows from the two."""
    return "WC" + hashlib.blake2b(f"{worker_id} {channel_id}".encode(), digest_size=16).hexdigest()


def worker_channel(place: Place, found: Worker, own: WorkerChannel) -> Json:
    """A worker's room on a task channel."""
    sid = worker_channel_sid(found.id, own.channel.config.id)
    made = made_at(found.id, made_at(place.workspace_id))
    return {
        "account_sid": place.account,
        "assigned_tasks": own.assigned,
        "available": own.available,
        "available_capacity_percentage": percentage(own),
        "configured_capacity": own.capacity,
        "date_created": date(made),
        "date_updated": date(made),
        "sid": sid,
        "task_channel_sid": own.channel.config.id,
        "task_channel_unique_name": own.channel.name,
        "worker_sid": found.id,
        "workspace_sid": place.workspace_id,
        "url": place.url("Workers", found.id, "Channels", sid),
    }


def open_task(place: Place, state: WorkspaceState, found: Task, now: int) -> Json:
    """A task that is still open, as the router has it."""
    extra = found.extra
    target = extra.target.id if extra is not None and extra.target is not None else None
    accepted = max((each.accepted_at for each in found.held), default=0)
    changed = max(found.created_at, found.entered_at, accepted)
    attributes = found.attributes.decode() if found.attributes is not None else "{}"
    shape = _task(place, state, found.id, found.queue_id, found.workflow_id, found.channel)
    shape |= {
        "age": max(0, now - found.created_at) // 1000,
        "assignment_status": found.status,
        "attributes": attributes,
        "date_created": date(found.created_at),
        "date_updated": date(changed),
        "task_queue_entered_date": date(found.entered_at) if found.queue_id is not None else None,
        "priority": found.priority,
        "reason": None,
        "timeout": found.ttl,
        "virtual_start_time": date(found.virtual_start),
        "ignore_capacity": extra is not None and extra.ignore,
        "routing_target": target,
    }
    return shape


def ended_task(place: Place, state: WorkspaceState, found: EndedTask) -> Json:
    """A task that ended a moment ago."""
    shape = _task(place, state, found.id, found.queue_id, found.workflow_id, found.channel)
    shape |= {
        "age": max(0, found.ended_at - found.created_at) // 1000,
        "assignment_status": found.status,
        "attributes": msgspec.json.encode(found.attributes or {}).decode(),
        "date_created": date(found.created_at),
        "date_updated": date(found.ended_at),
        "task_queue_entered_date": date(found.entered_queue_at),
        "priority": found.priority,
        "reason": found.reason,
        "timeout": USUAL_TTL,
        "virtual_start_time": date(found.virtual_start),
        "ignore_capacity": False,
        "routing_target": None,
    }
    return shape


def _task(
    place: Place, state: WorkspaceState, sid: str, queue_id: str | None, workflow_id: str | None, channel: str
) -> Json:
    """What open and ended tasks share."""
    queue, workflow = state.queues.get(queue_id or ""), state.workflows.get(workflow_id or "")
    kind = state.channels.get(channel)
    url = place.url()
    return {
        "account_sid": place.account,
        "addons": "{}",
        "sid": sid,
        "task_queue_sid": queue_id,
        "task_queue_friendly_name": queue.config.name if queue is not None else None,
        "task_channel_sid": kind.config.id if kind is not None else None,
        "task_channel_unique_name": channel,
        "workflow_sid": workflow_id,
        "workflow_friendly_name": workflow.config.name if workflow is not None else None,
        "workspace_sid": place.workspace_id,
        "url": f"{url}/Tasks/{sid}",
        "links": {
            "task_queue": f"{url}/TaskQueues/{queue_id}" if queue_id is not None else None,
            "workflow": f"{url}/Workflows/{workflow_id}" if workflow_id is not None else None,
            "workspace": url,
            "reservations": f"{url}/Tasks/{sid}/Reservations",
        },
    }


def reservation(place: Place, found: Held, under: str) -> Json:
    """A reservation, at its address `under` its task (`Tasks`) or its worker (`Workers`)."""
    owner = found.task_id if under == "Tasks" else found.worker_id
    return {
        "account_sid": place.account,
        "date_created": date(found.created_at),
        "date_updated": date(max(found.created_at, found.accepted_at or 0, found.ended_at or 0)),
        "reservation_status": found.status,
        "sid": found.id,
        "task_sid": found.task_id,
        "worker_name": found.worker_name,
        "worker_sid": found.worker_id,
        "workspace_sid": place.workspace_id,
        "url": place.url(under, owner, "Reservations", found.id),
        "links": links(place.url(), workspace="", task=f"Tasks/{found.task_id}", worker=f"Workers/{found.worker_id}"),
    }

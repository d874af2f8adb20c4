"""What happened, as the API tells it: an event of its list, whose data are also what goes to callback addresses. Pure.

The router's transitions have that API's names already; those it does not know (a screen that came or went) are left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from parlons.compat.shapes import date
from parlons.compat.shapes_configured import Place
from parlons.compat.shapes_work import DELETED
from parlons.kit.ids import EVENT, derived_id
from parlons.routing import transitions as t

Json = dict[str, Any]
_UNKNOWN = (t.WorkerReachableUpdated, t.WorkerClassCreated, t.WorkerClassChanged)
_KINDS = {
    "activity": ("activity", "Activities"),
    "task-channel": ("task-channel", "TaskChannels"),
    "task-queue": ("task-queue", "TaskQueues"),
    "workflow": ("workflow", "Workflows"),
    "worker": ("worker", "Workers"),
    "task": ("task", "Tasks"),
    "reservation": ("reservation", ""),
    "workspace": ("workspace", ""),
}
KINDS = frozenset(t.TRANSITIONS) - {each.type for each in _UNKNOWN} | {"task.deleted"}
"""The names of all events there are here."""
_STATUS = {t.TaskCompleted: "completed", t.TaskCanceled: "canceled", t.TaskWrapup: "wrapping", t.TaskCreated: "pending"}


@dataclass(frozen=True, slots=True)
class Names:
    """What ids are called, of things that are gone too."""

    workspace: str
    workers: Mapping[str, str]
    queues: Mapping[str, str]
    workflows: Mapping[str, str]
    activities: Mapping[str, str]
    channels: Mapping[str, str] = field(default_factory=dict)
    """Ids of task channels by unique name."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One transition at its place in the journal."""

    seq: int
    told: t.Transition
    actor: str | None
    """Who asked for it, as the journal has it."""

    def about(self, name: str) -> str | None:
        """The id it says under `name` (`task_id` ...)."""
        found: str | None = getattr(self.told, name, None)
        return found


def kind_of(told: t.Transition) -> str | None:
    """The API's name of what happened; None: it has none."""
    if isinstance(told, _UNKNOWN):
        return None
    if isinstance(told, t.TaskCanceled | t.TaskCompleted) and told.reason == DELETED:
        return "task.deleted"
    return told.type


def sid_of(place: Place, one: Happened) -> str:
    """The event's id; its end is its place in the journal."""
    return derived_id(EVENT, one.told.at, place.workspace_id, one.seq)


def _resource(one: Happened, kind: str) -> tuple[str, str, str]:
    """What it is about: type, id, path below the workspace."""
    first, _, _ = kind.partition(".")
    if first in ("task-queue", "workflow") and isinstance(one.told, t._OfTask):
        first = "task"
    name, path = _KINDS[first]
    sid = {
        "task": one.about("task_id"),
        "reservation": one.about("reservation_id"),
        "worker": one.about("worker_id"),
    }.get(first, one.about("id"))
    if first == "reservation":
        path = f"Tasks/{one.about('task_id')}/Reservations"
    return name, sid or "", f"{path}/{sid}"


def data_of(place: Place, one: Happened, names: Names, attributes: Mapping[str, Any]) -> Json:
    """What the event says of its task, worker, queue, workflow and reservation. All values are texts."""
    told = one.told
    found: Json = {"workspace_sid": place.workspace_id, "workspace_name": names.workspace}
    if isinstance(told, t._OfTask):
        found |= _task(told, attributes.get(told.task_id))
        if told.queue_id is not None:
            found |= {"task_queue_sid": told.queue_id, "task_queue_name": names.queues.get(told.queue_id, "")}
        if told.workflow_id is not None:
            found |= {"workflow_sid": told.workflow_id, "workflow_name": names.workflows.get(told.workflow_id, "")}
        found |= {"task_channel_unique_name": told.channel, "task_channel_sid": names.channels.get(told.channel, "")}
    worker_id, reservation_id = one.about("worker_id"), one.about("reservation_id")
    if worker_id is not None:
        found |= {"worker_sid": worker_id, "worker_name": names.workers.get(worker_id, "")}
    if reservation_id is not None:
        found["reservation_sid"] = reservation_id
    if isinstance(told, t.WorkerActivityUpdated):
        found |= {
            "worker_activity_sid": told.activity_id,
            "worker_activity_name": names.activities.get(told.activity_id, ""),
            "worker_previous_activity_sid": told.previous_activity_id,
            "worker_previous_activity_name": names.activities.get(told.previous_activity_id, ""),
            "worker_time_in_previous_activity": str(told.previous_ms // 1000),
            "worker_time_in_previous_activity_ms": str(told.previous_ms),
        }
    if isinstance(told, t._Configured):
        word = kind_of(told) or ""
        found |= {f"{word.partition('.')[0].replace('-', '_')}_sid": told.id, "friendly_name": told.name}
    return found


def _task(told: t._OfTask, attributes: Any) -> Json:
    found: Json = {"task_sid": told.task_id, "task_attributes": msgspec.json.encode(attributes or {}).decode()}
    status = told.status if isinstance(told, t.TaskUpdated) else _STATUS.get(type(told))
    if status is not None:
        found["task_assignment_status"] = status
    if isinstance(told, t.TaskUpdated | t.TaskCreated):
        found["task_priority"] = str(told.priority)
    if isinstance(told, t.TaskCanceled):
        found |= {"task_canceled_reason": told.reason, "task_age": str(told.waited_ms // 1000)}
    if isinstance(told, t.TaskCompleted):
        found["task_completed_reason"] = told.reason
    return found


def event(place: Place, one: Happened, names: Names, attributes: Mapping[str, Any]) -> Json:
    """An event as the list shows it."""
    kind = kind_of(one.told) or one.told.type
    resource_type, resource_sid, path = _resource(one, kind)
    workspace = resource_type == "workspace"
    sid = sid_of(place, one)
    who = one.actor if one.actor is not None and len(one.actor) == 34 else None
    types = {"AC": "account", "SK": "key", "US": "user"}
    return {
        "account_sid": place.account,
        "actor_sid": who or place.workspace_id,
        "actor_type": types.get(who[:2], "workspace") if who is not None else "workspace",
        "actor_url": None if who is not None else place.url(),
        "description": f"{resource_type.replace('-', ' ').capitalize()} {resource_sid}: {kind}",
        "event_data": data_of(place, one, names, attributes),
        "event_date": date(one.told.at),
        "event_date_ms": one.told.at,
        "event_type": kind,
        "resource_sid": place.workspace_id if workspace else resource_sid,
        "resource_type": resource_type,
        "resource_url": place.url() if workspace else place.url(path),
        "sid": sid,
        "source": "parlons",
        "source_ip_address": None,
        "url": place.url("Events", sid),
        "workspace_sid": place.workspace_id,
    }

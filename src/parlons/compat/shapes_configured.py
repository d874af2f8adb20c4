"""What is configured, as the API shows it: workspace, activity, task channel, queue, workflow. Pure."""

from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from parlons.accounts.workspaces import Workspace
from parlons.compat.notes import NOTHING, Note
from parlons.compat.shapes import date, links, made_at
from parlons.kit.clock import from_datetime
from parlons.routing.configuration import Activity, Queue, Settings, TaskChannel, Workflow

Json = dict[str, Any]


class Place(Protocol):
    """Where a resource stands: the account, the workspace and its address."""

    @property
    def account(self) -> str: ...

    @property
    def workspace_id(self) -> str: ...

    def url(self, *parts: str) -> str:
        """The address of something in the workspace."""
        ...


@dataclass(frozen=True, slots=True)
class Unasked:
    """Where something stands that nobody asked for by a door: its addresses begin at the API's own path."""

    account: str
    workspace_id: str

    def url(self, *parts: str) -> str:
        """See `Place`."""
        return "/".join((f"/v1/Workspaces/{self.workspace_id}", *parts))


def times(place: Place, sid: str, note: Note) -> Json:
    """When it was made and last changed, and whose it is."""
    made = made_at(sid, made_at(place.workspace_id))
    return {
        "account_sid": place.account,
        "date_created": date(made),
        "date_updated": date(note.updated_at or made),
        "sid": sid,
        "workspace_sid": place.workspace_id,
    }


def workspace(place: Place, found: Workspace, settings: Settings, activities: dict[str, Activity], note: Note) -> Json:
    """A workspace."""
    usual, late = (activities.get(each or "") for each in (settings.default_activity_id, settings.timeout_activity_id))
    made = from_datetime(found.created_at)
    names = (
        "activities", "statistics", "real_time_statistics", "cumulative_statistics", "task_queues", "tasks", "workers",
        "workflows", "task_channels", "events",
    )  # fmt: skip
    return {
        "account_sid": place.account,
        "date_created": date(made),
        "date_updated": date(note.updated_at or made),
        "default_activity_name": usual.name if usual is not None else None,
        "default_activity_sid": usual.id if usual is not None else None,
        "event_callback_url": note.data.get("event_callback_url") or None,
        "events_filter": note.data.get("events_filter") or None,
        "friendly_name": found.name,
        "links": links(place.url(), *names),
        "multi_task_enabled": settings.multi_task,
        "prioritize_queue_order": settings.prioritize_queue_order,
        "sid": found.id,
        "timeout_activity_name": late.name if late is not None else None,
        "timeout_activity_sid": late.id if late is not None else None,
        "url": place.url(),
    }


def activity(place: Place, found: Activity, note: Note = NOTHING) -> Json:
    """An activity."""
    return {
        **times(place, found.id, note),
        "available": found.available,
        "friendly_name": found.name,
        "url": place.url("Activities", found.id),
        "links": links(place.url(), workspace=""),
    }


def task_channel(place: Place, found: TaskChannel, note: Note = NOTHING) -> Json:
    """A task channel."""
    return {
        **times(place, found.id, note),
        "friendly_name": found.name or found.unique_name,
        "unique_name": found.unique_name,
        "channel_optimized_routing": found.optimized,
        "url": place.url("TaskChannels", found.id),
        "links": links(place.url(), workspace=""),
    }


def queue(place: Place, found: Queue, activities: dict[str, Activity], note: Note = NOTHING) -> Json:
    """A task queue."""
    reserved = activities.get(found.reservation_activity_id or "")
    assigned = activities.get(found.assignment_activity_id or "")
    here = f"TaskQueues/{found.id}"
    return {
        **times(place, found.id, note),
        "assignment_activity_sid": assigned.id if assigned is not None else None,
        "assignment_activity_name": assigned.name if assigned is not None else None,
        "friendly_name": found.name,
        "max_reserved_workers": found.max_reserved,
        "reservation_activity_sid": reserved.id if reserved is not None else None,
        "reservation_activity_name": reserved.name if reserved is not None else None,
        "target_workers": found.expression,
        "task_order": found.order,
        "url": place.url(here),
        "links": links(
            place.url(),
            workspace="",
            assignment_activity=f"Activities/{assigned.id}" if assigned is not None else None,
            reservation_activity=f"Activities/{reserved.id}" if reserved is not None else None,
            statistics=f"{here}/Statistics",
            real_time_statistics=f"{here}/RealTimeStatistics",
            cumulative_statistics=f"{here}/CumulativeStatistics",
            list_statistics="TaskQueues/Statistics",
            bulk_real_time_statistics="TaskQueues/RealTimeStatistics",
        ),
    }


def workflow(place: Place, found: Workflow, note: Note = NOTHING) -> Json:
    """A workflow; its configuration is JSON in a text."""
    url = place.url("Workflows", found.id)
    return {
        **times(place, found.id, note),
        "assignment_callback_url": note.data.get("assignment_callback_url") or None,
        "configuration": msgspec.json.encode(found.configuration).decode(),
        "document_content_type": "application/json",
        "fallback_assignment_callback_url": note.data.get("fallback_assignment_callback_url") or None,
        "friendly_name": found.name,
        "task_reservation_timeout": found.reservation_timeout_seconds,
        "url": url,
        "links": links(url, "statistics", "real_time_statistics", "cumulative_statistics"),
    }

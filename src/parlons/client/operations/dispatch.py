"""Routes: dispatch. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any, Literal

from parlons.client.calls import Group, Listing, Mode, Request, listing, operation
from parlons.client.types.dispatch import (
    Activities,
    Assign,
    ChangedSkills,
    ChangedTask,
    ChangedWorker,
    Checked,
    CheckExpression,
    NewActivity,
    NewTask,
    Queues,
    Reason,
    Reject,
    Reservations,
    Transfer,
    Workers,
)
from parlons.client.types.shared import Reservation, Task, Worker


class DispatchRoutes(Group[Mode]):
    """Routes: dispatch."""

    @listing
    def tasks(
        self,
        *,
        status: Literal["pending", "reserved", "assigned", "wrapping", "completed", "canceled"] | None = None,
        before: str | None = None,
        limit: int | None = None,
    ) -> Listing[Task]:
        """Tasks, newest first."""
        return Listing("GET", "/tasks", query={"status": status, "before": before, "limit": limit}, cursor="before")

    @operation
    def create_task(self, body: NewTask, *, key: str | None = None) -> Request[Task]:
        """A task without conversation."""
        return Request("POST", "/tasks", body=body, once=True, key=key)

    @operation
    def task(self, task_id: str | int) -> Request[Task]:
        """One task with its attributes."""
        return Request("GET", "/tasks/{}", (task_id,))

    @operation
    def change_task(self, task_id: str | int, body: ChangedTask, *, key: str | None = None) -> Request[Task]:
        """Change attributes or priority of an open task."""
        return Request("PATCH", "/tasks/{}", (task_id,), body=body, once=True, key=key)

    @operation
    def cancel_task(self, task_id: str | int, body: Reason, *, key: str | None = None) -> Request[Task]:
        """End a waiting task unserved."""
        return Request("POST", "/tasks/{}/cancel", (task_id,), body=body, once=True, key=key)

    @operation
    def complete_task(self, task_id: str | int, body: Reason | None = None, *, key: str | None = None) -> Request[Task]:
        """The work is done."""
        return Request("POST", "/tasks/{}/complete", (task_id,), body=body, once=True, key=key)

    @operation
    def wrap_task(self, task_id: str | int, *, key: str | None = None) -> Request[Task]:
        """The contact is over."""
        return Request("POST", "/tasks/{}/wrap", (task_id,), once=True, key=key)

    @operation
    def transfer_task(self, task_id: str | int, body: Transfer, *, key: str | None = None) -> Request[Task]:
        """Offer a task to others."""
        return Request("POST", "/tasks/{}/transfer", (task_id,), body=body, once=True, key=key)

    @operation
    def cancel_transfer(self, task_id: str | int, *, key: str | None = None) -> Request[Task]:
        """Call a transfer back."""
        return Request("DELETE", "/tasks/{}/transfer", (task_id,), once=True, key=key)

    @operation
    def assign_task(self, task_id: str | int, body: Assign, *, key: str | None = None) -> Request[Task]:
        """Offer a task to one worker."""
        return Request("POST", "/tasks/{}/assign", (task_id,), body=body, once=True, key=key)

    @operation
    def reservations_of_task(self, task_id: str | int) -> Request[Reservations]:
        """All offers of a task, oldest first."""
        return Request("GET", "/tasks/{}/reservations", (task_id,))

    @operation
    def why_task(self, task_id: str | int) -> Request[dict[str, Any]]:
        """Why this task is where it is."""
        return Request("GET", "/tasks/{}/why", (task_id,))

    @operation
    def reservations(self, *, worker_id: str | None = None) -> Request[Reservations]:
        """Open reservations."""
        return Request("GET", "/reservations", query={"worker_id": worker_id})

    @operation
    def reservation(self, reservation_id: str | int) -> Request[Reservation]:
        """One reservation, ended ones too."""
        return Request("GET", "/reservations/{}", (reservation_id,))

    @operation
    def accept_reservation(self, reservation_id: str | int, *, key: str | None = None) -> Request[Reservation]:
        """Take the offer."""
        return Request("POST", "/reservations/{}/accept", (reservation_id,), once=True, key=key)

    @operation
    def reject_reservation(
        self, reservation_id: str | int, body: Reject | None = None, *, key: str | None = None
    ) -> Request[Reservation]:
        """Refuse the offer."""
        return Request("POST", "/reservations/{}/reject", (reservation_id,), body=body, once=True, key=key)

    @operation
    def wrap_reservation(self, reservation_id: str | int, *, key: str | None = None) -> Request[Reservation]:
        """The contact is over."""
        return Request("POST", "/reservations/{}/wrap", (reservation_id,), once=True, key=key)

    @operation
    def complete_reservation(
        self, reservation_id: str | int, body: Reason | None = None, *, key: str | None = None
    ) -> Request[Reservation]:
        """The work is done."""
        return Request("POST", "/reservations/{}/complete", (reservation_id,), body=body, once=True, key=key)

    @operation
    def why_reservation(self, reservation_id: str | int) -> Request[dict[str, Any]]:
        """Why this worker was offered this task."""
        return Request("GET", "/reservations/{}/why", (reservation_id,))

    @operation
    def workers(self) -> Request[Workers]:
        """The workers of the workspace."""
        return Request("GET", "/workers")

    @operation
    def worker(self, worker_id: str | int) -> Request[Worker]:
        """One worker."""
        return Request("GET", "/workers/{}", (worker_id,))

    @operation
    def change_worker(self, worker_id: str | int, body: ChangedWorker) -> Request[Worker]:
        """Change attributes (whole) or capacities."""
        return Request("PATCH", "/workers/{}", (worker_id,), body=body)

    @operation
    def set_activity(self, worker_id: str | int, body: NewActivity, *, key: str | None = None) -> Request[Worker]:
        """Change what a worker does."""
        return Request("PUT", "/workers/{}/activity", (worker_id,), body=body, once=True, key=key)

    @operation
    def activities(self) -> Request[Activities]:
        """What a worker may be doing."""
        return Request("GET", "/activities")

    @operation
    def queues(self) -> Request[Queues]:
        """The queues with their present lines."""
        return Request("GET", "/queues")

    @operation
    def workflows(self) -> Request[dict[str, Any]]:
        """The workflows with their configuration."""
        return Request("GET", "/workflows")

    @operation
    def task_channels(self) -> Request[dict[str, Any]]:
        """The task channels."""
        return Request("GET", "/task-channels")

    @operation
    def live(self) -> Request[dict[str, Any]]:
        """Queues with line and service level, agents by activity."""
        return Request("GET", "/statistics/live")

    @operation
    def queue_statistics(
        self, queue_id: str | int, *, minutes: int | None = None, split_by_wait_time: str | None = None
    ) -> Request[dict[str, Any]]:
        """Real-time and cumulative figures of one queue."""
        return Request(
            "GET",
            "/queues/{}/statistics",
            (queue_id,),
            query={"minutes": minutes, "split_by_wait_time": split_by_wait_time},
        )

    @operation
    def check_expression(self, body: CheckExpression) -> Request[Checked]:
        """Whether an expression is valid where it is to stand."""
        return Request("POST", "/expressions/check", body=body)

    @operation
    def change_skills(self, worker_id: str | int, body: ChangedSkills) -> Request[Worker]:
        """Change some skills, levels or languages of a worker."""
        return Request("PATCH", "/workers/{}/skills", (worker_id,), body=body)

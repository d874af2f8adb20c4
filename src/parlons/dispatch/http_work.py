"""Dispatch's part of /api/v1 about work: tasks, reservations, `why`. Workers and queues: http_floor.py; both together: http.py.

Every command goes through `Dispatch.send`, so an answer means committed. An `Idempotency-Key` is the command's key: a double
click or a retry gets the first one's outcome, another request under it is refused. An agent acts on what is his; supervisors on
the rows they oversee.
"""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from parlons.accounts import audit
from parlons.accounts.http import Agent, Supervisor
from parlons.accounts.model import Principal
from parlons.accounts.on_behalf import Acting
from parlons.accounts.rights import Right
from parlons.dispatch import queries, schemas
from parlons.dispatch.dispatch import Dispatch
from parlons.dispatch.errors import (
    NotYourTask,
    UnknownTaskHere,
    UnknownWorkerHere,
    UnknownWorkflowHere,
)
from parlons.dispatch.outcome import Outcome
from parlons.dispatch.statistics import UnknownQueueHere
from parlons.dispatch.stepper import Stepper
from parlons.dispatch.why import why_of_reservation, why_of_task
from parlons.kit.errors import Refusal
from parlons.kit.ids import TASK, WORKER, new_id
from parlons.routing import commands as c
from parlons.routing.configuration import Target
from parlons.runtime.asked import id_of, row_of
from parlons.runtime.db import Database
from parlons.runtime.http import Idempotency, Once

router = APIRouter(tags=["dispatch"])
Json = dict[str, Any]


def dispatch_of(request: Request) -> Dispatch:
    """The process's dispatch."""
    found: Dispatch = request.app.state.dispatch
    return found


def database_of(request: Request) -> Database:
    """The process's database."""
    found: Database = request.app.state.db
    return found


async def carry_out(
    request: Request, principal: Principal, command: c.Command, once: Idempotency | None = None
) -> Outcome:
    """Sends a command in the caller's name; the request's key is the command's. Raises KeyReused."""
    key = await once.claim(database_of(request), principal.tenant_id, principal.actor) if once is not None else None
    return await dispatch_of(request).send(principal.workspace_id, command, actor=principal.actor, key=key)


async def _task(request: Request, principal: Principal, task_id: str) -> Json:
    serving = await dispatch_of(request).serving(principal)
    async with database_of(request).transaction(principal.tenant_id) as tx:
        return await queries.task(tx, principal, task_id, serving)


async def _own_task(request: Request, principal: Principal, task_id: str) -> Json:
    """The task, if the caller may act on it."""
    task = await _task(request, principal, task_id)
    mine = principal.worker_id is not None and task["worker_id"] == principal.worker_id
    if not mine and not (principal.has(Right.STEER) and principal.oversees(task["firm_id"], task["queue_id"])):
        raise NotYourTask(task_id=task_id)
    return task


async def _check_target(request: Request, principal: Principal, to: schemas.To) -> Target:
    """Where a task is to go, when it is within the caller's firms; what he may not see does not exist."""

    def seen(stepper: Stepper) -> Refusal | None:
        state = stepper.state
        if to.worker_id is not None:
            worker = state.workers.get(to.worker_id)
            return None if worker is not None and principal.sees_any(worker.firm_ids) else UnknownWorkerHere()
        if to.queue_id is not None:
            queue = state.queues.get(to.queue_id)
            return None if queue is not None and principal.sees(queue.config.firm_id) else UnknownQueueHere()
        return _workflow_seen(stepper, principal, to.workflow_id)

    await _check_seen(request, principal, seen)
    return _target(to)


def _workflow_seen(stepper: Stepper, principal: Principal, workflow_id: str | None) -> Refusal | None:
    workflow = stepper.state.workflows.get(workflow_id or "")
    return None if workflow is not None and principal.sees(workflow.config.firm_id) else UnknownWorkflowHere()


async def _check_seen(request: Request, principal: Principal, seen: Callable[[Stepper], Refusal | None]) -> None:
    _, refusal = await dispatch_of(request).committed(principal.workspace_id, seen)
    if refusal is not None:
        raise refusal


async def _reservation(request: Request, principal: Principal, reservation_id: str) -> Json:
    async with database_of(request).transaction(principal.tenant_id) as tx:
        return await queries.reservation(tx, principal, reservation_id)


async def _own_reservation(request: Request, principal: Principal, reservation_id: str) -> Json:
    """The reservation, if the caller may act on it."""
    found = await _reservation(request, principal, reservation_id)
    if found["worker_id"] != principal.worker_id and not principal.has(Right.STEER):
        raise NotYourTask(task_id=found["task_id"])
    return found


async def _record(request: Request, principal: Principal, action: str, object_id: str, after: Json) -> None:
    """A supervisor's act on another's work leaves an audit row."""
    async with database_of(request).transaction(principal.tenant_id) as tx:
        await audit.record(tx, principal, action, object_id, now=tx.now, after=after)


# -- tasks -------------------------------------------------------------------------------------------------------------


@router.get("/tasks", response_model=schemas.Tasks)
async def tasks(
    request: Request,
    principal: Agent,
    status: schemas.TaskStatus | None = None,
    before: Annotated[str | None, row_of(TASK)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = queries.PAGE,
) -> Json:
    """Tasks, newest first: an agent's own, or those of a supervisor's firms."""
    async with database_of(request).transaction(principal.tenant_id) as tx:
        items = await queries.tasks(tx, principal, status=status, before=before, limit=limit)
    return {"items": items, "next": items[-1]["id"] if len(items) == limit else None}


@router.post("/tasks", status_code=201, response_model=schemas.Task)
async def create_task(body: schemas.NewTask, request: Request, principal: Supervisor, once: Once) -> Json:
    """A task without conversation."""
    principal.check_firm(body.firm_id)
    to = await _check_target(request, principal, body.to) if body.to is not None else None
    if body.workflow_id is not None:
        await _check_seen(request, principal, lambda stepper: _workflow_seen(stepper, principal, body.workflow_id))
    now = request.app.state.clock()
    command = c.CreateTask(
        new_id(TASK, now),
        body.attributes,
        body.workflow_id,
        to,
        body.channel,
        body.priority,
        body.ttl_seconds,
        firm_id=body.firm_id,
    )
    made = (await carry_out(request, principal, command, once)).transitions[0]
    return await _task(request, principal, getattr(made, "task_id", command.task_id))


@router.get("/tasks/{task_id}", response_model=schemas.Task)
async def task(task_id: str, request: Request, principal: Agent) -> Json:
    """One task with its attributes."""
    return await _task(request, principal, task_id)


@router.patch("/tasks/{task_id}", response_model=schemas.Task)
async def change_task(
    task_id: str, body: schemas.ChangedTask, request: Request, principal: Supervisor, once: Once
) -> Json:
    """Change attributes or priority of an open task; a pending one goes through its workflow again, its place kept."""
    await _own_task(request, principal, task_id)
    given = {"attributes": body.attributes} if body.attributes is not None else {}
    await carry_out(request, principal, c.UpdateTask(task_id, priority=body.priority, **given), once)
    return await _task(request, principal, task_id)


@router.post("/tasks/{task_id}/cancel", response_model=schemas.Task)
async def cancel_task(task_id: str, body: schemas.Reason, request: Request, principal: Supervisor, once: Once) -> Json:
    """End a waiting task unserved."""
    await _own_task(request, principal, task_id)
    await carry_out(request, principal, c.CancelTask(task_id, body.reason), once)
    await _record(request, principal, "task.canceled", task_id, {"reason": body.reason})
    return await _task(request, principal, task_id)


@router.post("/tasks/{task_id}/complete", response_model=schemas.Task)
async def complete_task(
    task_id: str, request: Request, principal: Agent, once: Once, body: schemas.Reason | None = None
) -> Json:
    """The work is done."""
    await _own_task(request, principal, task_id)
    await carry_out(request, principal, c.CompleteTask(task_id, body.reason if body is not None else ""), once)
    return await _task(request, principal, task_id)


@router.post("/tasks/{task_id}/wrap", response_model=schemas.Task)
async def wrap_task(task_id: str, request: Request, principal: Agent, once: Once) -> Json:
    """The contact is over; it still has to be written up."""
    await _own_task(request, principal, task_id)
    await carry_out(request, principal, c.WrapTask(task_id), once)
    return await _task(request, principal, task_id)


@router.post("/tasks/{task_id}/transfer", response_model=schemas.Task)
async def transfer_task(task_id: str, body: schemas.Transfer, request: Request, principal: Agent, once: Once) -> Json:
    """Offer a task to others; its worker keeps it until one accepts."""
    found = await _own_task(request, principal, task_id)
    to = await _check_target(request, principal, body.to)
    command = c.TransferTask(task_id, to, found["reservation_id"], body.priority, body.note_id)
    await carry_out(request, principal, command, once)
    return await _task(request, principal, task_id)


@router.delete("/tasks/{task_id}/transfer", response_model=schemas.Task)
async def cancel_transfer(task_id: str, request: Request, principal: Agent, once: Once) -> Json:
    """Call a transfer back."""
    await _own_task(request, principal, task_id)
    await carry_out(request, principal, c.CancelTransfer(task_id), once)
    return await _task(request, principal, task_id)


@router.post("/tasks/{task_id}/assign", response_model=schemas.Task)
async def assign_task(task_id: str, body: schemas.Assign, request: Request, principal: Supervisor, once: Once) -> Json:
    """Offer a task to one worker: a waiting one, or one that another worker has (he keeps it until the other accepts)."""
    found = await _own_task(request, principal, task_id)
    to = await _check_target(request, principal, schemas.To(worker_id=body.worker_id))
    command = c.TransferTask(task_id, to, found["reservation_id"])
    await carry_out(request, principal, command, once)
    await _record(request, principal, "task.assigned", task_id, {"worker_id": body.worker_id})
    return await _task(request, principal, task_id)


@router.get("/tasks/{task_id}/reservations", response_model=schemas.Reservations)
async def reservations_of_task(task_id: str, request: Request, principal: Agent) -> Json:
    """All offers of a task, oldest first."""
    await _task(request, principal, task_id)
    async with database_of(request).transaction(principal.tenant_id) as tx:
        found = await queries.reservations_of_task(tx, principal.workspace_id, task_id)
    return {"items": found}


@router.get("/tasks/{task_id}/why")
async def why_task(task_id: str, request: Request, principal: Agent) -> Json:
    """Why this task is where it is: the decision behind its last offer, or who could take it now; every worker with a reason."""
    await _task(request, principal, task_id)
    return await why_of_task(dispatch_of(request), principal, task_id)


# -- reservations ------------------------------------------------------------------------------------------------------


@router.get("/reservations", response_model=schemas.Reservations)
async def reservations(
    request: Request, principal: Acting, worker_id: Annotated[str | None, id_of(WORKER)] = None
) -> Json:
    """Open reservations: an agent's own, or those of a supervisor's firms."""
    _, parts = await dispatch_of(request).snapshot_for(principal)
    items: list[Json] = [one for one in parts["reservations"].values() if worker_id in (None, one["worker_id"])]
    return {"items": items}


@router.get("/reservations/{reservation_id}", response_model=schemas.Reservation)
async def reservation(reservation_id: str, request: Request, principal: Agent) -> Json:
    """One reservation, ended ones too."""
    return await _reservation(request, principal, reservation_id)


@router.post("/reservations/{reservation_id}/accept", response_model=schemas.Reservation)
async def accept_reservation(reservation_id: str, request: Request, principal: Agent, once: Once) -> Json:
    """Take the offer. A second accept, or one that comes too late, is refused with a stable code."""
    await _own_reservation(request, principal, reservation_id)
    worker_id = None if principal.has(Right.STEER) else principal.worker_id
    await carry_out(request, principal, c.AcceptReservation(reservation_id, worker_id), once)
    return await _reservation(request, principal, reservation_id)


@router.post("/reservations/{reservation_id}/reject", response_model=schemas.Reservation)
async def reject_reservation(
    reservation_id: str, request: Request, principal: Agent, once: Once, body: schemas.Reject | None = None
) -> Json:
    """Refuse the offer."""
    given = body or schemas.Reject(reason="", quiet_seconds=0)
    await _own_reservation(request, principal, reservation_id)
    command = c.RejectReservation(reservation_id, given.activity_id, given.quiet_seconds)
    await carry_out(request, principal, command, once)
    return await _reservation(request, principal, reservation_id)


@router.post("/reservations/{reservation_id}/wrap", response_model=schemas.Reservation)
async def wrap_reservation(reservation_id: str, request: Request, principal: Agent, once: Once) -> Json:
    """The contact is over; it still has to be written up."""
    await _own_reservation(request, principal, reservation_id)
    await carry_out(request, principal, c.WrapReservation(reservation_id), once)
    return await _reservation(request, principal, reservation_id)


@router.post("/reservations/{reservation_id}/complete", response_model=schemas.Reservation)
async def complete_reservation(
    reservation_id: str, request: Request, principal: Agent, once: Once, body: schemas.Reason | None = None
) -> Json:
    """The work is done."""
    await _own_reservation(request, principal, reservation_id)
    command = c.CompleteReservation(reservation_id, body.reason if body is not None else "")
    await carry_out(request, principal, command, once)
    return await _reservation(request, principal, reservation_id)


@router.get("/reservations/{reservation_id}/why")
async def why_reservation(reservation_id: str, request: Request, principal: Agent) -> Json:
    """Why this worker was offered this task: what was noted then, and every worker with a reason, by replay."""
    await _reservation(request, principal, reservation_id)
    return await why_of_reservation(dispatch_of(request), principal, reservation_id)


def _target(to: schemas.To) -> Target:
    if to.worker_id is not None:
        return Target("worker", to.worker_id)
    if to.queue_id is not None:
        return Target("queue", to.queue_id)
    if to.workflow_id is None:
        raise UnknownTaskHere
    return Target("workflow", to.workflow_id)

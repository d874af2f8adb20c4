"""What screens and other rooms may read: the router's present objects as JSON, and finished tasks from the projections.

Present objects are read from memory at a commit (`Dispatch.committed`), so that a snapshot and the events after it fit
together; whoever may see what is decided here as the event audiences decide it (screens.py).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import RowMapping

from parlons.accounts.model import Principal, Role
from parlons.dispatch import store
from parlons.dispatch.errors import UnknownReservationHere, UnknownTaskHere
from parlons.dispatch.screens import reservation_json, task_json, worker_json
from parlons.dispatch.stepper import Stepper
from parlons.dispatch.views import activity_view, lines, queue_view, worker_view
from parlons.kit.clock import from_datetime, to_iso
from parlons.runtime.db import Tx

Json = dict[str, Any]
PAGE = 100


def snapshot(stepper: Stepper, users: Mapping[str, str], principal: Principal) -> Json:
    """The parts of a screen's snapshot that the router knows: activities, queues, workers, tasks, reservations."""
    return {
        "activities": {one.id: activity_view(one) for one in stepper.state.activities.values()},
        "queues": {one["id"]: one for one in queues(stepper, principal)},
        "workers": {worker["id"]: worker for worker in workers(stepper, users, principal)},
        **_work(stepper, principal),
    }


def _work(stepper: Stepper, principal: Principal) -> Json:
    views = stepper.views
    if principal.may(Role.SUPERVISOR):
        mine = [one for one in views.reservations.values() if principal.sees(one.firm_id)]
        tasks = [one for one in views.tasks.values() if principal.sees(one.firm_id)]
    else:
        held = stepper.state.workers[principal.worker_id].held if principal.worker_id in stepper.state.workers else {}
        mine = [views.reservations[reservation_id] for reservation_id in held]
        tasks = [views.tasks[one.task_id] for one in mine if one.task_id in views.tasks]
    return {
        "tasks": {one.id: task_json(one, _attributes(stepper, one.id)) for one in tasks},
        "reservations": {one.id: reservation_json(one) for one in mine},
    }


def _attributes(stepper: Stepper, task_id: str) -> bytes | None:
    task = stepper.state.tasks.get(task_id)
    return task.attributes if task is not None else None


def workers(stepper: Stepper, users: Mapping[str, str], principal: Principal) -> list[Json]:
    """The workers the principal may see: those of more than one firm everybody, those of one firm its people."""
    return [
        worker_json(worker_view(worker), users)
        for worker in stepper.state.workers.values()
        if len(worker.firm_ids) != 1 or principal.sees(worker.firm_ids[0])
    ]


def worker(stepper: Stepper, users: Mapping[str, str], principal: Principal, worker_id: str) -> Json | None:
    """One worker the principal may see."""
    found = stepper.state.workers.get(worker_id)
    if found is None or (len(found.firm_ids) == 1 and not principal.sees(found.firm_ids[0])):
        return None
    return worker_json(worker_view(found), users)


def queues(stepper: Stepper, principal: Principal) -> list[Json]:
    """The queues the principal may see, with how many wait and since when."""
    counted = lines(stepper.views.tasks)
    configs = [queue.config for queue in stepper.state.queues.values()]
    return [queue_view(config, counted) for config in configs if principal.sees(config.firm_id)]


def queue(stepper: Stepper, queue_id: str) -> Json:
    """One queue with its present line."""
    return queue_view(stepper.state.queues[queue_id].config, lines(stepper.views.tasks))


def _iso(at: Any) -> str | None:
    return None if at is None else to_iso(from_datetime(at))


def _task_row(row: RowMapping, attributes: Json | None) -> Json:
    names = ("id", "status", "priority", "queue_id", "workflow_id", "channel", "conversation_id", "firm_id")
    times = ("created_at", "virtual_start_at", "entered_queue_at", "ended_at")
    return {
        **{name: row[name] for name in names},
        **{name: _iso(row[name]) for name in times},
        "worker_id": row["worker_id"],
        "reservation_id": row["reservation_id"],
        "reason": row["reason"],
        "version": row["version"],
        "attributes": attributes,
    }


async def task(tx: Tx, principal: Principal, task_id: str) -> Json:
    """One task with its attributes (None where they were erased); raises UnknownTask, also for firms not seen."""
    table = store.tasks
    mine = (table.c.workspace_id == principal.workspace_id, table.c.id == task_id)
    row = await tx.fetch_one(sa.select(table).where(*mine))
    if row is None or not principal.sees(row["firm_id"]) or not _may_see(principal, row):
        raise UnknownTaskHere(task_id=task_id)
    attributes = await tx.scalar(
        "SELECT data -> 'attributes' FROM journal_private WHERE workspace_id = :workspace AND key = :key "
        "AND data ? 'attributes' ORDER BY seq DESC LIMIT 1",
        {"workspace": principal.workspace_id, "key": task_id},
    )
    return _task_row(row, attributes)


def _may_see(principal: Principal, row: RowMapping) -> bool:
    """Agents see tasks which are, or were, theirs, and those that wait."""
    return principal.may(Role.SUPERVISOR) or row["worker_id"] in (None, principal.worker_id)


async def tasks(
    tx: Tx, principal: Principal, *, status: str | None = None, before: str | None = None, limit: int = PAGE
) -> list[Json]:
    """Tasks, newest first; `before`: the id after which to go on. Without attributes."""
    table = store.tasks
    query = (
        sa.select(table).where(table.c.workspace_id == principal.workspace_id).order_by(table.c.id.desc()).limit(limit)
    )
    if status is not None:
        query = query.where(table.c.status == status)
    if before is not None:
        query = query.where(table.c.id < before)
    if principal.firm_ids is not None:
        query = query.where(sa.or_(table.c.firm_id.is_(None), table.c.firm_id.in_(sorted(principal.firm_ids))))
    if not principal.may(Role.SUPERVISOR):
        query = query.where(table.c.worker_id == principal.worker_id)
    return [_task_row(row, None) for row in await tx.fetch_all(query)]


async def reservation(tx: Tx, principal: Principal, reservation_id: str) -> Json:
    """One reservation, ended ones too; raises UnknownReservation."""
    table = store.reservations
    mine = (table.c.workspace_id == principal.workspace_id, table.c.id == reservation_id)
    row = await tx.fetch_one(sa.select(table).where(*mine))
    if row is None or not principal.sees(row["firm_id"]):
        raise UnknownReservationHere(reservation_id=reservation_id)
    if not principal.may(Role.SUPERVISOR) and row["worker_id"] != principal.worker_id:
        raise UnknownReservationHere(reservation_id=reservation_id)
    return _reservation_row(row)


def _reservation_row(row: RowMapping) -> Json:
    names = ("id", "task_id", "worker_id", "queue_id", "firm_id", "status")
    times = ("created_at", "expires_at", "accepted_at", "ended_at")
    return {
        **{name: row[name] for name in names},
        **{name: _iso(row[name]) for name in times},
        "reason_code": row["reason"],
    }


async def reservations_of_task(tx: Tx, workspace_id: str, task_id: str) -> list[Json]:
    """All offers of a task, oldest first."""
    table = store.reservations
    query = (
        sa.select(table).where(table.c.workspace_id == workspace_id, table.c.task_id == task_id).order_by(table.c.id)
    )
    return [_reservation_row(row) for row in await tx.fetch_all(query)]


async def tasks_of_conversations(tx: Tx, conversation_ids: Sequence[str]) -> list[str]:
    """All tasks of these conversations, ended ones too."""
    if not conversation_ids:
        return []
    table = store.tasks
    rows = await tx.fetch_all(
        sa.select(table.c.id).where(table.c.conversation_id.in_(conversation_ids)).order_by(table.c.id)
    )
    return [row["id"] for row in rows]


async def names(tx: Tx, workspace_id: str, kind: str) -> dict[str, str]:
    """Names by id, of removed ones too. `kind`: workers, queues, workflows, activities or task_channels."""
    table = {name: getattr(store, name) for name in store.CONFIGURED}[kind]
    rows = await tx.fetch_all(sa.select(table.c.id, table.c.name).where(table.c.workspace_id == workspace_id))
    return {row["id"]: row["name"] for row in rows}


async def id_of(tx: Tx, workspace_id: str, kind: str, name: str) -> str | None:
    """The id of what is called `name` now. `kind`: queues or workflows."""
    table = {each: getattr(store, each) for each in ("queues", "workflows")}[kind]
    here = (table.c.workspace_id == workspace_id, table.c.name == name, ~table.c.removed)
    found: str | None = await tx.scalar(sa.select(table.c.id).where(*here).order_by(table.c.id).limit(1))
    return found


async def waiting_in(tx: Tx, workspace_id: str, queue_id: str) -> int:
    """How many tasks wait in a queue, as of the last commit."""
    table = store.tasks
    here = (table.c.workspace_id == workspace_id, table.c.queue_id == queue_id, table.c.status == "pending")
    return int(await tx.scalar(sa.select(sa.func.count()).select_from(table).where(*here)) or 0)


async def works_beside(tx: Tx, conversation_id: str, task_id: str) -> bool:
    """Whether somebody works on another task of this conversation: a call beside its chat."""
    table = store.tasks
    query = sa.select(table.c.id).where(
        table.c.conversation_id == conversation_id, table.c.id != task_id, table.c.status == "assigned"
    )
    return await tx.scalar(query.limit(1)) is not None

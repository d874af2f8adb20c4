"""What screens and other rooms may read: the router's present objects as JSON, and finished tasks from the projections.

Present objects are read from memory at a commit (`Dispatch.committed`), so that a snapshot and the events after it fit
together; whoever may see what is decided here as the event audiences decide it (screens.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import RowMapping

from parlons.accounts.model import Principal, Role
from parlons.accounts.rights import Right
from parlons.dispatch import store
from parlons.dispatch.errors import UnknownReservationHere, UnknownTaskHere
from parlons.dispatch.screens import reservation_json, task_json, worker_json
from parlons.dispatch.stepper import Stepper
from parlons.dispatch.views import activity_view, lines, queue_view, worker_view
from parlons.kit.clock import Millis, from_datetime, to_datetime, to_iso
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
    held = stepper.state.workers[principal.worker_id].held if principal.worker_id in stepper.state.workers else {}
    mine = [views.reservations[reservation_id] for reservation_id in held]
    tasks = [views.tasks[one.task_id] for one in mine if one.task_id in views.tasks]
    if principal.may(Role.SUPERVISOR):
        mine += [one for one in views.reservations.values() if principal.oversees(one.firm_id, one.queue_id)]
        tasks += [one for one in views.tasks.values() if principal.oversees(one.firm_id, one.queue_id)]
    return {
        "tasks": {one.id: task_json(one, _attributes(stepper, one.id)) for one in tasks},
        "reservations": {one.id: reservation_json(one) for one in mine},
    }


def _attributes(stepper: Stepper, task_id: str) -> bytes | None:
    task = stepper.state.tasks.get(task_id)
    return task.attributes if task is not None else None


def workers(stepper: Stepper, users: Mapping[str, str], principal: Principal) -> list[Json]:
    """The workers the principal may see: those who share a firm with him, and those of all firms."""
    return [
        worker_json(worker_view(worker), users)
        for worker in stepper.state.workers.values()
        if principal.sees_any(worker.firm_ids)
    ]


def worker(stepper: Stepper, users: Mapping[str, str], principal: Principal, worker_id: str) -> Json | None:
    """One worker the principal may see."""
    found = stepper.state.workers.get(worker_id)
    if found is None or not principal.sees_any(found.firm_ids):
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


@dataclass(frozen=True, slots=True)
class Serving:
    """What may come to a principal's worker, or is offered to him, as the router has it."""

    queue_ids: frozenset[str] = frozenset()
    task_ids: frozenset[str] = frozenset()


def serving(stepper: Stepper, principal: Principal) -> Serving:
    """The queues a principal's worker belongs to, and the tasks he holds or is offered."""
    worker = stepper.state.workers.get(principal.worker_id or "")
    if worker is None:
        return Serving()
    return Serving(frozenset(worker.queues), frozenset(one.task.id for one in worker.held.values()))


async def task(tx: Tx, principal: Principal, task_id: str, serving: Serving) -> Json:
    """One task with its attributes (None where they were erased); raises UnknownTask, also for one he may not see."""
    table = store.tasks
    mine = (table.c.workspace_id == principal.workspace_id, table.c.id == task_id)
    row = await tx.fetch_one(sa.select(table).where(*mine))
    if row is None or not principal.sees(row["firm_id"]) or not _may_see(principal, row, serving):
        raise UnknownTaskHere(task_id=task_id)
    attributes = await tx.scalar(
        "SELECT data -> 'attributes' FROM journal_private WHERE workspace_id = :workspace AND key = :key "
        "AND data ? 'attributes' ORDER BY seq DESC LIMIT 1",
        {"workspace": principal.workspace_id, "key": task_id},
    )
    return _task_row(row, attributes)


def _may_see(principal: Principal, row: RowMapping, serving: Serving) -> bool:
    """Who reads the work of others sees his queues' tasks; agents those which are, or were, theirs or are offered to them, and
    those that wait in queues they serve (who may fetch: in any queue of his)."""
    overseen = principal.oversees(row["firm_id"], row["queue_id"])
    if overseen and principal.may(Role.SUPERVISOR):
        return True
    if row["id"] in serving.task_ids or (row["worker_id"] is not None and row["worker_id"] == principal.worker_id):
        return True
    if row["worker_id"] is not None or not principal.has(Right.SERVE):
        return False
    return row["queue_id"] in serving.queue_ids or (overseen and principal.has(Right.FETCH))


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
    mine = table.c.worker_id == principal.worker_id if principal.worker_id is not None else sa.false()
    if not principal.may(Role.SUPERVISOR):
        query = query.where(mine)
    elif principal.queue_ids is not None:
        query = query.where(sa.or_(mine, table.c.queue_id.in_(sorted(principal.queue_ids))))
    return [_task_row(row, None) for row in await tx.fetch_all(query)]


async def reservation(tx: Tx, principal: Principal, reservation_id: str) -> Json:
    """One reservation, ended ones too; raises UnknownReservation."""
    table = store.reservations
    mine = (table.c.workspace_id == principal.workspace_id, table.c.id == reservation_id)
    row = await tx.fetch_one(sa.select(table).where(*mine))
    if row is None or not principal.sees(row["firm_id"]):
        raise UnknownReservationHere(reservation_id=reservation_id)
    leads = principal.may(Role.SUPERVISOR) and principal.oversees(row["firm_id"], row["queue_id"])
    if not leads and (principal.worker_id is None or row["worker_id"] != principal.worker_id):
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


async def reservations_of_worker(tx: Tx, workspace_id: str, worker_id: str, start: Millis, end: Millis) -> list[Json]:
    """What a worker was offered in `[start, end)`, oldest first, with the channel of each task."""
    held, of = store.reservations, store.tasks
    within = (held.c.created_at >= to_datetime(start), held.c.created_at < to_datetime(end))
    query = (
        sa.select(held, of.c.channel, of.c.conversation_id)
        .join(of, sa.and_(of.c.workspace_id == held.c.workspace_id, of.c.id == held.c.task_id))
        .where(held.c.workspace_id == workspace_id, held.c.worker_id == worker_id, *within)
        .order_by(held.c.created_at, held.c.id)
        .limit(500)
    )
    return [
        {**_reservation_row(row), "channel": row["channel"], "conversation_id": row["conversation_id"]}
        for row in await tx.fetch_all(query)
    ]


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

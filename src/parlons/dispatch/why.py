"""Why a task went where it went: what was noted with the offer, and every worker with what spoke against him, by replay.

The note (rule, step, queue, order keys of the first three) is stored with each reservation. The full list is computed on
demand: the newest snapshot before the offer, then the journal up to it, on a router of its own in a thread, so the living
one is not disturbed. Where attributes were erased the replay takes the recorded outcomes, and the list stays the same.
"""

import asyncio
from typing import Any

import asyncpg
import msgspec

from parlons.accounts.model import Principal
from parlons.dispatch.dispatch import Dispatch
from parlons.dispatch.errors import HistoryGone, UnknownReservationHere, UnknownTaskHere
from parlons.dispatch.replay import Replay, opened, read_rows
from parlons.dispatch.stepper import Stepper
from parlons.kit.clock import from_datetime, to_iso
from parlons.routing.why import Candidate, Explanation, explain

Json = dict[str, Any]
_RESERVATION = "SELECT id, task_id, worker_id, seq, decision FROM reservations WHERE workspace_id = $1 AND id = $2"
_OFFERS = """
SELECT id, worker_id, status, created_at, accepted_at, ended_at, reason, seq FROM reservations
WHERE workspace_id = $1 AND task_id = $2 ORDER BY id
"""
_TASK = "SELECT * FROM tasks WHERE workspace_id = $1 AND id = $2"


async def why_of_reservation(dispatch: Dispatch, principal: Principal, reservation_id: str) -> Json:
    """The decision behind one offer, with the workers the principal may see; raises UnknownReservation. `complete` is false
    when the journal no longer reaches back."""
    workspace_id = principal.workspace_id
    connection = await dispatch.db.connect_system()
    try:
        row = await connection.fetchrow(_RESERVATION, workspace_id, reservation_id)
        if row is None:
            raise UnknownReservationHere(reservation_id=reservation_id)
        return await _decided(connection, principal, row)
    finally:
        await connection.close()


async def why_of_task(dispatch: Dispatch, principal: Principal, task_id: str) -> Json:
    """Where a task stands and why: for one that waits, everybody as of now; else the decision behind its last offer."""
    workspace_id = principal.workspace_id
    connection = await dispatch.db.connect_system()
    try:
        task = await connection.fetchrow(_TASK, workspace_id, task_id)
        if task is None:
            raise UnknownTaskHere(task_id=task_id)
        offers = await connection.fetch(_OFFERS, workspace_id, task_id)
        if task["status"] == "pending" or not offers:
            answer = await _now(dispatch, principal, task_id)
        else:
            row = await connection.fetchrow(_RESERVATION, workspace_id, offers[-1]["id"])
            assert row is not None
            answer = await _decided(connection, principal, row)
        answer["events"] = _story(task, offers)
        return answer
    finally:
        await connection.close()


async def _now(dispatch: Dispatch, principal: Principal, task_id: str) -> Json:
    def read(stepper: Stepper) -> Json | None:
        if task_id not in stepper.state.tasks:
            return None
        return _explained(stepper, explain(stepper.state, task_id, stepper.now), None, principal)

    seq, answer = await dispatch.committed(principal.workspace_id, read)
    return {**(answer or _empty(task_id)), "seq": seq, "complete": answer is not None}


async def _decided(connection: asyncpg.Connection, principal: Principal, row: asyncpg.Record) -> Json:
    noted: Json = {
        "reservation_id": row["id"],
        "chosen_worker_id": row["worker_id"],
        "seq": row["seq"],
        "decision": row["decision"],
        "idle": row["decision"]["idle"],
        "rule": row["decision"]["rule"],
        "step": row["decision"]["step"],
    }
    try:
        replay, at = await replayed(connection, principal.workspace_id, row["seq"])
    except HistoryGone:
        return {**_empty(row["task_id"]), **noted, "complete": False}
    stepper = replay.stepper
    if row["task_id"] not in stepper.state.tasks:
        return {**_empty(row["task_id"]), **noted, "complete": False}
    answer = await asyncio.to_thread(
        lambda: _explained(stepper, explain(stepper.state, row["task_id"], at), row["worker_id"], principal)
    )
    return {**answer, **noted, "complete": True}


async def replayed(connection: asyncpg.Connection, workspace_id: str, seq: int) -> tuple[Replay, int]:
    """The router right after the command that led to entry `seq`, and that command's time; raises HistoryGone."""
    replay = await opened(connection, workspace_id, at_most=seq - 1)
    while True:
        entries = await read_rows(connection, replay)
        if not entries or entries[0].seq > replay.seq + 1:
            raise HistoryGone
        if entries[-1].seq >= seq:
            break
        await asyncio.to_thread(replay.feed, entries, shown=False)
    end = next(place for place, entry in enumerate(entries) if entry.seq >= seq) + 1
    at = entries[end - 1].at
    while end < len(entries) and entries[end].kind == "transition":
        end += 1
    await asyncio.to_thread(replay.feed, entries[:end], shown=False)
    return replay, at


def _explained(stepper: Stepper, found: Explanation, chosen: str | None, principal: Principal) -> Json:
    state = stepper.state
    seen = [each for each in found.candidates if principal.sees_any(state.workers[each.worker_id].firm_ids)]
    queue = state.queues.get(found.queue_id or "")
    workflow = state.workflows.get(found.workflow_id or "")
    held = chosen or (found.held_by[0] if found.held_by else None)
    return {
        "task_id": found.task_id,
        "at": to_iso(found.at),
        "status": found.status,
        "chosen_worker_id": held,
        "queue_id": found.queue_id,
        "queue_name": queue.config.name if queue is not None else None,
        "workflow_id": found.workflow_id,
        "workflow_name": workflow.config.name if workflow is not None else None,
        "rule": found.rule,
        "step": found.step,
        "priority": found.priority,
        "virtual_start_at": to_iso(found.virtual_start),
        "ahead": found.ahead,
        "idle": sum(1 for each in seen if each.eligible),
        "considered": len(seen),
        "candidates": [_candidate(stepper, each, chosen) for each in seen],
        "events": [],
    }


def _candidate(stepper: Stepper, each: Candidate, chosen: str | None) -> Json:
    """`chosen` worker's own hold does not speak against him: at the moment of choice he did not have it yet."""
    worker = stepper.state.workers[each.worker_id]
    taken = each.chosen if chosen is None else each.worker_id == chosen
    reasons = () if taken else each.reasons
    first = reasons[0] if reasons else None
    return {
        "worker_id": each.worker_id,
        "name": worker.name,
        "eligible": not reasons,
        "chosen": taken,
        "reason": first.code if first is not None else None,
        "detail": ", ".join(first.about) if first is not None and first.about else None,
        "reasons": [msgspec.to_builtins(reason) for reason in reasons],
        "activity_id": worker.activity_id,
        "unoccupied_since": to_iso(each.unoccupied_since),
        "order": list(each.order),
    }


def _empty(task_id: str) -> Json:
    return {
        "task_id": task_id, "chosen_worker_id": None, "queue_id": None, "rule": None, "step": None, "idle": None,
        "considered": 0, "candidates": [], "events": [],
    }  # fmt: skip


def _story(task: asyncpg.Record, offers: list[asyncpg.Record]) -> list[Json]:
    """What happened to the task, in order; `code` names it, `text` is its plain English."""
    story: list[tuple[Any, str, str, Json]] = [(task["created_at"], "task.created", "Created", {})]
    if task["entered_queue_at"] is not None:
        story.append(
            (task["entered_queue_at"], "task-queue.entered", "Entered its queue", {"queue_id": task["queue_id"]})
        )
    for offer in offers:
        details = {"reservation_id": offer["id"], "worker_id": offer["worker_id"]}
        story.append((offer["created_at"], "reservation.created", "Offered", details))
        if offer["accepted_at"] is not None:
            story.append((offer["accepted_at"], "reservation.accepted", "Accepted", details))
        if offer["ended_at"] is not None:
            ended = {**details, "reason": offer["reason"]}
            story.append((offer["ended_at"], f"reservation.{offer['status']}", offer["status"].capitalize(), ended))
    if task["ended_at"] is not None:
        text = task["status"].capitalize()
        story.append((task["ended_at"], f"task.{task['status']}", text, {"reason": task["reason"]}))
    story.sort(key=lambda one: one[0])
    return [
        {"at": to_iso(from_datetime(at)), "code": code, "text": text, "details": details}
        for at, code, text, details in story
    ]

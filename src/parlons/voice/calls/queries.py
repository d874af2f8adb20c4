"""Reads of calls for screens, routes and the controller; who may see one. The rows' bodies are whole calls (model.py)."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from parlons.accounts import audit
from parlons.accounts.model import Principal, Role
from parlons.kit.clock import Millis, to_datetime
from parlons.runtime.db import Tx
from parlons.voice.calls.model import Call, call_json, from_row
from parlons.voice.calls.store import calls

Json = dict[str, Any]


def may_see(principal: Principal, call: Call) -> bool:
    """Supervisors see the calls of their firms and queues, agents those they take or took part in."""
    if not principal.sees(call.firm_id):
        return False
    if principal.may(Role.SUPERVISOR) and principal.oversees(call.firm_id, call.queue_id):
        return True
    mine = principal.worker_id
    return mine is not None and (
        mine in (call.worker_id, call.placed_by) or any(one.worker_id == mine for one in call.parties)
    )


async def call(tx: Tx, call_id: str) -> Call | None:
    """One call."""
    body = await tx.scalar(sa.select(calls.c.body).where(calls.c.tenant_id == tx.tenant_id, calls.c.id == call_id))
    return None if body is None else from_row(body)


async def open_calls(tx: Tx, workspace_id: str) -> list[Call]:
    """All calls that have not ended, oldest first."""
    query = sa.select(calls.c.body).where(calls.c.workspace_id == workspace_id, calls.c.state != "ended")
    return [from_row(row["body"]) for row in await tx.fetch_all(query.order_by(calls.c.id))]


async def ended_with(tx: Tx, workspace_id: str, task_ids: Collection[str]) -> list[Call]:
    """Calls that have ended of these tasks."""
    mine = (calls.c.tenant_id == tx.tenant_id, calls.c.workspace_id == workspace_id, calls.c.state == "ended")
    rows = await tx.fetch_all(sa.select(calls.c.body).where(*mine, calls.c.task_id.in_(task_ids))) if task_ids else ()
    return [from_row(row["body"]) for row in rows]


async def of_task(tx: Tx, task_id: str) -> Call | None:
    """The latest call of a task."""
    query = sa.select(calls.c.body).where(calls.c.tenant_id == tx.tenant_id, calls.c.task_id == task_id)
    body = await tx.scalar(query.order_by(calls.c.id.desc()).limit(1))
    return None if body is None else from_row(body)


async def listing(
    tx: Tx, principal: Principal, *, state: str | None, conversation_id: str | None, before: str | None, limit: int
) -> list[Call]:
    """Calls the principal may see, newest first."""
    query = sa.select(calls.c.body).where(
        calls.c.tenant_id == tx.tenant_id, calls.c.workspace_id == principal.workspace_id, _visible(principal)
    )
    if state == "live":
        query = query.where(calls.c.state != "ended")
    elif state is not None:
        query = query.where(calls.c.state == state)
    if conversation_id is not None:
        query = query.where(calls.c.conversation_id == conversation_id)
    if before is not None:
        query = query.where(calls.c.id < before)
    rows = await tx.fetch_all(query.order_by(calls.c.id.desc()).limit(limit))
    return [from_row(row["body"]) for row in rows]


async def snapshot(tx: Tx, principal: Principal) -> dict[str, Json]:
    """What a screen begins with, by id: an agent's own calls, all that live for a supervisor."""
    query = sa.select(calls.c.body).where(
        calls.c.workspace_id == principal.workspace_id, calls.c.state != "ended", _visible(principal)
    )
    found = [from_row(row["body"]) for row in await tx.fetch_all(query.order_by(calls.c.id).limit(2000))]
    return {one.id: call_json(one) for one in found}


def _visible(principal: Principal) -> sa.ColumnElement[bool]:
    """SQL twin of `may_see`."""
    firms: sa.ColumnElement[bool] = sa.true()
    if principal.firm_ids is not None:
        firms = sa.or_(calls.c.firm_id.is_(None), calls.c.firm_id.in_(sorted(principal.firm_ids)))
    ways: list[sa.ColumnElement[bool]] = [sa.false()]
    if principal.may(Role.SUPERVISOR):
        if principal.queue_ids is None:
            return firms
        ways += [calls.c.body.contains({"queue_id": queue_id}) for queue_id in sorted(principal.queue_ids)]
    if (mine := principal.worker_id) is not None:
        takes_part = calls.c.body.contains({"parties": [{"worker_id": mine}]})
        ways += [calls.c.worker_id == mine, calls.c.placed_by == mine, takes_part]
    return sa.and_(firms, sa.or_(*ways))


async def answered(tx: Tx, workspace_id: str, limit: int) -> list[Json]:
    """The last `limit` answered calls of each queue, oldest first: queue, wait (ms), place on entering, whether the range was
    right."""
    rows = await tx.fetch_all(
        "SELECT queue_id, waited_ms, position, forecast_hit FROM (SELECT queue_id, waited_ms, position, forecast_hit, "
        "answered_at, row_number() OVER (PARTITION BY queue_id ORDER BY answered_at DESC) AS place FROM calls "
        "WHERE workspace_id = :workspace AND waited_ms IS NOT NULL AND queue_id IS NOT NULL) AS latest "
        "WHERE place <= :limit ORDER BY answered_at",
        {"workspace": workspace_id, "limit": limit},
    )
    return [dict(row) for row in rows]


async def spent(tx: Tx, workspace_id: str, since: int, worker_id: str | None) -> tuple[float, int]:
    """(cost of all calls placed since `since`, calls this worker placed since): for the limits."""
    row = await tx.fetch_one(
        "SELECT coalesce(sum(cost * ceil((extract(epoch FROM coalesce(ended_at, clock_timestamp())) - "
        "extract(epoch FROM answered_at)) / 60.0)), 0) AS cost, "
        "count(*) FILTER (WHERE placed_by = :worker) AS placed FROM calls "
        "WHERE workspace_id = :workspace AND direction = 'out' AND started_at >= :since",
        {"workspace": workspace_id, "since": to_datetime(since), "worker": worker_id},
    )
    return (float(row["cost"]), int(row["placed"])) if row else (0.0, 0)


async def record_supervision(tx: Tx, principal: Principal, call: Call, mode: str) -> None:
    """An audit row for a supervisor's part in a call."""
    await audit.record(
        tx, principal, "call.supervised", call.id, now=Millis(tx.now), after={"mode": mode}, firm_id=call.firm_id
    )

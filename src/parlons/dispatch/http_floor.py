"""Dispatch's part of /api/v1 about the floor: workers, activities, queues, workflows, live figures, checking an expression.

Workers and queues are read from the router's memory in this process, owner or standby, as of a commit. Making and removing
them is configuration (`parlons apply`); supervisors change a worker's state, attributes and capacity here.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from parlons.accounts import audit
from parlons.accounts.http import Agent, Planner, Supervisor
from parlons.accounts.model import Principal
from parlons.accounts.on_behalf import Acting
from parlons.accounts.rights import Right
from parlons.dispatch import configured, queries, schemas
from parlons.dispatch.errors import NotYourState
from parlons.dispatch.http_work import carry_out, database_of, dispatch_of
from parlons.dispatch.statistics import LiveFigures, cumulative
from parlons.expr import checking
from parlons.expr.ordering import compiled_order
from parlons.expr.problems import InvalidExpression
from parlons.expr.scopes import Scope
from parlons.kit.errors import Invalid
from parlons.routing import commands as c
from parlons.runtime.db import Tx
from parlons.runtime.http import Once

router = APIRouter(tags=["dispatch"])
Json = dict[str, Any]
MINUTE = 60_000
LONGEST = 31 * 24 * 60
"""Minutes a cumulative figure may reach back."""


def figures_of(request: Request) -> LiveFigures:
    """The process's live figures: made at the first question if app did not."""
    state = request.app.state
    found: LiveFigures | None = getattr(state, "figures", None)
    if found is None:
        found = state.figures = LiveFigures(dispatch_of(request))
    return found


# -- workers -----------------------------------------------------------------------------------------------------------


@router.get("/workers", response_model=schemas.Workers)
async def workers(request: Request, principal: Agent) -> Json:
    """The workers of the workspace."""
    dispatch = dispatch_of(request)
    _, found = await dispatch.committed(
        principal.workspace_id, lambda stepper: queries.workers(stepper, dispatch.users, principal)
    )
    return {"items": found}


@router.get("/workers/{worker_id}", response_model=schemas.Worker)
async def worker(worker_id: str, request: Request, principal: Acting) -> Json:
    """One worker."""
    return await dispatch_of(request).seen_worker(principal, worker_id)


@router.patch("/workers/{worker_id}", response_model=schemas.Worker)
async def change_worker(worker_id: str, body: schemas.ChangedWorker, request: Request, principal: Planner) -> Json:
    """Change attributes (whole) or capacities; what waits is looked at again at once."""
    before = await dispatch_of(request).seen_worker(principal, worker_id)
    if body.attributes is not None:
        await carry_out(request, principal, c.SetWorkerAttributes(worker_id, body.attributes))
    for name, channel in (body.channels or {}).items():
        changed = schemas.ChangedChannel(capacity=channel, available=None) if isinstance(channel, int) else channel
        await carry_out(request, principal, c.SetChannel(worker_id, name, changed.capacity, changed.available))
    after = await dispatch_of(request).seen_worker(principal, worker_id)
    async with database_of(request).transaction(principal.tenant_id) as tx:
        kept = ("attributes", "channels")
        await audit.record(
            tx,
            principal,
            "worker.updated",
            worker_id,
            now=tx.now,
            before={name: before[name] for name in kept},
            after={name: after[name] for name in kept},
        )
    return after


@router.put("/workers/{worker_id}/activity", response_model=schemas.Worker)
async def set_activity(
    worker_id: str, body: schemas.NewActivity, request: Request, principal: Acting, once: Once
) -> Json:
    """Change what a worker does: one's own, or, as supervisor, another's, who is told by whom and why."""
    if worker_id != principal.worker_id and not principal.has(Right.STEER):
        raise NotYourState
    before = await dispatch_of(request).seen_worker(principal, worker_id)
    await carry_out(request, principal, c.SetActivity(worker_id, body.activity_id, body.reject_pending), once)
    after = await dispatch_of(request).seen_worker(principal, worker_id)
    if worker_id != principal.worker_id:
        async with database_of(request).transaction(principal.tenant_id) as tx:
            await audit.record(
                tx,
                principal,
                "worker.activity_set",
                worker_id,
                now=tx.now,
                before={"activity_id": before["activity_id"]},
                after={"activity_id": after["activity_id"]},
            )
            await _tell_state(request, tx, principal, before, after, body.reason)
    return after


async def _tell_state(request: Request, tx: Tx, principal: Principal, before: Json, after: Json, reason: str) -> None:
    """Tells the person whose state another set. How, decides the room above (`app.state.tell_state`)."""
    tell = getattr(request.app.state, "tell_state", None)
    if tell is not None and before["activity_id"] != after["activity_id"]:
        await tell(tx, principal, after, before["activity_id"], reason)


# -- what is configured ------------------------------------------------------------------------------------------------


@router.get("/activities", response_model=schemas.Activities)
async def activities(request: Request, principal: Acting) -> Json:
    """What a worker may be doing."""
    _, parts = await dispatch_of(request).snapshot_for(principal)
    return {"items": list(parts["activities"].values())}


@router.get("/queues", response_model=schemas.Queues)
async def queues(request: Request, principal: Agent) -> Json:
    """The queues with their present lines."""
    _, found = await dispatch_of(request).committed(
        principal.workspace_id, lambda stepper: queries.queues(stepper, principal)
    )
    return {"items": found}


@router.get("/workflows")
async def workflows(request: Request, principal: Supervisor) -> Json:
    """The workflows with their configuration."""
    async with database_of(request).transaction(principal.tenant_id) as tx:
        found = await configured.configuration(tx, principal.workspace_id)
    items = [
        {
            "id": one.id,
            "name": one.name,
            "firm_id": one.firm_id,
            "configuration": one.configuration,
            "reservation_timeout_seconds": one.reservation_timeout_seconds,
        }
        for one in found.workflows.values()
        if principal.sees(one.firm_id)
    ]
    return {"items": items, "next": None}


@router.get("/task-channels")
async def task_channels(request: Request, principal: Agent) -> Json:
    """The task channels."""
    async with database_of(request).transaction(principal.tenant_id) as tx:
        found = await configured.configuration(tx, principal.workspace_id)
    items = [
        {"id": one.id, "unique_name": one.unique_name, "name": one.name or one.unique_name}
        for one in found.task_channels.values()
    ]
    return {"items": items, "next": None}


# -- figures -----------------------------------------------------------------------------------------------------------


@router.get("/statistics/live")
async def live(request: Request, principal: Supervisor) -> Json:
    """Queues with line and service level, agents by activity: the supervisor's page."""
    return await figures_of(request).live(principal)


@router.get("/queues/{queue_id}/statistics")
async def queue_statistics(
    queue_id: str,
    request: Request,
    principal: Supervisor,
    minutes: Annotated[int, Query(ge=1, le=LONGEST)] = 15,
    split_by_wait_time: str = "",
) -> Json:
    """Real-time and cumulative figures of one queue. `split_by_wait_time`: seconds, separated by commas."""
    try:
        split = tuple(int(part) for part in split_by_wait_time.split(",") if part.strip())
    except ValueError:
        raise Invalid("split_by_wait_time is a list of whole seconds, such as 5,10") from None
    end = request.app.state.clock() + 1
    return await cumulative(
        dispatch_of(request), principal, queue_id, start=end - minutes * MINUTE, end=end, split=split
    )


@router.post("/expressions/check", response_model=schemas.Checked)
async def check_expression(body: schemas.CheckExpression, principal: Agent) -> Json:
    """Whether an expression is valid where it is to stand; each problem with its place and its remedy."""
    if body.scope == "order_by":
        try:
            compiled_order(body.expression)
            found = []
        except InvalidExpression as error:
            found = [error.problem]
    else:
        found = checking.check(body.expression, Scope(body.scope))
    problems = [{"line": one.line, "column": one.column, "message": one.message, "remedy": one.remedy} for one in found]
    return {"valid": not problems, "problems": problems}

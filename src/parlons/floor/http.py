"""The floor over HTTP: moves for a time, messages to a team, memos, alerts, layouts, the day of a person.

Whom and what a supervisor sees decides the room asked (workers and queues: dispatch); conversations: http_chats.py.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime

from parlons.accounts import audit
from parlons.accounts.http import Agent, Observer, Supervisor, database
from parlons.accounts.model import Principal, Role
from parlons.accounts.rights import Right
from parlons.dispatch.dispatch import Dispatch
from parlons.dispatch.stepper import Stepper
from parlons.floor import alerts, day, layouts, memos, moves, schemas
from parlons.floor.errors import NobodyToTell, UnknownQueueOfFloor
from parlons.floor.lending import helpers
from parlons.kit.clock import Millis, from_datetime
from parlons.kit.errors import Forbidden
from parlons.kit.ids import MEMO
from parlons.runtime.db import Tx
from parlons.runtime.http import Once

Json = dict[str, Any]
router = APIRouter(tags=["floor"])
DAY = 24 * 3600 * 1000


def dispatch_of(request: Request) -> Dispatch:
    """The process's dispatch."""
    found: Dispatch = request.app.state.dispatch
    return found


# -- moves for a time --------------------------------------------------------------------------------------------------


@router.post("/workers/{worker_id}/moves", status_code=201, response_model=schemas.Move)
async def move(worker_id: str, body: schemas.NewMove, once: Once, request: Request, principal: Supervisor) -> Response:
    """Give a worker skills or capacity for a time; they go back by themselves. He is told who, until when and why."""
    principal.check_right(Right.STEER)
    worker = await dispatch_of(request).seen_worker(principal, worker_id)
    asked = moves.Asked(body.skills, body.channels, from_datetime(body.until_at), body.reason.strip())

    async def make(tx: Tx) -> Json:
        return await moves.move(tx, principal, worker, asked)

    return await once.run(database(request), principal.tenant_id, principal.actor, make, status=201)


@router.get("/moves", response_model=dict[str, schemas.Move])
async def open_moves(request: Request, principal: Supervisor) -> Json:
    """The moves that stand now, by id."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return await moves.open_moves(tx, principal)


@router.delete("/moves/{move_id}", response_model=schemas.Move)
async def end_move(move_id: str, request: Request, principal: Supervisor) -> Json:
    """Take a move back before its time."""
    principal.check_right(Right.STEER)
    async with database(request).transaction(principal.tenant_id) as tx:
        return await moves.end(tx, dispatch_of(request), principal, move_id)


# -- messages and memos ------------------------------------------------------------------------------------------------


@router.post("/floor/messages", status_code=201, response_model=schemas.Sent)
async def send_message(body: schemas.NewMessage, once: Once, request: Request, principal: Supervisor) -> Response:
    """Say something to everybody at work whom the caller may see, or to one queue's people, or to those with one skill."""
    principal.check_right(Right.STEER)
    users = await _team(request, principal, body)

    async def send(tx: Tx) -> Json:
        message_id = tx.new_id(MEMO)
        for user_id in users:
            await memos.tell(tx, principal, user_id, "message", text=body.text.strip(), message_id=message_id)
        told = {"told": len(users), "queue_id": body.queue_id, "skill": body.skill}
        await audit.record(tx, principal, "floor.message_sent", message_id, now=tx.now, after=told)
        (sent,) = [one for one in await memos.messages_of(tx, principal.user_id, tx.now) if one["id"] == message_id]
        return sent

    return await once.run(database(request), principal.tenant_id, principal.actor, send, status=201)


async def _team(request: Request, principal: Principal, body: schemas.NewMessage) -> list[str]:
    """The users it goes to: at work now, others than the caller."""
    dispatch = dispatch_of(request)

    def read(stepper: Stepper) -> list[str]:
        found = []
        for worker in stepper.state.workers.values():
            seen = principal.sees_any(worker.firm_ids)
            here = worker.reachable or worker.available
            serves = body.queue_id is None or body.queue_id in worker.queues
            able = body.skill is None or body.skill in (worker.attributes.get("skills") or ())
            user_id = dispatch.users.get(worker.id)
            if seen and here and serves and able and user_id and user_id != principal.user_id:
                found.append(user_id)
        return sorted(found)

    if body.queue_id is not None:
        await _queue_firm(request, principal, body.queue_id)
    _, users = await dispatch.committed(principal.workspace_id, read)
    if not users:
        raise NobodyToTell
    return list(users)


@router.get("/floor/messages", response_model=schemas.SentList)
async def sent_messages(request: Request, principal: Supervisor) -> Json:
    """The caller's messages to teams of the last day, with how many have seen each."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return {"items": await memos.messages_of(tx, principal.user_id, Millis(tx.now - DAY))}


@router.get("/me/memos", response_model=dict[str, schemas.Memo])
async def my_memos(request: Request, principal: Agent) -> Json:
    """What was said to the caller and he has not seen yet, by id."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return await memos.unseen(tx, principal.user_id)


@router.post("/me/memos/{memo_id}/seen", status_code=204)
async def memo_seen(memo_id: str, request: Request, principal: Agent) -> None:
    """The caller has seen it."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await memos.mark_seen(tx, principal, memo_id)


# -- alerts, helpers ---------------------------------------------------------------------------------------------------


async def _queue_firm(request: Request, principal: Principal, queue_id: str) -> str | None:
    """The firm of a queue the caller may see; raises UnknownQueueOfFloor."""

    def read(stepper: Stepper) -> tuple[bool, str | None]:
        queue = stepper.state.queues.get(queue_id)
        firm_id = queue.config.firm_id if queue is not None else None
        return queue is not None and principal.oversees(firm_id, queue_id), firm_id

    _, (known, firm_id) = await dispatch_of(request).committed(principal.workspace_id, read)
    if not known:
        raise UnknownQueueOfFloor(queue_id=queue_id)
    return firm_id  # type: ignore[no-any-return]


@router.get("/alerts", response_model=dict[str, schemas.Alert])
async def all_alerts(request: Request, principal: Supervisor) -> Json:
    """When each queue raises an alarm, by queue; a queue left out: at its own target."""
    seen = await visible_queues(dispatch_of(request), principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        return {queue_id: one for queue_id, one in (await alerts.all_alerts(tx)).items() if queue_id in seen}


async def visible_queues(dispatch: Dispatch, principal: Principal) -> frozenset[str]:
    """The queues whose alerts are the principal's business."""

    def read(stepper: Stepper) -> frozenset[str]:
        return frozenset(one for one, q in stepper.state.queues.items() if principal.oversees(q.config.firm_id, one))

    _, found = await dispatch.committed(principal.workspace_id, read)
    return found  # type: ignore[no-any-return]


@router.put("/alerts/{queue_id}", response_model=schemas.Alert)
async def put_alert(queue_id: str, body: schemas.Limits, request: Request, principal: Supervisor) -> Json:
    """Set when a queue raises an alarm; all null: when somebody waits longer than its target."""
    principal.check_right(Right.STEER)
    firm_id = await _queue_firm(request, principal, queue_id)
    async with database(request).transaction(principal.tenant_id) as tx:
        return await alerts.put_alert(tx, principal, queue_id, firm_id, body.model_dump())


@router.get("/queues/{queue_id}/helpers", response_model=schemas.Helpers)
async def queue_helpers(queue_id: str, request: Request, principal: Supervisor) -> Json:
    """Free people whom one more skill would let serve this queue: the remedy of its alarm, with its effect foretold."""
    await _queue_firm(request, principal, queue_id)
    _, found = await dispatch_of(request).committed(
        principal.workspace_id, lambda stepper: helpers(stepper.state, queue_id, principal)
    )
    return {"items": found}


# -- layout, day -------------------------------------------------------------------------------------------------------


@router.get("/me/layout", response_model=schemas.Layout)
async def my_layout(request: Request, principal: Observer) -> Json:
    """How the caller has the Live page."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return await layouts.layout_of(tx, principal.actor) or schemas.Layout().model_dump()


@router.put("/me/layout", response_model=schemas.Layout)
async def keep_layout(body: schemas.Layout, request: Request, principal: Observer) -> Json:
    """Keep how the caller has the Live page."""
    layout = body.model_dump()
    async with database(request).transaction(principal.tenant_id) as tx:
        await layouts.keep_layout(tx, principal.actor, layout)
    return layout


@router.get("/workers/{worker_id}/day", response_model=schemas.Day)
async def day_of_worker(
    worker_id: str, request: Request, principal: Agent, from_at: Annotated[AwareDatetime, Query()]
) -> Json:
    """What a worker did in the 24 hours from a time: one's own, or, as supervisor, another's."""
    if worker_id != principal.worker_id and not principal.may(Role.SUPERVISOR):
        raise Forbidden("Only supervisors see the day of others.")
    await dispatch_of(request).seen_worker(principal, worker_id)
    start = from_datetime(from_at)
    async with database(request).transaction(principal.tenant_id) as tx:
        found = await day.day_of(tx, principal.workspace_id, worker_id, start, Millis(start + DAY))
    found["contacts"] = [
        one
        for one in found["contacts"]
        if principal.oversees(one["firm_id"], one["queue_id"]) or worker_id == principal.worker_id
    ]
    return found

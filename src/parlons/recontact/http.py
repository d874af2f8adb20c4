"""Those who left, over HTTP: for those who may read the contacts of others, within their firms and queues.

GET  /leavers                    the last who left first, each as he stands now
GET  /leavers/figures            how many, and what became of them
POST /leavers/{id}/take          {how: call | write | done}: the caller's from now on
POST /leavers/{id}/give_back     not the caller's any more
POST /leavers/{id}/call_back     a call to him stands in line at his old place
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel

from parlons.accounts.http import Body, database, having
from parlons.accounts.model import Principal
from parlons.accounts.rights import Right
from parlons.kit.clock import from_datetime
from parlons.kit.ids import LEAVER
from parlons.recontact import queries, taking
from parlons.recontact.model import WAITING, LeaverElsewhere, NoNumberToCall, Reason
from parlons.recontact.queries import Filters
from parlons.recontact.reaching import call_back, number_of
from parlons.recontact.settling import settled
from parlons.runtime import jobs
from parlons.runtime.asked import Channel, FirmId, QueueId, row_of
from parlons.runtime.db import Tx
from parlons.runtime.http import Once

Json = dict[str, Any]
router = APIRouter(tags=["leavers"])
Reader = Annotated[Principal, Depends(having(Right.READ))]
Steering = Annotated[Principal, Depends(having(Right.STEER))]
State = Literal["waiting", "recontacted", "taken", "answered", "came-back", "refused", "failed"]


class LeaverCustomer(BaseModel):
    id: str
    name: str
    address: str | None


class LeaverMessage(BaseModel):
    state: str
    code: str
    answered: bool


class Leaver(BaseModel):
    id: str
    firm_id: str
    queue_id: str | None
    conversation_id: str
    customer: LeaverCustomer
    channel: str
    reason: Reason
    waited_seconds: int
    left_at: str
    state: State
    code: str
    """Why, of refused and failed; of taken: call, write or done; of waiting: quiet-hours, when they put him off."""
    rule: str
    due_at: str | None
    """When his rule reaches him."""
    message: LeaverMessage | None
    called_back: bool
    by_user_id: str | None
    settled_at: str | None


class Leavers(BaseModel):
    items: list[Leaver]
    next: str | None


class LeaverMessages(BaseModel):
    sent: int
    failed: int
    answered: int


class LeaverFigures(BaseModel):
    left: int
    waited_seconds: int | None
    """Mean."""
    planned: int
    """Of those waiting: whom a rule will reach."""
    states: dict[str, int]
    reasons: dict[str, int]
    refused: dict[str, int]
    failed: dict[str, int]
    messages: LeaverMessages


class Taken(BaseModel):
    leaver: Leaver
    number: str | None


class TakeBody(Body):
    how: Literal["call", "write", "done"]


def _filters(
    firm_id: FirmId = None,
    queue_id: QueueId = None,
    reason: Reason | None = None,
    channel: Channel = None,
    waited_seconds: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
) -> Filters:
    """What narrows the list and the figures; times are those of leaving, `since` included, `until` not."""
    return Filters(
        firm_id, queue_id, reason, channel, waited_seconds, from_datetime(since) if since is not None else None,
        from_datetime(until) if until is not None else None,
    )  # fmt: skip


@router.get("/leavers", response_model=Leavers)
async def list_leavers(
    request: Request,
    principal: Reader,
    filters: Annotated[Filters, Depends(_filters)],
    state: Annotated[list[State] | None, Query()] = None,
    after: Annotated[str | None, row_of(LEAVER)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Json:
    """Who left before an answer, the last first, each as he stands now."""
    async with database(request).transaction(principal.tenant_id) as tx:
        found = await queries.listing(tx, principal, filters, states=state or (), after=after, limit=limit)
    return {"items": found, "next": found[-1]["id"] if len(found) == limit else None}


@router.get("/leavers/figures", response_model=LeaverFigures)
async def leaver_figures(request: Request, principal: Reader, filters: Annotated[Filters, Depends(_filters)]) -> Json:
    """How many left before an answer, and what became of them."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return await queries.figures(tx, principal, filters)


@router.post("/leavers/{leaver_id}/take", response_model=Taken)
async def take_leaver(leaver_id: str, body: TakeBody, request: Request, principal: Steering) -> Json:
    """Take somebody on: no rule reaches him any more. `write` makes his conversation the caller's; `call` tells his number."""
    async with database(request).transaction(principal.tenant_id) as tx:
        one, number = await taking.take(tx, principal, leaver_id, body.how)
        (shown,) = await queries.shown(tx, [one])
    return {"leaver": shown, "number": number}


@router.post("/leavers/{leaver_id}/give_back", response_model=Leaver)
async def give_leaver_back(leaver_id: str, request: Request, principal: Steering) -> Json:
    """Give somebody back whom one had taken: he waits again, and his rule reaches him."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return (await queries.shown(tx, [await taking.give_back(tx, principal, leaver_id)]))[0]


@router.post("/leavers/{leaver_id}/call_back", response_model=Leaver)
async def call_leaver_back(leaver_id: str, once: Once, request: Request, principal: Steering) -> Response:
    """Put a call to him in line, at his old place: the next free agent of his queue is connected with him."""

    async def act(tx: Tx) -> Json:
        one = (await settled(tx, [await taking.find(tx, principal, leaver_id, lock=True)]))[0]
        if one.state != WAITING:
            raise LeaverElsewhere(state=one.state)
        number = await number_of(tx, one.customer_id)
        if number is None:
            raise NoNumberToCall
        await jobs.cancel(tx, one.id)
        await call_back(tx, one, number)
        return (await queries.shown(tx, [await taking.find(tx, principal, leaver_id)]))[0]

    return await once.run(database(request), principal.tenant_id, principal.actor, act)

"""Single messages over HTTP: an order's state, a reminder, a welcome. For programs and for those who steer the floor.

POST /single-messages                 one text to one customer, now or at a time; repeatable by Idempotency-Key
GET  /single-messages                 ?customer_id= &reference=, newest first
GET  /single-messages/{id}            how far it is
POST /single-messages/{id}/cancel     before it is given to its channel
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field

from parlons.accounts.errors import FirmNotYours
from parlons.accounts.http import Body, database, having
from parlons.accounts.model import Principal
from parlons.accounts.rights import Right
from parlons.customers import queries as customers
from parlons.customers.commands import UnknownCustomer
from parlons.customers.model import InvalidAddress, normal
from parlons.kit.clock import from_datetime
from parlons.kit.ids import SINGLE
from parlons.outbound import one_commands, one_rows
from parlons.outbound.commands import account_of
from parlons.outbound.feeding import Outbound
from parlons.outbound.http import TextBody
from parlons.outbound.laying import kinds_of
from parlons.outbound.model import Text
from parlons.outbound.one_model import InvalidSingle, Wanted
from parlons.runtime.asked import CustomerId, row_of
from parlons.runtime.db import Tx
from parlons.runtime.http import Once
from parlons.templates.loading import all_templates
from parlons.templates.model import REPLY, UnknownTemplate

Json = dict[str, Any]
router = APIRouter(tags=["single messages"])
Steering = Annotated[Principal, Depends(having(Right.STEER))]


class SingleAddress(BaseModel):
    kind: str
    value: str


class Single(BaseModel):
    id: str
    firm_id: str
    account_id: str
    channel: str
    customer_id: str | None
    address: SingleAddress | None
    purpose: Literal["marketing", "service"]
    reference: str
    reason: str
    state: str
    """scheduled, quiet (until his hours allow it), queued, sending, sent, delivered, read, failed, unsure, skipped, cancelled."""
    code: str
    """Why it is so, for quiet, failed and skipped."""
    answered: bool
    conversation_id: str | None
    message_id: str | None
    created_by: str
    created_at: str
    at: str | None
    due_at: str
    ended_at: str | None


class Singles(BaseModel):
    items: list[Single]
    next: str | None


class SingleBody(Body):
    customer_id: str | None = Field(default=None, max_length=64)
    address: str | None = Field(default=None, max_length=320)
    """Instead of a customer: a number, a mail address, or an address as the channel writes it. Who is not known yet becomes a
    customer."""
    firm_id: str | None = Field(default=None, max_length=64)
    """With an address; may be left out when an account is named, or when the caller answers for one firm only."""
    channel: str | None = Field(default=None, max_length=64)
    """None: the one the customer prefers, else the one he wrote on last, else text messages before mails."""
    account_id: str | None = Field(default=None, max_length=64)
    purpose: Literal["marketing", "service"] = "service"
    texts: dict[str, TextBody] = Field(default_factory=dict, max_length=8)
    template: str = Field(default="", max_length=60)
    """Instead of texts: the shortcut of a ready reply of this firm or of all firms."""
    subject: str = Field(default="", max_length=500)
    """Of that template, where it goes by mail."""
    attributes: dict[str, str] = Field(default_factory=dict, max_length=50)
    """Values for this text alone: `{{ customer.attributes.NAME }}`."""
    at: AwareDatetime | None = None
    """None: now."""
    zone: str = Field(default="Europe/Paris", max_length=64)
    """For quiet hours of customers whose country is not known."""
    name: str = Field(default="", max_length=200)
    language: str | None = Field(default=None, max_length=20)
    country: str = Field(default="", max_length=2)
    reference: str = Field(default="", max_length=200)


@router.post("/single-messages", status_code=201, response_model=Single)
async def send_single_message(body: SingleBody, once: Once, request: Request, principal: Steering) -> Response:
    """Send one text to one customer, now or at a time. The same Idempotency-Key again is the same message."""
    outbound: Outbound = request.app.state.outbound

    async def act(tx: Tx) -> Json:
        firm_id = await _firm(tx, outbound, principal, body)
        wanted = await _wanted(tx, outbound, principal, firm_id, body)
        one = await one_commands.ask(
            tx, outbound, wanted, workspace_id=principal.workspace_id, firm_id=firm_id, by=principal.name
        )
        return (await one_rows.shown(tx, [one]))[0]

    return await once.run(database(request), principal.tenant_id, principal.actor, act, status=201)


@router.get("/single-messages", response_model=Singles)
async def list_single_messages(
    request: Request,
    principal: Steering,
    customer_id: CustomerId = None,
    reference: Annotated[str | None, Query(max_length=200)] = None,
    after: Annotated[str | None, row_of(SINGLE)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Json:
    """Single messages of the caller's firms, newest first."""
    async with database(request).transaction(principal.tenant_id) as tx:
        found = await one_rows.listing(
            tx, principal, customer_id=customer_id, reference=reference, after=after, limit=limit
        )
    return {"items": found, "next": found[-1]["id"] if len(found) == limit else None}


@router.get("/single-messages/{single_id}", response_model=Single)
async def get_single_message(single_id: str, request: Request, principal: Steering) -> Json:
    """How far one message is."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return (await one_rows.shown(tx, [await one_rows.find(tx, principal, single_id)]))[0]


@router.post("/single-messages/{single_id}/cancel", response_model=Single)
async def cancel_single_message(single_id: str, request: Request, principal: Steering) -> Json:
    """Do not send it; refused once it is given to its channel."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await one_rows.find(tx, principal, single_id)
        return (await one_rows.shown(tx, [await one_commands.cancel(tx, single_id)]))[0]


async def _firm(tx: Tx, outbound: Outbound, principal: Principal, body: SingleBody) -> str:
    """Of the customer, of the account, as named, or the only one there is."""
    found = body.firm_id
    if body.customer_id is not None:
        customer = await customers.customer(tx, body.customer_id)
        if customer is None or not principal.sees(customer.firm_id):
            raise UnknownCustomer
        found = customer.firm_id
    elif body.account_id is not None:
        found = (await account_of(outbound.post, principal, body.account_id))[0].firm_id
    elif found is None:
        firms = {one.firm_id for one in await outbound.post.accounts.of_tenant(principal.tenant_id)}
        mine = sorted(one for one in firms if principal.sees(one))
        if len(mine) != 1:
            raise InvalidSingle("Name the firm that writes.", field="firm_id")
        found = mine[0]
    if not principal.sees(found):
        raise FirmNotYours
    return found


async def _wanted(tx: Tx, outbound: Outbound, principal: Principal, firm_id: str, body: SingleBody) -> Wanted:
    address = None
    if body.address is not None:
        address = await _address(outbound, principal, firm_id, body)
    return Wanted(
        await _texts(tx, firm_id, body), body.purpose, body.customer_id, address, firm_id, body.channel, body.account_id,
        from_datetime(body.at) if body.at is not None else None, body.zone, body.name, body.language, body.country,
        body.attributes, body.reference,
    )  # fmt: skip


async def _address(outbound: Outbound, principal: Principal, firm_id: str, body: SingleBody) -> tuple[str, str]:
    """The first kind of address that this is and some account of the firm can write to; raises InvalidSingle."""
    for account in await outbound.post.accounts.of_tenant(principal.tenant_id, firm_id):
        if body.channel not in (None, account.channel) or body.account_id not in (None, account.id):
            continue
        channel = outbound.post.channels[account.channel]
        for kind in kinds_of(channel, account):
            try:
                value = normal(kind, body.address or "")
            except InvalidAddress:
                continue
            if channel.reach(account, kind, value) is not None:
                return kind, value
    raise InvalidSingle("No channel of this firm writes to such an address.", field="address")


async def _texts(tx: Tx, firm_id: str, body: SingleBody) -> dict[str, Text]:
    if bool(body.texts) == bool(body.template):
        raise InvalidSingle("Give texts, or the name of a template.", field="texts")
    if body.texts:
        return {name: Text(one.text, one.subject, one.template, tuple(one.values)) for name, one in body.texts.items()}
    fitting = [one for one in await all_templates(tx, REPLY) if one.shortcut == body.template]
    fitting = [one for one in fitting if one.firm_id in (None, firm_id) and one.queue_id is None]
    if not fitting:
        raise UnknownTemplate
    chosen = min(fitting, key=lambda one: one.firm_id is None)
    return {language: Text(text, body.subject) for language, text in chosen.texts.items()}

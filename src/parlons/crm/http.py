"""Records of customers over HTTP, for those who serve them; how each customer system stands, and a test of it.

GET    /customers/{id}/records                          his records, in every system of his firm
POST   /customers/{id}/records/{lookup_id}/link         this record is his, or none
POST   /customers/{id}/records/{lookup_id}              make one of him
PATCH  /customers/{id}/records/{lookup_id}              change it, with what the author saw
POST   /customers/{id}/records/{lookup_id}/settle       which of two values holds
POST   /customers/{id}/records/writes/{write_id}/settle what becomes of a change that was not taken
GET    /customers/{id}/panels                           the company's own panels beside him
GET    /lookups                                         the systems, and whether each answers
POST   /lookups/{lookup_id}/test                        asks it once, and tries what waits
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from parlons.accounts.http import Administrator, Agent, Body, database
from parlons.accounts.model import Principal
from parlons.conversations import queries as conversations
from parlons.crm import systems as s
from parlons.crm.loading import all_lookups, waiting_by_lookup
from parlons.crm.model import LookupRow, UnknownLookup
from parlons.crm.opening import Crm
from parlons.crm.panels import beside, origin_of
from parlons.crm.queue import one_write
from parlons.crm.records import Keep, Seen
from parlons.customers.commands import UnknownCustomer
from parlons.customers.http import seen
from parlons.customers.lookups.plugin import LookupAway
from parlons.customers.model import Customer
from parlons.kit.clock import to_iso
from parlons.kit.errors import Refusal
from parlons.runtime.asked import ConversationId
from parlons.runtime.db import Tx
from parlons.runtime.http import Once

Json = dict[str, Any]
router = APIRouter(tags=["customer systems"])
Scalar = str | int | float | bool | None
Values = Annotated[dict[str, Scalar], Field(max_length=100)]


class RecordField(BaseModel):
    name: str
    label: dict[str, str]
    to: str
    """What it is of our customer; empty: nothing."""
    edit: bool


class CustomerRecord(BaseModel):
    id: str
    url: str
    values: Json
    read_at: str | None
    """When it was last seen so; null: now."""


class RecordDifference(BaseModel):
    to: str
    ours: Any
    theirs: Any


class RecordWrite(BaseModel):
    id: str
    kind: Literal["contact", "update", "create"]
    state: Literal["waiting", "refused", "conflict"]
    reason: str
    values: Json
    theirs: Json
    created_at: str


class CustomerRecords(BaseModel):
    """One customer system, as it stands for one customer."""

    lookup_id: str
    name: str
    system: str
    state: Literal["linked", "absent", "several", "stale", "away"]
    reason: str
    """Why it is stale or away."""
    away_since_at: str | None
    waiting: int
    """What waits to be written, of this customer."""
    fields: list[RecordField]
    record: CustomerRecord | None
    candidates: list[CustomerRecord]
    prefill: Json
    """What a new record would begin with."""
    differences: list[RecordDifference]
    writes: list[RecordWrite]
    pop_url: str


class AllCustomerRecords(BaseModel):
    items: list[CustomerRecords]


class LookupState(BaseModel):
    id: str
    name: str
    system: str
    active: bool
    away_since_at: str | None
    reason: str
    waiting: int
    hook_url: str


class LookupStates(BaseModel):
    items: list[LookupState]


class LookupTested(BaseModel):
    works: bool
    reason: str


class DeskPanel(BaseModel):
    id: str
    name: str
    url: str
    origin: str
    """Who it must be to be heard."""
    height: int
    token: str
    """Signed with the panel's key; empty where it has none."""
    context: dict[str, str | None]


class DeskPanels(BaseModel):
    items: list[DeskPanel]


class RecordChosen(Body):
    record_id: str | None = Field(max_length=200)
    """None: no record is his."""


class NewRecord(Body):
    values: Values


class RecordChange(Body):
    values: Values
    seen: Values
    """What stood there, as the author saw it."""


class RecordSettled(Body):
    to: str = Field(max_length=120)
    keep: Keep


class WriteSettled(Body):
    keep: Keep


def _crm(request: Request) -> Crm:
    found: Crm = request.app.state.crm
    return found


Systems = Annotated[Crm, Depends(_crm)]


@router.get("/customers/{customer_id}/records", response_model=AllCustomerRecords)
async def list_records(
    customer_id: str, request: Request, principal: Agent, crm: Systems, fresh: Annotated[bool, Query()] = False
) -> Json:
    """His records in every customer system of his firm; `fresh` asks them even if they were asked a moment ago."""
    async with database(request).transaction(principal.tenant_id) as tx:
        customer = await _served(tx, principal, customer_id)
    found = await crm.records.of(principal.tenant_id, customer, fresh=fresh)
    return {"items": [_shown(one) for one in found]}


@router.post("/customers/{customer_id}/records/{lookup_id}/link", status_code=204)
async def choose_record(
    customer_id: str, lookup_id: str, body: RecordChosen, request: Request, principal: Agent, crm: Systems
) -> Response:
    """This record is his from now on; null: none is."""
    async with database(request).transaction(principal.tenant_id) as tx:
        customer = await _served(tx, principal, customer_id)
        opened = await crm.records.opened_for(tx, customer, lookup_id)
    record = None if body.record_id is None else await opened.adapter.read(opened.system, body.record_id)
    async with database(request).transaction(principal.tenant_id) as tx:
        await crm.records.choose(tx, opened, customer, record)
    return Response(status_code=204)


@router.post("/customers/{customer_id}/records/{lookup_id}", status_code=202)
async def create_record(
    customer_id: str, lookup_id: str, body: NewRecord, request: Request, principal: Agent, crm: Systems, once: Once
) -> Response:
    """A record of him is made, as soon as the system answers."""

    async def act(tx: Tx) -> Json:
        customer = await _served(tx, principal, customer_id)
        opened = await crm.records.opened_for(tx, customer, lookup_id)
        await crm.records.create(tx, opened.row, customer, body.values, principal.user_id)
        return {}

    return await once.run(database(request), principal.tenant_id, principal.actor, act, status=202)


@router.patch("/customers/{customer_id}/records/{lookup_id}", status_code=202)
async def change_record(
    customer_id: str, lookup_id: str, body: RecordChange, request: Request, principal: Agent, crm: Systems
) -> Json:
    """It is changed as soon as the system answers; what somebody changed there meanwhile is kept and shown beside it."""
    async with database(request).transaction(principal.tenant_id) as tx:
        customer = await _served(tx, principal, customer_id)
        opened = await crm.records.opened_for(tx, customer, lookup_id)
        await crm.records.change(tx, opened.row, customer, body.values, body.seen, principal.user_id)
    return {}


@router.post("/customers/{customer_id}/records/{lookup_id}/settle", status_code=202)
async def settle_record(
    customer_id: str, lookup_id: str, body: RecordSettled, request: Request, principal: Agent, crm: Systems
) -> Json:
    """Where customer and record differ: ours is written there, or theirs is taken over here."""
    async with database(request).transaction(principal.tenant_id) as tx:
        customer = await _served(tx, principal, customer_id)
        opened = await crm.records.opened_for(tx, customer, lookup_id)
        await crm.records.settle(tx, opened.row, customer, body.to, body.keep, principal.user_id)
    return {}


@router.post("/customers/{customer_id}/records/writes/{write_id}/settle", status_code=202)
async def settle_record_write(
    customer_id: str, write_id: str, body: WriteSettled, request: Request, principal: Agent, crm: Systems
) -> Json:
    """A change that met another one, or was refused: `ours` writes it over what stands there, `theirs` gives it up."""
    async with database(request).transaction(principal.tenant_id) as tx:
        customer = await _served(tx, principal, customer_id)
        write = await one_write(tx, write_id, customer.id)
        await crm.records.settle_write(tx, write, body.keep, principal.user_id)
    return {}


@router.get("/customers/{customer_id}/panels", response_model=DeskPanels)
async def list_panels(
    customer_id: str,
    request: Request,
    principal: Agent,
    crm: Systems,
    conversation_id: ConversationId = None,
) -> Json:
    """The company's own panels beside a customer, each with a token that says who is served, good for five minutes."""
    async with database(request).transaction(principal.tenant_id) as tx:
        customer = await _served(tx, principal, customer_id)
        if conversation_id is not None:
            found = await conversations.conversation(tx, conversation_id)
            if found is None or found.customer_id != customer.id:
                raise UnknownCustomer
        shown = await beside(tx, principal, customer, conversation_id, crm.systems.url)
    return {
        "items": [
            {
                "id": one.row.id,
                "name": one.row.name,
                "url": one.url,
                "origin": origin_of(one.row.url),
                "height": one.row.height,
                "token": one.token,
                "context": one.context,
            }
            for one in shown
        ]
    }


@router.get("/lookups", response_model=LookupStates)
async def list_lookups(request: Request, principal: Administrator, crm: Systems) -> Json:
    """The customer systems, whether each answers, what waits, and the address it may call when something changes."""
    async with database(request).transaction(principal.tenant_id) as tx:
        rows, waiting = await all_lookups(tx, principal.workspace_id), await waiting_by_lookup(tx)
    url = crm.systems.url.rstrip("/")
    return {
        "items": [
            {
                "id": one.id,
                "name": one.name,
                "system": one.system,
                "active": one.active,
                "away_since_at": _iso(one.away_since),
                "reason": one.reason,
                "waiting": waiting.get(one.id, 0),
                "hook_url": f"{url}/lookup-hooks/{one.id}",
            }
            for one in rows
            if one.firm_id is None or principal.sees(one.firm_id)
        ]
    }


@router.post("/lookups/{lookup_id}/test", response_model=LookupTested)
async def test_lookup(lookup_id: str, request: Request, principal: Administrator, crm: Systems) -> Json:
    """Whether address and secrets are right. When it answers, what waits for it is tried at once."""
    async with database(request).transaction(principal.tenant_id) as tx:
        row = await s.one_lookup(tx, lookup_id)
    if row.firm_id is not None and not principal.sees(row.firm_id):
        raise UnknownLookup
    try:
        opened = crm.systems.opened(row)
        await opened.adapter.test(opened.system)
    except Refusal as refusal:
        if isinstance(refusal, LookupAway):
            await _note(request, principal, row, str(refusal.details.get("reason", "")))
        return {"works": False, "reason": s.reason_of(refusal)}
    await _note(request, principal, row, None)
    return {"works": True, "reason": ""}


async def _note(request: Request, principal: Principal, row: LookupRow, reason: str | None) -> None:
    async with database(request).transaction(principal.tenant_id) as tx:
        if reason is None:
            await s.mark_well(tx, row)
        elif not s.is_away(row, tx.now):
            await s.mark_away(tx, row, reason)


async def _served(tx: Tx, principal: Principal, customer_id: str) -> Customer:
    found = await seen(tx, principal, customer_id)
    if found.erased_at is not None:
        raise UnknownCustomer
    return found


def _shown(one: Seen) -> Json:
    row, link = one.row, one.link
    fields = one.opened.fields if one.opened else row.fields
    record = None
    if link is not None:
        old = _iso(link.read_at) if one.state == "stale" else None
        record = {"id": link.record_id, "url": link.url, "values": link.values, "read_at": old}
    return {
        "lookup_id": row.id,
        "name": row.name,
        "system": row.system,
        "state": one.state,
        "reason": one.reason,
        "away_since_at": _iso(row.away_since),
        "waiting": sum(1 for each in one.writes if each.state == "waiting"),
        "fields": [{"name": f.name, "label": f.label, "to": f.to, "edit": f.edit} for f in fields],
        "record": record,
        "candidates": [{"id": c.id, "url": c.url, "values": c.values, "read_at": None} for c in one.candidates],
        "prefill": one.prefill,
        "differences": [{"to": d.to, "ours": d.ours, "theirs": d.theirs} for d in one.differences],
        "writes": [
            {
                "id": each.id,
                "kind": each.kind,
                "state": each.state,
                "reason": each.reason,
                "values": each.values,
                "theirs": each.theirs,
                "created_at": to_iso(each.created_at),
            }
            for each in one.writes
        ],
        "pop_url": one.pop_url,
    }


def _iso(at: int | None) -> str | None:
    return None if at is None else to_iso(at)

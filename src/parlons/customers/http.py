"""Customers over HTTP: search, one, change, journey. People see the customers of their firms.

Erasing walks all rooms and is mounted by `app`.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field

from parlons.accounts.http import Agent, Body, database
from parlons.accounts.model import Principal
from parlons.accounts.rights import Right
from parlons.customers import commands, queries
from parlons.customers.commands import UnknownCustomer
from parlons.customers.model import Customer, customer_json
from parlons.kit.ids import CUSTOMER
from parlons.runtime.asked import row_of
from parlons.runtime.db import Tx

Json = dict[str, Any]
router = APIRouter(tags=["customers"])


class NewCustomer(Body):
    firm_id: str
    kind: str
    value: str = Field(max_length=320)
    verified: bool = False
    name: str = Field(default="", max_length=200)
    language: str | None = Field(default=None, max_length=35)


class CustomerChange(Body):
    name: str | None = Field(default=None, max_length=200)
    language: str | None = Field(default=None, max_length=35)
    attributes: dict[str, Any] | None = None
    version: int | None = None


class NewAddress(Body):
    kind: str
    value: str = Field(max_length=320)
    verified: bool = False


@router.get("/customers")
async def list_customers(
    request: Request,
    principal: Agent,
    q: Annotated[str, Query(max_length=200)] = "",
    cursor: Annotated[str | None, row_of(CUSTOMER)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Json:
    """Customers whose name or address contains `q`."""
    if not serves(principal):
        return {"items": [], "next": None}
    async with database(request).transaction(principal.tenant_id) as tx:
        found = await queries.search(tx, text=q, firm_ids=principal.firm_ids, after=cursor, limit=limit + 1)
    items = [customer_json(customer) for customer in found[:limit]]
    return {"items": items, "next": items[-1]["id"] if len(found) > limit else None}


@router.post("/customers", status_code=201)
async def create_customer(body: NewCustomer, request: Request, principal: Agent) -> Json:
    """The customer an address leads to, made when there is none."""
    principal.check_firm(body.firm_id)
    async with database(request).transaction(principal.tenant_id) as tx:
        customer = await commands.find_or_create_by_address(
            tx, workspace_id=principal.workspace_id, **body.model_dump()
        )
    return customer_json(customer)


@router.get("/customers/{customer_id}")
async def get_customer(customer_id: str, request: Request, principal: Agent) -> Json:
    """One customer with his addresses."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return customer_json(await seen(tx, principal, customer_id))


@router.patch("/customers/{customer_id}")
async def change_customer(customer_id: str, body: CustomerChange, request: Request, principal: Agent) -> Json:
    """Change name, language or attributes; a stale `version` is refused."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await seen(tx, principal, customer_id)
        return customer_json(await commands.update_customer(tx, customer_id, **body.model_dump()))


@router.post("/customers/{customer_id}/addresses", status_code=201)
async def add_address(customer_id: str, body: NewAddress, request: Request, principal: Agent) -> Json:
    """Add an address. When another customer has proven it, that one is the answer and nothing changes."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await seen(tx, principal, customer_id)
        found = await commands.identify(tx, customer_id, kind=body.kind, value=body.value, verified=body.verified)
        return customer_json(found)


@router.get("/customers/{customer_id}/journey")
async def get_journey(
    customer_id: str, request: Request, principal: Agent, limit: Annotated[int, Query(ge=1, le=500)] = 200
) -> Json:
    """Every touch, newest first, and the page he looks at now."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await seen(tx, principal, customer_id)
        return await queries.journey(tx, customer_id, limit=limit)


def serves(principal: Principal) -> bool:
    """Customers are known to who serves them or reads the work of others."""
    return principal.has(Right.SERVE) or principal.has(Right.READ)


async def seen(tx: Tx, principal: Principal, customer_id: str) -> Customer:
    """A customer of the caller's firms, also an erased one; raises UnknownCustomer."""
    customer = await queries.customer(tx, customer_id)
    if customer is None or not principal.sees(customer.firm_id) or not serves(principal):
        raise UnknownCustomer
    return customer

"""Merging customers over HTTP: who may be the same person, merge, separate. People do so with the customers of their firms."""

from typing import Any

from fastapi import APIRouter, Request

from parlons.accounts import audit
from parlons.accounts.http import Agent, Body, database
from parlons.accounts.model import Principal
from parlons.conversations.merging import merge_customers, separate_customers
from parlons.customers import merging, queries
from parlons.customers.commands import UnknownCustomer
from parlons.customers.model import Customer, customer_json
from parlons.kit.clock import Millis
from parlons.runtime.db import Tx

Json = dict[str, Any]
router = APIRouter(tags=["customers"])


class Other(Body):
    other_id: str


@router.get("/customers/{customer_id}/merges")
async def list_merges(customer_id: str, request: Request, principal: Agent) -> Json:
    """Who was merged into this customer, and who of the same firm may be the same person."""
    async with database(request).transaction(principal.tenant_id) as tx:
        found = await _seen(tx, principal, customer_id)
        alike = [customer_json(one) for one in await queries.alike(tx, found)]
        return {"items": await merging.merges_of(tx, customer_id), "next": None, "alike": alike}


@router.post("/customers/{customer_id}/merge", status_code=201)
async def merge_customer(customer_id: str, body: Other, request: Request, principal: Agent) -> Json:
    """The other one is this customer: what he has comes here. Can be undone at any time."""
    async with database(request).transaction(principal.tenant_id) as tx:
        kept = await _seen(tx, principal, customer_id)
        await _seen(tx, principal, body.other_id)
        made, customer = await merge_customers(tx, customer_id, body.other_id, by=principal.actor)
        await audit.record(
            tx, principal, "merge.made", customer_id, now=Millis(tx.now), firm_id=kept.firm_id,
            before={"with": None}, after={"with": body.other_id},
        )  # fmt: skip
        return {"id": made.id, "conversations": len(made.moved["conversations"]), "customer": customer_json(customer)}


@router.post("/customers/{customer_id}/merges/{merge_id}/undo")
async def undo_merge(customer_id: str, merge_id: str, request: Request, principal: Agent) -> Json:
    """Two people after all: each gets back what was his."""
    async with database(request).transaction(principal.tenant_id) as tx:
        kept = await _seen(tx, principal, customer_id)
        held = await merging.held(tx, merge_id)
        if held is None or held.kept_id != customer_id:
            raise merging.UnknownMerge
        await separate_customers(tx, merge_id)
        await audit.record(
            tx, principal, "merge.undone", customer_id, now=Millis(tx.now), firm_id=kept.firm_id,
            before={"with": held.merged_id}, after={"with": None},
        )  # fmt: skip
        return customer_json(await _seen(tx, principal, customer_id))


async def _seen(tx: Tx, principal: Principal, customer_id: str) -> Customer:
    found = await queries.customer(tx, customer_id)
    if found is None or not principal.sees(found.firm_id):
        raise UnknownCustomer
    return found

"""Erasing a customer everywhere (GDPR art. 17): each room empties its part, in one transaction. Ids, times, outcomes stay.

Open tasks are canceled by the router with reason `erased`; the command stands on the road in the same transaction, so nothing
is forgotten without its task ending, whatever crashes between. Repeating does no harm.
"""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request

from parlons.accounts import audit
from parlons.accounts.http import Administrator, database
from parlons.channels.webchat import erasing as webchat
from parlons.conversations.erasing import erase_conversations
from parlons.customers import queries as customers
from parlons.customers.commands import UnknownCustomer, erase_customer
from parlons.dispatch.dispatch import submit
from parlons.dispatch.queries import tasks_of_conversations
from parlons.routing.commands import EraseTask
from parlons.runtime.http import forget_answers
from parlons.runtime.journal import erase_private

router = APIRouter(tags=["customers"])


@router.post("/customers/{customer_id}/erase")
async def erase(customer_id: str, request: Request, principal: Administrator) -> dict[str, Any]:
    """Forget all values of a customer, for good. Answers with what was touched."""
    state = request.app.state
    async with database(request).transaction(principal.tenant_id) as tx:
        found = await customers.customer(tx, customer_id)
        if found is None or not principal.sees(found.firm_id):
            raise UnknownCustomer
        visitors = await webchat.erase_visitors(tx, customer_id)
        conversation_ids = await erase_conversations(tx, customer_id)
        task_ids = await tasks_of_conversations(tx, conversation_ids)
        await erase_customer(tx, customer_id)
        files = await state.files.delete_of(tx, [customer_id, *conversation_ids])
        keys = [customer_id, *visitors, *conversation_ids, *task_ids]
        await erase_private(await tx.raw(), principal.tenant_id, keys)
        await forget_answers(tx)
        for task_id in task_ids:
            await submit(tx, principal.workspace_id, EraseTask(task_id), key=f"erase:{task_id}", actor=principal.actor)
        now = state.clock()
        await audit.record(tx, principal, "customer.erased", customer_id, now=now, after={"tasks": len(task_ids)})
        tails = [state.dispatch.tail(principal.workspace_id), state.dispatch.screens(principal.workspace_id)]
        for tail in tails:
            tx.after_commit(partial(tail.forget, keys))
    return {"customer_id": customer_id, "conversations": len(conversation_ids), "tasks": len(task_ids), "files": files}

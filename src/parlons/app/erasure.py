"""Erasing a customer everywhere (GDPR art. 17): each room empties its part, in one transaction. Ids, times, outcomes stay.

Open tasks are canceled by the router with reason `erased`; the command stands on the road in the same transaction, so nothing
is forgotten without its task ending, whatever crashes between. What he wrote before he said who he was, in the same browser,
goes too. Repeating does no harm.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter, Request

from parlons.accounts import audit
from parlons.accounts.http import Administrator, database
from parlons.accounts.model import Principal
from parlons.appointments.commands import erase as erase_appointments
from parlons.channels.push import browsers as push
from parlons.channels.webchat import erasing as webchat
from parlons.compat.led_store import remove as remove_led
from parlons.conversations.erasing import erase_conversations, tasks_asked_for
from parlons.crm.linking import erase as erase_records
from parlons.customers import queries as customers
from parlons.customers.commands import UnknownCustomer, erase_customer
from parlons.customers.merging import merged_with, one_person
from parlons.customers.model import WEBCHAT
from parlons.customers.purposes import erase as erase_purposes
from parlons.dispatch.dispatch import submit
from parlons.dispatch.queries import tasks_of_conversations
from parlons.floor.memos import erase_memos
from parlons.intents.misses import erase_misses
from parlons.kit.clock import Millis
from parlons.knowledge.questions import erase_questions
from parlons.outbound.commands import forget as forget_recipient
from parlons.outbound.one_commands import forget as forget_single
from parlons.portal.calls import erase as erase_wished_calls
from parlons.portal.links import revoke as revoke_page_links
from parlons.reception.flow_instances import erase_instances
from parlons.reception.flow_steps_attempts import forget_attempts
from parlons.recontact.noting import erase as erase_leavers
from parlons.routing.commands import EraseTask
from parlons.runtime.db import Tx
from parlons.runtime.files import Files
from parlons.runtime.http import forget_answers
from parlons.runtime.journal import erase_private
from parlons.surveys.erasing import erase_answers
from parlons.team.commands import erase_lines
from parlons.voice.calls.erasing import erase_calls

Json = dict[str, Any]
router = APIRouter(tags=["customers"])


@router.post("/customers/{customer_id}/erase")
async def erase(customer_id: str, request: Request, principal: Administrator) -> Json:
    """Forget all values of a customer, for good. Answers with what was touched."""
    state = request.app.state
    async with database(request).transaction(principal.tenant_id) as tx:
        erased = await forget(tx, state.files, principal, customer_id, now=state.clock())
        for tail in (state.dispatch.tail(principal.workspace_id), state.dispatch.screens(principal.workspace_id)):
            tx.after_commit(partial(tail.forget, erased.keys))
    return {
        "customer_id": customer_id,
        "conversations": len(erased.conversation_ids),
        "tasks": len(erased.task_ids),
        "files": erased.files,
    }


@dataclass(frozen=True, slots=True)
class Erased:
    """What was touched."""

    keys: list[str]
    """Under which his values stood beside the journal."""
    conversation_ids: list[str]
    task_ids: list[str]
    files: int


async def forget(tx: Tx, files: Files, principal: Principal, customer_id: str, *, now: Millis) -> Erased:
    """Empty every room of him; raises UnknownCustomer."""
    found = await customers.customer(tx, customer_id)
    if found is None or not principal.sees(found.firm_id):
        raise UnknownCustomer
    people = await one_person(tx, customer_id)
    visitors = [visitor for person in people for visitor in await webchat.erase_visitors(tx, person)]
    await push.erase(tx, visitors)
    before = await customers.ids_of_addresses(tx, found.firm_id, WEBCHAT, visitors)
    people += [one for one in before if one not in people]
    others = [one for person in people for one in await merged_with(tx, person) if one not in people]
    conversation_ids: list[str] = []
    for person in people:
        conversation_ids += await erase_conversations(tx, person)
    await erase_instances(tx, conversation_ids)
    await erase_misses(tx, conversation_ids)
    await erase_memos(tx, conversation_ids)
    await erase_lines(tx, conversation_ids)
    await erase_questions(tx, conversation_ids)
    task_ids = sorted(
        {*await tasks_of_conversations(tx, conversation_ids), *await tasks_asked_for(tx, conversation_ids)}
    )
    for person in people:
        his = await customers.customer(tx, person)
        known = [(one.kind, one.value) for one in his.addresses] if his else []
        await forget_recipient(tx, person, known)
        await forget_single(tx, person, known)
        await forget_attempts(tx, [("customer", person), *known])
        await erase_customer(tx, person)
    await erase_answers(tx, people)
    await erase_appointments(tx, people)
    await erase_purposes(tx, people)
    await erase_wished_calls(tx, people)
    await revoke_page_links(tx, people)
    await erase_leavers(tx, people)
    await erase_records(tx, people)
    await remove_led(tx, await erase_calls(tx, people, conversation_ids))
    deleted = await files.delete_of(tx, [*people, *conversation_ids])
    keys = [*people, *others, *visitors, *conversation_ids, *task_ids]
    await erase_private(await tx.raw(), principal.tenant_id, keys)
    await forget_answers(tx)
    for task_id in task_ids:
        await submit(tx, principal.workspace_id, EraseTask(task_id), key=f"erase:{task_id}", actor=principal.actor)
    await audit.record(tx, principal, "customer.erased", customer_id, now=now, after={"tasks": len(task_ids)})
    return Erased(keys, conversation_ids, task_ids, deleted)

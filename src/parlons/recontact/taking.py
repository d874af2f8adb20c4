"""A person takes on somebody who left: to call him, to write to him, or because it is settled; and gives him back.

Writing: the conversation becomes the taker's, without an offer. Calling is the telephone's business: the number is told.
"""

from typing import Literal

from parlons.accounts.model import Principal
from parlons.conversations import afterwards
from parlons.conversations import commands as conversations
from parlons.reception.handler import ask_again
from parlons.recontact.model import TAKEN, WAITING, Leaver, LeaverElsewhere, NoNumberToCall, UnknownLeaver
from parlons.recontact.noting import plan
from parlons.recontact.reaching import number_of
from parlons.recontact.settling import settled
from parlons.recontact.store import leavers, read_leavers, settle
from parlons.runtime import jobs
from parlons.runtime.db import Tx

How = Literal["call", "write", "done"]


async def find(tx: Tx, principal: Principal, leaver_id: str, *, lock: bool = False) -> Leaver:
    """One who left the caller's firms and queues; raises UnknownLeaver."""
    found = await read_leavers(tx, leavers.c.id == leaver_id, lock=lock)
    if not found or not principal.oversees(found[0].firm_id, found[0].queue_id):
        raise UnknownLeaver
    return found[0]


async def take(tx: Tx, principal: Principal, leaver_id: str, how: How) -> tuple[Leaver, str | None]:
    """He is the caller's; and his number, to be called. Raises LeaverElsewhere and NoNumberToCall."""
    one = await find(tx, principal, leaver_id, lock=True)
    if one.state == TAKEN and one.by_user_id == principal.user_id:
        return one, await number_of(tx, one.customer_id)
    one = (await settled(tx, [one]))[0]
    if one.state in (TAKEN, "answered", "came-back"):
        raise LeaverElsewhere(state=one.state)
    number = await number_of(tx, one.customer_id)
    if how == "call" and number is None:
        raise NoNumberToCall
    if how == "write":
        await _fetch(tx, principal, one)
    await jobs.cancel(tx, one.id)
    await settle(tx, one.id, TAKEN, how, by_user_id=principal.user_id)
    return await find(tx, principal, leaver_id), number


async def give_back(tx: Tx, principal: Principal, leaver_id: str) -> Leaver:
    """He waits again, for whoever takes him, or for his rule; repeating changes nothing."""
    one = await find(tx, principal, leaver_id, lock=True)
    if one.state == WAITING:
        return one
    if one.state != TAKEN:
        raise LeaverElsewhere(state=one.state)
    await settle(tx, one.id, WAITING, "", by_user_id=None)
    if one.due_at is not None:
        await plan(tx, one.id, max(one.due_at, tx.now))
    return await find(tx, principal, leaver_id)


async def _fetch(tx: Tx, principal: Principal, one: Leaver) -> None:
    worker_id = principal.worker_id
    conversation = await conversations.locked(tx, one.conversation_id)
    if not conversation.live:
        await conversations.bring_back(tx, one.conversation_id, by="agent", worker_id=worker_id)
    elif conversation.lead_task_id is None and worker_id is not None:
        conversation = await afterwards.fetched_by(tx, one.conversation_id, worker_id)
        await ask_again(tx, conversation, key=f"recontact:{one.id}:{conversation.version}", worker_id=worker_id)

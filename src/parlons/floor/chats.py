"""A supervisor in a colleague's chat: whisper to him, join him, leave again, or take the chat over.

Whoever joins writes beside the agent and has the chat in his own list; the customer is told by name. Taking over makes the
chat the supervisor's: his offer is accepted for him in the same call, and the colleague is told who took it.
"""

from dataclasses import replace
from typing import Any

from parlons.accounts.model import Principal
from parlons.conversations import commands
from parlons.conversations.messages import tell_customer
from parlons.conversations.model import CLOSED, Conversation
from parlons.conversations.rules import ConversationClosed
from parlons.dispatch.dispatch import Dispatch
from parlons.dispatch.queries import task as task_of
from parlons.floor.errors import NobodyToWhisperTo, NoDeskOfYourOwn, NothingToTakeOver, TakeOverNeedsState
from parlons.floor.memos import tell
from parlons.kit.ids import EVENT
from parlons.reception import texts
from parlons.routing.commands import AcceptReservation, TransferTask
from parlons.routing.configuration import Target
from parlons.routing.refusals import WorkerNotAvailable
from parlons.routing.transitions import ReservationCreated
from parlons.runtime.db import Database, Tx

Json = dict[str, Any]


async def whisper(tx: Tx, principal: Principal, conversation: Conversation, text: str) -> str:
    """A line only the agent of the chat sees; raises NobodyToWhisperTo. Returns the memo's id."""
    user_id = conversation.assigned_user_id
    if user_id is None or user_id == principal.user_id:
        raise NobodyToWhisperTo
    return await tell(tx, principal, user_id, "whisper", text=text, conversation_id=conversation.id)


async def join(tx: Tx, principal: Principal, conversation_id: str) -> Conversation:
    """He is in the chat too, and the customer is told so. Repeating changes nothing."""
    before = await commands.locked(tx, conversation_id)
    if before.status == CLOSED:
        raise ConversationClosed
    user_id = principal.user_id
    if user_id is None or user_id in before.joined or user_id == before.assigned_user_id:
        return before
    after = await commands.save(tx, before, replace(before, joined=(*before.joined, user_id)), "conversation.joined")
    notice = {"code": texts.JOINED, "name": principal.name}
    line = texts.line(texts.JOINED, after.language, name=principal.name)
    await tell_customer(tx, conversation_id, line, notice, key=f"joined:{tx.new_id(EVENT)}")
    return after


async def leave(tx: Tx, principal: Principal, conversation_id: str) -> Conversation:
    """He is not in it any more. Repeating changes nothing."""
    before = await commands.locked(tx, conversation_id)
    others = tuple(one for one in before.joined if one != principal.user_id)
    return await commands.save(tx, before, replace(before, joined=others), "conversation.left-by-colleague")


async def take_over(db: Database, dispatch: Dispatch, principal: Principal, conversation: Conversation) -> None:
    """The chat is his from now on; raises when he cannot have it, and the colleague keeps it then."""
    if principal.worker_id is None:
        raise NoDeskOfYourOwn
    if conversation.lead_task_id is None:
        raise NothingToTakeOver
    if conversation.assigned_worker_id == principal.worker_id:
        return
    serving = await dispatch.serving(principal)
    async with db.transaction(principal.tenant_id) as tx:
        task = await task_of(tx, principal, conversation.lead_task_id, serving)
    command = TransferTask(task["id"], Target("worker", principal.worker_id), task["reservation_id"])
    try:
        outcome = await dispatch.send(principal.workspace_id, command, actor=principal.actor)
    except WorkerNotAvailable:
        raise TakeOverNeedsState from None
    offers = [one for one in outcome.transitions if isinstance(one, ReservationCreated) and one.task_id == task["id"]]
    if offers:
        accept = AcceptReservation(offers[-1].reservation_id, principal.worker_id)
        await dispatch.send(principal.workspace_id, accept, actor=principal.actor)
    former = conversation.assigned_user_id
    if former is not None and former != principal.user_id:
        async with db.transaction(principal.tenant_id) as tx:
            await tell(tx, principal, former, "taken", conversation_id=conversation.id)

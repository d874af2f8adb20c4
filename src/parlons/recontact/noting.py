"""The durable reader "recontact": a task that ended unserved because its customer left, or because nobody came, is noted.

Once per task, in the transaction that moves the reader. Where a rule fits him, a job is planned for its moment.
"""

from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.conversations import afterwards
from parlons.conversations import queries as conversations
from parlons.conversations.model import Conversation
from parlons.customers import queries as customers
from parlons.kit.clock import Millis
from parlons.kit.ids import LEAVER
from parlons.recontact.loading import all_rules
from parlons.recontact.model import CLOSED, HANGUP, LEFT_CHAT, Leaver, chosen, reason_of
from parlons.recontact.store import leaver_columns, leavers
from parlons.routing import transitions as t
from parlons.runtime.db import Tx
from parlons.runtime.jobs import Job, enqueue
from parlons.runtime.journal import Entry
from parlons.runtime.readers import Reader, Tail

NAME = "recontact"
TYPES = frozenset({"task.canceled"})
JOB = "recontact.due"
FRESH_MS = 86_400_000
"""Who left longer ago, read late, is noted and reached by no rule."""
UNSERVED = frozenset({t.REASON_WORKFLOW_TIMEOUT, t.REASON_NO_FILTER, t.REASON_TTL, t.REASON_MOVES})


def reader(tail: Tail, tenant_id: str) -> Reader:
    """The reader of one workspace; `run` it for ever."""
    return Reader(tail, tenant_id, NAME, TYPES, carry)


@dataclass(frozen=True, slots=True)
class _Ended:
    """A task that ended unserved."""

    task_id: str
    conversation_id: str
    queue_id: str | None
    cancel: str
    waited_ms: int
    at: Millis


async def carry(tx: Tx, entry: Entry) -> None:
    """Notes who left, once."""
    data = entry.data
    cancel = data.get("reason", "")
    if entry.kind != "transition" or data.get("conversation_id") is None or cancel not in {HANGUP, CLOSED, *UNSERVED}:
        return
    ended = _Ended(
        data["task_id"], data["conversation_id"], data["queue_id"], cancel, int(data["waited_ms"]), Millis(entry.at)
    )
    await note(tx, ended)


async def left_chat(tx: Tx, job: Job) -> None:
    """He closed the page a while ago and nobody has answered: he left, unless he is back."""
    payload = job.payload
    conversation = await conversations.conversation(tx, payload["conversation_id"])
    if conversation is None or conversation.lead_task_id != payload["task_id"]:
        return
    since = conversation.first_unanswered_at
    if since is None or conversation.assigned_worker_id is not None or conversation.assigned_user_id is not None:
        return
    if (await customers.journey(tx, conversation.customer_id, limit=1))["lives_on"] is None:
        at = Millis(payload["at"])
        await _keep(tx, conversation, LEFT_CHAT, payload["task_id"], conversation.queue_id, at - since, at)


async def note(tx: Tx, ended: _Ended) -> Leaver | None:
    """Who left by this task, with the rule that will reach him; None: nobody did, or he is noted."""
    conversation = await conversations.conversation(tx, ended.conversation_id)
    if conversation is None:
        return None
    reason = reason_of(
        ended.cancel,
        queue_id=ended.queue_id,
        left=ended.cancel == CLOSED and await afterwards.left_by_himself(tx, conversation.id),
        form=ended.cancel in UNSERVED and await afterwards.has_form(tx, conversation.id),
        unserved=UNSERVED,
    )
    if reason is None:
        return None
    queue_id = ended.queue_id or conversation.queue_id
    return await _keep(tx, conversation, reason, ended.task_id, queue_id, ended.waited_ms, ended.at)


async def _keep(
    tx: Tx, conversation: Conversation, reason: str, task_id: str, queue_id: str | None, waited_ms: int, at: Millis
) -> Leaver | None:
    one = Leaver(
        id=tx.new_id(LEAVER),
        workspace_id=conversation.workspace_id,
        firm_id=conversation.firm_id,
        queue_id=queue_id,
        conversation_id=conversation.id,
        task_id=task_id,
        customer_id=conversation.customer_id,
        channel=conversation.channel,
        reason=reason,
        waited_ms=max(0, waited_ms),
        left_at=at,
        known_user_id=conversation.previous_user_id,
    )
    rule = chosen(await all_rules(tx, conversation.workspace_id), one)
    if rule is not None and tx.now - at <= FRESH_MS:
        due = Millis(max(at + rule.after_minutes * 60_000, tx.now))
        one = replace(one, rule_id=rule.id, rule_name=rule.name, due_at=due)
    statement = insert(leavers).values(tenant_id=tx.tenant_id, **leaver_columns(one))
    added = await tx.scalar(statement.on_conflict_do_nothing(index_elements=["task_id"]).returning(leavers.c.id))
    if added is None:
        return None
    if one.due_at is not None:
        await plan(tx, one.id, one.due_at)
    return one


async def plan(tx: Tx, leaver_id: str, at: int) -> None:
    """His rule is carried out then."""
    await enqueue(tx, JOB, {"id": leaver_id}, run_at=at, cancel_key=leaver_id)


async def erase(tx: Tx, customer_ids: list[str]) -> None:
    """Customers are erased: that they left, and what was planned for them, goes."""
    await tx.execute(
        sa.delete(leavers).where(leavers.c.tenant_id == tx.tenant_id, leavers.c.customer_id.in_(customer_ids))
    )

"""A conversation set aside until a time: the job that brings it back.

The job is not canceled when the conversation moves before its time: it then finds another state and does nothing.
"""

from parlons.conversations import commands
from parlons.conversations.model import PARKED, Conversation
from parlons.conversations.rows import read_conversation
from parlons.kit.clock import Millis
from parlons.runtime.db import Tx
from parlons.runtime.jobs import Handler, Job, enqueue

UNPARK = "conversations.unpark"


async def park(
    tx: Tx, conversation_id: str, *, until: Millis | None, version: int | None = None, by_user_id: str | None = None
) -> Conversation:
    """Set aside until the customer writes, `until` passes or somebody fetches it."""
    parked = await commands.park(tx, conversation_id, until=until, version=version, by_user_id=by_user_id)
    if until is not None:
        await enqueue(tx, UNPARK, {"conversation_id": conversation_id, "until": until}, run_at=until)
    return parked


async def unpark(tx: Tx, job: Job) -> None:
    """`until` has passed; a conversation parked anew or fetched meanwhile is left alone."""
    conversation_id, until = job.payload["conversation_id"], job.payload["until"]
    conversation = await read_conversation(tx, conversation_id)
    if conversation is not None and conversation.status == PARKED and conversation.parked_until == until:
        await commands.bring_back(tx, conversation_id, by="time")


def handlers() -> dict[str, Handler]:
    """What the job worker needs for this room."""
    return {UNPARK: unpark, commands.STALE_PAGE: commands.stale_page}

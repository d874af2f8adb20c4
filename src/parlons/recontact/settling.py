"""Those who wait are settled when they were answered meanwhile or came back by themselves: nobody writes to them any more."""

from collections.abc import Sequence
from dataclasses import replace

from parlons.conversations import afterwards
from parlons.kit.clock import to_datetime
from parlons.recontact.model import ANSWERED, CAME_BACK, WAITING, Leaver
from parlons.recontact.store import leavers, read_leavers, settle
from parlons.runtime import jobs
from parlons.runtime.db import Tx

AT_ONCE = 1_000
LOOKED_AT_MS = 31 * 86_400_000
"""Who left longer ago stays as he is."""


async def settle_waiting(tx: Tx, workspace_id: str) -> None:
    """The last who wait, as far as something became of them."""
    fresh = leavers.c.left_at > to_datetime(tx.now - LOOKED_AT_MS)
    where = (leavers.c.workspace_id == workspace_id) & (leavers.c.state == WAITING) & fresh
    await settled(tx, await read_leavers(tx, where, limit=AT_ONCE))


async def settled(tx: Tx, found: Sequence[Leaver]) -> list[Leaver]:
    """The same, each as he stands now."""
    waiting = [one for one in found if one.state == WAITING]
    gone = [
        afterwards.Gone(one.task_id, one.customer_id, one.conversation_id, one.known_user_id, one.left_at)
        for one in waiting
    ]
    became = await afterwards.answered_or_back(tx, gone)
    states: dict[str, str] = {}
    for one in waiting:
        answered, back = became[one.task_id]
        if answered or back:
            states[one.id] = ANSWERED if answered else CAME_BACK
            await settle(tx, one.id, states[one.id])
            await jobs.cancel(tx, one.id)
    return [replace(one, state=states[one.id]) if one.id in states else one for one in found]

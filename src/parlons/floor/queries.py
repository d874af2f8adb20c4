"""What a screen begins with of the floor: memos to him; moves and alerts of his firms, if he sees figures, else his own moves."""

from typing import Any

from parlons.accounts.model import Principal
from parlons.accounts.rights import Right
from parlons.floor import alerts, memos, moves
from parlons.runtime.db import Tx

Json = dict[str, Any]


async def floor_parts(tx: Tx, principal: Principal, queue_ids: frozenset[str]) -> Json:
    """The parts of a snapshot, as `memo.*`, `move.*` and `alert.*` events tell them. `queue_ids`: the queues he sees."""
    leads = principal.has(Right.FIGURES)
    limits = await alerts.all_alerts(tx) if leads else {}
    return {
        "memos": await memos.unseen(tx, principal.user_id),
        "moves": await moves.open_moves(tx, principal, mine=not leads),
        "alerts": {queue_id: one for queue_id, one in limits.items() if queue_id in queue_ids},
    }

"""How often somebody may try to prove something: five times within an hour, by what is proven, by customer and by number.

Counted before a try is made, in the transaction that lets it be made, so tries at the same moment count each. Kept as digests,
and hardly longer than they count: what is over goes with the next tidying.
"""

import hashlib
from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.kit.clock import to_datetime
from parlons.reception.store import flow_attempts
from parlons.runtime.db import Database, Tx

MOST = 5
WINDOW = timedelta(hours=1)
SENDS = "sends "
"""Begins the kinds of counts of messages that were asked for, which cost money."""

Key = tuple[str, str]
"""A kind and its value: what is proven, a customer, a number."""


async def attempt(tx: Tx, proven: Key, by: Iterable[Key]) -> bool:
    """Whether one more try at `proven` may be made by these; it is counted for each."""
    now = to_datetime(tx.now)
    over = flow_attempts.c.began_at <= now - WINDOW
    allowed = True
    for key in _digests([proven, *by]):  # in one order, so that two tries wait for each other and never both ways
        made = insert(flow_attempts).values(tenant_id=tx.tenant_id, key=key, count=1, began_at=now)
        counted = made.on_conflict_do_update(
            index_elements=["tenant_id", "key"],
            set_={
                "count": sa.case((over, 1), else_=flow_attempts.c.count + 1),
                "began_at": sa.case((over, now), else_=flow_attempts.c.began_at),
            },
        ).returning(flow_attempts.c.count)
        allowed = int(await tx.scalar(counted)) <= MOST and allowed
    return allowed


async def was_right(tx: Tx, proven: Key, by: Iterable[Key]) -> None:
    """The last try was right: `proven` is counted anew. Who tried gets back this one only, else a thing of his own that he can
    prove would buy him tries at the things of others."""
    here = flow_attempts.c.tenant_id == tx.tenant_id
    (mine,) = _digests([proven])
    for key in _digests([proven, *by]):
        one = sa.and_(here, flow_attempts.c.key == key)
        if key == mine:
            await tx.execute(flow_attempts.delete().where(one))
        else:
            less = flow_attempts.update().where(one, flow_attempts.c.count > 0)
            await tx.execute(less.values(count=flow_attempts.c.count - 1))


async def forget_attempts(tx: Tx, known: Iterable[Key]) -> None:
    """Nothing is known of these customers and numbers. Repeatable."""
    keys = [(before + kind, value) for kind, value in known for before in ("", SENDS)]
    here = flow_attempts.c.tenant_id == tx.tenant_id
    await tx.execute(flow_attempts.delete().where(here, flow_attempts.c.key.in_(_digests(keys))))


async def forget_old_attempts(db: Database) -> None:
    """What counts no more goes. Repeatable."""
    async with db.system() as tx:
        await tx.execute(flow_attempts.delete().where(flow_attempts.c.began_at <= to_datetime(tx.now) - WINDOW))


def _digests(keys: Iterable[Key]) -> list[str]:
    return sorted(
        {hashlib.blake2b(f"{kind}\n{value}".encode(), digest_size=16).hexdigest() for kind, value in keys if value}
    )

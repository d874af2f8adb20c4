"""For which purposes somebody wants no messages, whatever his address: the ledger beside that of addresses (`consent`).

An entry holds until he takes it back; both stay. It belongs to the customer, and to whoever he turns out to be (merging).
Erasing him removes it: nothing of his is left to write to. Source: GDPR art. 7(3) (as easy to withdraw as to give), 21(2).
"""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from parlons.customers.merging import one_person, with_others
from parlons.customers.store import purpose_opt_outs as ledger
from parlons.kit.clock import to_datetime
from parlons.runtime.db import Tx

MARKETING, SURVEYS, REMINDERS = "marketing", "surveys", "reminders"
PURPOSES = (MARKETING, SURVEYS, REMINDERS)


async def refuse(tx: Tx, customer_id: str, purpose: str) -> bool:
    """No messages for this purpose from now on; False when it was so already."""
    if purpose in await refused_by(tx, customer_id):
        return False
    row = {"tenant_id": tx.tenant_id, "customer_id": customer_id, "purpose": purpose, "at": to_datetime(tx.now)}
    await tx.execute(ledger.insert().values(row))
    return True


async def allow(tx: Tx, customer_id: str, purpose: str) -> bool:
    """They are welcome again; False when they were."""
    his = ledger.c.customer_id.in_(await one_person(tx, customer_id))
    done = await tx.execute(
        ledger.update().where(_held(tx), his, ledger.c.purpose == purpose).values(ended_at=to_datetime(tx.now))
    )
    return done.rowcount > 0


async def refused_by(tx: Tx, customer_id: str) -> set[str]:
    """The purposes he refuses."""
    his = ledger.c.customer_id.in_(await one_person(tx, customer_id))
    rows = await tx.fetch_all(sa.select(ledger.c.purpose).where(_held(tx), his).distinct())
    return {row["purpose"] for row in rows}


async def refusing(tx: Tx, customer_ids: Iterable[str], purpose: str) -> set[str]:
    """Which of these customers refuse a purpose, under any id that is theirs. Few are merged: those are asked one by one."""
    wanted = list(customer_ids)
    if not wanted:
        return set()
    query = sa.select(ledger.c.customer_id).where(
        _held(tx), ledger.c.purpose == purpose, ledger.c.customer_id.in_(wanted)
    )
    found = {row["customer_id"] for row in await tx.fetch_all(query)}
    for one in await with_others(tx, wanted) - found:
        if purpose in await refused_by(tx, one):
            found.add(one)
    return found


async def erase(tx: Tx, customer_ids: Sequence[str]) -> None:
    """Nothing of them is left here."""
    his = ledger.c.customer_id.in_(list(customer_ids))
    await tx.execute(ledger.delete().where(ledger.c.tenant_id == tx.tenant_id, his))


def _held(tx: Tx) -> sa.ColumnElement[bool]:
    return sa.and_(ledger.c.tenant_id == tx.tenant_id, ledger.c.ended_at.is_(None))

"""Messages of one send to many, by the send's id on their deliveries: how far they have come, held and let go together.

A held delivery is not taken in hand by who sends; one that is in a provider's hands at that moment goes on to its end.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from parlons.conversations import deliveries as one_by_one
from parlons.conversations.deliveries import WAKE
from parlons.conversations.delivering import QUEUED, UNSURE
from parlons.conversations.store import deliveries, messages
from parlons.customers.consent import proofs
from parlons.kit.clock import to_datetime
from parlons.runtime.db import Tx


@dataclass(frozen=True, slots=True)
class Many:
    """How many deliveries stand in a state, for a reason."""

    state: str
    code: str
    many: int


async def standing(tx: Tx, send_id: str) -> list[Many]:
    """How far the messages of a send have come."""
    return (await standings(tx, [send_id])).get(send_id, [])


async def answered(tx: Tx, send_id: str) -> int:
    """To how many of them the customer has written since, in the same conversation."""
    return (await answers(tx, [send_id])).get(send_id, 0)


async def standings(tx: Tx, send_ids: Sequence[str]) -> dict[str, list[Many]]:
    """How far the messages of several sends have come."""
    c, found = deliveries.c, defaultdict[str, list[Many]](list)
    query = sa.select(c.send_id, c.state, c.code, sa.func.count().label("many")).where(_of(tx, *send_ids))
    for row in await tx.fetch_all(query.group_by(c.send_id, c.state, c.code)):
        found[row["send_id"]].append(Many(row["state"], row["code"], row["many"]))
    return found


async def answers(tx: Tx, send_ids: Sequence[str]) -> dict[str, int]:
    """The same of several sends."""
    later = sa.exists(
        sa.select(sa.literal(1))
        .select_from(messages)
        .where(messages.c.tenant_id == tx.tenant_id, messages.c.conversation_id == deliveries.c.conversation_id)
        .where(messages.c.number > deliveries.c.number, messages.c.author_kind == "customer")
    )
    return await _counted(
        tx, sa.select(deliveries.c.send_id, sa.func.count().label("many")).where(_of(tx, *send_ids), later)
    )


async def leavers(tx: Tx, send_ids: Sequence[str]) -> dict[str, int]:
    """After how many of them the customer asked for silence: by the link in that very message, or by a word he answered."""
    c, m = deliveries.c, messages.c
    after = sa.or_(m.id == c.message_id, sa.and_(m.number > c.number, m.author_kind == "customer"))
    both = deliveries.join(messages, sa.and_(m.tenant_id == c.tenant_id, m.conversation_id == c.conversation_id, after))
    assert tx.tenant_id is not None
    many = sa.select(c.send_id, sa.func.count(c.id.distinct()).label("many")).select_from(both)
    return await _counted(tx, many.where(_of(tx, *send_ids), m.id.in_(proofs(tx.tenant_id))))


async def _counted(tx: Tx, query: sa.Select[tuple[str | None, int]]) -> dict[str, int]:
    rows = await tx.fetch_all(query.group_by(deliveries.c.send_id))
    return {row["send_id"]: row["many"] for row in rows}


async def under_way(tx: Tx, send_id: str) -> int:
    """How many are queued or in a provider's hands."""
    where = sa.and_(_of(tx, send_id), deliveries.c.state.in_((QUEUED, "sending")))
    return int(await tx.scalar(sa.select(sa.func.count()).select_from(deliveries).where(where)))


async def hold(tx: Tx, send_id: str) -> None:
    """None of them is taken in hand any more."""
    open_ones = _locked(tx, send_id, deliveries.c.state.in_((QUEUED, "sending")))
    await tx.execute(deliveries.update().where(deliveries.c.id.in_(open_ones)).values(held=True))


async def let_go(tx: Tx, send_id: str) -> None:
    """Those that were held go on; the time they were held does not count as time of trying."""
    held = _locked(tx, send_id, deliveries.c.held)
    values = {"held": False, "asked_at": to_datetime(tx.now)}
    await tx.execute(deliveries.update().where(deliveries.c.id.in_(held)).values(values))
    tx.wake(WAKE)


async def fail_held(tx: Tx, send_id: str, *, code: str) -> None:
    """Those that have not left never will."""
    for row in await tx.fetch_all(_locked(tx, send_id, deliveries.c.state == QUEUED)):
        await one_by_one.fail_queued(tx, row["id"], code=code)


async def doubtful(tx: Tx, send_id: str, limit: int) -> list[tuple[str, str]]:
    """Conversation and message of those of which nobody knows whether they left, oldest first."""
    c = deliveries.c
    query = sa.select(c.conversation_id, c.message_id).where(_of(tx, send_id), c.state == UNSURE).order_by(c.id)
    rows = await tx.fetch_all(query.limit(limit))
    return [(row["conversation_id"], row["message_id"]) for row in rows]


def _locked(tx: Tx, send_id: str, which: sa.ColumnElement[bool]) -> sa.Select[tuple[str]]:
    """In the order in which who sends settles several: neither waits for the other in a ring."""
    query = sa.select(deliveries.c.id).where(_of(tx, send_id), which)
    return query.order_by(deliveries.c.id).with_for_update()


def _of(tx: Tx, *send_ids: str) -> sa.ColumnElement[bool]:
    return sa.and_(deliveries.c.tenant_id == tx.tenant_id, deliveries.c.send_id.in_(send_ids))

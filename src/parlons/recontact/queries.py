"""What is read of those who left: the list, and what became of all of them in a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from parlons.accounts.model import Principal
from parlons.customers import queries as customers
from parlons.kit.clock import Millis, to_datetime
from parlons.outbound.one_rows import how_far
from parlons.recontact.model import FAILED, REFUSED, STATES, WAITING, Leaver, leaver_json
from parlons.recontact.settling import settle_waiting
from parlons.recontact.store import leavers, read_leavers
from parlons.runtime.db import Tx

Json = dict[str, Any]
FAR = 100_000


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows the list and its figures; times are those of leaving, `since` included, `until` not."""

    firm_id: str | None = None
    queue_id: str | None = None
    reason: str | None = None
    channel: str | None = None
    waited_seconds: int = 0
    since: Millis | None = None
    until: Millis | None = None

    def where(self, principal: Principal) -> sa.ColumnElement[bool]:
        """The rows asked for that the principal may see."""
        c = leavers.c
        equal = {"firm_id": self.firm_id, "queue_id": self.queue_id, "reason": self.reason, "channel": self.channel}
        parts = [c.workspace_id == principal.workspace_id, c.waited_ms >= self.waited_seconds * 1000]
        parts += [c[name] == value for name, value in equal.items() if value is not None]
        if self.since is not None:
            parts.append(c.left_at >= to_datetime(self.since))
        if self.until is not None:
            parts.append(c.left_at < to_datetime(self.until))
        if principal.firm_ids is not None:
            parts.append(c.firm_id.in_(principal.firm_ids))
        if principal.queue_ids is not None:
            parts.append(c.queue_id.in_(principal.queue_ids))
        return sa.and_(*parts)


async def listing(
    tx: Tx, principal: Principal, filters: Filters, *, states: Sequence[str], after: str | None, limit: int
) -> list[Json]:
    """The last who left first, each as he stands now."""
    await settle_waiting(tx, principal.workspace_id)
    where = filters.where(principal)
    if states:
        where = sa.and_(where, leavers.c.state.in_(list(states)))
    if after is not None:
        where = sa.and_(where, leavers.c.id < after)
    return await shown(tx, await read_leavers(tx, where, limit=limit))


async def shown(tx: Tx, found: Sequence[Leaver]) -> list[Json]:
    """As the API shows them: with the customer, and how far a message to him is."""
    cards = await customers.cards(tx, [one.customer_id for one in found])
    sent = await how_far(tx, [one.single_id for one in found if one.single_id is not None])
    items = []
    for one in found:
        card = cards.get(one.customer_id)
        customer = {"id": one.customer_id, "name": card.name if card else "", "address": card.address if card else None}
        message = sent.get(one.single_id or "")
        shown = {"state": message.state, "code": message.code, "answered": message.answered} if message else None
        items.append(leaver_json(one, customer=customer, message=shown))
    return items


async def figures(tx: Tx, principal: Principal, filters: Filters) -> Json:
    """How many left and what became of them, by state and by reason; of the messages, how many failed and were answered."""
    await settle_waiting(tx, principal.workspace_id)
    c, many = leavers.c, sa.func.count().label("many")
    where = sa.and_(c.tenant_id == tx.tenant_id, filters.where(principal))
    query = sa.select(c.state, c.reason, c.code, many, sa.func.sum(c.waited_ms).label("waited")).where(where)
    rows = await tx.fetch_all(query.group_by(c.state, c.reason, c.code))
    states = dict.fromkeys(STATES, 0)
    reasons: dict[str, int] = {}
    refused: dict[str, int] = {}
    failed: dict[str, int] = {}
    for row in rows:
        states[row["state"]] += row["many"]
        reasons[row["reason"]] = reasons.get(row["reason"], 0) + row["many"]
        by_code = {REFUSED: refused, FAILED: failed}.get(row["state"])
        if by_code is not None:
            by_code[row["code"]] = by_code.get(row["code"], 0) + row["many"]
    sent = await tx.fetch_all(sa.select(c.single_id).where(where, c.single_id.is_not(None)).limit(FAR))
    messages = await how_far(tx, [row["single_id"] for row in sent])
    total = sum(states.values())
    planned = sa.select(many).where(where, c.state == WAITING, c.due_at.is_not(None))
    return {
        "left": total,
        "waited_seconds": round(sum(int(row["waited"]) for row in rows) / total / 1000) if total else None,
        "planned": await tx.scalar(planned),
        "states": states,
        "reasons": reasons,
        "refused": refused,
        "failed": failed,
        "messages": {
            "sent": len(messages),
            "failed": sum(one.state == "failed" for one in messages.values()),
            "answered": sum(one.answered for one in messages.values()),
        },
    }

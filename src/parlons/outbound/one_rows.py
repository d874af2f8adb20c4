"""Single messages read: a row as a value, what is shown of one, the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping

from parlons.accounts.model import Principal
from parlons.conversations import sent_together
from parlons.kit.clock import from_datetime
from parlons.outbound.model import GIVEN, Text
from parlons.outbound.one_model import Single, UnknownSingle, Wanted, single_json
from parlons.outbound.store import singles
from parlons.runtime.db import Tx

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HowFar:
    """Of one message."""

    state: str
    code: str
    answered: bool


def single_of(row: RowMapping) -> Single:
    """The message of a row."""
    names = [name for name in Single.__dataclass_fields__ if name != "texts"]
    values: Json = {name: row[name] for name in names}
    for name in ("created_at", "at", "due_at", "ended_at"):
        values[name] = from_datetime(row[name]) if row[name] is not None else None
    return Single(**values, texts=texts_of(row["texts"]))


def texts_of(found: Json) -> dict[str, Text]:
    """Texts as a row holds them."""
    return {language: Text(**{**one, "values": tuple(one["values"])}) for language, one in found.items()}


def wanted_of(one: Single) -> Wanted:
    """What was asked for, as far as its way depends on it."""
    address = one.wishes["address"]
    return Wanted(
        one.texts, one.purpose, None if address else one.customer_id, (address[0], address[1]) if address else None,
        channel=one.wishes["channel"], account_id=one.wishes["account_id"],
    )  # fmt: skip


async def how_far(tx: Tx, single_ids: Sequence[str]) -> dict[str, HowFar]:
    """How far messages have come that were given to their channels; two statements, however many."""
    if not single_ids:
        return {}
    standing = await sent_together.standings(tx, single_ids)
    answers = await sent_together.answers(tx, single_ids)
    return {
        one: HowFar(parts[0].state, parts[0].code or "", bool(answers.get(one)))
        for one, parts in standing.items()
        if parts
    }


async def shown(tx: Tx, found: Sequence[Single]) -> list[Json]:
    """As the API shows them: how far each delivery is, and whether he has answered since."""
    far = await how_far(tx, [one.id for one in found if one.state == GIVEN])
    items = []
    for one in found:
        state = far.get(one.id)
        values = (state.state, state.code, state.answered) if state else (None, one.code, False)
        items.append(single_json(one, delivery=values[0], code=values[1], answered=values[2]))
    return items


async def find(tx: Tx, principal: Principal, single_id: str) -> Single:
    """One message of the caller's firms; raises UnknownSingle."""
    query = sa.select(singles).where(singles.c.tenant_id == tx.tenant_id, singles.c.id == single_id)
    row = await tx.fetch_one(query)
    if row is None or not principal.sees(row["firm_id"]):
        raise UnknownSingle
    return single_of(row)


async def listing(
    tx: Tx, principal: Principal, *, customer_id: str | None, reference: str | None, after: str | None, limit: int
) -> list[Json]:
    """Messages of the caller's firms, newest first."""
    query = sa.select(singles).where(singles.c.tenant_id == tx.tenant_id)
    if principal.firm_ids is not None:
        query = query.where(singles.c.firm_id.in_(list(principal.firm_ids)))
    if customer_id is not None:
        query = query.where(singles.c.customer_id == customer_id)
    if reference is not None:
        query = query.where(singles.c.reference == reference)
    if after is not None:
        query = query.where(singles.c.id < after)
    rows = await tx.fetch_all(query.order_by(singles.c.id.desc()).limit(limit))
    return await shown(tx, [single_of(row) for row in rows])

"""Messages on their way out: queued with the message in one transaction, claimed by who sends, settled, heard of by receipts.

Which channel carries them, and how, is the room above's (channels). Here is what holds for all: the order in a conversation, that
`sending` is committed before anything leaves, that states only go on (`delivering`), that each step is told to the screens as
`message.changed` and stands beside the message.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.engine import RowMapping

from parlons.conversations.commands import locked
from parlons.conversations.delivering import AGAIN, FAILED, QUEUED, READ, SENT, UNSURE, Delivery, goes_on, of_parts
from parlons.conversations.model import Conversation, Message, Way
from parlons.conversations.rows import message_of
from parlons.conversations.store import NEW_DELIVERY, deliveries, messages, receipts
from parlons.conversations.telling import tell_changed
from parlons.kit import ids
from parlons.kit.clock import Millis, from_datetime, to_datetime
from parlons.kit.errors import Conflict
from parlons.runtime.db import Tx
from parlons.runtime.prepared import Prepared, Row

WAKE = "deliveries"
"""Signal of the process that sends."""
_EARLY_MS = 48 * 3_600_000
"""How long a receipt nobody can place is kept."""


class NotToSendAgain(Conflict):
    """Only a message that failed, or of which nobody knows whether it left, can be sent again."""

    code = "not-to-send-again"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery taken in hand: committed as `sending` before it is given to the channel."""

    id: str
    tenant_id: str
    conversation_id: str
    message_id: str
    account_id: str
    address: str
    tries: int
    """1 the first time."""
    rounds: int
    """1; one more each time a person sends again."""
    asked_at: Millis


async def queue(tx: Tx, conversation: Conversation, message: Message, way: Way) -> Message:
    """The message is to leave by `way`; returns it with its delivery, not yet written. The caller writes the message first and
    then calls `write`."""
    assert way.account_id is not None
    delivery = Delivery(tx.new_id(ids.DELIVERY), way.account_id, QUEUED, Millis(tx.now))
    return replace(message, delivery=delivery.json())


async def write(tx: Tx, conversation: Conversation, message: Message, way: Way) -> None:
    """The row of a message's delivery, with whatever the transaction writes next."""
    tx.later(NEW_DELIVERY, _row(tx, conversation, message, way))
    tx.wake(WAKE)


async def write_all(tx: Tx, made: Sequence[tuple[Conversation, Message, Way]]) -> None:
    """The rows of many."""
    await tx.run_each(NEW_DELIVERY, [_row(tx, *one) for one in made])
    tx.wake(WAKE)


def _row(tx: Tx, conversation: Conversation, message: Message, way: Way) -> dict[str, Any]:
    assert message.delivery is not None
    now = to_datetime(tx.now)
    return {
        "id": message.delivery["id"],
        "tenant_id": tx.tenant_id,
        "workspace_id": conversation.workspace_id,
        "conversation_id": conversation.id,
        "message_id": message.id,
        "number": message.number,
        "channel": way.channel,
        "account_id": way.account_id,
        "address": way.address or "",
        "send_id": (message.content or {}).get("send"),
        "due_at": now,
        "asked_at": now,
        "changed_at": now,
    }


async def again(tx: Tx, conversation_id: str, message_id: str) -> Message:
    """A person sends it once more. Raises NotToSendAgain."""
    await locked(tx, conversation_id)
    where = (deliveries.c.conversation_id == conversation_id, deliveries.c.message_id == message_id)
    row = await tx.fetch_one(sa.select(deliveries).where(_mine(tx), *where).with_for_update())
    if row is None or row["state"] not in AGAIN:
        raise NotToSendAgain
    now = to_datetime(tx.now)
    values = {"rounds": row["rounds"] + 1, "tries": 0, "due_at": now, "asked_at": now, "code": "", "reason": ""}
    tx.wake(WAKE)
    return await _change(tx, row, QUEUED, **values)


_CLAIMED = [
    "id",
    "tenant_id",
    "conversation_id",
    "message_id",
    "account_id",
    "address",
    "tries",
    "rounds",
    "asked_at",
    "due_at",
]
_CLAIM = Prepared(
    sa.text("""
UPDATE deliveries SET state = 'sending', tries = tries + 1, changed_at = :now
WHERE id IN (
    SELECT id FROM deliveries one
    WHERE account_id = :account AND state = 'queued' AND NOT held AND due_at <= :now
      AND NOT EXISTS (SELECT 1 FROM holds WHERE released_at IS NULL)
      AND NOT EXISTS (
          SELECT 1 FROM deliveries earlier
          WHERE earlier.conversation_id = one.conversation_id AND earlier.account_id = one.account_id
            AND earlier.state IN ('queued', 'sending') AND earlier.number < one.number)
    ORDER BY due_at, id LIMIT :many FOR UPDATE SKIP LOCKED)
RETURNING id, tenant_id, conversation_id, message_id, account_id, address, tries, rounds, asked_at, due_at
""").columns(*map(deliveries.c.__getitem__, _CLAIMED))
)
_WITH_WORK = Prepared(
    sa.text("""
SELECT a.id FROM unnest(CAST(:accounts AS text[])) AS a(id) WHERE EXISTS (
    SELECT 1 FROM deliveries d WHERE d.account_id = a.id AND d.state = 'queued' AND NOT d.held AND d.due_at <= :now)
""").columns(sa.column("id", sa.Text))
)
_of_id = sa.select(deliveries).where(
    deliveries.c.tenant_id == sa.bindparam("tenant"), deliveries.c.id == sa.bindparam("of_id")
)
_LOCKED = Prepared(_of_id.with_for_update())
_LOCKED_ALL = Prepared(
    sa.select(deliveries)
    .where(
        deliveries.c.tenant_id == sa.bindparam("tenant"),
        deliveries.c.id == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Text))),
    )
    .order_by(deliveries.c.id)
    .with_for_update()
)
_WRITTEN = ("state", "changed_at", "due_at", "asked_at", "tries", "rounds", "code", "reason", "parts", "cost", "data")
_CHANGE = Prepared(
    sa.update(deliveries)
    .where(deliveries.c.tenant_id == sa.bindparam("tenant"), deliveries.c.id == sa.bindparam("of_id"))
    .values({name: sa.bindparam(f"to_{name}", type_=deliveries.c[name].type) for name in _WRITTEN})
)
_SHOW = Prepared(
    sa.update(messages)
    .where(messages.c.tenant_id == sa.bindparam("tenant"), messages.c.id == sa.bindparam("of_id"))
    .values(delivery=sa.bindparam("to_delivery", type_=messages.c.delivery.type))
    .returning(messages)
)
_new_receipt = insert(receipts)
_TAKEN = Prepared(
    _new_receipt.on_conflict_do_update(
        index_elements=["tenant_id", "account_id", "provider_id"],
        set_={"delivery_id": _new_receipt.excluded.delivery_id, "part": _new_receipt.excluded.part},
    ),
    columns=["tenant_id", "account_id", "provider_id", "delivery_id", "part", "state", "at"],
)
"""A receipt that came before this answer stays as it is, and now belongs to the delivery."""
_PARTS = Prepared(
    sa.select(receipts).where(
        receipts.c.tenant_id == sa.bindparam("tenant"), receipts.c.delivery_id == sa.bindparam("of_id")
    )
)
_SENT_IDS = Prepared(
    sa.select(deliveries.c.asked_at, receipts.c.provider_id)
    .join(receipts, receipts.c.delivery_id == deliveries.c.id)
    .where(
        deliveries.c.tenant_id == sa.bindparam("tenant"),
        deliveries.c.conversation_id == sa.bindparam("conversation"),
        deliveries.c.account_id == sa.bindparam("account"),
        receipts.c.part == 0,
    )
    .order_by(deliveries.c.number.desc())
    .limit(sa.bindparam("many", type_=sa.Integer))
)


async def claim(tx: Tx, account_id: str, many: int) -> list[Claimed]:
    """At most `many` deliveries of an account that are due and first in their conversation; now `sending`. System transaction:
    who sends, sends for every tenant. Nothing while work is held after a restore."""
    rows = await tx.run(_CLAIM, account=account_id, now=to_datetime(tx.now), many=many)
    return [_claimed(row) for row in sorted(rows, key=lambda row: (row["due_at"], row["id"]))]


async def with_work(tx: Tx, account_ids: Sequence[str]) -> list[str]:
    """Those of these accounts that have something due. System transaction."""
    rows = await tx.run(_WITH_WORK, accounts=list(account_ids), now=to_datetime(tx.now))
    return [row["id"] for row in rows]


async def in_flight(tx: Tx) -> list[Claimed]:
    """What stands as `sending`: whoever took it in hand is no more when somebody new asks. System transaction."""
    query = sa.select(deliveries).where(deliveries.c.state == "sending").order_by(deliveries.c.id)
    return [_claimed(row) for row in await tx.fetch_all(query)]


@dataclass(frozen=True, slots=True)
class Taken:
    """What the provider said when it took a message."""

    delivery_id: str
    provider_ids: Sequence[str]
    state: str
    parts: int
    cost: str
    data: dict[str, Any]


async def sent(tx: Tx, taken: Sequence[Taken]) -> None:
    """The provider has taken these; receipts that came before this answer count now."""
    found = await tx.run(_LOCKED_ALL, tenant=tx.tenant_id, ids=[one.delivery_id for one in taken])
    rows = {row["id"]: row for row in found}
    for one in taken:
        if (row := rows.get(one.delivery_id)) is not None:
            await _sent(tx, row, one)


async def _sent(tx: Tx, row: Row, one: Taken) -> None:
    for part, provider_id in enumerate(dict.fromkeys(each for each in one.provider_ids if each)):
        await _alone(tx, row["account_id"], provider_id)
        kept: Row = {"tenant_id": tx.tenant_id, "account_id": row["account_id"], "provider_id": provider_id}
        kept |= {"delivery_id": row["id"], "part": part, "state": one.state, "at": to_datetime(tx.now)}
        await tx.run(_TAKEN, **kept)
    values: dict[str, Any] = {"parts": one.parts, "data": one.data, "code": "", "reason": ""}
    if one.cost:
        values["cost"] = one.cost
    await _settle(tx, row, one.state, **values)


async def put_off(
    tx: Tx, delivery_id: str, until: int, *, code: str, reason: str, gives_up: Millis | None = None
) -> None:
    """Not now: tried again at `until`; the desk shows why it waits, and that it is given up at `gives_up`."""
    row = await _locked(tx, delivery_id)
    if row is not None and row["state"] == "sending":
        await _change(tx, row, QUEUED, gives_up, due_at=to_datetime(until), code=code, reason=reason)


async def not_sent(tx: Tx, delivery_id: str, *, code: str, reason: str, unsure: bool = False) -> None:
    """It failed for good; or, `unsure`, nobody knows whether it left."""
    row = await _locked(tx, delivery_id)
    if row is not None and row["state"] == "sending":
        await _change(tx, row, UNSURE if unsure else FAILED, code=code, reason=reason)


async def fail_waiting(tx: Tx, account_ids: Sequence[str], *, code: str) -> None:
    """What waits to leave by these accounts never will."""
    waiting = sa.and_(_mine(tx), deliveries.c.account_id.in_(list(account_ids)), deliveries.c.state == QUEUED)
    for row in await tx.fetch_all(sa.select(deliveries).where(waiting).order_by(deliveries.c.id).with_for_update()):
        await _change(tx, row, FAILED, code=code)


async def fail_queued(tx: Tx, delivery_id: str, *, code: str) -> None:
    """One that waits to leave never will."""
    row = await _locked(tx, delivery_id)
    if row is not None and row["state"] == QUEUED:
        await _change(tx, row, FAILED, code=code)


async def heard(
    tx: Tx, account_id: str, provider_id: str, state: str, *, code: str = "", reason: str = "", cost: str = ""
) -> None:
    """A receipt. One that names nothing we know yet is kept for as long as the answer to its sending may take."""
    delivery = await _locked(tx, provider_id) if provider_id.startswith(ids.DELIVERY) else None
    if delivery is not None and delivery["account_id"] == account_id:
        values: dict[str, Any] = {"code": code, "reason": reason} | ({"cost": cost} if cost else {})
        if goes_on(delivery["state"], state):
            await _change(tx, delivery, state, **values)
        return
    await _alone(tx, account_id, provider_id)
    mine = sa.and_(
        receipts.c.tenant_id == tx.tenant_id,
        receipts.c.account_id == account_id,
        receipts.c.provider_id == provider_id,
    )
    row = await tx.fetch_one(sa.select(receipts).where(mine))
    values = {"state": state, "code": code, "reason": reason, "cost": cost, "at": to_datetime(tx.now)}
    if row is None:
        old = to_datetime(tx.now - _EARLY_MS)
        await tx.execute(receipts.delete().where(receipts.c.tenant_id == tx.tenant_id, receipts.c.delivery_id.is_(None),
                                                 receipts.c.at < old))  # fmt: skip
        key = {"tenant_id": tx.tenant_id, "account_id": account_id, "provider_id": provider_id}
        await tx.execute(receipts.insert().values(**key, **values))
        return
    if not goes_on(row["state"], state):
        return
    await tx.execute(receipts.update().where(mine).values(**values))
    delivery = await _locked(tx, row["delivery_id"]) if row["delivery_id"] else None
    if delivery is not None:
        await _settle(tx, delivery, SENT)


async def read_until(tx: Tx, account_id: str, conversation_id: str, *, provider_id: str | None, at: int | None) -> None:
    """The customer has read what we sent him up to a message, or up to a time; None of both: everything."""
    where = [deliveries.c.account_id == account_id, deliveries.c.conversation_id == conversation_id]
    if provider_id is not None:
        last = (
            sa.select(deliveries.c.number)
            .join(receipts, receipts.c.delivery_id == deliveries.c.id)
            .where(receipts.c.tenant_id == tx.tenant_id, receipts.c.account_id == account_id)
            .where(receipts.c.provider_id == provider_id)
        )
        where.append(deliveries.c.number <= last.scalar_subquery())
    elif at is not None:
        where.append(deliveries.c.asked_at <= to_datetime(at))
    where.append(deliveries.c.state.in_((SENT, "delivered", UNSURE)))
    query = sa.select(deliveries).where(_mine(tx), *where).order_by(deliveries.c.number).with_for_update()
    for row in await tx.fetch_all(query):
        await _change(tx, row, READ, code="", reason="")


async def conversation_of(tx: Tx, account_id: str, provider_ids: Sequence[str]) -> str | None:
    """The conversation of the first of these that we sent by this account."""
    query = (
        sa.select(receipts.c.provider_id, deliveries.c.conversation_id)
        .join(deliveries, deliveries.c.id == receipts.c.delivery_id)
        .where(receipts.c.tenant_id == tx.tenant_id, receipts.c.account_id == account_id)
        .where(receipts.c.provider_id.in_(list(provider_ids)))
    )
    found = {row["provider_id"]: row["conversation_id"] for row in await tx.fetch_all(query)}
    return next((found[one] for one in provider_ids if one in found), None)


async def went_to(tx: Tx, account_id: str, address: str) -> bool:
    """Whether something was sent, or is on its way, to this address of an account."""
    mine = (_mine(tx), deliveries.c.account_id == account_id, deliveries.c.address == address)
    query = sa.select(deliveries.c.id).where(*mine, deliveries.c.state != FAILED).limit(1)
    return await tx.scalar(query) is not None


async def sent_ids(tx: Tx, conversation_id: str, account_id: str, limit: int) -> list[tuple[Millis, str]]:
    """When, and under which provider's id, messages of this conversation left by this account, newest first."""
    asked: Row = {"conversation": conversation_id, "account": account_id, "many": limit}
    rows = await tx.run(_SENT_IDS, tenant=tx.tenant_id, **asked)
    return [(from_datetime(row["asked_at"]), row["provider_id"]) for row in rows]


async def counts(tx: Tx, channel: str) -> dict[str, int]:
    """How many messages of a channel stand in which state."""
    query = sa.select(deliveries.c.state, sa.func.count().label("many")).where(
        _mine(tx), deliveries.c.channel == channel
    )
    return {row["state"]: row["many"] for row in await tx.fetch_all(query.group_by(deliveries.c.state))}


async def _settle(tx: Tx, row: RowMapping | Row, state: str, **values: Any) -> None:
    """What all parts together say, not less than `state`."""
    parts = await tx.run(_PARTS, tenant=tx.tenant_id, of_id=row["id"])
    reached = of_parts([part["state"] for part in parts]) if parts else state
    values |= {"code": "", "reason": ""}
    failed = next((part for part in parts if part["state"] == FAILED), None)
    if failed is not None:
        values |= {"code": failed["code"], "reason": failed["reason"]}
    cost = next((part["cost"] for part in parts if part["cost"]), "")
    if cost:
        values["cost"] = cost
    reached = reached if goes_on(state, reached) else state
    if goes_on(row["state"], reached):
        await _change(tx, row, reached, **values)
    elif values:
        await _change(tx, row, row["state"], **values)


async def _change(tx: Tx, row: RowMapping | Row, state: str, gives_up: Millis | None = None, **values: Any) -> Message:
    """`row` is locked: all of it is written."""
    fresh = {**row, **values, "state": state, "changed_at": to_datetime(tx.now)}
    written: Row = {f"to_{name}": fresh[name] for name in _WRITTEN}
    await tx.run(_CHANGE, tenant=tx.tenant_id, of_id=row["id"], **written)
    delivery = Delivery(
        row["id"], row["account_id"], fresh["state"], Millis(tx.now), fresh["code"], fresh["reason"], fresh["parts"],
        fresh["cost"], gives_up,
    )  # fmt: skip
    (shown,) = await tx.run(_SHOW, tenant=tx.tenant_id, of_id=row["message_id"], to_delivery=delivery.json())
    message = message_of(shown)
    await tell_changed(tx, message)
    return message


async def _locked(tx: Tx, delivery_id: str) -> Row | None:
    return next(iter(await tx.run(_LOCKED, tenant=tx.tenant_id, of_id=delivery_id)), None)


async def _alone(tx: Tx, account_id: str, provider_id: str) -> None:
    """An answer and its receipt, each in a transaction of its own, see one another."""
    await tx.alone(f"receipt\n{tx.tenant_id}\n{account_id}\n{provider_id}")


def _mine(tx: Tx) -> sa.ColumnElement[bool]:
    return deliveries.c.tenant_id == tx.tenant_id


def _claimed(row: RowMapping | Row) -> Claimed:
    return Claimed(
        row["id"], row["tenant_id"], row["conversation_id"], row["message_id"], row["account_id"], row["address"],
        row["tries"], row["rounds"], from_datetime(row["asked_at"]),
    )  # fmt: skip

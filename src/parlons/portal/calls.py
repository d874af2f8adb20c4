"""A call that the customer asked for on his page: at its time it stands in line as any callback, and whoever takes it is
connected with him.

    waiting -> in-line | cancelled | failed

Only numbers we know are called, so that nobody has strangers called. Until its time he may take it back; the job that puts it
in line runs in one transaction with what it writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from parlons.accounts import opening
from parlons.conversations import commands as conversations
from parlons.conversations.model import VOICE
from parlons.conversations.sidework import add_note
from parlons.customers.commands import CustomerErased, UnknownCustomer
from parlons.customers.merging import one_person, standing_customer
from parlons.customers.model import PHONE, Customer
from parlons.kit.clock import Millis, from_datetime, to_datetime
from parlons.kit.errors import Conflict, Invalid
from parlons.kit.hours import ALWAYS, is_open, open_spans
from parlons.kit.ids import WISHED_CALL
from parlons.portal.store import wished_calls as table
from parlons.reception.asking import Wish, ask_for_agent, point_at
from parlons.reception.flow_acts import one_in_line
from parlons.reception.model import EntryPoint, NoEntryPoint
from parlons.runtime import jobs
from parlons.runtime.db import Tx
from parlons.runtime.jobs import ATTEMPTS, Handler, Job
from parlons.voice.calls import callbacks

JOB = "portal.call"
WAITING, IN_LINE, CANCELLED, FAILED = "waiting", "in-line", "cancelled", "failed"
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
FARTHEST_MS = 7 * DAY_MS
MAX_ABOUT = 500


class NoCalls(Conflict):
    """This firm calls nobody back."""

    code = "no-calls-here"


class CallAskedAlready(Conflict):
    """A call to this customer is asked for already."""

    code = "call-asked-already"


class NotThen(Invalid):
    """Nobody calls at that time; choose another."""

    code = "no-call-then"


class UnknownNumber(Invalid):
    """This is no number of this customer."""

    code = "unknown-number"


@dataclass(frozen=True, slots=True)
class WishedCall:
    """One call he asked for."""

    id: str
    workspace_id: str
    firm_id: str
    customer_id: str
    address_id: str
    wished_at: Millis
    about: str
    state: str


def handlers() -> dict[str, Handler]:
    """What the job worker needs."""
    return {JOB: _due}


async def times(tx: Tx, firm_id: str) -> list[Millis]:
    """When one may ask to be called: now, when the firm is open, then at whole hours while it is, a week ahead."""
    hours = await opening.firm_hours(tx, firm_id, Millis(tx.now)) or ALWAYS
    found = [Millis(tx.now)] if is_open(hours, Millis(tx.now)) else []
    for opens, closes in open_spans(hours, Millis(tx.now), Millis(tx.now + FARTHEST_MS)):
        first = -(-max(opens, tx.now + 1) // HOUR_MS) * HOUR_MS
        found += [Millis(at) for at in range(first, closes, HOUR_MS)]
    return found


async def offered(tx: Tx, firm_id: str) -> bool:
    """Whether this firm calls anybody back: whether calls of its have an entry point."""
    return await _point(tx, firm_id) is not None


async def ask(
    tx: Tx, customer: Customer, *, workspace_id: str, address_id: str, wished_at: int | None, about: str = ""
) -> WishedCall:
    """At `wished_at`, one of `times`; None: as soon as somebody can. Raises NoCalls, UnknownNumber, NotThen,
    CallAskedAlready."""
    await tx.alone(f"wished call\n{tx.tenant_id}\n{customer.id}")
    if not await offered(tx, customer.firm_id):
        raise NoCalls
    if not any((one.id, one.kind) == (address_id, PHONE) for one in customer.addresses):
        raise UnknownNumber
    if await waiting(tx, customer.id):
        raise CallAskedAlready
    possible = await times(tx, customer.firm_id)
    at = next(iter(possible), None) if wished_at is None else Millis(wished_at)
    if at is None or at not in possible:
        raise NotThen
    about = about.replace("\x00", "").replace("\r\n", "\n").strip()[:MAX_ABOUT]
    made = WishedCall(
        tx.new_id(WISHED_CALL), workspace_id, customer.firm_id, customer.id, address_id, at, about, WAITING
    )
    await tx.execute(
        table.insert().values(
            id=made.id,
            tenant_id=tx.tenant_id,
            workspace_id=workspace_id,
            firm_id=made.firm_id,
            customer_id=made.customer_id,
            address_id=address_id,
            wished_at=to_datetime(at),
            about=about,
            state=WAITING,
            made_at=to_datetime(tx.now),
        )
    )
    await jobs.enqueue(tx, JOB, {"id": made.id}, run_at=at, cancel_key=made.id)
    return made


async def take_back(tx: Tx, customer_id: str, call_id: str) -> bool:
    """He needs no call any more; False: it stands in line already, or was never asked for."""
    his = sa.and_(_here(tx), table.c.id == call_id, table.c.customer_id.in_(await one_person(tx, customer_id)))
    done = await tx.execute(table.update().where(his, table.c.state == WAITING).values(state=CANCELLED))
    if not done.rowcount:
        return False
    await jobs.cancel(tx, call_id)
    return True


async def waiting(tx: Tx, customer_id: str) -> list[WishedCall]:
    """The calls he waits for."""
    his = sa.and_(_here(tx), table.c.customer_id.in_(await one_person(tx, customer_id)), table.c.state == WAITING)
    return [_of(row) for row in await tx.fetch_all(sa.select(table).where(his).order_by(table.c.wished_at))]


async def erase(tx: Tx, customer_ids: Sequence[str]) -> None:
    """No word of theirs is kept, and nobody calls them."""
    his = sa.and_(_here(tx), table.c.customer_id.in_(list(customer_ids)))
    for row in await tx.fetch_all(sa.select(table.c.id).where(his, table.c.state == WAITING)):
        await jobs.cancel(tx, row["id"])
    await tx.execute(table.update().where(his, table.c.state == WAITING).values(state=CANCELLED))
    await tx.execute(table.update().where(his).values(about=""))


async def _due(tx: Tx, job: Job) -> None:
    """Its time has come."""
    query = sa.select(table).where(_here(tx), table.c.id == job.payload["id"], table.c.state == WAITING)
    row = await tx.fetch_one(query.with_for_update())
    if row is None:
        return
    if job.attempt >= ATTEMPTS:
        await _settle(tx, row["id"], FAILED, "error")
        return
    one = _of(row)
    try:
        customer = await standing_customer(tx, one.customer_id)
    except (UnknownCustomer, CustomerErased):
        await _settle(tx, one.id, FAILED, "erased")
        return
    number = next((each.value for each in customer.addresses if (each.id, each.kind) == (one.address_id, PHONE)), None)
    point = await _point(tx, one.firm_id)
    if number is None or point is None:
        await _settle(tx, one.id, FAILED, "no-number" if number is None else "no-entry-point")
        return
    await _stand_in_line(tx, one, customer, number, point)


async def _stand_in_line(tx: Tx, one: WishedCall, customer: Customer, number: str, point: EntryPoint) -> None:
    await one_in_line(tx, one.firm_id, number)
    known = await callbacks.waiting_for(tx, one.firm_id, number)
    if known is not None:
        await _settle(tx, one.id, IN_LINE, "", known.task_id)
        return
    language = (customer.language or point.language or "en")[:2].lower()
    conversation = await conversations.open_conversation(
        tx, workspace_id=one.workspace_id, firm_id=one.firm_id, customer_id=customer.id, channel=VOICE, address=number,
        language=language,
    )  # fmt: skip
    if one.about:
        await add_note(tx, conversation.id, author_user_id=None, author_name="", text=one.about, note_id=None)
    offered: dict[str, Any] = {"callback": True, "callback_number": number}
    wish = Wish(offered=offered, virtual_start=Millis(tx.now))
    task_id = await ask_for_agent(
        tx, replace(point, task_channel=VOICE), conversation, wish, language=language, key=f"wished:{one.id}"
    )
    if task_id is None:
        await _settle(tx, one.id, FAILED, "error")
        return
    await callbacks.ask(
        tx, workspace_id=one.workspace_id, firm_id=one.firm_id, conversation_id=conversation.id,
        customer_id=customer.id, task_id=task_id, queue_id=None, number=number, caller_number="", virtual_start=tx.now,
        why="asked",
    )  # fmt: skip
    await _settle(tx, one.id, IN_LINE, "", task_id)


async def _point(tx: Tx, firm_id: str) -> EntryPoint | None:
    try:
        return await point_at(tx, VOICE, "", firm_id)
    except NoEntryPoint:
        return None


async def _settle(tx: Tx, call_id: str, state: str, code: str, task_id: str | None = None) -> None:
    await tx.execute(
        table.update().where(_here(tx), table.c.id == call_id).values(state=state, code=code, task_id=task_id)
    )


def _here(tx: Tx) -> sa.ColumnElement[bool]:
    return table.c.tenant_id == tx.tenant_id


def _of(row: sa.RowMapping) -> WishedCall:
    same = ("id", "workspace_id", "firm_id", "customer_id", "address_id", "about", "state")
    return WishedCall(**{name: row[name] for name in same}, wished_at=from_datetime(row["wished_at"]))

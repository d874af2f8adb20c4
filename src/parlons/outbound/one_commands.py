"""One message to one customer: asked for, given to the channels at its time, cancelled before it.

It is made as the recipients of sends are, by the same code, and carried out by the channels' own engine. What is due at once is
made in the transaction of the request; what is planned, in that of its job. Which way it goes is chosen when its time has come.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping

from parlons.channels.model import Account
from parlons.customers import commands as customers
from parlons.customers import consent
from parlons.customers import queries as customer_queries
from parlons.customers.merging import standing
from parlons.kit import ids
from parlons.kit.clock import to_datetime
from parlons.outbound.feeding import Outbound, Skip
from parlons.outbound.hours import country_of, opens_at
from parlons.outbound.model import DRAFT, GIVEN, MARKETING, SKIPPED, WAITING, Send
from parlons.outbound.one_choosing import Choice, choose, owner_of
from parlons.outbound.one_model import (
    CANCELLED,
    NoWayThere,
    Single,
    SingleElsewhere,
    UnknownSingle,
    Wanted,
    checked,
    fitted,
)
from parlons.outbound.one_rows import single_of, wanted_of
from parlons.outbound.store import singles
from parlons.runtime import jobs
from parlons.runtime.db import Tx
from parlons.runtime.jobs import ATTEMPTS, Handler, Job

JOB = "outbound.one"
Json = dict[str, Any]


def handlers(outbound: Outbound) -> dict[str, Handler]:
    """What the job worker needs for planned messages."""

    async def due(tx: Tx, job: Job) -> None:
        one = await _locked(tx, job.payload["id"])
        if one is None or one.state != WAITING:
            return
        if job.attempt >= ATTEMPTS:
            await _settle(tx, one.id, state=SKIPPED, code="error")
        else:
            await _carry(tx, outbound, one)

    return {JOB: due}


async def ask(tx: Tx, outbound: Outbound, wanted: Wanted, *, workspace_id: str, firm_id: str, by: str) -> Single:
    """A message of this firm. Raises NoWayThere, UnknownCustomer, InvalidSingle, and what its texts raise."""
    wanted = checked(wanted, tx.now)
    customer_id = wanted.customer_id
    if customer_id is not None:
        known = await customer_queries.customer(tx, customer_id)
        if known is None or known.firm_id != firm_id:
            raise customers.UnknownCustomer
        if known.erased_at is not None:
            raise customers.CustomerErased
        customer_id = known.merged_into or known.id
    elif wanted.address is not None:
        customer_id = await owner_of(tx, firm_id, wanted.address)
    choice = await choose(tx, outbound.post, firm_id, customer_id, wanted)
    single_id = tx.new_id(ids.SINGLE)
    at = max(tx.now, wanted.at or 0)
    values = {
        "id": single_id, "tenant_id": tx.tenant_id, "workspace_id": workspace_id, "firm_id": firm_id,
        "wishes": {"channel": wanted.channel, "account_id": wanted.account_id, "address": wanted.address},
        "customer_id": customer_id, "name": wanted.name, "language": wanted.language, "country": wanted.country,
        "attributes": dict(wanted.attributes), "texts": {name: one.json() for name, one in wanted.texts.items()},
        "purpose": wanted.purpose, "zone": wanted.zone, "reference": wanted.reference[:200], "reason": wanted.reason,
        "state": WAITING, "created_by": by, "created_at": to_datetime(tx.now), "due_at": to_datetime(at),
        "at": to_datetime(wanted.at) if wanted.at is not None else None, **_way(choice),
    }  # fmt: skip
    await tx.execute(singles.insert().values(values))
    one = await _sure(tx, single_id)
    if at > tx.now:
        await _plan(tx, single_id, at)
        return one
    return await _carry(tx, outbound, one)


async def cancel(tx: Tx, single_id: str) -> Single:
    """It is not sent; repeating changes nothing. Raises SingleElsewhere when it is given already."""
    one = await _locked(tx, single_id)
    if one is None:
        raise UnknownSingle
    if one.state == CANCELLED:
        return one
    if one.state != WAITING:
        raise SingleElsewhere
    await jobs.cancel(tx, single_id)
    return await _settle(tx, single_id, state=CANCELLED, code="")


async def forget(tx: Tx, customer_id: str, known: list[tuple[str, str]]) -> None:
    """A customer is erased: what names him goes, and what was still to be sent to him."""
    c = singles.c
    his = sa.or_(c.customer_id == customer_id, sa.tuple_(c.kind, c.value).in_(known or [("", "")]))
    mine = sa.and_(c.tenant_id == tx.tenant_id, his)
    open_ones = singles.update().where(mine, c.state == WAITING)
    await tx.execute(open_ones.values(state=SKIPPED, code="erased", ended_at=to_datetime(tx.now)))
    emptied: Json = {"kind": "", "value": "", "name": "", "language": None, "country": "", "attributes": {}, "texts": {},
                     "reference": "", "wishes": {"channel": None, "account_id": None, "address": None}}  # fmt: skip
    await tx.execute(singles.update().where(mine).values(emptied))


async def _carry(tx: Tx, outbound: Outbound, one: Single) -> Single:
    """Give it, put it off, or skip it with its reason."""
    try:
        choice = await _chosen(tx, outbound, one)
        if await consent.opted_out(tx, firm_id=one.firm_id, kind=choice.kind, value=choice.value):
            raise Skip("opted-out")
        until = _quiet_until(tx, one, choice)
        if until > tx.now:
            await _plan(tx, one.id, until)
            return await _change(tx, one.id, due_at=to_datetime(until), code="quiet-hours", **_way(choice))
        send = _send_of(outbound, one, choice.account)
        message, customer_id = await outbound.one(tx, send, choice.account, await _recipient(tx, one.id, choice))
    except NoWayThere:
        return await _settle(tx, one.id, state=SKIPPED, code="not-reachable")
    except Skip as skip:
        return await _settle(tx, one.id, state=SKIPPED, code=skip.code)
    given = {"message_id": message.id, "conversation_id": message.conversation_id, "customer_id": customer_id}
    return await _settle(tx, one.id, state=GIVEN, code="", **given, **_way(choice))


async def _chosen(tx: Tx, outbound: Outbound, one: Single) -> Choice:
    customer_id = await standing(tx, one.customer_id) if one.customer_id else None
    return await choose(tx, outbound.post, one.firm_id, customer_id, wanted_of(one))


def _quiet_until(tx: Tx, one: Single, choice: Choice) -> int:
    if one.purpose != MARKETING:
        return tx.now
    return opens_at(tx.now, country_of(choice.kind, choice.value, one.country), one.zone)


def _send_of(outbound: Outbound, one: Single, account: Account) -> Send:
    """A send of one, as texts are filled and letters made from sends."""
    able = outbound.post.channels[account.channel].capabilities(account)
    texts = fitted(one.texts, able)
    if texts is None:
        raise Skip("text-not-filled")
    if one.purpose == MARKETING and able.subject and not outbound.leaving.link("", 0):
        raise Skip("no-link-to-leave")
    return Send(
        id=one.id, workspace_id=one.workspace_id, firm_id=one.firm_id, account_id=account.id, channel=account.channel,
        name="", purpose=one.purpose, state=DRAFT, texts=texts, segment=None, zone=one.zone, starts_at=None,
        per_second=None, created_by=one.created_by, created_at=one.created_at, started_at=None, ended_at=None, version=1,
    )  # fmt: skip


async def _recipient(tx: Tx, single_id: str, choice: Choice) -> RowMapping:
    """Its row as one of a list; its number is below zero, which links to leave are made and read by."""
    c = singles.c
    kind, value = sa.literal(choice.kind).label("kind"), sa.literal(choice.value).label("value")
    his = (c.customer_id, c.name, c.language, c.country, c.attributes)
    query = sa.select((-c.number).label("id"), kind, value, sa.false().label("trial"), *his)
    row = await tx.fetch_one(query.where(c.tenant_id == tx.tenant_id, c.id == single_id))
    assert row is not None
    return row


def _way(choice: Choice) -> Json:
    account = choice.account
    return {"account_id": account.id, "channel": account.channel, "kind": choice.kind, "value": choice.value}


async def _plan(tx: Tx, single_id: str, at: int) -> None:
    await jobs.enqueue(tx, JOB, {"id": single_id}, run_at=at, cancel_key=single_id)


async def _change(tx: Tx, single_id: str, **values: Any) -> Single:
    where = (singles.c.tenant_id == tx.tenant_id, singles.c.id == single_id)
    await tx.execute(singles.update().where(*where).values(values))
    return await _sure(tx, single_id)


async def _settle(tx: Tx, single_id: str, **values: Any) -> Single:
    return await _change(tx, single_id, ended_at=to_datetime(tx.now), **values)


async def _locked(tx: Tx, single_id: str) -> Single | None:
    query = sa.select(singles).where(singles.c.tenant_id == tx.tenant_id, singles.c.id == single_id)
    row = await tx.fetch_one(query.with_for_update())
    return single_of(row) if row else None


async def _sure(tx: Tx, single_id: str) -> Single:
    found = await _locked(tx, single_id)
    assert found is not None
    return found

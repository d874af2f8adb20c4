"""What is read of sends: the list, the report of one, its recipients, how its text reads for one of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from parlons.accounts import queries as accounts
from parlons.accounts.model import Principal
from parlons.channels.model import Account
from parlons.channels.plugin import Channel
from parlons.conversations import sent_together
from parlons.customers import queries as customers
from parlons.customers import segments
from parlons.customers.model import customer_json
from parlons.kit.clock import from_datetime, to_iso
from parlons.kit.pages import Page, decode_cursor, page_of
from parlons.outbound.feeding import listed
from parlons.outbound.filling import filled
from parlons.outbound.laying import kinds_of
from parlons.outbound.leaving import Leaving
from parlons.outbound.model import DRAFT, GIVEN, MARKETING, WAITING, NobodyToSendTo, Send, send_json
from parlons.outbound.rows import send_of
from parlons.outbound.store import recipients, sends
from parlons.runtime.db import Tx

Json = dict[str, Any]
OUT = "opted-out"


@dataclass(slots=True)
class Report:
    """How far a send is. `sent` counts what left, delivered or read or not; `delivered` also what was read."""

    recipients: int = 0
    waiting: int = 0
    quiet: int = 0
    """Of those waiting: until their quiet hours end."""
    queued: int = 0
    sent: int = 0
    delivered: int = 0
    read: int = 0
    answered: int = 0
    unsubscribed: int = 0
    """Who asked for silence by the link in it, or in answer to it."""
    unsure: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    """By reason."""
    skipped: dict[str, int] = field(default_factory=dict)

    def json(self) -> Json:
        """As the API shows it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


async def listing(tx: Tx, principal: Principal, *, cursor: str | None, limit: int) -> Page[Json]:
    """Sends of the caller's firms, newest first, each with its figures; as many statements for many as for one."""
    query = sa.select(sends).where(sends.c.tenant_id == tx.tenant_id)
    if principal.firm_ids is not None:
        query = query.where(sends.c.firm_id.in_(list(principal.firm_ids)))
    after = decode_cursor(cursor, str)
    if after is not None:
        query = query.where(sends.c.id < str(after[0]))
    rows = await tx.fetch_all(query.order_by(sends.c.id.desc()).limit(limit + 1))
    found = page_of([send_of(row) for row in rows], limit, lambda send: (send.id,))
    figures = await reports(tx, found.items)
    return Page([{**send_json(send, tx.now), "report": figures[send.id].json()} for send in found.items], found.next)


async def whole(tx: Tx, send: Send) -> Json:
    """A send with its figures."""
    return {**send_json(send, tx.now), "report": (await reports(tx, [send]))[send.id].json()}


async def reports(tx: Tx, found: Sequence[Send]) -> dict[str, Report]:
    """How far each is: four statements, however many sends and recipients."""
    figures, c = {send.id: Report() for send in found}, recipients.c
    query = sa.select(c.send_id, c.state, c.code, sa.func.count().label("many"))
    query = query.where(_of(tx, *figures)).group_by(c.send_id, c.state, c.code)
    for row in await tx.fetch_all(query) if figures else ():
        one = figures[row["send_id"]]
        one.recipients += row["many"]
        if row["state"] == WAITING:
            one.waiting += row["many"]
            one.quiet += row["many"] if row["code"] else 0
        elif row["state"] != GIVEN:
            one.skipped[row["code"]] = one.skipped.get(row["code"], 0) + row["many"]
    begun = [send.id for send in found if send.state != DRAFT]
    if not begun:
        return figures
    for send_id, standing in (await sent_together.standings(tx, begun)).items():
        for each in standing:
            _add(figures[send_id], each.state, each.code, each.many)
    for send_id, many in (await sent_together.answers(tx, begun)).items():
        figures[send_id].answered = many
    for send_id, many in (await sent_together.leavers(tx, begun)).items():
        figures[send_id].unsubscribed = many
    return figures


def _add(found: Report, state: str, code: str, many: int) -> None:
    match state:
        case "queued" | "sending":
            found.queued += many
        case "unsure":
            found.unsure += many
        case "failed":
            # Who asked for silence between laying down and leaving was passed over like the others who did.
            where = found.skipped if code in (OUT, "erased", "send-cancelled") else found.failed
            where[code] = where.get(code, 0) + many
        case _:
            found.sent += many
            found.delivered += many if state in ("delivered", "read") else 0
            found.read += many if state == "read" else 0


async def audience(tx: Tx, send: Send, channel: Channel, account: Account) -> Json:
    """Of a draft: how many it would go to now, and how many of them asked for silence."""
    assert tx.tenant_id is not None
    one = _audience(tx, send, channel, account).subquery()
    silent = segments.wants_none(tx.tenant_id, send.firm_id, one.c.kind, one.c.value)
    query = sa.select(sa.func.count().label("many"), sa.func.count().filter(silent).label("silent")).select_from(one)
    row = await tx.fetch_one(query)
    assert row is not None
    return {"recipients": row["many"], "skipped": {OUT: row["silent"]} if row["silent"] else {}}


async def sample(
    tx: Tx, send: Send, channel: Channel, account: Account, leaving: Leaving, customer_id: str | None, place: int = 0
) -> Json:
    """How it reads for one of its recipients: this customer, else who stands at this place. Raises NobodyToSendTo,
    InvalidTemplate."""
    assert tx.tenant_id is not None
    found = _audience(tx, send, channel, account).subquery()
    query = sa.select(found)
    if customer_id is not None:
        query = query.where(found.c.customer_id == customer_id)
    row = await tx.fetch_one(query.offset(place if customer_id is None else 0).limit(1))
    if row is None:
        raise NobodyToSendTo
    known = await customers.customer(tx, row["customer_id"]) if row["customer_id"] else None
    able = channel.capabilities(account)
    link = leaving.link(tx.tenant_id, 0) if able.subject and send.purpose == MARKETING else ""
    firm = await accounts.firm_name(tx, send.firm_id)
    languages = (row["language"], known.language if known else None)
    text = filled(send, customer_json(known) if known else listed(row), firm, languages, link)
    return {
        "to": channel.reach(account, row["kind"], row["value"]),
        "name": row["name"],
        "customer_id": row["customer_id"],
        "language": text.language,
        "subject": text.subject,
        "text": text.text,
    }


async def page(tx: Tx, send: Send, *, state: str | None, after: int, limit: int) -> list[Json]:
    """Its recipients in order, with what was decided for each."""
    c = recipients.c
    query = sa.select(recipients).where(_of(tx, send.id), c.id > after)
    if state is not None:
        query = query.where(c.state == state)
    return [
        {
            "number": row["id"],
            "customer_id": row["customer_id"],
            "kind": row["kind"],
            "address": row["value"] if row["kind"] else "",
            "name": row["name"],
            "state": row["state"],
            "code": row["code"],
            "due_at": to_iso(from_datetime(row["due_at"])) if row["due_at"] else None,
            "message_id": row["message_id"],
        }
        for row in await tx.fetch_all(query.order_by(c.id).limit(limit))
    ]


def _audience(tx: Tx, send: Send, channel: Channel, account: Account) -> sa.Select[Any]:
    assert tx.tenant_id is not None
    c = recipients.c
    if send.segment is not None and send.state == DRAFT:
        lead, kinds = f"{send.channel}:", kinds_of(channel, account)
        members = segments.members(tx.tenant_id, send.firm_id, send.segment, kinds=kinds, lead=lead).subquery()
        return sa.select(members, sa.literal("{}").label("attributes"))
    names = (c.customer_id, c.kind, c.value, c.name, c.language, c.country, c.attributes)
    return sa.select(*names).where(_of(tx, send.id)).order_by(c.id)


def _of(tx: Tx, *send_ids: str) -> sa.ColumnElement[bool]:
    return sa.and_(recipients.c.tenant_id == tx.tenant_id, recipients.c.send_id.in_(send_ids), ~recipients.c.trial)

"""The visitors who want to be told when they are not on the site: one row a visitor, its address and secret sealed.

A visitor is one browser. He accepts by his own press; what he accepts becomes an address of his customer (external,
`push:WIDGET:NAME`), so he can be written to like by any other channel. When he takes it back, or the push service says that
there is nobody any more (RFC 8030 7.3), the address goes silent: an entry in the ledger of consent, with its proof.
`NAME` holds the customer too: who logs in as somebody else accepts anew for him, and the one before is told nothing here.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import RowMapping
from sqlalchemy.dialects.postgresql import insert

from parlons.channels.push.sending import check_address
from parlons.channels.push.store import visitor_pushes as rows
from parlons.channels.webchat import visits
from parlons.channels.webchat.model import Visitor, Widget
from parlons.channels.webchat.store import visitors
from parlons.conversations import queries
from parlons.customers import commands as customers
from parlons.customers import consent
from parlons.customers.merging import standing
from parlons.customers.model import EXTERNAL
from parlons.kit.clock import to_datetime
from parlons.runtime.db import Tx

CHANNEL = "push"
PAGE_MAX = 500


@dataclass(frozen=True, slots=True)
class VisitorBrowser:
    """A visitor who accepted, as `sending` needs him."""

    id: str
    """The visitor's."""
    named: str
    """As `Outgoing.to` has him."""
    firm_id: str
    widget_key: str
    customer_id: str
    address: str
    public_key: str
    secret: str
    locale: str
    time_zone: str
    page: str
    """Where he was when he accepted; a press opens it when no page of the site is open."""


async def accept(tx: Tx, widget: Widget, visitor: Visitor, given: dict[str, str]) -> None:
    """Tell this visitor in this browser from now on; repeating refreshes what the browser gave. Raises PushAddressInvalid.

    `given`: address, public_key, secret, locale, time_zone, page."""
    check_address(given["address"])
    visitor, customer_id = await visits.customer_of(tx, widget, visitor)
    digest = hashlib.sha256(given["address"].encode()).digest()
    same = rows.c.tenant_id == tx.tenant_id, rows.c.address_hash == digest, rows.c.visitor_id != visitor.id
    for other in await tx.fetch_all(sa.select(rows).where(*same)):
        await _end(tx, other, "moved")
    named = f"{visitor.id}.{customer_id[-8:]}"
    before = await tx.fetch_one(sa.select(rows).where(_of(tx, visitor.id)))
    if before is not None and before["named"] != named:
        await _end(tx, before, "moved")
    values = {
        **given,
        "visitor_id": visitor.id,
        "tenant_id": tx.tenant_id,
        "firm_id": widget.firm_id,
        "widget_key": widget.key,
        "customer_id": customer_id,
        "named": named,
        "address_hash": digest,
        "page": given["page"][:PAGE_MAX],
        "accepted_at": to_datetime(tx.now),
        "ended_at": None,
        "ended_by": None,
    }
    fresh = insert(rows).values(values)
    changed = {name: fresh.excluded[name] for name in values if name not in ("visitor_id", "tenant_id")}
    await tx.execute(fresh.on_conflict_do_update(index_elements=[rows.c.visitor_id], set_=changed))
    value = address_value(widget.key, named)
    await customers.identify(tx, customer_id, kind=EXTERNAL, value=value, verified=True)
    await consent.opt_in(tx, firm_id=widget.firm_id, kind=EXTERNAL, value=value)


async def take_back(tx: Tx, visitor: Visitor) -> None:
    """He wants to be told no more; repeating changes nothing."""
    await end(tx, visitor.id, "visitor")


async def end(tx: Tx, visitor_id: str, by: str) -> None:
    """Nobody is told there any more. `by`: visitor (he took it back), gone (the push service), moved (another uses it)."""
    row = await tx.fetch_one(sa.select(rows).where(_of(tx, visitor_id), rows.c.ended_at.is_(None)))
    if row is not None:
        await _end(tx, row, by)


async def browser_of(tx: Tx, visitor_id: str) -> VisitorBrowser | None:
    """Where this visitor is told, if he accepted."""
    row = await tx.fetch_one(sa.select(rows).where(_of(tx, visitor_id), rows.c.ended_at.is_(None)))
    return _browser(row) if row is not None else None


async def browsers_in(tx: Tx, conversation_id: str) -> list[VisitorBrowser]:
    """The visitors whose page shows this conversation, of those who accepted."""
    here = sa.select(visitors.c.id).where(
        visitors.c.tenant_id == tx.tenant_id, visitors.c.conversation_id == conversation_id
    )
    query = sa.select(rows).where(
        rows.c.tenant_id == tx.tenant_id, rows.c.ended_at.is_(None), rows.c.visitor_id.in_(here)
    )
    return [_browser(row) for row in await tx.fetch_all(query)]


async def text_of(tx: Tx, message_id: str) -> str:
    """What a message says; empty when it is gone."""
    message = await queries.message(tx, message_id)
    return message.text if message is not None else ""


async def erase(tx: Tx, visitor_ids: list[str]) -> None:
    """Forget these visitors' browsers."""
    await tx.execute(rows.delete().where(rows.c.tenant_id == tx.tenant_id, rows.c.visitor_id.in_(visitor_ids)))


def address_value(widget_key: str, named: str) -> str:
    """The customer's address of this browser."""
    return f"{CHANNEL}:{widget_key}:{named}"


async def _end(tx: Tx, row: RowMapping, by: str) -> None:
    values: dict[str, Any] = {"address_hash": None, "address": None, "public_key": None, "secret": None}
    await tx.execute(
        rows.update().where(_of(tx, row["visitor_id"])).values(ended_at=to_datetime(tx.now), ended_by=by, **values)
    )
    await consent.opt_out(
        tx,
        firm_id=row["firm_id"],
        kind=EXTERNAL,
        value=address_value(row["widget_key"], row["named"]),
        customer_id=await standing(tx, row["customer_id"]),
        channel=CHANNEL,
        word=by,
        message_id="",
    )


def _of(tx: Tx, visitor_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(rows.c.tenant_id == tx.tenant_id, rows.c.visitor_id == visitor_id)


def _browser(row: RowMapping) -> VisitorBrowser:
    names = [name for name in VisitorBrowser.__dataclass_fields__ if name != "id"]
    return VisitorBrowser(id=row["visitor_id"], **{name: row[name] for name in names})

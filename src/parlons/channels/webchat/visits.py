"""Visits: begun by consent or by writing, proven by a token, bound to a customer once one is needed, ended and forgotten.

A visitor becomes a customer of the firm when he writes, or when the site vouches for him. Until then only his pages are
known, under his visitor id. Each function runs in its caller's transaction.
"""

from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from parlons.channels.webchat import tokens
from parlons.channels.webchat.errors import IdentityNotProven, NoVisit
from parlons.channels.webchat.model import Visitor, Widget
from parlons.channels.webchat.rows import visitor_of
from parlons.channels.webchat.store import visitor_sessions, visitors
from parlons.channels.webchat.views import status_of
from parlons.conversations import commands as conversations
from parlons.conversations import queries
from parlons.customers import commands as customers
from parlons.customers.merging import standing
from parlons.customers.model import EMAIL, EXTERNAL, WEBCHAT, Customer
from parlons.kit import ids
from parlons.kit.clock import to_datetime
from parlons.runtime.db import Tx

Consent = Literal["writing", "given"]
PAGE_TITLE_MAX, PAGE_PATH_MAX = 200, 300


@dataclass(frozen=True, slots=True)
class Begun:
    """A visit that has just begun; the token is shown once and only its session is stored."""

    visitor: Visitor
    token: str


@dataclass(frozen=True, slots=True)
class Page:
    """The page a visitor looks at, as the shop describes it."""

    path: str
    title: str
    product: dict[str, str]


async def start_visit(tx: Tx, widget: Widget, *, consent: Consent, language: str) -> Begun:
    """A new visitor of this widget."""
    visitor = Visitor(tx.new_id(ids.VISITOR), widget.id, widget.firm_id, language)
    await tx.execute(
        visitors.insert().values(
            id=visitor.id,
            tenant_id=tx.tenant_id,
            widget_id=widget.id,
            firm_id=widget.firm_id,
            language=language,
            consent=consent,
            created_at=to_datetime(tx.now),
        )
    )
    return await _session(tx, widget, visitor)


async def visitor_of_token(tx: Tx, widget: Widget, token: str, *, lock: bool = False) -> Visitor:
    """The visitor behind a token of this widget; raises NoVisit. `lock` gives his steps one order."""
    session_id = tokens.session_of(widget.token_key, token)
    if session_id is None:
        raise NoVisit
    live = sa.select(visitor_sessions.c.visitor_id).where(
        visitor_sessions.c.tenant_id == tx.tenant_id,
        visitor_sessions.c.id == session_id,
        visitor_sessions.c.revoked_at.is_(None),
    )
    query = sa.select(visitors).where(
        visitors.c.tenant_id == tx.tenant_id, visitors.c.widget_id == widget.id, visitors.c.id.in_(live)
    )
    row = await tx.fetch_one(query.with_for_update() if lock else query)
    if row is None:
        raise NoVisit
    return visitor_of(row)


async def end_visit(tx: Tx, visitor: Visitor) -> None:
    """Consent is withdrawn or the user logs out: every token of this visitor is revoked, his page is looked at no more.

    Who waited, and cannot come back by a log-in of the site, could never read an answer: his conversation is closed."""
    await _revoke(tx, visitor)
    whose = visitor.customer_id and await standing(tx, visitor.customer_id)
    await conversations.left_site(tx, customer_id=whose, visitor_id=visitor.id)
    if visitor.conversation_id is not None and visitor.external_id is None and not visitor.kept:
        found = await queries.conversation(tx, visitor.conversation_id)
        if found is not None and status_of(found) == "waiting":
            await conversations.close(tx, found.id, by="customer")


async def identify(
    tx: Tx, widget: Widget, visitor: Visitor, token: str, *, user_id: str, email: str, name: str, signature: str
) -> Begun:
    """The site vouches that this visitor is its user; raises IdentityNotProven. Said again, it changes nothing.

    Another user on the same browser becomes a visitor of his own, so that nobody reads the chat of the one before. Tokens of
    the time before he was known are revoked: somebody else may have planted one."""
    if not tokens.identity_proven(widget.identity_secret, user_id, email, signature):
        raise IdentityNotProven
    if visitor.external_id == user_id:
        return Begun(visitor, token)
    if visitor.external_id not in (None, user_id):
        await end_visit(tx, visitor)
        visitor = (await start_visit(tx, widget, consent="given", language=visitor.language)).visitor
    customer = await _proven(tx, widget, visitor, EXTERNAL, user_id)
    if email:
        await customers.identify(tx, customer.id, kind=EMAIL, value=email, verified=True)
    if name and not customer.name:
        await customers.update_customer(tx, customer.id, name=name)
        await conversations.customer_changed(tx, customer.id)
    other = visitor.customer_id is None or customer.id != await standing(tx, visitor.customer_id)
    known = await _update(
        tx,
        visitor,
        customer_id=customer.id,
        external_id=user_id,
        conversation_id=None if other else visitor.conversation_id,
    )
    await customers.adopt_touches(tx, visitor.id, customer.id)
    await _revoke(tx, known)
    return await _session(tx, widget, known)


async def customer_of(tx: Tx, widget: Widget, visitor: Visitor) -> tuple[Visitor, str]:
    """The visitor with his customer, made now when there is none yet."""
    if visitor.customer_id is not None:
        return visitor, await standing(tx, visitor.customer_id)
    customer = await _find(tx, widget, visitor, WEBCHAT, visitor.id)
    await customers.adopt_touches(tx, visitor.id, customer.id)
    return await _update(tx, visitor, customer_id=customer.id), customer.id


async def remember(tx: Tx, visitor: Visitor, **known: Any) -> Visitor:
    """Keep what is known of his chat: `conversation_id`, `best_position` he was told, `kept`. The same again writes nothing."""
    if all(getattr(visitor, name) == value for name, value in known.items()):
        return visitor
    return await _update(tx, visitor, **known)


async def see_page(tx: Tx, widget: Widget, visitor: Visitor, page: Page) -> None:
    """He looks at this page now."""
    await conversations.page_seen(
        tx,
        workspace_id=widget.workspace_id,
        firm_id=widget.firm_id,
        customer_id=visitor.customer_id and await standing(tx, visitor.customer_id),
        visitor_id=visitor.id,
        url=page.path[:PAGE_PATH_MAX],
        title=page.title[:PAGE_TITLE_MAX],
        product=page.product,
    )


async def _revoke(tx: Tx, visitor: Visitor) -> None:
    await tx.execute(
        visitor_sessions.update()
        .where(visitor_sessions.c.tenant_id == tx.tenant_id, visitor_sessions.c.visitor_id == visitor.id)
        .values(revoked_at=to_datetime(tx.now))
    )


async def _proven(tx: Tx, widget: Widget, visitor: Visitor, kind: str, value: str) -> Customer:
    if visitor.customer_id is not None:
        return await customers.identify(
            tx, await standing(tx, visitor.customer_id), kind=kind, value=value, verified=True
        )
    return await _find(tx, widget, visitor, kind, value)


async def _find(tx: Tx, widget: Widget, visitor: Visitor, kind: str, value: str) -> Customer:
    return await customers.find_or_create_by_address(
        tx,
        workspace_id=widget.workspace_id,
        firm_id=widget.firm_id,
        kind=kind,
        value=value,
        verified=True,
        language=visitor.language,
    )


async def _session(tx: Tx, widget: Widget, visitor: Visitor) -> Begun:
    session_id = tx.new_id(ids.SESSION)
    await tx.execute(
        visitor_sessions.insert().values(
            id=session_id, tenant_id=tx.tenant_id, visitor_id=visitor.id, created_at=to_datetime(tx.now)
        )
    )
    return Begun(visitor, tokens.visitor_token(widget.token_key, session_id))


async def _update(tx: Tx, visitor: Visitor, **values: Any) -> Visitor:
    where = (visitors.c.tenant_id == tx.tenant_id, visitors.c.id == visitor.id)
    row = await tx.fetch_one(visitors.update().where(*where).values(**values).returning(visitors))
    assert row is not None
    return visitor_of(row)

"""What is read of visitors."""

import sqlalchemy as sa

from parlons.channels.webchat.model import Visitor
from parlons.channels.webchat.rows import visitor_of
from parlons.channels.webchat.store import visitor_sessions, visitors
from parlons.runtime.db import Tx


async def visitor_by_id(tx: Tx, visitor_id: str) -> Visitor | None:
    """The visitor, while one of his sessions is alive."""
    live = sa.select(visitor_sessions.c.visitor_id).where(
        visitor_sessions.c.tenant_id == tx.tenant_id,
        visitor_sessions.c.visitor_id == visitor_id,
        visitor_sessions.c.revoked_at.is_(None),
    )
    row = await tx.fetch_one(
        sa.select(visitors).where(
            visitors.c.tenant_id == tx.tenant_id, visitors.c.id == visitor_id, visitors.c.id.in_(live)
        )
    )
    return visitor_of(row) if row else None


async def customers_of_widget(tx: Tx, customer_id: str) -> list[str]:
    """The visitors who are this customer: what erasing him must forget."""
    rows = await tx.fetch_all(
        sa.select(visitors.c.id).where(visitors.c.tenant_id == tx.tenant_id, visitors.c.customer_id == customer_id)
    )
    return [row["id"] for row in rows]


async def file_visible(tx: Tx, visitor: Visitor, owner_id: str) -> bool:
    """Whether a file is the visitor's to fetch: it belongs to him, his customer or his conversation."""
    return owner_id in {visitor.id, visitor.customer_id, visitor.conversation_id}

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

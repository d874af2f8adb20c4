"""What erasing a customer means here: his visits end, and nothing says any more whose they were."""

import sqlalchemy as sa

from parlons.channels.webchat.store import visitor_sessions, visitors
from parlons.kit.clock import to_datetime
from parlons.runtime.db import Tx


async def erase_visitors(tx: Tx, customer_id: str) -> list[str]:
    """Revoke and detach the visits of this customer; returns their ids, under which his pages were told. Repeatable."""
    his = (visitors.c.tenant_id == tx.tenant_id, visitors.c.customer_id == customer_id)
    found = [row["id"] for row in await tx.fetch_all(sa.select(visitors.c.id).where(*his).order_by(visitors.c.id))]
    await tx.execute(
        visitor_sessions.update()
        .where(visitor_sessions.c.tenant_id == tx.tenant_id, visitor_sessions.c.visitor_id.in_(found))
        .values(revoked_at=to_datetime(tx.now))
    )
    await tx.execute(visitors.update().where(*his).values(conversation_id=None, external_id=None, language="en"))
    return found

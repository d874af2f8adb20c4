"""What erasing a customer empties here: his words. That he was asked, and the figure he gave, stay."""

from collections.abc import Sequence

from parlons.kit.clock import to_datetime
from parlons.runtime.db import Tx
from parlons.surveys.store import invitations


async def erase_answers(tx: Tx, customer_ids: Sequence[str]) -> None:
    """No word of theirs is kept, and no link of theirs opens any more."""
    his = (invitations.c.tenant_id == tx.tenant_id, invitations.c.customer_id.in_(list(customer_ids)))
    now = to_datetime(tx.now)
    await tx.execute(invitations.update().where(*his).values(comment="", expires_at=now))

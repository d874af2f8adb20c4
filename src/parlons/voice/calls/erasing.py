"""Erasing a customer from calls: numbers, names and what was said go; that there was a call, when and how long, stays.

Recordings are files of the conversation and go with it (`Files.delete_of`); their rows go here. A call that lives is hung up by
its task's end; its row is emptied when it has ended, by whoever erases again.
"""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from parlons.runtime.db import Tx
from parlons.voice.calls.model import from_row, to_row
from parlons.voice.calls.store import callbacks, calls, recordings


async def erase_calls(tx: Tx, customer_ids: Sequence[str], conversation_ids: Sequence[str]) -> list[str]:
    """Empties the calls of these customers and conversations; returns their ids."""
    mine = sa.and_(
        calls.c.tenant_id == tx.tenant_id,
        sa.or_(calls.c.customer_id.in_(customer_ids), calls.c.conversation_id.in_(conversation_ids)),
    )
    rows = await tx.fetch_all(sa.select(calls.c.id, calls.c.body).where(mine))
    for row in rows:
        call = from_row(row["body"])
        parties = [
            msgspec.structs.replace(one, label="" if one.kind in ("customer", "outside") else one.label)
            for one in call.parties
        ]
        bare = msgspec.structs.replace(
            call, from_number="", customer_name="", captions=[], parties=parties, transfer=None, web_token=None
        )
        await tx.execute(calls.update().where(calls.c.id == row["id"]).values(body=to_row(bare)))
    of_conversation = (recordings.c.tenant_id == tx.tenant_id, recordings.c.conversation_id.in_(conversation_ids))
    await tx.execute(recordings.delete().where(*of_conversation))
    asked = (callbacks.c.tenant_id == tx.tenant_id, callbacks.c.customer_id.in_(customer_ids))
    await tx.execute(callbacks.delete().where(*asked))
    return [row["id"] for row in rows]

"""Who wants no messages at an address: the ledger, each entry with its proof (the word, the message, the moment).

An entry holds until the same address takes it back; both stay in the ledger. It concerns one address of one firm, on every
channel that writes to it. What counts as such a word, and what is answered, is the channels' business. Erasing a customer keeps
the entry, under a digest of the address: forgetting that somebody wants no messages would be the opposite of what he asked for
(GDPR art. 17(3)(b), 21(3)).
"""

import hashlib

import sqlalchemy as sa

from parlons.customers.store import opt_outs
from parlons.kit.clock import to_datetime
from parlons.runtime.db import Tx
from parlons.runtime.prepared import Prepared


async def opt_out(
    tx: Tx, *, firm_id: str, kind: str, value: str, customer_id: str, channel: str, word: str, message_id: str
) -> bool:
    """No messages to this address from now on; False when it was so already."""
    if await opted_out(tx, firm_id=firm_id, kind=kind, value=value):
        return False
    row = {
        "tenant_id": tx.tenant_id,
        "firm_id": firm_id,
        "kind": kind,
        "value": _digest(value),
        "customer_id": customer_id,
        "channel": channel,
        "word": word[:40],
        "message_id": message_id,
        "at": to_datetime(tx.now),
    }
    await tx.execute(opt_outs.insert().values(row))
    return True


async def opt_in(tx: Tx, *, firm_id: str, kind: str, value: str) -> bool:
    """Messages are welcome again; False when they were."""
    done = await tx.execute(
        opt_outs.update().where(_open(tx, firm_id, kind, value)).values(ended_at=to_datetime(tx.now))
    )
    return done.rowcount > 0


_OPTED_OUT = Prepared(
    sa.select(opt_outs.c.at)
    .where(
        opt_outs.c.tenant_id == sa.bindparam("tenant"),
        opt_outs.c.firm_id == sa.bindparam("firm"),
        opt_outs.c.kind == sa.bindparam("of_kind"),
        opt_outs.c.value == sa.bindparam("digest"),
        opt_outs.c.ended_at.is_(None),
    )
    .limit(1)
)


async def opted_out(tx: Tx, *, firm_id: str, kind: str, value: str) -> bool:
    """Whether this address wants none."""
    return bool(await tx.run(_OPTED_OUT, tenant=tx.tenant_id, firm=firm_id, of_kind=kind, digest=_digest(value)))


def proofs(tenant_id: str) -> sa.Select[tuple[str]]:
    """Ids of the messages by which somebody asked for silence, whether it still holds or not."""
    c = opt_outs.c
    return sa.select(c.message_id).where(c.tenant_id == tenant_id, c.message_id.is_not(None), c.message_id != "")


def _open(tx: Tx, firm_id: str, kind: str, value: str) -> sa.ColumnElement[bool]:
    c = opt_outs.c
    here = sa.and_(c.tenant_id == tx.tenant_id, c.firm_id == firm_id, c.kind == kind, c.value == _digest(value))
    return sa.and_(here, c.ended_at.is_(None))


def _digest(value: str) -> str:
    """The address in a form that can be compared and not read."""
    return hashlib.sha256(f"parlons consent\0{value}".encode()).hexdigest()

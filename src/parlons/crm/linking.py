"""Which record is a customer's, and what he takes over of it each time it is seen."""

import contextlib
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.crm.fields import taken
from parlons.crm.model import Link
from parlons.crm.store import links, read_link, read_links, writes
from parlons.crm.systems import Opened
from parlons.customers import queries as customers
from parlons.customers.commands import update_customer
from parlons.customers.lookups.plugin import Record
from parlons.customers.model import InvalidCustomer
from parlons.kit.clock import to_datetime
from parlons.runtime.db import Tx


async def relink(tx: Tx, opened: Opened, customer_id: str, record: Record) -> None:
    """This record is his, and stands so now; what changed there he takes over where ours says nothing else."""
    before = await read_link(tx, opened.row.id, customer_id)
    same = before is not None and before.record_id == record.id
    values = {"record_id": record.id, "values": record.values, "url": record.url, "read_at": to_datetime(tx.now)}
    own = {"tenant_id": tx.tenant_id, "lookup_id": opened.row.id, "customer_id": customer_id}
    statement = insert(links).values(**own, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["lookup_id", "customer_id"], set_=values))
    customer = await customers.customer(tx, customer_id)
    if customer is None or customer.erased_at is not None:
        return
    known = before.values if same and before is not None else {}
    if change := taken(opened.fields, customer, known, record.values):
        with contextlib.suppress(InvalidCustomer):  # a name too long for us stays theirs, and is shown as a difference
            await update_customer(tx, customer_id, **change)


async def unlink(tx: Tx, lookup_id: str, customer_id: str) -> None:
    """No record is his."""
    c = links.c
    mine = sa.and_(c.tenant_id == tx.tenant_id, c.lookup_id == lookup_id, c.customer_id == customer_id)
    await tx.execute(links.delete().where(mine))


async def links_to(tx: Tx, lookup_id: str, record_ids: Sequence[str]) -> list[Link]:
    """The links to these records, in order of their customers."""
    c = links.c
    return await read_links(tx, c.lookup_id == lookup_id, c.record_id.in_(list(record_ids)))


async def known_to(tx: Tx, lookup_id: str, record_ids: Sequence[str]) -> list[str]:
    """Those of these records that are somebody's here; no link is kept to this transaction."""
    c = links.c
    mine = (c.tenant_id == tx.tenant_id, c.lookup_id == lookup_id, c.record_id.in_(list(record_ids)))
    return [row["record_id"] for row in await tx.fetch_all(sa.select(c.record_id).where(*mine).distinct())]


async def erase(tx: Tx, people: list[str]) -> None:
    """Nothing is kept here of what a customer system says of them; what stands there is that system's."""
    for table in (links, writes):
        await tx.execute(table.delete().where(table.c.tenant_id == tx.tenant_id, table.c.customer_id.in_(people)))

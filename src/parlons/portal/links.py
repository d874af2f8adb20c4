"""Links to a customer's page: signed, of one customer, with an end, revocable. The address holds no value of his.

The token names a row; the row says whose it is and until when. Who was merged is who he is now; who was erased has no page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from parlons.customers.commands import CustomerErased, UnknownCustomer
from parlons.customers.merging import one_person, standing_customer
from parlons.customers.model import Customer
from parlons.kit.clock import Millis, from_datetime, to_datetime
from parlons.kit.errors import TooMany
from parlons.kit.ids import CUSTOMER_LINK
from parlons.portal.store import customer_links as table
from parlons.runtime.db import Tx
from parlons.runtime.signed_ids import SignedLinks, signed_ids

PATH = "/me/"
DAY_MS = 86_400_000
DAYS, MOST_DAYS = 30, 90
MOST_A_DAY = 20
"""Links of one customer made within a day."""


class TooManyLinks(TooMany):
    """This customer was given many links today; use one of those."""

    code = "too-many-links"


def open_links(secret: bytes, base: str) -> SignedLinks:
    """`secret`: the bytes of secret.key; `base`: the public address of this server."""
    return SignedLinks(signed_ids(secret, "customer page", CUSTOMER_LINK, 10), base.rstrip("/"), PATH)


@dataclass(frozen=True, slots=True)
class Link:
    """One link."""

    id: str
    workspace_id: str
    firm_id: str
    customer_id: str
    expires_at: Millis


async def make(tx: Tx, customer_id: str, *, workspace_id: str, by: str, days: int = DAYS) -> Link:
    """A new link for him. Raises UnknownCustomer, CustomerErased, TooManyLinks."""
    customer = await standing_customer(tx, customer_id)
    await tx.alone(f"customer link\n{tx.tenant_id}\n{customer.id}")
    his = sa.and_(table.c.tenant_id == tx.tenant_id, table.c.customer_id == customer.id)
    since = to_datetime(tx.now - DAY_MS)
    today = await tx.scalar(sa.select(sa.func.count()).select_from(table).where(his, table.c.made_at > since))
    if today >= MOST_A_DAY:
        raise TooManyLinks
    expires_at = Millis(tx.now + days * DAY_MS)
    made = Link(tx.new_id(CUSTOMER_LINK), workspace_id, customer.firm_id, customer.id, expires_at)
    await tx.execute(
        table.insert().values(
            id=made.id,
            tenant_id=tx.tenant_id,
            workspace_id=workspace_id,
            firm_id=made.firm_id,
            customer_id=made.customer_id,
            made_at=to_datetime(tx.now),
            made_by=by,
            expires_at=to_datetime(expires_at),
        )
    )
    return made


async def revoke(tx: Tx, customer_ids: Sequence[str]) -> int:
    """No link of theirs opens any more; how many did."""
    his = sa.and_(table.c.tenant_id == tx.tenant_id, table.c.customer_id.in_(list(customer_ids)))
    holds = sa.and_(table.c.revoked_at.is_(None), table.c.expires_at > to_datetime(tx.now))
    done = await tx.execute(table.update().where(his, holds).values(revoked_at=to_datetime(tx.now)))
    return done.rowcount


async def revoke_of(tx: Tx, customer_id: str) -> int:
    """The same of one person, whoever he was before."""
    return await revoke(tx, await one_person(tx, customer_id))


async def tenant_of(system: Tx, link_id: str) -> str | None:
    """Whose link this is, in a transaction of the system."""
    found: str | None = await system.scalar(sa.select(table.c.tenant_id).where(table.c.id == link_id))
    return found


async def opened(tx: Tx, link_id: str) -> tuple[Link, Customer] | None:
    """The link and whose page it is; None: it is over."""
    row = await tx.fetch_one(sa.select(table).where(table.c.tenant_id == tx.tenant_id, table.c.id == link_id))
    if row is None or row["revoked_at"] is not None or from_datetime(row["expires_at"]) <= tx.now:
        return None
    try:
        customer = await standing_customer(tx, row["customer_id"])
    except (UnknownCustomer, CustomerErased):
        return None
    end = from_datetime(row["expires_at"])
    return Link(row["id"], row["workspace_id"], row["firm_id"], customer.id, end), customer

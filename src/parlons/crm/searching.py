"""Whom a customer system knows under the addresses of our customer."""

from collections.abc import Sequence

from parlons.crm.systems import Opened
from parlons.customers.lookups.plugin import Record
from parlons.customers.model import EMAIL, PHONE, Customer

MOST = 4
"""Addresses that are tried, the proven ones first."""


async def find_all(opened: Opened, customer: Customer) -> Sequence[Record]:
    """Those with the first of his addresses that leads to somebody, each once."""
    known = [one for one in customer.addresses if one.kind in (EMAIL, PHONE)]
    for address in sorted(known, key=lambda one: not one.verified)[:MOST]:
        found = await opened.adapter.find(opened.system, address.kind, address.value)
        if found:
            return list({one.id: one for one in found}.values())
    return []


def findable(customer: Customer) -> bool:
    """Whether he has an address by which he can be looked for."""
    return any(one.kind in (EMAIL, PHONE) for one in customer.addresses)

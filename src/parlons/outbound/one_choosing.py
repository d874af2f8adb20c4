"""By which account and to which address a single message goes: what the caller named, else what the customer prefers.

Of what can carry the text: an address that has not asked for silence, a window that is open, an address he has proven, then the
channel he prefers, the one he wrote on last, and text messages before mails. The order is made of values (`order`), the values
are read here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from parlons.channels.model import Account
from parlons.channels.outgoing import known_addresses, window_of
from parlons.channels.post import Post
from parlons.conversations import queries
from parlons.customers import consent, segments
from parlons.customers import queries as customers
from parlons.outbound.laying import kinds_of
from parlons.outbound.one_model import WRITTEN_FIRST, NoWayThere, Wanted, fitted
from parlons.runtime.db import Tx

PREFERS = "preferred_channel"
"""The attribute of a customer that names the channel he wants to be written to on."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One way, as far as it matters here."""

    account: Account
    kind: str
    value: str
    silent: bool
    closed: bool
    """Only an approved text could be sent there now."""
    claimed: bool
    """He says that it is his; nobody has proven it."""


def order(one: Choice, preferred: str | None, last: str | None) -> tuple[bool, bool, bool, bool, bool, int, str]:
    """The smallest is taken. `preferred`: a channel; `last`: the account he wrote to."""
    name = one.account.channel
    place = WRITTEN_FIRST.index(name) if name in WRITTEN_FIRST else len(WRITTEN_FIRST)
    return (one.silent, one.closed, one.claimed, name != preferred, one.account.id != last, place, one.account.key)


async def choose(tx: Tx, post: Post, firm_id: str, customer_id: str | None, wanted: Wanted) -> Choice:
    """The way for this message now; raises NoWayThere."""
    customer = await customers.customer(tx, customer_id) if customer_id else None
    if wanted.address is not None:
        addresses = [wanted.address]
    else:
        addresses = await known_addresses(tx, customer_id) if customer_id else []
    present = await queries.latest_of_customer(tx, customer.id, firm_id) if customer else None
    proven = {(one.kind, one.value) for one in customer.addresses if one.verified} if customer else set()
    found = await _choices(tx, post, firm_id, customer_id, wanted, addresses, proven)
    if not found:
        raise NoWayThere
    preferred = str(customer.attributes.get(PREFERS) or "") if customer else ""
    return min(found, key=lambda one: order(one, preferred or None, present.account_id if present else None))


async def owner_of(tx: Tx, firm_id: str, address: tuple[str, str]) -> str | None:
    """The customer of an address: who has proven it, else its only claimant."""
    assert tx.tenant_id is not None
    kind, value = sa.literal(address[0]), sa.literal(address[1])
    found = await tx.scalar(sa.select(segments.owner(tx.tenant_id, firm_id, kind, value)))
    return str(found) if found else None


async def _choices(
    tx: Tx, post: Post, firm_id: str, customer_id: str | None, wanted: Wanted, addresses: Sequence[tuple[str, str]],
    proven: set[tuple[str, str]],
) -> list[Choice]:  # fmt: skip
    assert tx.tenant_id is not None
    found = []
    for account in await post.accounts.of_tenant(tx.tenant_id, firm_id):
        if wanted.channel not in (None, account.channel) or wanted.account_id not in (None, account.id):
            continue
        channel = post.channels[account.channel]
        able = channel.capabilities(account)
        if not able.sends or able.public or fitted(wanted.texts, able) is None:
            continue
        kinds = kinds_of(channel, account)
        for kind, value in addresses:
            if kind not in kinds or channel.reach(account, kind, value) is None:
                continue
            silent = await consent.opted_out(tx, firm_id=firm_id, kind=kind, value=value)
            closed = able.reply_window is not None and not await _open(tx, post, account, customer_id, wanted)
            found.append(Choice(account, kind, value, silent, closed, (kind, value) not in proven))
    return found


async def _open(tx: Tx, post: Post, account: Account, customer_id: str | None, wanted: Wanted) -> bool:
    if any(one.template for one in wanted.texts.values()):
        return True
    last = await queries.last_of_customer_by_account(tx, customer_id, account.id) if customer_id else None
    able = post.channels[account.channel].capabilities(account)
    until = window_of(able.reply_window, last.at if last else None)
    return until is None or until > tx.now

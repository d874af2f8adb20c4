"""Which customers of a firm are meant by a segment, as one statement that other rooms insert from; and who owns an address.

Nothing is read here: a hundred thousand customers are laid down elsewhere by INSERT ... SELECT. Of a customer's addresses that
fit, a proven one counts before a claimed one, then the oldest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from parlons.customers.model import EXTERNAL
from parlons.customers.store import addresses, customers, opt_outs

CONSENT = b"parlons consent\0"


@dataclass(frozen=True, slots=True)
class Segment:
    """Who of a firm's customers; every part narrows, an empty one does not."""

    languages: tuple[str, ...] = ()
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Values that an attribute may have, compared as text."""
    proven: bool = False
    """Only addresses their owner has proven."""


def members(tenant_id: str, firm_id: str, segment: Segment, *, kinds: Sequence[str], lead: str) -> sa.Select[Any]:
    """customer_id, kind, value, name, language, country of each member who has an address of `kinds`; an external address
    counts if it begins with `lead`. One row a customer."""
    c, a = customers.c, addresses.c
    fits: sa.ColumnElement[bool] = a.kind.in_([kind for kind in kinds if kind != EXTERNAL])
    if EXTERNAL in kinds:
        fits = sa.or_(fits, sa.and_(a.kind == EXTERNAL, a.value.startswith(lead, autoescape=True)))
    where = [
        c.tenant_id == tenant_id, c.firm_id == firm_id, c.erased_at.is_(None), c.merged_into.is_(None),
        a.tenant_id == tenant_id, fits,
    ]  # fmt: skip
    if segment.languages:
        where.append(sa.func.lower(sa.func.left(c.language, 2)).in_([one[:2].lower() for one in segment.languages]))
    for name, values in segment.attributes.items():
        where.append(c.attributes[name].astext.in_(list(values)))
    if segment.proven:
        where.append(a.verified)
    country = sa.func.coalesce(c.attributes["country"].astext, "")
    query = sa.select(c.id.label("customer_id"), a.kind, a.value, c.name, c.language, sa.func.left(country, 2))
    ordered = query.join(addresses, a.customer_id == c.id).where(*where).ext(distinct_on(c.id))
    return ordered.order_by(c.id, a.verified.desc(), a.created_at, a.id)


def owner(
    tenant_id: str, firm_id: str, kind: sa.ColumnElement[str], value: sa.ColumnElement[str]
) -> sa.ColumnElement[Any]:
    """The customer of an address as an expression: who has proven it, else its only claimant, else nobody."""
    a = addresses.alias()
    here = sa.and_(a.c.tenant_id == tenant_id, a.c.firm_id == firm_id, a.c.kind == kind, a.c.value == value)
    found = sa.select(a.c.customer_id).where(here, a.c.verified).correlate_except(a).scalar_subquery()
    claimed = sa.select(sa.func.min(a.c.customer_id)).where(here).correlate_except(a)
    only = claimed.having(sa.func.count(a.c.customer_id.distinct()) == 1).scalar_subquery()
    return sa.func.coalesce(found, only)


def wants_none(
    tenant_id: str, firm_id: str, kind: sa.ColumnElement[str], value: sa.ColumnElement[str]
) -> sa.ColumnElement[bool]:
    """Whether the owner of an address asked for silence, as an expression: `consent.opted_out` for many at once."""
    text = sa.func.convert_to(value, sa.literal("UTF8"))
    digest = sa.func.encode(sa.func.sha256(sa.literal(CONSENT, sa.LargeBinary).op("||")(text)), sa.literal("hex"))
    c = opt_outs.c
    here = sa.and_(c.tenant_id == tenant_id, c.firm_id == firm_id, c.kind == kind, c.value == digest)
    return sa.exists(sa.select(c.at).where(here, c.ended_at.is_(None)).correlate_except(opt_outs))

"""What changes customers: found or made by an address, named, touched, erased. Each runs inside its caller's transaction.

Decides who a verified address leads to and that a claim alone leads nowhere. Personal values travel in the private part of
events, keyed by the customer, so that erasing him empties them. Does not erase messages, tasks or files: `app.erasure`
walks the rooms.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from parlons.customers.model import (
    PAGE,
    Address,
    Card,
    Customer,
    InvalidCustomer,
    Touch,
    clean_name,
    customer_json,
    normal,
    touch_json,
)
from parlons.customers.store import (
    ADDRESSES,
    NEW_ADDRESS,
    NEW_CUSTOMER,
    NEW_TOUCH,
    OWNER_CLAIMED,
    OWNER_PROVEN,
    addresses,
    customer_of,
    customers,
    read_customer,
    touches,
)
from parlons.kit import ids
from parlons.kit.clock import Millis, to_datetime
from parlons.kit.errors import Conflict, NotFound
from parlons.runtime.db import Tx
from parlons.runtime.events import Audience, Event

MAX_TOUCH_TEXT = 2000
PERSONAL = ("name", "language", "attributes", "addresses")


class UnknownCustomer(NotFound):
    """There is no such customer."""

    code = "unknown-customer"


class CustomerErased(Conflict):
    """This customer was erased."""

    code = "customer-erased"


async def find_or_create_by_address(
    tx: Tx,
    *,
    workspace_id: str,
    firm_id: str,
    kind: str,
    value: str,
    verified: bool,
    name: str = "",
    language: str | None = None,
) -> Customer:
    """The customer of the firm whom this address leads to, else a new one with this address.

    A verified address leads to its one owner; an unverified one only to a customer who claimed it and has proven nothing
    else, so that typing somebody's mail address never opens that person's history. Concurrent calls meet in one row.
    """
    value = normal(kind, value)
    await _serialise(tx, f"{firm_id}\n{kind}\n{value}")
    found = await _owner(tx, firm_id, kind, value, verified=verified)
    if found is not None:
        tx.kept[Customer, found.id] = found
        return found
    customer_id = tx.new_id(ids.CUSTOMER)
    moment = to_datetime(tx.now)
    row: dict[str, Any] = {
        "id": customer_id,
        "tenant_id": tx.tenant_id,
        "workspace_id": workspace_id,
        "firm_id": firm_id,
        "name": clean_name(name),
        "language": language,
        "created_at": moment,
        "updated_at": moment,
    }
    tx.later(NEW_CUSTOMER, row)
    tx.kept[NEW_CUSTOMER, customer_id] = True
    address = await _insert_address(tx, customer_id, firm_id, kind, value, verified=verified)
    created = Customer(customer_id, firm_id, row["name"], language, {}, (address,), Millis(tx.now), None, 1)
    tx.kept[Customer, customer_id] = created
    _tell(tx, "customer.created", created, workspace_id)
    tx.kept.setdefault(Card, {})[customer_id] = Card(customer_id, created.name, created.reach(), None)
    return created


def is_new(tx: Tx, customer_id: str) -> bool:
    """Whether this transaction made him: nothing of his can be found yet."""
    return (NEW_CUSTOMER, customer_id) in tx.kept


async def identify(tx: Tx, customer_id: str, *, kind: str, value: str, verified: bool) -> Customer:
    """Note that `customer_id` has this address; returns the customer he turns out to be.

    When another customer has proven the address already and `verified` holds, that one is returned and nothing changes:
    the caller goes on with him. An address which he only claims is kept beside his others.
    """
    value = normal(kind, value)
    customer = await _locked(tx, customer_id)
    await _serialise(tx, f"{customer.firm_id}\n{kind}\n{value}")
    owner = await _owner(tx, customer.firm_id, kind, value, verified=True) if verified else None
    if owner is not None and owner.id != customer_id:
        return owner
    mine = next((a for a in customer.addresses if (a.kind, a.value) == (kind, value)), None)
    if mine is not None and (mine.verified or not verified):
        return customer
    if mine is None:
        await _insert_address(tx, customer_id, customer.firm_id, kind, value, verified=verified)
    else:
        await tx.execute(
            addresses.update().where(_here(tx, addresses), addresses.c.id == mine.id).values(verified=True)
        )
        _forget(tx, customer_id)
    return await _change(tx, customer_id)


async def update_customer(
    tx: Tx,
    customer_id: str,
    *,
    name: str | None = None,
    language: str | None = None,
    attributes: dict[str, Any] | None = None,
    version: int | None = None,
) -> Customer:
    """Change what is given; a `version` that is no longer the present one is refused."""
    customer = await _locked(tx, customer_id)
    if version is not None and version != customer.version:
        raise Conflict("Somebody changed this customer meanwhile.", version=customer.version)
    values: dict[str, Any] = {}
    if name is not None:
        values["name"] = clean_name(name)
    if language is not None:
        values["language"] = language[:35]
    if attributes is not None:
        if len(str(attributes)) > 20_000:
            raise InvalidCustomer("A customer's attributes are too long.", field="attributes")
        values["attributes"] = attributes
    if all(getattr(customer, key) == value for key, value in values.items()):
        return customer
    return await _change(tx, customer_id, **values)


async def record_touch(
    tx: Tx,
    *,
    workspace_id: str,
    firm_id: str,
    kind: str,
    data: dict[str, Any],
    customer_id: str | None = None,
    visitor_id: str | None = None,
    audience: Audience | None = None,
) -> Touch:
    """Keep one touch of a customer, or of a visitor nobody knows yet. A new page ends the one he looked at."""
    if customer_id is None and visitor_id is None:
        raise InvalidCustomer("A touch belongs to a customer or to a visitor.", field="customer_id")
    if kind == PAGE:
        await _end_pages(tx, customer_id, visitor_id)
    kept = {key: value[:MAX_TOUCH_TEXT] if isinstance(value, str) else value for key, value in data.items()}
    moment = to_datetime(tx.now)
    until = None if kind == PAGE else Millis(tx.now)
    touch = Touch(tx.new_id(ids.TOUCH), firm_id, customer_id, visitor_id, kind, kept, Millis(tx.now), until)
    row: dict[str, Any] = {
        "id": touch.id,
        "tenant_id": tx.tenant_id,
        "firm_id": firm_id,
        "customer_id": customer_id,
        "visitor_id": visitor_id,
        "kind": kind,
        "data": kept,
        "at": moment,
        "until": None if until is None else moment,
        "seen_at": moment,
    }
    if kind == PAGE:
        await tx.run(NEW_TOUCH, **row)  # at once: cards look for it, past what is kept back
        tx.kept.pop(Card, None)
    else:
        tx.later(NEW_TOUCH, row)
    _tell_touch(tx, workspace_id, touch, audience)
    return touch


def _tell_touch(tx: Tx, workspace_id: str, touch: Touch, audience: Audience | None = None) -> None:
    shown = touch_json(touch)
    private = {"touch": {"data": shown.pop("data")}}
    tx.publish(
        Event(
            workspace_id=workspace_id,
            type="touch.recorded",
            data={"customer_id": touch.customer_id, "visitor_id": touch.visitor_id, "touch": shown},
            firm_id=touch.firm_id,
            private=private,
            private_key=touch.customer_id or touch.visitor_id,
            audience=audience or Audience(firm_id=touch.firm_id),
        )
    )


async def record_touches(
    tx: Tx, *, workspace_id: str, kind: str, of: Sequence[tuple[str, str, dict[str, Any]]]
) -> None:
    """One touch each of many customers, by one statement: firm, customer, data. Pages are recorded one by one."""
    moment, rows = to_datetime(tx.now), []
    for firm_id, customer_id, data in of:
        touch = Touch(tx.new_id(ids.TOUCH), firm_id, customer_id, None, kind, data, Millis(tx.now), Millis(tx.now))
        row = {"id": touch.id, "tenant_id": tx.tenant_id, "firm_id": firm_id, "customer_id": customer_id, "kind": kind}
        rows.append({**row, "visitor_id": None, "data": data, "at": moment, "until": moment, "seen_at": moment})
        _tell_touch(tx, workspace_id, touch)
    await tx.run_each(NEW_TOUCH, rows)


async def leave_site(tx: Tx, *, customer_id: str | None = None, visitor_id: str | None = None) -> bool:
    """Nobody looks at a page any more; returns whether somebody did."""
    return await _end_pages(tx, customer_id, visitor_id)


async def leave_stale_page(tx: Tx, customer_id: str, *, before: int) -> bool:
    """The page he has looked at since before `before` (milliseconds) is taken for left; returns whether there was one."""
    where = sa.and_(
        _here(tx, touches),
        touches.c.customer_id == customer_id,
        touches.c.kind == PAGE,
        touches.c.until.is_(None),
        touches.c.at < to_datetime(before),
    )
    ended = await tx.execute(touches.update().where(where).values(until=to_datetime(tx.now)))
    tx.kept.pop(Card, None)
    return ended.rowcount > 0


async def adopt_touches(tx: Tx, visitor_id: str, customer_id: str) -> None:
    """What a visitor did before he was known becomes the customer's."""
    where = sa.and_(_here(tx, touches), touches.c.visitor_id == visitor_id, touches.c.customer_id.is_(None))
    await tx.execute(touches.update().where(where).values(customer_id=customer_id))
    tx.kept.pop(Card, None)


async def erase_customer(tx: Tx, customer_id: str) -> None:
    """Forget name, addresses, attributes and touches; the id stays, so that what refers to it still reads. Repeatable."""
    customer = await read_customer(tx, customer_id, lock=True)
    if customer is None:
        raise UnknownCustomer
    visitors = [a.value for a in customer.addresses if a.kind == "webchat"]
    his = sa.or_(touches.c.customer_id == customer_id, touches.c.visitor_id.in_(visitors))
    await tx.execute(touches.delete().where(_here(tx, touches), his))
    await tx.execute(addresses.delete().where(_here(tx, addresses), addresses.c.customer_id == customer_id))
    _forget(tx, customer_id)
    if customer.erased_at is None:
        gone: dict[str, Any] = {"name": "", "language": None, "attributes": {}, "erased_at": to_datetime(tx.now)}
        await _change(tx, customer_id, event="customer.erased", **gone)


async def _owner(tx: Tx, firm_id: str, kind: str, value: str, *, verified: bool) -> Customer | None:
    owner = OWNER_PROVEN if verified else OWNER_CLAIMED
    rows = await tx.run(owner, tenant=tx.tenant_id, of_firm=firm_id, of_kind=kind, of_value=value)
    return customer_of(rows[0], await tx.run(ADDRESSES, tenant=tx.tenant_id, of_id=rows[0]["id"])) if rows else None


async def _insert_address(tx: Tx, customer_id: str, firm_id: str, kind: str, value: str, *, verified: bool) -> Address:
    row: dict[str, Any] = {
        "id": tx.new_id(ids.ADDRESS),
        "tenant_id": tx.tenant_id,
        "firm_id": firm_id,
        "customer_id": customer_id,
        "kind": kind,
        "value": value,
        "verified": verified,
        "created_at": to_datetime(tx.now),
    }
    tx.later(NEW_ADDRESS, row)
    _forget(tx, customer_id)
    return Address(row["id"], kind, value, verified)


async def _end_pages(tx: Tx, customer_id: str | None, visitor_id: str | None) -> bool:
    who = touches.c.customer_id == customer_id if customer_id else touches.c.visitor_id == visitor_id
    where = sa.and_(_here(tx, touches), who, touches.c.kind == PAGE, touches.c.until.is_(None))
    ended = await tx.execute(touches.update().where(where).values(until=to_datetime(tx.now)))
    tx.kept.pop(Card, None)
    return ended.rowcount > 0


async def _locked(tx: Tx, customer_id: str) -> Customer:
    customer = await read_customer(tx, customer_id, lock=True)
    if customer is None:
        raise UnknownCustomer
    if customer.erased_at is not None:
        raise CustomerErased
    return customer


async def _change(tx: Tx, customer_id: str, *, event: str = "customer.updated", **values: Any) -> Customer:
    fresh = {"updated_at": to_datetime(tx.now), "version": customers.c.version + 1, **values}
    await tx.execute(customers.update().where(_here(tx, customers), customers.c.id == customer_id).values(**fresh))
    _forget(tx, customer_id)
    workspace_id = await tx.scalar(
        sa.select(customers.c.workspace_id).where(_here(tx, customers), customers.c.id == customer_id)
    )
    return await _publish(tx, event, customer_id, workspace_id)


async def _publish(tx: Tx, event: str, customer_id: str, workspace_id: str) -> Customer:
    customer = await read_customer(tx, customer_id)
    assert customer is not None
    _tell(tx, event, customer, workspace_id)
    return customer


def _forget(tx: Tx, customer_id: str) -> None:
    """What this transaction knew of him is no more."""
    tx.kept.pop(Card, None)
    tx.kept.pop((Customer, customer_id), None)


def _tell(tx: Tx, event: str, customer: Customer, workspace_id: str) -> None:
    customer_id = customer.id
    shown = customer_json(customer)
    private = {key: shown.pop(key) for key in PERSONAL}
    erased = customer.erased_at is not None
    tx.publish(
        Event(
            workspace_id=workspace_id,
            type=event,
            data={"customer": shown},
            firm_id=customer.firm_id,
            private=None if erased else {"customer": private},
            private_key=None if erased else customer_id,
            audience=Audience(firm_id=customer.firm_id),
        )
    )


async def _serialise(tx: Tx, key: str) -> None:
    """Hold back others who look for the same address until this transaction ends."""
    await tx.alone(f"{tx.tenant_id}\n{key}")


def _here(tx: Tx, table: sa.Table) -> sa.ColumnElement[bool]:
    return table.c.tenant_id == tx.tenant_id

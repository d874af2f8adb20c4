"""Customers on a real database: who an address leads to, what others may not learn, what an erasure leaves."""

import asyncio

import pytest

from parlons.customers import commands, queries
from parlons.customers.commands import CustomerErased
from parlons.customers.model import Customer, InvalidAddress, normal
from parlons.kit.errors import Conflict
from parlons.runtime.db import Database, Tx
from tests.conftest import StillClock

TENANT, OTHER, WORKSPACE, FIRM, SECOND = "AC1", "AC2", "WS1", "FI1", "FI2"


async def known(tx: Tx, value: str, *, kind: str = "email", verified: bool = True, firm_id: str = FIRM) -> Customer:
    return await commands.find_or_create_by_address(
        tx, workspace_id=WORKSPACE, firm_id=firm_id, kind=kind, value=value, verified=verified
    )


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("email", " Claire@Example.FR ", "claire@example.fr"),
        ("phone", "+33 (0)6-12.34.56/78", "+33612345678"),
        ("phone", "0612345678", None),
        ("phone", "00 33 6 12 34 56 78", "+33612345678"),
        ("email", "claire", None),
        ("webchat", "", None),
        ("fax", "1", None),
        ("external", "x" * 321, None),
    ],
)
def test_two_spellings_of_an_address_meet(kind: str, value: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(InvalidAddress):
            normal(kind, value)
    else:
        assert normal(kind, value) == expected


async def test_an_address_leads_to_one_customer_per_firm(database: Database) -> None:
    async with database.transaction(TENANT) as tx:
        first = await known(tx, "claire@example.fr")
        again = await known(tx, "CLAIRE@example.fr")
        elsewhere = await known(tx, "claire@example.fr", firm_id=SECOND)
    assert again.id == first.id
    assert elsewhere.id != first.id


async def test_concurrent_first_contacts_make_one_customer(database: Database) -> None:
    async def contact() -> str:
        async with database.transaction(TENANT) as tx:
            return (await known(tx, "claire@example.fr")).id

    assert len(set(await asyncio.gather(*(contact() for _ in range(6))))) == 1


async def test_a_claimed_address_opens_nobodys_history(database: Database) -> None:
    async with database.transaction(TENANT) as tx:
        owner = await known(tx, "claire@example.fr")
        claimer = await known(tx, "claire@example.fr", verified=False)
        visitor = await known(tx, "V1", kind="webchat")
        claiming = await commands.identify(tx, visitor.id, kind="email", value="claire@example.fr", verified=False)
        proving = await commands.identify(tx, visitor.id, kind="email", value="claire@example.fr", verified=True)
    assert claimer.id != owner.id
    assert claiming.id == visitor.id
    assert claiming.reach() == "claire@example.fr"
    assert proving.id == owner.id


async def test_a_claim_becomes_proof(database: Database) -> None:
    async with database.transaction(TENANT) as tx:
        visitor = await known(tx, "V1", kind="webchat")
        await commands.identify(tx, visitor.id, kind="external", value="42", verified=False)
        proven = await commands.identify(tx, visitor.id, kind="external", value="42", verified=True)
        found = await known(tx, "42", kind="external")
    assert found.id == visitor.id
    assert {(a.kind, a.verified) for a in proven.addresses} == {("webchat", True), ("external", True)}


async def test_a_change_decided_on_an_old_state_is_refused(database: Database) -> None:
    async with database.transaction(TENANT) as tx:
        customer = await known(tx, "claire@example.fr")
        named = await commands.update_customer(tx, customer.id, name=" Claire \n Dubois", version=customer.version)
        with pytest.raises(Conflict):
            await commands.update_customer(tx, customer.id, name="Klara", version=customer.version)
    assert named.name == "Claire Dubois"
    assert named.version == customer.version + 1


async def test_the_journey_shows_every_touch_and_the_page_of_now(database: Database, clock: StillClock) -> None:
    where = {"workspace_id": WORKSPACE, "firm_id": FIRM, "visitor_id": "V1"}
    async with database.transaction(TENANT) as tx:
        await commands.record_touch(tx, kind="page", data={"url": "/a", "title": "A"}, **where)
    clock.advance(1000)
    async with database.transaction(TENANT) as tx:
        customer = await known(tx, "V1", kind="webchat")
        await commands.adopt_touches(tx, "V1", customer.id)
        await commands.record_touch(
            tx, kind="page", data={"url": "/b", "title": "B" * 5000}, customer_id=customer.id, **where
        )
        walked = await queries.journey(tx, customer.id)
        card = (await queries.cards(tx, [customer.id]))[customer.id]
    assert [item["data"]["url"] for item in walked["items"]] == ["/b", "/a"]
    assert walked["items"][1]["until_at"] == walked["items"][0]["at"]
    assert walked["lives_on"]["url"] == "/b"
    assert card.lives_on == walked["lives_on"]
    assert len(walked["items"][0]["data"]["title"]) == 2000
    async with database.transaction(TENANT) as tx:
        assert await commands.leave_site(tx, customer_id=customer.id)
        assert not await commands.leave_site(tx, customer_id=customer.id)
        assert (await queries.journey(tx, customer.id))["lives_on"] is None


async def test_search_finds_names_and_addresses_of_ones_firms_only(database: Database) -> None:
    async with database.transaction(TENANT) as tx:
        customer = await known(tx, "claire@example.fr")
        await commands.update_customer(tx, customer.id, name="100% Dubois")
        await known(tx, "david@example.fr", firm_id=SECOND)
        for text, expected in [("claire@", 1), ("dubois", 1), ("100%", 1), ("%", 1), ("example", 2), ("", 2)]:
            assert len(await queries.search(tx, text=text, firm_ids=None, after=None, limit=9)) == expected, text
        mine = await queries.search(tx, text="example", firm_ids=frozenset({FIRM}), after=None, limit=9)
    assert [found.id for found in mine] == [customer.id]


async def test_another_tenant_sees_nothing(database: Database) -> None:
    async with database.transaction(TENANT) as tx:
        customer = await known(tx, "claire@example.fr")
    async with database.transaction(OTHER) as tx:
        assert await queries.customer(tx, customer.id) is None
        assert (await known(tx, "claire@example.fr")).id != customer.id


async def test_erasing_leaves_an_id_and_nothing_else(database: Database) -> None:
    async with database.transaction(TENANT) as tx:
        customer = await known(tx, "claire@example.fr")
        await commands.update_customer(tx, customer.id, name="Claire", attributes={"tier": "gold"})
        await commands.record_touch(
            tx, workspace_id=WORKSPACE, firm_id=FIRM, kind="page", data={"url": "/c"}, customer_id=customer.id
        )
    for _ in range(2):
        async with database.transaction(TENANT) as tx:
            await commands.erase_customer(tx, customer.id)
    async with database.transaction(TENANT) as tx:
        left = await queries.customer(tx, customer.id)
        assert (await queries.journey(tx, customer.id))["items"] == []
        with pytest.raises(CustomerErased):
            await commands.update_customer(tx, customer.id, name="Claire")
        assert (await known(tx, "claire@example.fr")).id != customer.id
    assert left is not None
    assert (left.name, left.attributes, left.addresses) == ("", {}, ())
    async with database.system() as tx:
        kept = await tx.fetch_all("SELECT data, private_key FROM outbox WHERE type = 'customer.erased'")
    assert [row["private_key"] for row in kept] == [None]
    assert "claire" not in str(kept).lower()


async def test_events_carry_personal_values_apart(database: Database) -> None:
    async with database.transaction(TENANT) as tx:
        customer = await known(tx, "claire@example.fr")
        await commands.update_customer(tx, customer.id, name="Claire")
    async with database.system() as tx:
        rows = await tx.fetch_all("SELECT type, data, private, private_key FROM outbox ORDER BY id")
    assert [row["type"] for row in rows] == ["customer.created", "customer.updated"]
    assert all("laire" not in str(row["data"]) and row["private_key"] == customer.id for row in rows)
    assert rows[1]["private"]["customer"]["name"] == "Claire"

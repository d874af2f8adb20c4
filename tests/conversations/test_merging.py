"""Two customers who are one person: merged with all they have, separated as they were, reached and erased as one."""

from typing import Any

import pytest
import sqlalchemy as sa

from parlons.conversations import commands, queries
from parlons.conversations.merging import merge_customers, separate_customers
from parlons.customers import commands as customers
from parlons.customers import merging
from parlons.customers import queries as customer_queries
from parlons.customers.model import customer_json
from parlons.customers.store import addresses, touches
from parlons.kit.errors import Refusal
from parlons.runtime.db import Database, Tx
from tests.conversations.conftest import FIRM, TENANT, WORKSPACE, Chat


async def _person(tx: Tx, kind: str, value: str, *, firm_id: str = FIRM, verified: bool = True, **more: Any) -> str:
    made = await customers.find_or_create_by_address(
        tx, workspace_id=WORKSPACE, firm_id=firm_id, kind=kind, value=value, verified=verified
    )
    if more:
        await customers.update_customer(tx, made.id, **more)
    return made.id


async def _talk(tx: Tx, customer_id: str) -> str:
    opened = await commands.open_conversation(
        tx, workspace_id=WORKSPACE, firm_id=FIRM, customer_id=customer_id, channel="voice", address="+33612345678"
    )
    return opened.id


async def _picture(db: Database, *customer_ids: str) -> list[Any]:
    """Everything these customers have, without versions and the times of change."""
    async with db.transaction(TENANT) as tx:
        found = []
        for one in customer_ids:
            known = await customer_queries.customer(tx, one)
            assert known is not None
            shown = {key: value for key, value in customer_json(known).items() if key not in ("version", "addresses")}
            rows = await tx.fetch_all(
                sa.select(addresses.c.id, addresses.c.value, addresses.c.verified)
                .where(addresses.c.customer_id == one)
                .order_by(addresses.c.id)
            )
            seen = await tx.fetch_all(
                sa.select(touches.c.id).where(touches.c.customer_id == one).order_by(touches.c.id)
            )
            talks = [
                row["id"]
                for row in (
                    await tx.fetch_all(sa.text(f"SELECT id FROM conversations WHERE customer_id = '{one}' ORDER BY id"))
                )
            ]
            found.append((shown, [tuple(row) for row in rows], [row["id"] for row in seen], talks))
        return found


@pytest.fixture
async def other(chat: Chat) -> str:
    """Somebody who called: the same Claire, as it turns out."""
    async with chat.db.transaction(TENANT) as tx:
        caller = await _person(
            tx, "phone", "+33612345678", language="fr", attributes={"car": "Vela 2", "town": "Toulouse"}
        )
        await customers.identify(tx, caller, kind="email", value="claire@x.fr", verified=True)
        await customers.identify(tx, chat.customer_id, kind="email", value="claire@x.fr", verified=False)
        await customers.update_customer(tx, chat.customer_id, attributes={"town": "Lyon"})
        await _talk(tx, caller)
    return caller


async def test_the_one_kept_has_everything_and_leads_there(chat: Chat, other: str) -> None:
    async with chat.db.transaction(TENANT) as tx:
        made, kept = await merge_customers(tx, chat.customer_id, other, by="US1")
    assert kept.attributes == {"car": "Vela 2", "town": "Lyon"}
    assert (kept.name, kept.language) == ("Claire Dubois", "fr")
    assert {(one.kind, one.verified) for one in kept.addresses} == {("webchat", True), ("phone", True), ("email", True)}
    async with chat.db.transaction(TENANT) as tx:
        talks = [await queries.conversation(tx, one) for one in made.moved["conversations"]]
        assert [talk.customer_id for talk in talks if talk] == [chat.customer_id]
        for kind, value in (("phone", "+33612345678"), ("email", "claire@x.fr"), ("webchat", "V1")):
            assert await _person(tx, kind, value) == chat.customer_id
        assert await merging.standing(tx, other) == chat.customer_id
        found = await customer_queries.search(tx, text="", firm_ids=None, after=None, limit=10)
        assert [one.id for one in found] == [chat.customer_id]


async def test_separating_gives_each_his_own_again(chat: Chat, other: str) -> None:
    before = await _picture(chat.db, chat.customer_id, other)
    async with chat.db.transaction(TENANT) as tx:
        made, _ = await merge_customers(tx, chat.customer_id, other, by="US1")
    assert await _picture(chat.db, chat.customer_id, other) != before
    async with chat.db.transaction(TENANT) as tx:
        await separate_customers(tx, made.id)
    assert await _picture(chat.db, chat.customer_id, other) == before
    async with chat.db.transaction(TENANT) as tx:
        with pytest.raises(merging.UnknownMerge):
            await separate_customers(tx, made.id)


async def test_what_came_since_stays_with_the_one_kept(chat: Chat, other: str) -> None:
    async with chat.db.transaction(TENANT) as tx:
        made, _ = await merge_customers(tx, chat.customer_id, other, by="US1")
        since = await _talk(tx, chat.customer_id)
        await customers.update_customer(tx, chat.customer_id, attributes={"car": "Solène 5", "town": "Lyon"})
    async with chat.db.transaction(TENANT) as tx:
        await separate_customers(tx, made.id)
    async with chat.db.transaction(TENANT) as tx:
        kept, later = await customer_queries.customer(tx, chat.customer_id), await queries.conversation(tx, since)
        assert kept is not None
        assert later is not None
        assert kept.attributes == {"car": "Solène 5", "town": "Lyon"}
        assert later.customer_id == chat.customer_id


async def test_merges_are_undone_in_the_opposite_order(chat: Chat, other: str) -> None:
    async with chat.db.transaction(TENANT) as tx:
        third = await _person(tx, "phone", "+33612345679")
        first, _ = await merge_customers(tx, other, third, by="US1")
        second, _ = await merge_customers(tx, chat.customer_id, other, by="US1")
        assert await merging.one_person(tx, third) == [chat.customer_id, other, third]
        with pytest.raises(merging.AlreadyMerged):
            await separate_customers(tx, first.id)
        await separate_customers(tx, second.id)
        await separate_customers(tx, first.id)
        assert await merging.standing(tx, third) == third
        assert set(await merging.merged_with(tx, third)) == {third, other, chat.customer_id}


async def test_what_cannot_be_merged_is_refused(chat: Chat, other: str) -> None:
    async def refused(kept: str, merged: str) -> str:
        with pytest.raises(Refusal) as said:
            async with chat.db.transaction(TENANT) as tx:
                await merge_customers(tx, kept, merged, by="US1")
        return said.value.code

    async with chat.db.transaction(TENANT) as tx:
        foreign = await _person(tx, "phone", "+33612345677", firm_id="FI2")
        gone = await _person(tx, "phone", "+33612345676")
        await customers.erase_customer(tx, gone)
    assert await refused(chat.customer_id, chat.customer_id) == "not-mergeable"
    assert await refused(chat.customer_id, foreign) == "not-mergeable"
    assert await refused(chat.customer_id, gone) == "customer-erased"
    assert await refused(chat.customer_id, "CU" + "0" * 32) == "unknown-customer"
    async with chat.db.transaction(TENANT) as tx:
        await merge_customers(tx, chat.customer_id, other, by="US1")
    assert await refused(other, chat.customer_id) == "already-merged"
    assert await refused(chat.customer_id, other) == "already-merged"

"""A conversation is split while messages are on their way: what leaves, what is heard of it and what is answered go along."""

from parlons.conversations import queries
from parlons.conversations.commands import go_on
from parlons.conversations.model import Way
from parlons.conversations.splitting import split_conversation, unite_conversations
from tests.channels.engine.desk import Desk, put


async def _split(desk: Desk, conversation_id: str, message_ids: list[str]) -> tuple[str, str]:
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        made, child = await split_conversation(tx, conversation_id, message_ids, by="US1", letters=desk.post.ways)
    return made.id, child.id


async def test_deliveries_receipts_and_answers_go_with_their_messages(desk: Desk) -> None:
    first = await desk.says("Où est ma commande ?")
    await desk.says("Et je veux rendre un pull")
    asked = (await desk.messages(first))[1]["id"]
    sent = await desk.answers(first, "Pour le pull : en magasin")
    await desk.post.sender.run_due()
    waiting = await desk.answers(first, "Avec le ticket")
    split_id, child = await _split(desk, first, [asked, sent.id, waiting.id])

    async with desk.db.transaction(desk.home.tenant_id) as tx:
        found = await queries.conversation(tx, child)
        assert found is not None
        (leg,) = await queries.legs_of(tx, child)
        (way,) = await desk.post.ways.of(tx, found)
    assert (leg.account_id, leg.address) == (desk.account.id, "claire")
    assert (way.way.account_id, way.way.address) == (desk.account.id, "claire")
    await desk.post.sender.run_due()
    assert desk.there.texts == ["Pour le pull : en magasin", "Avec le ticket"]
    assert (await desk.delivery(waiting.id))["state"] == "sent"
    await desk.comes({"type": "receipt", "id": desk.there.got[0]["id"], "state": "delivered"})
    assert (await desk.delivery(sent.id))["state"] == "delivered"
    rows = await desk.rows("SELECT conversation_id, state FROM deliveries ORDER BY number")
    assert [(row["conversation_id"], row["state"]) for row in rows] == [(child, "delivered"), (child, "sent")]
    assert await desk.says("Lequel ?", reply_to=[desk.there.got[0]["id"]]) == child
    assert await desk.says("Ma commande !", reply_to=["m1"]) == first

    async with desk.db.transaction(desk.home.tenant_id) as tx:
        await unite_conversations(tx, split_id, letters=desk.post.ways)
    rows = await desk.rows(
        "SELECT DISTINCT conversation_id FROM deliveries UNION SELECT conversation_id FROM channel_received"
    )
    assert [row["conversation_id"] for row in rows] == [first]


async def test_what_is_answered_refers_to_the_messages_it_stands_with(desk: Desk) -> None:
    first = await desk.says("Où est ma commande ?", thread="t1")
    other = await desk.says("Et je veux rendre un pull", thread="t1")
    assert other == first
    _, child = await _split(desk, first, [(await desk.messages(first))[1]["id"]])
    await desk.answers(child, "En magasin")
    await desk.answers(first, "Elle arrive")
    await desk.post.sender.run_due()
    assert {one["text"]: one["reply_to"] for one in desk.there.got} == {"En magasin": ["m2"], "Elle arrive": ["m1"]}


async def test_it_goes_on_by_the_account_its_messages_came_by(desk: Desk) -> None:
    other = await put(desk.db, desk.home, desk.clock, desk.there.url, key="shop-2", address="partner-2")
    first = await desk.says("Où est ma commande ?")
    came = (await desk.messages(first))[0]["id"]
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        await go_on(tx, first, Way("webhook", other, "claire-2"))
    await desk.answers(first, "Par ici")
    _, child = await _split(desk, first, [came])
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        found = await queries.conversation(tx, child)
        assert found is not None
        assert found.account_id == desk.account.id
        (leg,) = await queries.legs_of(tx, child)
    assert (leg.account_id, leg.address) == (desk.account.id, "claire")

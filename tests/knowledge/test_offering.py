"""What is offered for a message: to who waits, to who answers; and what of the questions shows that an article is missing."""

from typing import Any

import pytest

from parlons.accounts.model import Principal
from parlons.conversations import queries
from parlons.conversations.commands import open_conversation
from parlons.conversations.messages import add_message
from parlons.conversations.model import Author, Conversation
from parlons.customers.commands import find_or_create_by_address
from parlons.knowledge.gathering import Asked, together
from parlons.knowledge.offering import Offering
from parlons.knowledge.questions import erase_questions
from parlons.knowledge.suggesting import fits, told_words
from tests.knowledge.conftest import CHIEF, HEAD, OF_OTHER, SOFIA, STRANGER, TENANT, WORKSPACE, Room

ASKS = "Bonjour, je voudrais savoir comment changer mon adresse de facture svp. claire@example.com 0612345678"
AGENT = Author("agent", "US1", "Sofia Marin")


async def asked(room: Room, text: str = ASKS, who: str = "a", **more: Any) -> Conversation:
    """A chat in which a customer has written."""
    async with room.db.transaction(TENANT) as tx:
        address: Any = {"kind": "webchat", "value": f"visitor-{who}", "verified": True}
        customer = await find_or_create_by_address(tx, workspace_id=WORKSPACE, firm_id="FI1", **address)
        customer_id = customer.id
        made = await open_conversation(
            tx,
            workspace_id=WORKSPACE,
            firm_id="FI1",
            customer_id=customer_id,
            channel="webchat",
            address=f"visitor-{who}",
            language=more.get("language", "fr"),
        )
        await said(tx, made.id, Author("customer", customer_id), text)
        return await again(tx, made.id)


async def said(tx: Any, conversation_id: str, author: Author, text: str) -> None:
    direction: Any = "in" if author.kind == "customer" else "out"
    await add_message(tx, conversation_id, direction=direction, author=author, text=text)


async def again(tx: Any, conversation_id: str) -> Conversation:
    found = await queries.conversation(tx, conversation_id)
    assert found is not None
    return found


async def answered(room: Room, conversation: Conversation) -> Conversation:
    async with room.db.transaction(TENANT) as tx:
        await said(tx, conversation.id, AGENT, "Voici.")
        return await again(tx, conversation.id)


async def test_who_waits_is_offered_public_articles_of_an_open_centre_only(room: Room) -> None:
    await room.published()
    await room.published(title="Changer une adresse de facture : interne", audience="internal")
    await room.published(title="Les horaires", summary="", html="<p>Nous ouvrons à neuf heures.</p>")
    offering, conversation = Offering(room.db, room.app.state.meaning), await asked(room)
    assert await offering.to_visitor(TENANT, conversation) == []
    await room.call("PUT", "/help-centres/FI1", CHIEF, open=True)
    (one,) = await offering.to_visitor(TENANT, conversation)
    assert one["title"] == "Déménager : changer d’adresse"
    assert (await room.client.get(one["path"])).status_code == 200
    assert await offering.to_visitor(TENANT, await answered(room, conversation)) == []
    for text in ("Bonjour", "Vendez-vous des drones ?", "' | ! & <script> %", "adresse " * 900):
        assert isinstance(await offering.to_visitor(TENANT, await asked(room, text)), list)
    async with room.db.transaction(TENANT) as tx:
        assert await offering.centre(tx, "FI1", "fr") == "/help/atelier-nord/fr/"
        assert await offering.centre(tx, "FI2", "fr") is None


async def test_an_agent_is_offered_articles_for_the_last_words_and_says_what_became_of_them(room: Room) -> None:
    room.app.state.offering = Offering(room.db, room.app.state.meaning)
    public = await room.published()
    internal = await room.published(title="Adresse de facture : ce qu’il faut vérifier", audience="internal")
    conversation = await asked(room)
    path = f"/article-offers?conversation_id={conversation.id}"
    offered = (await room.call("GET", path, HEAD))["items"]
    assert {one["id"] for one in offered} == {public["id"], internal["id"]}
    for who in (OF_OTHER, STRANGER):
        await room.call("GET", path, who, 404)
        body = {"conversation_id": conversation.id, "outcome": "unhelpful"}
        await room.call("PUT", f"/article-offers/{public['id']}", who, 404, **body)
    body = {"conversation_id": conversation.id, "outcome": "unhelpful"}
    await room.call("PUT", f"/article-offers/{public['id']}", HEAD, 204, **body)
    await room.call("PUT", "/article-offers/ARnone", HEAD, 404, **body)
    assert [one["id"] for one in (await room.call("GET", path, HEAD))["items"]] == [internal["id"]]
    later = await answered(room, conversation)
    async with room.db.transaction(TENANT) as tx:
        await said(tx, later.id, Author("customer", later.customer_id), "Et les horaires d’ouverture ?")
    assert (await room.call("GET", path, HEAD))["items"] == []


async def gaps(room: Room, as_: Principal = HEAD) -> Any:
    return (await room.call("GET", "/article-gaps", as_))["items"]


async def test_what_several_customers_asked_of_people_is_a_gap_without_what_is_ones_own(room: Room) -> None:
    room.app.state.offering = Offering(room.db, room.app.state.meaning)
    texts = {
        "a": "Bonjour, je suis Claire Duval, avez-vous un siège pour bébé ? claire@example.com",
        "b": "Un siège bébé est-il possible ? Omar, 06 12 34 56 78",
        "c": "Quel est le prix du diesel ?",
    }
    for who, text in texts.items():
        conversation = await asked(room, text, who)
        await room.call("GET", f"/article-offers?conversation_id={conversation.id}", HEAD)
        assert await gaps(room) == []
        if who != "b":
            await answered(room, conversation)
        else:
            second = conversation
    assert await gaps(room) == []
    await answered(room, second)
    (gap,) = await gaps(room)
    assert (gap["firm_id"], gap["language"], gap["conversations"], gap["offered"]) == ("FI1", "fr", 2, 0)
    assert set(gap["query"].split()) == {"siege", "bebe"}
    assert await gaps(room, OF_OTHER) == await gaps(room, STRANGER) == []
    await room.call("GET", "/article-gaps", SOFIA, 403)
    async with room.db.transaction(TENANT) as tx:
        await erase_questions(tx, [second.id])
    assert await gaps(room) == []


def test_questions_alike_stand_together_and_one_customer_makes_no_gap() -> None:
    questions = [
        Asked("a", ("retour", "colis", "martin"), 0),
        Asked("b", ("retourner", "colis"), 2),
        Asked("b", ("colis", "retours"), 0),
        Asked("c", ("facture",), 0),
        Asked("c", ("facture",), 0),
    ]
    (gap,) = together(questions)
    assert (set(gap.words), gap.counts) == ({"retour", "colis"}, {"conversations": 3, "offered": 1})
    assert together([]) == []


@pytest.mark.parametrize(
    ("asked_", "hits", "named", "good"),
    [(1, 1, 1, True), (1, 1, 0, False), (6, 1, 1, False), (6, 2, 1, True), (6, 2, 0, False), (6, 3, 0, True)],
)
def test_an_article_that_shares_a_word_by_chance_is_not_offered(asked_: int, hits: int, named: int, good: bool) -> None:
    assert fits(asked_, hits, named) is good


def test_greetings_addresses_and_numbers_say_nothing() -> None:
    assert told_words(ASKS) == ["changer", "mon", "adresse", "facture"]
    assert len(told_words("mot" + " x1 autre" * 5000)) <= 30

"""A chat that is understood: by a matcher of the workspace's phrases, in the language it is written in; what is not understood is
kept to learn from, and goes with the customer."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from parlons.ai.embeddings import EmbeddingsFailed, Vectors
from parlons.conversations import queries
from parlons.intents.loading import Intent, put_intents, put_threshold
from parlons.intents.misses import KEPT_DAYS, erase_misses, forget_old_misses, list_misses
from parlons.intents.understanding import Understanding
from parlons.runtime.db import Database
from tests.conftest import StillClock
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.reception.conftest import furnish
from tests.reception.test_flow_chats import DAY, Chat, open_chat

FLOW: dict[str, Any] = {
    "name": "Words",
    "start": "what",
    "language": "en",
    "languages": ["en", "fr"],
    "steps": {
        "what": {
            "do": "understand",
            "text": {"en": "What can we do for you?", "fr": "Que pouvons-nous faire pour vous ?"},
            "first": "{message}",
            "intents": {"order_status": {"next": "order"}, "prices": {"next": "prices"}},
            "entities": {"order": "order_number", "day": "date"},
            "failed": "bye",
        },
        "order": {"do": "say", "text": {"en": "Order {order}", "fr": "Commande {order} du {day}"}, "next": "what_else"},
        "prices": {"do": "end", "text": {"en": "It is free.", "fr": "C’est gratuit."}},
        "what_else": {
            "do": "ask",
            "answer": "text",
            "text": {"en": "What else?", "fr": "Autre chose ?"},
            "next": "bye",
        },
        "bye": {"do": "end", "text": {"en": "Goodbye", "fr": "Au revoir"}},
    },
}
PHRASES = {
    "order_status": {"en": ["Where is my order?", "My order has not come"], "fr": ["Où est ma commande ?"]},
    "prices": {"en": ["How much does it cost?", "What is the price?"], "fr": ["Combien ça coûte ?"]},
    "never_asked": {"en": ["hello there my friend"]},
}


@pytest.fixture
async def chat(database: Database, clock: StillClock) -> AsyncIterator[Chat]:
    await furnish(database)
    found = await open_chat(database, clock)
    await found.flow(FLOW)
    async with database.transaction(TENANT) as tx:
        await put_intents(tx, WORKSPACE, [Intent(f"IN{name}", name, texts) for name, texts in PHRASES.items()])
    yield found
    await found.phone.close()


async def understood(chat: Chat) -> None:
    """What is to be done outside is done."""
    await chat.phone.jobs()


async def lines(chat: Chat) -> list[str]:
    async with chat.db.transaction(TENANT) as tx:
        (conversation_id,) = [row["id"] for row in await tx.fetch_all("SELECT id FROM conversations")]
        return [
            one.text for one in await queries.earlier(tx, conversation_id, None, limit=50) if one.direction == "out"
        ]


async def misses(chat: Chat) -> list[dict[str, Any]]:
    async with chat.db.transaction(TENANT) as tx:
        return await list_misses(tx, WORKSPACE, before=None, limit=50)


async def test_what_a_chat_begins_with_is_understood_in_its_language(chat: Chat) -> None:
    await chat.says("Où est ma commande AB-4711 de demain ?")
    await understood(chat)
    said = await lines(chat)
    assert said[0].startswith("Commande AB-4711 du 20"), "what is named is kept, tomorrow as a day"
    assert said[1] == "Autre chose ?"
    async with chat.db.transaction(TENANT) as tx:
        assert [row["language"] for row in await tx.fetch_all("SELECT language FROM conversations")] == ["fr"]


async def test_what_is_not_understood_is_asked_again_and_kept_to_learn_from(chat: Chat, clock: StillClock) -> None:
    await chat.says("hello there my friend")
    await understood(chat)
    await chat.says("bzzz")
    await understood(chat)
    said = await lines(chat)
    assert said[0] == "What can we do for you?"
    assert "2. prices" in said[1], "not among the intents asked for: they are offered"
    kept = await misses(chat)
    assert {(one["text"], one["understood"]) for one in kept} == {("bzzz", False), ("hello there my friend", False)}
    await chat.says("prices")
    assert (await lines(chat))[-1] == "It is free."
    async with chat.db.transaction(TENANT) as tx:
        await erase_misses(tx, ["CHother"])
        await erase_misses(tx, [kept[0]["conversation_id"]])
    assert await misses(chat) == []


async def test_texts_to_learn_from_are_forgotten_after_a_while(chat: Chat, clock: StillClock) -> None:
    await chat.says("bzzz")
    await understood(chat)
    await forget_old_misses(chat.db)
    assert len(await misses(chat)) == 1
    clock.now += (KEPT_DAYS + 1) * DAY
    await forget_old_misses(chat.db)
    assert await misses(chat) == []


class Broken:
    """A provider that fails, until it does not."""

    name, local, asked = "broken", True, 0
    rows: Vectors | None = None

    async def embed(self, texts: Any) -> Vectors:
        self.asked += 1
        if self.rows is None:
            raise EmbeddingsFailed
        return self.rows[: len(texts)]

    async def close(self) -> None: ...


async def test_a_provider_that_fails_is_asked_again_later_and_words_do_meanwhile(chat: Chat, clock: StillClock) -> None:
    provider = Broken()
    understanding = Understanding(chat.db, provider)
    for _ in range(3):
        found = await understanding.understand(TENANT, WORKSPACE, "Where is my order")
        assert found.intent == "order_status"
    assert provider.asked == 1
    assert (await understanding.known(TENANT, WORKSPACE)).words_alone
    clock.now += 61_000
    await understanding.known(TENANT, WORKSPACE)
    assert provider.asked == 2


async def test_a_changed_phrase_or_threshold_counts_from_the_next_text_on(chat: Chat) -> None:
    understanding = Understanding(chat.db, None)
    ask = "do you sell gift cards"
    assert (await understanding.understand(TENANT, WORKSPACE, ask)).intent is None
    async with chat.db.transaction(TENANT) as tx:
        await put_intents(tx, WORKSPACE, [Intent("INgifts", "gifts", {"en": ["Do you sell gift cards?"]})])
    assert (await understanding.understand(TENANT, WORKSPACE, ask)).intent == "gifts"
    async with chat.db.transaction(TENANT) as tx:
        await put_threshold(tx, WORKSPACE, 1.0)
    found = await understanding.understand(TENANT, WORKSPACE, ask)
    assert (found.intent, found.unsure, found.threshold) == (None, True, 1.0)

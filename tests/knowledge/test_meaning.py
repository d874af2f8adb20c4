"""Articles found by what they mean: beside words, kept fresh, never in anybody's way."""

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

from parlons.ai.embeddings import EmbeddingsFailed, Vectors, of_length_one
from parlons.knowledge.meaning import Meaning
from parlons.knowledge.nearness import Kept, nearest
from parlons.knowledge.offering import Offering
from parlons.knowledge.searching import Place
from parlons.knowledge.sections import fused, sections_of
from tests.knowledge.conftest import CHIEF, TENANT, Room
from tests.knowledge.test_offering import asked

SAME = [{"facture", "addition", "invoice"}, {"colis", "paquet"}, {"horaires", "ouvert"}]


class Synonyms:
    """A provider that knows a few words of the same meaning, and nothing else."""

    name, local = "synonyms", True

    def __init__(self) -> None:
        self.asked, self.fails = 0, False

    async def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked += 1
        if self.fails:
            raise EmbeddingsFailed
        rows = [[float(any(word in text.lower() for word in words)) for words in SAME] for text in texts]
        return of_length_one(np.array(rows, dtype=np.float32))

    async def close(self) -> None:
        pass


@pytest.fixture
async def synonyms(room: Room) -> Synonyms:
    provider = Synonyms()
    room.app.state.meaning = Meaning(room.db, provider)
    await room.call("PUT", "/help-centres/FI1", CHIEF, open=True)
    return provider


async def compared(room: Room) -> None:
    meaning: Meaning = room.app.state.meaning
    while await meaning.make_some():
        pass


async def test_an_article_is_found_by_another_word_of_the_same_meaning_once_it_was_compared(
    room: Room, synonyms: Synonyms
) -> None:
    bill = await room.published(title="Comprendre ma facture", summary="", html="<p>Chaque ligne.</p>")
    await room.published(title="Secret", html="<p>facture</p>", audience="internal", slug="secret")
    before = synonyms.asked
    assert await room.titles("addition", audience="public") == []
    assert synonyms.asked == before + 1, "a search asks for its own vector; publishing asked for none"
    await compared(room)
    assert await room.titles("addition", audience="public") == ["Comprendre ma facture"]
    assert set(await room.titles("addition")) == {"Comprendre ma facture", "Secret"}
    assert await room.titles("addition", "en") == []
    assert "Comprendre ma facture" in (await room.client.get("/help/atelier-nord/fr/search?q=addition")).text
    same = {name: bill[name] for name in ("audience", "category_id", "slug", "summary")}
    path = f"/articles/{bill['id']}"
    draft = await room.call("PUT", path, title="Nos horaires", html="<p>9 h</p>", version=bill["version"], **same)
    live = await room.act(draft, "publish")
    await compared(room)
    assert await room.titles("addition", audience="public") == []
    assert await room.titles("ouvert", audience="public") == ["Nos horaires"]
    await room.act(live, "archive")
    assert await room.titles("ouvert", audience="public") == []


async def test_words_and_meaning_make_one_ranking_and_words_alone_answer_when_the_provider_does_not(
    room: Room, synonyms: Synonyms
) -> None:
    await room.published(title="Le colis", summary="", html="<p>Une addition de détails.</p>")
    await room.published(title="Comprendre ma facture", summary="", html="<p>Ligne à ligne.</p>")
    await compared(room)
    assert set(await room.titles("addition")) == {"Le colis", "Comprendre ma facture"}
    synonyms.fails = True
    assert await room.titles("addition") == ["Le colis"]


async def test_who_waits_is_offered_what_means_the_same(room: Room, synonyms: Synonyms) -> None:
    await room.published(title="Comprendre ma facture", summary="", html="<p>Ligne à ligne.</p>")
    await compared(room)
    offering = Offering(room.db, room.app.state.meaning)
    (one,) = await offering.to_visitor(TENANT, await asked(room, "Je ne comprends rien à cette addition salée"))
    assert one["title"] == "Comprendre ma facture"


async def test_what_is_published_is_compared_by_itself(room: Room, synonyms: Synonyms) -> None:
    made = asyncio.Event()

    class Told(Meaning):
        async def make_some(self) -> int:
            count = await super().make_some()
            if count:
                made.set()
            return count

    room.app.state.meaning = Told(room.db, synonyms)
    making = asyncio.create_task(room.app.state.meaning.run())
    try:
        await room.published(title="Comprendre ma facture", summary="")
        async with asyncio.timeout(60):
            await made.wait()
        assert await room.titles("addition") == ["Comprendre ma facture"]
    finally:
        making.cancel()
        await asyncio.gather(making, return_exceptions=True)


async def test_without_a_provider_there_are_only_words(room: Room) -> None:
    meaning = Meaning(room.db, None)
    assert await meaning.of("facture") is None
    async with room.db.transaction(TENANT) as tx:
        assert await meaning.near(tx, Place(["FI1"], "fr", ["public"]), None) == []


def test_every_heading_makes_a_section_with_the_title_before_it() -> None:
    html = "<p>Au début.</p><h2>Puis</h2><p>Ceci.</p><h3>Enfin</h3><p>Cela.</p>"
    assert sections_of("Titre", "En bref.", html) == [
        "Titre. En bref. Au début.",
        "Titre. Puis Ceci.",
        "Titre. Enfin Cela.",
    ]
    assert sections_of("Titre", "", "") == ["Titre."]
    assert len(sections_of("T", "", "<h2>x</h2>" * 500)) == 12


def test_two_rankings_make_one() -> None:
    assert fused([["a", "b", "c"], ["c", "d"]]) == ["c", "a", "b", "d"]
    assert fused([[], ["x"]]) == ["x"]
    assert fused([]) == []


def test_the_nearest_section_counts_and_what_is_gone_is_not_found() -> None:
    def row(stamp: int, article: str, audience: str, *vector: float) -> dict[str, object]:
        return {
            "stamp": stamp,
            "article_id": article,
            "audience": audience,
            "vector": np.array(vector, "<f2").tobytes(),
        }

    rows = [row(1, "A", "public", 1, 0), row(2, "A", "public", 0, 1), row(3, "B", "internal", 0.8, 0.6)]
    kept = Kept.none().with_more(rows)
    assert kept.state == (3, 6)
    asked_ = np.array([0.0, 1.0], dtype=np.float32)
    assert nearest([kept], asked_, ["public", "internal"], 0.3) == ["A", "B"]
    assert nearest([kept], asked_, ["public"], 0.3) == ["A"]
    assert nearest([kept.with_only({1, 3})], asked_, ["public", "internal"], 0.3) == ["B"]
    assert nearest([kept, Kept.none()], np.ones(3, dtype=np.float32), ["public"], 0.0) == []

"""What a search finds: stems, accents, unfinished words, typing mistakes; the title first; nothing of who may not read it."""

import pytest

from parlons.knowledge.words import asked, distance, meant, pieces
from tests.knowledge.conftest import HEAD, Room

BILL = {"title": "Comprendre ma facture", "html": "<p>Chaque ligne expliquée : abonnement, remboursements, œuvres.</p>"}
PARCEL = {"title": "Suivre un colis", "html": "<p>La facture suit le colis. Les livraisons partent le soir.</p>"}


@pytest.mark.parametrize(
    ("typed", "titles"),
    [
        ("facture", ["Comprendre ma facture", "Suivre un colis"]),
        ("FACTURÉS", ["Comprendre ma facture", "Suivre un colis"]),
        ("comment comprendre la facture", ["Comprendre ma facture"]),
        ("oeuvre", ["Comprendre ma facture"]),
        ("livr", ["Suivre un colis"]),
        ("livraison factu", ["Suivre un colis"]),
        ("factrue", ["Comprendre ma facture", "Suivre un colis"]),
        ("abonement", ["Comprendre ma facture"]),
        ("remboursemment", ["Comprendre ma facture"]),
        ("colis xyzzy", ["Suivre un colis"]),
        ("xyzzy", []),
        ("le de", []),
        ("' & | ! :* <-> \\ \x00", []),
        ("", []),
    ],
)
async def test_words_find_articles(room: Room, typed: str, titles: list[str]) -> None:
    await room.published(**BILL)
    await room.published(**PARCEL)
    assert await room.titles(typed) == titles


async def test_a_mended_word_is_said_and_hits_are_marked(room: Room) -> None:
    await room.published(**PARCEL)
    found = await room.found("livrasons")
    assert found["corrected"] == "livraisons"
    (item,) = found["items"]
    assert [piece["text"] for piece in item["excerpt"] if piece["hit"]] == ["livraisons"]


async def test_each_language_has_its_own_stems_and_articles(room: Room) -> None:
    await room.published(language="en", title="Returning items", html="<p>Refunds follow returned parcels.</p>")
    assert await room.titles("return item", "en") == ["Returning items"]
    assert await room.titles("return item", "fr") == []
    room.who["is"] = HEAD
    assert (await room.client.get("/articles/search", params={"q": "x", "language": "xx"})).status_code == 422


async def test_public_readers_find_no_internal_article(room: Room) -> None:
    await room.published(**BILL, audience="internal")
    assert await room.titles("facture", audience="public") == []
    assert await room.titles("factrue", audience="public") == []
    assert await room.titles("facture", audience="internal") == ["Comprendre ma facture"]


async def test_drafts_are_not_found(room: Room) -> None:
    await room.write(**BILL)
    assert await room.titles("facture") == []


async def test_a_search_of_ten_kilobytes_is_refused(room: Room) -> None:
    answer = await room.client.get("/articles/search", params={"q": "mot " * 2500, "language": "fr"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_what_is_sought_in_vain_is_counted_unless_it_may_name_somebody(room: Room) -> None:
    for typed in ("drone", "Drone", "claire@example.com", "0612345678", "hélicoptère"):
        await room.found(typed, firm_id="FI1", final="true")
    await room.found("ballon", firm_id="FI1")
    gaps = (await room.call("GET", "/articles/figures"))["gaps"]
    assert [(gap["query"], gap["searches"]) for gap in gaps] == [("drone", 2), ("helicoptere", 1)]
    room.clock.advance(31 * 86_400_000)
    assert (await room.call("GET", "/articles/figures"))["gaps"] == []


@pytest.mark.parametrize(
    ("one", "other", "far"), [("ab", "ba", 1), ("abc", "abc", 0), ("", "abc", 3), ("colis", "cli", 2)]
)
def test_distance(one: str, other: str, far: int) -> None:
    assert distance(one, other) == distance(other, one) == far


def test_a_word_is_meant_only_when_it_is_near() -> None:
    assert meant("facure", ["facture", "nature"]) == "facture"
    assert meant("nuage", ["facture"]) == "nuage"


def test_excerpts_are_short_and_begin_near_the_hit() -> None:
    text = "mot " * 400 + "Éléphant gris" + " fin" * 400
    found = pieces(text, ["eleph"])
    assert ("Éléphant", True) in found
    assert sum(len(part) for part, _ in found) < 260
    assert pieces("court", []) == [("court", False)]


def test_ten_kilobytes_are_cut() -> None:
    assert len(asked("a b " * 2500)) == 12

"""The public help centre without a browser: what is public is there, nothing else; rated once; harmless whatever is typed."""

import re
from html import unescape

import httpx
import pytest

from parlons.channels.webchat.widgets import put_widget
from parlons.knowledge.texts import LINES, day
from parlons.reception.model import EntryPoint
from parlons.reception.points import put_entry_points
from tests.knowledge.conftest import CHIEF, TENANT, WORKSPACE, Room

HOME = "/help/atelier-nord/fr/"
PAGE = "/help/atelier-nord/fr/a/demenager-changer-d-adresse"


async def opened(room: Room) -> None:
    await room.call("PUT", "/help-centres/FI1", CHIEF, open=True)


async def seen(room: Room, path: str, status: int = 200, **more: str) -> str:
    answer = await room.client.get(path, params=more or None)
    assert answer.status_code == status, answer.text
    assert "<script" not in answer.text
    return unescape(answer.text)


async def test_nothing_is_public_before_the_help_centre_is_opened_nor_after_it_is_closed(room: Room) -> None:
    await room.published()
    await seen(room, HOME, 404)
    await opened(room)
    assert "Déménager" in await seen(room, HOME)
    await room.call("PUT", "/help-centres/FI1", CHIEF, open=False, slug="atelier-nord", version=1)
    for path in (HOME, PAGE, "/help/atelier-nord/sitemap.xml", "/help/atelier-nord/fr/search?q=facture"):
        await seen(room, path, 404)


async def test_an_article_stands_under_its_address_with_all_that_search_engines_ask(room: Room) -> None:
    await opened(room)
    french = await room.published()
    await room.published(language="en", title="Moving house", translates=french["id"], html="<p>Soon</p>")
    text = await seen(room, PAGE)
    assert '<html lang="fr">' in text
    assert "<title>Déménager : changer d’adresse - Atelier Nord</title>" in text
    assert '<meta name="description" content="Prévenez-nous dix jours avant.">' in text
    assert f'<link rel="canonical" href="http://desk.test{PAGE}">' in text
    assert 'hreflang="en" href="http://desk.test/help/atelier-nord/en/a/moving-house"' in text
    assert "<h2>Comment faire</h2>" in text
    listed = await seen(room, "/help/atelier-nord/sitemap.xml")
    assert re.findall("<loc>http://desk.test(.*?)</loc>", listed) == [PAGE, "/help/atelier-nord/en/a/moving-house"]
    assert "Allow: /help/" in await seen(room, "/robots.txt")


async def test_internal_articles_and_drafts_are_nowhere(room: Room) -> None:
    await opened(room)
    await room.published(title="Secret interne", audience="internal")
    await room.write(title="Brouillon")
    for path in (HOME, "/help/atelier-nord/sitemap.xml", "/help/atelier-nord/fr/search?q=facture"):
        text = await seen(room, path)
        assert "interne" not in text.lower()
        assert "brouillon" not in text.lower()
    for slug in ("secret-interne", "brouillon", "none", "%00", "x" * 5000):
        await seen(room, f"/help/atelier-nord/fr/a/{slug}", 404)


async def test_sections_group_the_first_page_and_have_one_of_their_own(room: Room) -> None:
    await opened(room)
    section = await room.call("POST", "/article-sections", status=201, firm_id="FI1", names={"fr": "Mon compte"})
    await room.published(category_id=section["id"])
    await room.published(title="Sans rubrique")
    text = await seen(room, HOME)
    assert (
        text.index("Mon compte") < text.index("Déménager") < text.index("Autres articles") < text.index("Sans rubrique")
    )
    inside = await seen(room, f"/help/atelier-nord/fr/s/{section['id']}")
    assert "Déménager" in inside
    assert "Sans rubrique" not in inside
    await seen(room, "/help/atelier-nord/fr/s/CYnone", 404)
    assert "Sans rubrique" in await seen(room, "/help/atelier-nord/fr/s/others")
    await room.call("DELETE", f"/article-sections/{section['id']}", status=204)
    await seen(room, f"/help/atelier-nord/fr/s/{section['id']}", 404)
    assert "Déménager" in await seen(room, "/help/atelier-nord/fr/s/others")


async def test_the_first_page_is_short_however_many_articles_there_are(room: Room) -> None:
    await opened(room)
    for number in range(8):
        await room.published(title=f"Article {number}")
    text = await seen(room, HOME)
    assert len(re.findall("/a/article-", text)) == 6
    assert "Les 8 articles" in text
    assert len(re.findall("/a/article-", await seen(room, "/help/atelier-nord/fr/s/others"))) == 8
    assert 'hreflang="en"' not in text


async def test_a_search_marks_what_it_found_and_says_what_it_mended(room: Room) -> None:
    await opened(room)
    await room.published()
    text = await seen(room, "/help/atelier-nord/fr/search", q="factrue")
    assert "<mark>facture</mark>" in text
    assert "pour « facture »" in text
    assert "Rien n’a été trouvé pour « drone »" in await seen(room, "/help/atelier-nord/fr/search", q="drone")
    gaps = (await room.call("GET", "/articles/figures"))["gaps"]
    assert [(gap["query"], gap["audience"]) for gap in gaps] == [("drone", "public")]


@pytest.mark.parametrize("q", ['"><script>alert(1)</script>', "mot " * 2500, "\x00", "' OR 1=1 --", "a" * 10_000])
async def test_whatever_is_searched_is_harmless(room: Room, q: str) -> None:
    await opened(room)
    answer = await room.client.get("/help/atelier-nord/fr/search", params={"q": q})
    assert answer.status_code == 200
    assert "<script" not in answer.text
    assert len(answer.text) < 12_000


async def test_who_rates_counts_once_and_may_say_why(room: Room) -> None:
    await opened(room)
    article = await room.published()
    assert "Cet article vous a-t-il aidé ?" in await seen(room, PAGE)
    for helpful in ("yes", "no"):
        answer = await room.client.post(PAGE, data={"helpful": helpful})
        assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?rated={helpful}#helpful")
    assert "Merci pour votre réponse." in await seen(room, PAGE, rated="no")
    await room.client.post(PAGE, data={"helpful": "no", "comment": "Trop court <b>"})
    assert "Merci, c’est noté." in await seen(room, PAGE, rated="noted")
    stranger = httpx.AsyncClient(transport=room.client._transport, base_url="http://desk.test")
    await stranger.post(PAGE, data={"helpful": "yes"})
    figures = (await room.call("GET", "/articles/figures"))["articles"]
    assert figures == [{"id": article["id"], "views": 1, "helpful": 1, "unhelpful": 1}]
    (comment,) = (await room.call("GET", f"/articles/{article['id']}/comments"))["items"]
    assert (comment["helpful"], comment["comment"]) == (False, "Trop court <b>")


async def test_ratings_of_one_address_are_limited_and_senseless_ones_refused(room: Room) -> None:
    await opened(room)
    await room.published()
    assert (await room.client.post(PAGE, data={"helpful": "perhaps"})).status_code == 404
    assert (await room.client.post("/help/atelier-nord/fr/a/none", data={"helpful": "yes"})).status_code == 404
    statuses = [(await room.client.post(PAGE, data={"helpful": "yes"})).status_code for _ in range(12)]
    assert statuses[0] == 303
    assert statuses[-1] == 429


async def test_no_page_runs_or_fetches_anything(room: Room) -> None:
    await opened(room)
    await room.published()
    for path in (HOME, PAGE, "/help/none/fr/"):
        policy = (await room.client.get(path)).headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy


async def test_a_reader_finds_the_ways_to_the_firm_that_are_configured(room: Room) -> None:
    await opened(room)
    await room.published()
    assert "Encore une question ?" not in await seen(room, PAGE)
    async with room.db.transaction(TENANT) as tx:
        await put_widget(tx, workspace_id=WORKSPACE, firm_id="FI1", key="nord")
        point = EntryPoint(id="EP1", workspace_id=WORKSPACE, channel="voice", address="+33100000000", firm_id="FI1")
        await put_entry_points(tx, [point])
    text = await seen(room, PAGE)
    assert 'href="/chat/nord"' in text
    assert 'href="tel:+33100000000"' in text


async def test_who_arrives_is_led_to_his_language(room: Room) -> None:
    await opened(room)
    answer = await room.client.get("/help/atelier-nord", headers={"Accept-Language": "fr-CA,en;q=0.5"})
    assert answer.headers["location"] == HOME


def test_both_languages_say_the_same_things() -> None:
    assert LINES["en"].keys() == LINES["fr"].keys()
    assert (day("2026-03-01T00:00:00Z", "fr"), day("2026-03-01T00:00:00Z", "en")) == ("1er mars 2026", "1 March 2026")

"""Articles over HTTP: written, reviewed, published, put back, archived; kept apart by firm and tenant; every version kept."""

import pytest

from tests.knowledge.conftest import CHIEF, HEAD, OF_OTHER, SOFIA, STRANGER, Room


async def test_an_article_goes_from_draft_through_review_to_its_readers_and_leaves_them_again(room: Room) -> None:
    draft = await room.write()
    assert (draft["state"], draft["slug"], draft["live_number"]) == ("draft", "demenager-changer-d-adresse", None)
    await room.call("GET", f"/articles/{draft['id']}/page", SOFIA, 404)
    review = await room.act(draft, "submit")
    back = await room.act(review, "send-back")
    live = await room.act(await room.act(back, "submit"), "publish")
    assert (live["state"], live["live_number"]) == ("published", 1)
    page = await room.call("GET", f"/articles/{draft['id']}/page", SOFIA)
    assert page["html"].startswith("<h2>Comment faire</h2>")
    gone = await room.act(live, "archive")
    assert (gone["state"], gone["live_number"]) == ("archived", None)
    await room.call("GET", f"/articles/{draft['id']}/page", SOFIA, 404)
    assert (await room.act(gone, "reopen"))["state"] == "draft"


@pytest.mark.parametrize(
    ("done", "refused"), [([], "send-back"), ([], "reopen"), (["publish"], "submit"), (["archive"], "publish")]
)
async def test_what_does_not_fit_a_state_is_refused(room: Room, done: list[str], refused: str) -> None:
    article = await room.write()
    for act in done:
        article = await room.act(article, act)
    answer = await room.call(
        "POST", f"/articles/{article['id']}/act", status=409, act=refused, version=article["version"]
    )
    assert answer["code"] == "article-state"


async def test_readers_keep_the_published_text_while_the_next_is_written_and_an_old_one_can_be_put_back(
    room: Room,
) -> None:
    live = await room.published()
    same = {name: live[name] for name in ("audience", "category_id", "slug", "summary")}
    path = f"/articles/{live['id']}"
    draft = await room.call("PUT", path, title="Nouveau", html="<p>Autrement</p>", version=live["version"], **same)
    assert draft["state"] == "draft"
    assert "facture" in (await room.call("GET", f"{path}/page", SOFIA))["html"]
    second = await room.act(draft, "publish")
    assert (await room.call("GET", f"{path}/page", SOFIA))["html"] == "<p>Autrement</p>"
    assert await room.titles("facture") == []
    versions = (await room.call("GET", f"{path}/versions"))["items"]
    assert [(one["number"], one["author"]) for one in versions] == [(2, "Rachel Kim"), (1, "Rachel Kim")]
    put_back = await room.call("POST", f"{path}/restore", number=1, version=second["version"])
    assert (put_back["state"], "facture" in put_back["html"]) == ("draft", True)
    third = await room.act(put_back, "publish")
    assert third["live_number"] == 3
    assert len(await room.titles("facture")) == 1


async def test_who_writes_over_another_is_told(room: Room) -> None:
    article = await room.write()
    await room.act(article, "submit")
    answer = await room.call("POST", f"/articles/{article['id']}/act", status=409, act="publish", version=1)
    assert answer["code"] == "changed-meanwhile"


async def test_addresses_are_free_or_refused_and_stay_once_published(room: Room) -> None:
    first, second = await room.write(), await room.write()
    assert [first["slug"], second["slug"]] == ["demenager-changer-d-adresse", "demenager-changer-d-adresse-2"]
    taken = {"slug": first["slug"], "title": "Autre", "firm_id": "FI1", "language": "fr"}
    assert (await room.call("POST", "/articles", status=409, **taken))["code"] == "slug-taken"
    assert (await room.call("POST", "/articles", status=422, **{**taken, "slug": "../x"}))["code"] == "invalid-article"
    live = await room.act(second, "publish")
    change = {"title": "X", "audience": "public", "slug": "other", "version": live["version"]}
    assert (await room.call("PUT", f"/articles/{live['id']}", status=422, **change))["details"]["field"] == "slug"
    unsaid = await room.call("PUT", f"/articles/{live['id']}", **{**change, "slug": ""})
    assert unsaid["slug"] == live["slug"]


async def test_translations_know_each_other(room: Room) -> None:
    french = await room.published()
    english = await room.write(language="en", title="Moving", translates=french["id"])
    assert [one["id"] for one in english["translations"]] == [french["id"]]
    body = {"firm_id": "FI1", "language": "en", "title": "Again", "translates": french["id"]}
    assert (await room.call("POST", "/articles", status=409, **body))["code"] == "translation-exists"


async def test_people_of_one_firm_or_tenant_neither_see_nor_change_what_is_anothers(room: Room) -> None:
    article = await room.published()
    path, listed = f"/articles/{article['id']}", "/articles"
    for who in (OF_OTHER, STRANGER):
        assert (await room.call("GET", listed, who))["items"] == []
        for part in ("", "/page", "/versions", "/comments"):
            assert (await room.call("GET", path + part, who, 404))["code"] == "unknown-article"
        for act in ("archive", "publish"):
            await room.call("POST", f"{path}/act", who, 404, act=act, version=article["version"])
        await room.call("PUT", path, who, 404, title="Mine", version=article["version"], slug="a")
        await room.call("POST", f"{path}/restore", who, 404, number=1, version=article["version"])
        body = {"firm_id": "FI1", "language": "fr", "title": "X"}
        assert (await room.call("POST", "/articles", who, 404, **body))["code"] == "firm-not-found"
        assert await room.titles("facture", as_=who) == []
    await room.call("GET", "/articles/search?q=facture&language=fr&firm_id=FI1", OF_OTHER, 404)
    body = {"firm_id": "FI2", "language": "en", "title": "X", "translates": article["id"]}
    await room.call("POST", "/articles", OF_OTHER, 404, **body)


async def test_agents_read_and_do_not_write(room: Room) -> None:
    article = await room.published()
    assert await room.titles("facture") == [article["title"]]
    await room.call("GET", f"/articles/{article['id']}", SOFIA, 403)
    await room.call("GET", "/articles", SOFIA, 403)
    await room.call("POST", "/articles", SOFIA, 403, firm_id="FI1", language="fr", title="X")
    await room.call("POST", f"/articles/{article['id']}/act", SOFIA, 403, act="archive", version=article["version"])
    await room.call("PUT", "/help-centres/FI1", HEAD, 403, open=True)


async def test_sections_are_named_used_and_removed(room: Room) -> None:
    made = await room.call("POST", "/article-sections", status=201, firm_id="FI1", names={"fr": " Livraison "})
    assert made["names"] == {"fr": "Livraison"}
    other = await room.call("POST", "/article-sections", status=201, firm_id="FI2", names={"fr": "Autre"})
    article = await room.write(category_id=made["id"])
    assert article["category_id"] == made["id"]
    body = {"firm_id": "FI1", "language": "fr", "title": "X", "category_id": other["id"]}
    assert (await room.call("POST", "/articles", status=404, **body))["code"] == "unknown-category"
    path = f"/article-sections/{made['id']}"
    assert (await room.call("PUT", path, firm_id="FI1", names={"en": "Delivery"}, position=2))["position"] == 2
    await room.call("PUT", path, OF_OTHER, 404, firm_id="FI2", names={"en": "Mine"})
    await room.call("DELETE", path, OF_OTHER, 404)
    await room.call("DELETE", path, status=204)
    await room.call("DELETE", path, status=204)
    assert [one["id"] for one in (await room.call("GET", "/article-sections", SOFIA))["items"]] == [other["id"]]
    assert (await room.call("POST", "/article-sections", status=422, firm_id="FI1", names={"xx": "?"}))["code"]


async def test_a_help_centre_is_opened_under_an_address_of_its_own(room: Room) -> None:
    opened = await room.call("PUT", "/help-centres/FI1", CHIEF, open=True)
    assert (opened["slug"], opened["version"]) == ("atelier-nord", 1)
    taken = await room.call("PUT", "/help-centres/FI2", CHIEF, 409, open=True, slug="atelier-nord")
    assert taken["code"] == "slug-taken"
    stale = await room.call("PUT", "/help-centres/FI1", CHIEF, 409, open=False)
    assert stale["code"] == "changed-meanwhile"
    closed = await room.call("PUT", "/help-centres/FI1", CHIEF, open=False, slug="atelier-nord", version=1)
    assert (closed["open"], closed["version"]) == (False, 2)


async def test_signs_that_no_database_keeps_do_no_harm(room: Room) -> None:
    for path in ("/articles/%00", "/articles?q=%00", "/articles/search?q=a&firm_id=%00", "/articles?firm_id=%00"):
        assert (await room.client.get(path)).status_code in (200, 404, 422), path
    made = await room.write(title="A\x00B", html="<p>a\x00b</p>", summary="\x00")
    assert (made["title"], made["html"], made["summary"]) == ("AB", "<p>ab</p>", "")

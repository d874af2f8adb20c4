"""Visits: nothing before consent, origins, tokens, who is behind them."""

import pytest

from parlons.channels.webchat.tokens import identity_signature
from tests.channels.conftest import PAGE, Site


async def test_opening_the_panel_notes_nothing_of_the_visitor(site: Site) -> None:
    answer = await site.browser().call("GET", "/config?language=fr")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["name"], told["language"], told["open"]) == ("Delmas Automobiles", "fr", True)
    assert told["texts"] == {"greeting": "Bonjour !"}
    assert told["reply_seconds"] == 60
    assert "set-cookie" not in answer.headers
    for table in ("visitors", "visitor_sessions", "touches", "customers", "conversations"):
        assert await site.count(table) == 0, table


async def test_without_a_visit_nothing_is_taken(site: Site) -> None:
    stranger = site.browser()
    for method, path, body in (
        ("POST", "/messages", {"client_id": "a", "text": "hello"}),
        ("POST", "/pages", PAGE),
        ("POST", "/read", {"message_id": "IM1"}),
        ("GET", "/conversation", None),
        ("GET", "/files/FL1", None),
        ("POST", "/identity", {"user_id": "u", "signature": "s"}),
    ):
        answer = await stranger.call(method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (401, "no-visit"), path


async def test_consent_reports_pages_without_their_query(site: Site) -> None:
    visitor = await site.browser().begin("given", page=PAGE)
    (touch,) = await site.rows("touches")
    assert touch["data"] == {"url": "/cars/vela-3", "title": "Vela 3", "product": {"name": "Vela 3", "sku": "vela-3"}}
    assert touch["customer_id"] is None, "nobody is a customer before he writes"
    assert (await visitor.call("POST", "/pages", {"path": "/financing", "title": "Financer"})).status_code == 204
    assert await site.count("touches", "until IS NULL") == 1, "he looks at one page at a time"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://shop.example", "https://shop.example.evil.example", "null"]
)
async def test_another_site_is_refused_and_may_not_read_the_answer(site: Site, origin: str) -> None:
    thief = site.browser(origin)
    for answer in (await thief.call("GET", "/config"), await thief.call("POST", "/visits", {"consent": "writing"})):
        assert (answer.status_code, answer.json()["code"]) == (403, "origin-refused")
        assert "access-control-allow-origin" not in answer.headers
    assert (await thief.call("OPTIONS", "/messages")).status_code == 403
    assert await site.count("visitors") == 0


@pytest.mark.parametrize("origin", ["https://shop.example", "https://www.delmas.example", "http://chat.example"])
async def test_listed_sites_and_our_own_pages_are_allowed(site: Site, origin: str) -> None:
    answer = await site.browser(origin).call("GET", "/config")
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["vary"] == "Origin"
    asked = await site.browser(origin).call("OPTIONS", "/messages")
    assert asked.status_code == 204
    assert "Authorization" in asked.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in asked.headers


async def test_refusals_too_can_be_read_by_the_page(site: Site) -> None:
    answer = await site.browser().call("GET", "/conversation")
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, "https://shop.example")


async def test_an_unknown_widget(site: Site) -> None:
    answer = await site.browser(key="nobody").call("GET", "/config")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-widget")


async def test_forged_and_revoked_tokens_are_worth_nothing(site: Site) -> None:
    visitor = await site.browser().begin()
    good = visitor.token
    for token in ("pv_SE1.forged", good[:-2] + "AA", good.replace("pv_", "pk_"), "x"):
        visitor.token = token
        assert (await visitor.call("GET", "/conversation")).status_code == 401, token
    visitor.token = good
    assert (await visitor.call("GET", "/conversation")).status_code == 200
    assert (await visitor.call("DELETE", "/visits")).status_code == 204
    assert (await visitor.call("GET", "/conversation")).status_code == 401


async def test_who_takes_his_consent_back_waits_no_more(site: Site) -> None:
    visitor = await site.browser().begin()
    await visitor.write()
    assert (await visitor.call("DELETE", "/visits")).status_code == 204
    (conversation,) = await site.rows("conversations")
    assert conversation["status"] == "closed"
    assert await site.count("messages") == 1, "what was said stays until he is erased"


async def test_who_logs_out_finds_his_answer_at_the_next_log_in(site: Site) -> None:
    visitor = await (await site.browser().begin()).log_in("u-7")
    await visitor.write()
    await visitor.call("DELETE", "/visits")
    (conversation,) = await site.rows("conversations")
    assert conversation["status"] == "open"


async def test_a_user_is_who_the_site_signed_for(site: Site) -> None:
    visitor = await site.browser().begin()
    proof = {"user_id": "u-7", "email": "claire@example.org", "name": "Claire Rousseau"}
    forged = await visitor.call(
        "POST", "/identity", {**proof, "signature": identity_signature("other", "u-7", proof["email"])}
    )
    assert (forged.status_code, forged.json()["code"]) == (403, "identity-not-proven")
    assert await site.count("customers") == 0
    signature = identity_signature("shared", "u-7", "claire@example.org")
    stolen = await visitor.call("POST", "/identity", {**proof, "user_id": "u-8", "signature": signature})
    assert stolen.status_code == 403
    proven = await visitor.call("POST", "/identity", {**proof, "signature": signature})
    assert proven.status_code == 200
    (customer,) = await site.rows("customers")
    assert customer["name"] == "Claire Rousseau"
    addresses = {(row["kind"], row["value"], row["verified"]) for row in await site.rows("addresses")}
    assert addresses == {("external", "u-7", True), ("email", "claire@example.org", True)}


async def test_a_token_planted_before_the_log_in_opens_nothing_after_it(site: Site) -> None:
    browser = await site.browser().begin()
    planted = browser.token
    known = (await browser.log_in("u-7")).token
    assert (await browser.log_in("u-7")).token == known, "said on every page, it changes nothing"
    await browser.write("Confidentiel")
    browser.token = planted
    assert (await browser.call("GET", "/conversation")).status_code == 401


async def test_the_same_user_on_another_device_finds_his_conversation(site: Site) -> None:
    first = await (await site.browser().begin()).log_in("u-7")
    written = (await first.write("Depuis mon bureau")).json()["message"]
    second = await (await site.browser().begin()).log_in("u-7")
    await second.write("Depuis mon téléphone")
    seen = (await second.call("GET", "/conversation")).json()
    assert [message["text"] for message in seen["messages"]] == ["Depuis mon bureau", "Depuis mon téléphone"]
    assert seen["messages"][0]["id"] == written["id"]
    assert await site.count("conversations") == 1


async def test_another_user_on_the_same_browser_sees_nothing_of_the_first(site: Site) -> None:
    browser = await (await site.browser().begin()).log_in("a")
    await browser.write("Secret de A")
    old = browser.token
    await browser.log_in("b")
    assert (await browser.call("GET", "/conversation")).json() == {"conversation": None, "messages": []}
    browser.token = old
    assert (await browser.call("GET", "/conversation")).status_code == 401

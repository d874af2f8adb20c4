"""Signing in: links, passwords, sessions that end, attempts that are counted, calls forged by other sites."""

import asyncio

import httpx
import pytest
from starlette.requests import HTTPConnection

from parlons.accounts import sessions
from parlons.accounts.bootstrap import bootstrap
from parlons.accounts.errors import ForeignOrigin
from parlons.accounts.http import PER_ACCOUNT, PER_ADDRESS
from parlons.accounts.model import Role

from .conftest import Office

HOUR = 60 * 60 * 1000
PASSWORD = "a long enough sentence"


async def _with_password(office: Office) -> httpx.AsyncClient:
    browser = await office.signed_in()
    answer = await browser.put("/me/password", json={"password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return browser


async def test_the_first_link_leads_to_the_administrators_account(office: Office) -> None:
    browser = await office.signed_in()
    me = (await browser.get("/me")).json()
    assert me["user"]["role"] == "administrator"
    assert me["tenant"]["id"] == office.installation.tenant_id
    assert [firm["id"] for firm in me["firms"]] == [office.installation.firm_id]
    cookie = next(iter(browser.cookies.jar))
    assert cookie.name == "parlons_session"
    assert cookie.has_nonstandard_attr("HttpOnly")


async def test_a_link_opens_once(office: Office) -> None:
    answers = await asyncio.gather(
        *(office.browser().post("/session/link", json={"token": office.installation.invitation}) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 401} == {"link-not-valid"}


async def test_a_link_grows_old(office: Office) -> None:
    office.clock.advance(72 * HOUR)
    answer = await office.browser().post("/session/link", json={"token": office.installation.invitation})
    assert answer.json()["code"] == "link-not-valid"


async def test_a_restart_invites_anew_until_an_administrator_came(office: Office) -> None:
    again = await bootstrap(office.db, now=office.clock())
    assert not again.created
    assert again.tenant_id == office.installation.tenant_id
    assert (
        await office.browser().post("/session/link", json={"token": office.installation.invitation})
    ).status_code == 401
    await office.signed_in(again.invitation)
    assert (await bootstrap(office.db, now=office.clock())).invitation is None


async def test_two_first_starts_at_once_make_one_tenant(empty_database: str, office: Office) -> None:
    starts = await asyncio.gather(*(bootstrap(office.db, now=office.clock()) for _ in range(4)))
    assert {start.tenant_id for start in starts} == {office.installation.tenant_id}


async def test_password(office: Office) -> None:
    await _with_password(office)
    browser = office.browser()
    answer = await browser.post("/session", json={"email": " Admin@Parlons.local ", "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    assert (await browser.get("/me")).status_code == 200


@pytest.mark.parametrize("email", ["admin@parlons.local", "nobody@parlons.local"])
async def test_a_wrong_password_and_an_unknown_address_answer_alike(office: Office, email: str) -> None:
    await _with_password(office)
    answer = await office.browser().post("/session", json={"email": email, "password": "another sentence"})
    assert (answer.status_code, answer.json()) == (
        401,
        {"code": "wrong-password", "detail": "E-mail address and password do not match."},
    )


async def test_a_short_password_is_refused(office: Office) -> None:
    browser = await office.signed_in()
    assert (await browser.put("/me/password", json={"password": "short"})).json()["code"] == "weak-password"


async def test_a_new_password_ends_other_sessions_and_asks_for_the_old_one(office: Office) -> None:
    browser = await _with_password(office)
    other = office.browser()
    await other.post("/session", json={"email": "admin@parlons.local", "password": PASSWORD})
    refused = await browser.put("/me/password", json={"password": "quite another sentence", "current": "a guess"})
    assert refused.json()["code"] == "wrong-password"
    changed = await browser.put("/me/password", json={"password": "quite another sentence", "current": PASSWORD})
    assert changed.status_code == 200
    assert (await browser.get("/me")).status_code == 200
    assert (await other.get("/me")).status_code == 401


async def test_sessions_slide_and_end(office: Office) -> None:
    browser = await office.signed_in()
    for _ in range(3):
        office.clock.advance(11 * HOUR)
        assert (await browser.get("/me")).status_code == 200
    office.clock.advance(12 * HOUR)
    assert (await browser.get("/me")).json()["code"] == "unauthenticated"


async def test_a_session_ends_after_thirty_days_however_busy(office: Office) -> None:
    browser = await office.signed_in()
    hours = 0
    while (await browser.get("/me")).status_code == 200:
        office.clock.advance(10 * HOUR)
        hours += 10
    assert hours == 720


async def test_signing_out(office: Office) -> None:
    browser = await office.signed_in()
    token = browser.cookies["parlons_session"]
    assert (await browser.delete("/session")).status_code == 204
    browser.cookies.set("parlons_session", token)
    assert (await browser.get("/me")).status_code == 401


async def test_signing_out_everywhere(office: Office) -> None:
    first = await _with_password(office)
    second = office.browser()
    await second.post("/session", json={"email": "admin@parlons.local", "password": PASSWORD})
    assert (await first.delete("/session", params={"everywhere": True})).status_code == 204
    assert (await second.get("/me")).status_code == 401


async def test_attempts_on_one_account_are_counted_even_at_once(office: Office) -> None:
    await _with_password(office)
    guess = {"email": "admin@parlons.local", "password": "a guess of mine"}
    answers = await asyncio.gather(*(office.browser().post("/session", json=guess) for _ in range(PER_ACCOUNT + 2)))
    assert sorted(answer.status_code for answer in answers) == [401] * PER_ACCOUNT + [429, 429]
    right = {"email": "admin@parlons.local", "password": PASSWORD}
    refused = await office.browser().post("/session", json=right)
    assert refused.json()["code"] == "too-many-attempts"
    office.clock.advance(refused.json()["retry_after_seconds"] * 1000)
    assert (await office.browser().post("/session", json=right)).status_code == 200


async def test_attempts_from_one_address_are_counted(office: Office) -> None:
    browser = office.browser()
    for _ in range(PER_ADDRESS):
        assert (await browser.post("/session/link", json={"token": "a guess"})).status_code == 401
    assert (await browser.post("/session/link", json={"token": "a guess"})).status_code == 429


async def test_an_office_may_sign_in_as_often_as_it_likes(office: Office) -> None:
    browser = await office.signed_in()
    mine = (await browser.get("/me")).json()["user"]["id"]
    for _ in range(PER_ADDRESS + 1):
        made = await browser.post(f"/users/{mine}/link")
        await office.signed_in(made.json()["link"].partition("#")[2])


async def test_a_call_that_changes_needs_the_header(office: Office) -> None:
    browser = await office.signed_in()
    del browser.headers["X-Parlons"]
    assert (await browser.get("/me")).status_code == 200
    refused = await browser.patch("/me", json={"theme": "dark"})
    assert (refused.status_code, refused.json()["code"]) == (403, "missing-header")


async def test_a_socket_of_a_foreign_page_is_refused(office: Office) -> None:
    token = (await office.signed_in()).cookies["parlons_session"]

    def socket(origin: bytes) -> HTTPConnection:
        headers = [(b"host", b"office.test"), (b"origin", origin), (b"cookie", b"parlons_session=" + token.encode())]
        return HTTPConnection({"type": "websocket", "headers": headers})

    principal = await sessions.principal_of(socket(b"http://office.test"), office.db, office.clock())
    assert principal.role is Role.ADMINISTRATOR
    with pytest.raises(ForeignOrigin):
        await sessions.principal_of(socket(b"http://elsewhere.test"), office.db, office.clock())


async def test_preferences_follow_the_person(office: Office) -> None:
    browser = await office.signed_in()
    changed = await browser.patch("/me", json={"locale": "fr", "theme": "dark", "keymap": {"send": "ctrl+enter"}})
    assert changed.status_code == 200, changed.text
    user = (await browser.get("/me")).json()["user"]
    assert (user["locale"], user["theme"], user["keymap"]) == ("fr", "dark", {"send": "ctrl+enter"})
    assert (await browser.patch("/me", json={"role": "agent"})).status_code == 422


async def test_no_secret_is_stored_as_it_is(office: Office) -> None:
    browser = await _with_password(office)
    secrets = [PASSWORD, browser.cookies["parlons_session"], str(office.installation.invitation)]
    async with office.db.system() as tx:
        rows = [
            await tx.fetch_all(f"SELECT * FROM {table}") for table in ("users", "sessions", "login_links", "outbox")
        ]
    stored = "".join(
        bytes(value).hex() + bytes(value).decode("latin-1") if isinstance(value, bytes) else str(value)
        for row in (row for table in rows for row in table)
        for value in row.values()
    )
    assert "argon2id" in stored
    assert not [secret for secret in secrets if secret in stored or secret.encode().hex() in stored]


async def test_a_desk_in_a_frame_has_a_session_of_its_own(office: Office) -> None:
    browser = office.browser()
    answer = await browser.post("/session/link", json={"token": office.installation.invitation, "framed": True})
    said = answer.headers["set-cookie"]
    assert said.startswith("parlons_framed=")
    assert all(word in said for word in ("HttpOnly", "SameSite=None", "Secure", "Partitioned"))
    token = said.partition("=")[2].partition(";")[0]
    for cookie in (f"parlons_framed={token}", f"parlons_session=over; parlons_framed={token}"):
        browser.cookies.clear()
        assert (await browser.get("/me", headers={"Cookie": cookie})).status_code == 200
    foreign = {"Cookie": f"parlons_framed={token}", "X-Parlons": ""}
    assert (await browser.patch("/me", json={"name": "X"}, headers=foreign)).json()["code"] == "missing-header"
    mine = {"Cookie": f"parlons_framed={token}"}
    assert (await browser.get("/me/frames", headers=mine)).json() == {"origins": []}
    renewed = await browser.put("/me/password", json={"password": PASSWORD}, headers=mine)
    assert renewed.headers["set-cookie"].startswith("parlons_framed=")
    token = renewed.headers["set-cookie"].partition("=")[2].partition(";")[0]
    mine = {"Cookie": f"parlons_framed={token}"}
    assert (await browser.delete("/session", headers=mine)).status_code == 204
    assert (await browser.get("/me", headers=mine)).status_code == 401

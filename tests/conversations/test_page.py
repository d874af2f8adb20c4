"""The page of a message: nothing in it runs or tells its sender anything, and only who may read the conversation gets it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from parlons.accounts import http as accounts_http
from parlons.accounts.model import Principal, Role
from parlons.conversations import http_page
from parlons.conversations.page import page, policy
from parlons.conversations.views import content_json
from parlons.runtime.http import install_problems
from tests.conversations.conftest import TENANT, WORKSPACE, Chat

LETTER = '<p>Bonjour <b>Inès</b></p><img data-remote="https://track.example/1.gif" alt="a > b"><img data-cid="logo">'
INLINE = {"logo": "FE0123"}


def drawn(html: str, **more: Any) -> str:
    return page(html, language="fr", inline=INLINE, **more).partition("<body>")[2]


@pytest.mark.parametrize(
    ("html", "gone"),
    [
        ("<script>alert(1)</script>", "alert"),
        ('<a href="javascript:alert(1)">x</a>', "javascript"),
        ('<img src="https://track.example/1.gif">', "track.example"),
        ('<img src=x onerror="alert(1)">', "onerror"),
        ('<p style="background:url(https://track.example)">x</p>', "track.example"),
        ('<form action="https://evil.example"><input name="password"></form>', "evil.example"),
        ("<style>@import 'https://track.example'</style>", "track.example"),
        ('<iframe src="https://evil.example"></iframe>', "evil.example"),
        ('<svg onload="alert(1)"></svg>', "onload"),
        ('<base href="https://evil.example">', "evil.example"),
        ('<meta http-equiv="refresh" content="0;url=https://evil.example">', "evil.example"),
    ],
)
def test_what_must_not_come_near_the_agent_is_gone(html: str, gone: str) -> None:
    assert gone not in drawn(f"<p>Bonjour</p>{html}")
    assert "Bonjour" in drawn(f"<p>Bonjour</p>{html}")


def test_pictures_sent_along_are_shown_and_those_from_elsewhere_only_when_asked_for() -> None:
    assert 'src="/api/v1/files/FE0123"' in drawn(LETTER)
    assert ' src="https://track.example/1.gif"' not in drawn(LETTER)
    assert ' src="https://track.example/1.gif"' in drawn(LETTER, pictures=True)
    assert 'src="/api/v1/files/' not in drawn('<img data-cid="another">')
    assert "https:" not in policy(pictures=False)
    assert "script" not in policy(pictures=True)


def test_text_that_looks_like_a_picture_stays_text() -> None:
    assert 'src="' not in drawn('<p>img data-cid="logo"</p>')


def test_links_open_outside_and_tell_nothing() -> None:
    link = drawn('<a href="https://shop.example/x" target="_top">x</a>')
    assert 'target="_blank"' in link
    assert "noreferrer" in link


def test_screens_hear_of_the_page_and_do_not_carry_it() -> None:
    content = {"subject": "Devis", "html": LETTER, "folded": "x" * 30_000, "data": {"cc": ["a@x.fr"], "secret": 1}}
    shown = content_json(content)
    assert shown == {"subject": "Devis", "html": True, "pictures": True, "folded": "x" * 20_000, "cc": ["a@x.fr"]}
    assert content_json(None) is None


@pytest.fixture
async def desk(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[httpx.AsyncClient, list[Principal]]]:
    """The route, and who calls: the last of the list."""
    app = FastAPI()
    app.include_router(http_page.router)
    install_problems(app)
    app.state.db, who = chat.db, [Principal(TENANT, WORKSPACE, Role.AGENT, user_id="US1", worker_id="WK1")]

    async def caller(*_: Any) -> Principal:
        return who[-1]

    monkeypatch.setattr(accounts_http, "caller", caller)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test") as client:
        yield client, who


async def test_who_may_read_the_conversation_may_look_at_its_letters(
    chat: Chat, desk: tuple[httpx.AsyncClient, list[Principal]]
) -> None:
    client, who = desk
    async with chat.db.transaction(TENANT) as tx:
        await chat.given_to_sofia(tx)
        letter = await chat.says(tx, "Bonjour Inès", channel="email", content={"html": LETTER, "inline": INLINE})
        plain = await chat.says(tx, "Sans page")
    path = f"/conversations/{chat.id}/messages/{letter.id}/page"
    answer = await client.get(path)
    assert answer.status_code == 200
    assert "<b>Inès</b>" in answer.text
    assert answer.headers["content-security-policy"] == policy(pictures=False)
    assert "https:" in (await client.get(f"{path}?pictures=true")).headers["content-security-policy"]
    assert (await client.get(f"/conversations/{chat.id}/messages/{plain.id}/page")).json()["code"] == "no-message-page"
    assert (await client.get(f"/conversations/{chat.id}/messages/IM0/page")).status_code == 404
    who.append(Principal("AC2", "WS2", Role.ADMINISTRATOR, user_id="US9"))
    assert (await client.get(path)).status_code == 404

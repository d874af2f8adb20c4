"""Answers and what they come to, over HTTP: by group, by filter, within one's firms, queues and rights."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from parlons.accounts import http as accounts_http
from parlons.accounts.model import Principal, Role
from parlons.kit.clock import to_iso
from parlons.runtime.http import install_problems
from parlons.surveys import http
from parlons.surveys.figures import csat, mean, nps, nps_parts
from parlons.surveys.model import Words
from tests.surveys.conftest import AGENT, QUEUE, Room

Call = Callable[..., Awaitable[httpx.Response]]


def test_the_figures_are_those_of_the_books() -> None:
    assert csat({1: 1, 3: 1, 4: 1, 5: 1}) == 50.0
    assert nps({10: 5, 9: 1, 8: 2, 7: 1, 6: 1}) == 50.0
    assert nps({0: 1}) == -100.0
    assert nps_parts({10: 5, 9: 1, 8: 2, 7: 1, 6: 1}) == {"promoters": 6, "passives": 3, "detractors": 1}
    assert mean({1: 1, 7: 2}) == 5.0
    assert (csat({}), nps({}), mean({})) == (None, None, None)


@pytest.fixture
async def call(room: Room, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Call]:
    """Asks as a supervisor, or as whoever is named."""
    app = FastAPI()
    install_problems(app)
    app.include_router(http.router)
    app.state.db, app.state.clock = room.desk.db, room.desk.clock
    home, who = room.desk.home, {}

    async def caller(*_: Any) -> Principal:
        return Principal(home.tenant_id, home.workspace_id, **{"role": Role.SUPERVISOR, "user_id": "US9", **who})

    monkeypatch.setattr(accounts_http, "caller", caller)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.example") as client:

        async def ask(path: str, principal: dict[str, Any] | None = None, **query: Any) -> httpx.Response:
            who.clear()
            who.update(principal or {})
            return await client.get(path, params=query)

        yield ask


async def test_answers_and_figures(room: Room, call: Call) -> None:
    survey = await room.survey()
    for who, score in (("ann", 5), ("bob", 4), ("cid", 2), ("dan", None)):
        room.desk.clock.advance(1000)
        await room.asked(who=who)
        if score is not None:
            await room.desk.says(str(score), who=who)
    (line,) = (await call("/surveys/figures")).json()["items"]
    assert (line["survey"], line["asked"], line["answered"], line["csat_percent"]) == ("After", 4, 3, 66.7)
    assert line["scores"] == {"2": 1, "4": 1, "5": 1}
    (by_agent,) = (await call("/surveys/figures", by="user")).json()["items"]
    assert (by_agent["part"], by_agent["answered"]) == (AGENT, 3)
    answers = (await call("/surveys/answers", limit=2)).json()
    assert [one["score"] for one in answers["items"]] == [2, 4]
    assert (answers["items"][0]["queue_id"], answers["items"][0]["question"]) == (QUEUE, "Êtes-vous satisfait ?")
    rest = (await call("/surveys/answers", limit=2, cursor=answers["next"])).json()
    assert ([one["score"] for one in rest["items"]], rest["next"]) == ([5], None)
    at = to_iso(room.desk.clock() - 2500)
    for query, count in (
        ({"survey_id": survey.id}, 3), ({"survey_id": "SU0"}, 0), ({"queue_id": QUEUE}, 3), ({"user_id": "US0"}, 0),
        ({"channel": "sms"}, 0), ({"since": at}, 2), ({"until": at}, 1),
    ):  # fmt: skip
        assert len((await call("/surveys/answers", **query)).json()["items"]) == count, query


async def test_each_sees_what_is_within_his_rights(room: Room, call: Call) -> None:
    await room.survey()
    await room.asked()
    await room.desk.says("5")
    elsewhere = {"firm_ids": frozenset({"FI" + "9" * 32})}
    other_team = {"queue_ids": frozenset({"WQ" + "9" * 32})}
    for principal in (elsewhere, other_team):
        assert (await call("/surveys/answers", principal)).json()["items"] == []
        assert (await call("/surveys/figures", principal)).json()["items"] == []
    assert len((await call("/surveys/answers", {"queue_ids": frozenset({QUEUE})})).json()["items"]) == 1
    assert (await call("/surveys/answers", {"role": Role.AGENT})).status_code == 403
    assert (await call("/surveys/figures", {"role": Role.AGENT})).status_code == 403


async def test_a_choice_is_told_by_its_words(room: Room, call: Call) -> None:
    await room.survey("choice", Words({"en": "How?"}, choices=({"en": "A friend"}, {"en": "The site"})))
    await room.asked()
    await room.desk.says("2")
    (one,) = (await call("/surveys/answers")).json()["items"]
    assert (one["score"], one["label"]) == (2, "The site")
    (line,) = (await call("/surveys/figures")).json()["items"]
    assert (line["csat_percent"], line["nps"], line["ces"], line["scores"]) == (None, None, None, {"2": 1})
    assert line["labels"] == [{"en": "A friend"}, {"en": "The site"}]


async def test_figures_over_time_and_by_language(room: Room, call: Call) -> None:
    await room.survey()
    room.desk.clock.now = 1_795_301_100_000  # 2026-11-21 22:45 UTC, a Saturday
    for who, score in (("ann", 5), ("bob", 1)):
        await room.asked(who=who)
        await room.desk.says(str(score), who=who)
        room.desk.clock.advance(7_200_000)

    async def parts(by: str, zone: str = "UTC") -> list[Any]:
        found = (await call("/surveys/figures", by=by, zone=zone)).json()["items"]
        return [(one["part"], one["answered"], one["csat_percent"]) for one in found]

    assert await parts("day") == [("2026-11-21", 1, 100.0), ("2026-11-22", 1, 0.0)]
    assert await parts("day", "Europe/Athens") == [("2026-11-22", 2, 50.0)]
    assert await parts("week") == [("2026-11-16", 2, 50.0)]
    assert await parts("language") == [("fr", 2, 50.0)]
    assert (await call("/surveys/figures", by="day", zone="'; SELECT 1")).status_code == 422


async def test_answers_with_words_of_their_own(room: Room, call: Call) -> None:
    await room.survey()
    for who, comment in (("ann", "Too slow"), ("bob", "")):
        one = await room.asked(who=who)
        await room.page.post(room.links.url(one.id), data={"score": "2", "comment": comment})
    found = (await call("/surveys/answers", in_words=True)).json()["items"]
    assert [answer["comment"] for answer in found] == ["Too slow"]
    assert len((await call("/surveys/answers")).json()["items"]) == 2

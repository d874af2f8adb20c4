"""Cells of the grid of skills: what changes, what stays, who may, what is noted."""

import asyncio

import pytest
from sqlalchemy import text

from parlons.accounts.model import Role
from parlons.dispatch.skills import with_skills
from parlons.runtime.db import Database
from tests.dispatch import floor
from tests.dispatch.floor import TENANT
from tests.dispatch.test_http import Api, api, principal

__all__ = ["api"]
ANNA = {"skills": ["sales"], "levels": {"sales": 8}, "languages": ["fr"], "practice": True}
LATER = f"/workers/{floor.worker_id(3)}/skills"


@pytest.mark.parametrize(
    ("skills", "languages", "changed"),
    [
        ({}, {}, {}),
        ({"sales": 9}, {}, {"levels": {"sales": 9}}),
        ({"sales": True}, {}, {"levels": {}}),
        ({"sales": None}, {}, {"skills": [], "levels": {}}),
        ({"care": 0}, {}, {"skills": ["sales", "care"], "levels": {"sales": 8, "care": 0}}),
        ({"care": True, "sales": False}, {}, {"skills": ["care"], "levels": {}}),
        ({"other": None}, {"de": True, "fr": True}, {"languages": ["fr", "de"]}),
        ({}, {"fr": False}, {"languages": []}),
    ],
)
def test_what_is_not_named_stays(skills: dict[str, object], languages: dict[str, bool], changed: object) -> None:
    assert with_skills(ANNA, skills, languages) == ANNA | changed  # type: ignore[arg-type,operator]


def test_somebody_without_attributes_and_somebody_with_odd_ones() -> None:
    assert with_skills({}, {"sales": None}, {"fr": False}) == {}
    assert with_skills({}, {"sales": 3}, {}) == {"skills": ["sales"], "levels": {"sales": 3}}
    assert with_skills({"skills": "sales", "levels": 4}, {"care": True}, {}) == {"skills": ["care"], "levels": {}}


async def test_a_cell_is_changed_by_itself_and_noted(api: Api, database: Database) -> None:
    before = (await api.call("GET", f"/workers/{floor.worker_id(3)}")).json()["attributes"]
    both = [api.call("PATCH", LATER, json={"skills": {name: 5}}) for name in ("care", "sales")]
    for answer in await asyncio.gather(*both):
        assert answer.status_code == 200, answer.text
    one = (await api.call("PATCH", LATER, json={"languages": {"nl": True}, "skills": {}})).json()
    assert one["attributes"]["languages"][-1] == "nl"
    assert one["attributes"]["levels"] == {"care": 5, "sales": 5}
    assert (await api.call("PATCH", LATER, json={"languages": {"nl": True}})).json()["attributes"] == one["attributes"]
    async with database.transaction(TENANT) as tx:
        rows = await tx.fetch_all(text("SELECT action, diff FROM audit"))
    assert {row["action"] for row in rows} == {"worker.updated"}
    # Rows of one millisecond stand in no order: which of them is the last is not asked.
    assert one["attributes"] in [row["diff"]["attributes"][1] for row in rows]
    assert before != one["attributes"]


@pytest.mark.parametrize(
    "body",
    [
        {"skills": {"": 1}},
        {"skills": {"sales ": 1}},
        {"skills": {"x" * 65: 1}},
        {"skills": {"sales": -1}},
        {"skills": {"sales": 1001}},
        {"skills": {"sales": 2.5}},
        {"skills": {"sales": "high"}},
        {"languages": {"fr": 3}},
        {"attributes": {}},
    ],
)
async def test_what_no_cell_can_hold_is_refused(api: Api, body: dict[str, object]) -> None:
    assert (await api.call("PATCH", LATER, json=body)).status_code == 422


async def test_agents_do_not_change_skills_nor_anybody_those_of_strangers(api: Api) -> None:
    api.who = principal(Role.AGENT, 3)
    assert (await api.call("PATCH", LATER, json={"skills": {"sales": 1}})).status_code == 403
    api.who = principal(Role.SUPERVISOR)
    missing = f"/workers/{floor.worker_id(8)}/skills"
    assert (await api.call("PATCH", missing, json={"skills": {"sales": 1}})).json()["code"] == "unknown-worker"

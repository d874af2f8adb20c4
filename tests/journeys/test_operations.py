"""The health page: what is wrong and how to mend it, and held work released by keyboard, in both languages and themes."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from playwright.async_api import expect

from parlons.testing.processes import OwnPostgres
from tests.journeys.floor import Floor
from tests.journeys.people import Room, words
from tests.journeys.test_sweep import BOTH, Sweep

pytestmark = pytest.mark.asyncio(loop_scope="session")
ADMINISTRATOR = "admin@parlons.local"


@pytest.fixture
async def held(floor: Floor) -> AsyncIterator[None]:
    """As after a restore, with a job of a flow that was planned before."""
    connection = await asyncpg.connect(OwnPostgres(floor.server.data).dsn)
    try:
        await connection.execute(
            "INSERT INTO holds (tenant_id, backup) VALUES ('-', '{\"taken_at\": \"2026-11-21T03:10:00+00:00\"}')"
        )
        await connection.execute(
            "INSERT INTO jobs (tenant_id, kind, payload, run_at) VALUES ('-', 'flows.outside', '{}', now())"
        )
        yield
        await connection.execute("DELETE FROM holds")
    finally:
        await connection.close()


@BOTH
async def test_held_work_is_seen_and_released_by_keys(room: Room, floor: Floor, locale: str, held: None) -> None:
    sweep = Sweep(locale)
    page, t = await (await room.profile(locale)).new_page(), words(locale)["operations"]
    await page.goto(await floor.link(ADMINISTRATOR))
    await page.get_by_role("main").get_by_role("button").last.click()
    await expect(page.get_by_role("navigation").first).to_be_visible()
    await page.request.patch("/api/v1/me", data={"locale": locale}, headers={"X-Parlons": "1"})
    try:
        await page.goto("/app/settings/health")
        sheet = page.get_by_role("region", name=t["title"])
        await expect(sheet.get_by_role("heading", name=t["held"])).to_be_visible()
        await expect(sheet.get_by_text(t["trouble"]["work-held"]["title"])).to_be_visible()
        await expect(sheet.get_by_text(t["trouble"]["backup-old"]["mend"])).to_be_visible()
        await expect(sheet.get_by_role("row").filter(has_text="flows.outside")).to_contain_text("1")
        await sweep.look(page, "health")
        await sweep.squeeze(page, "health")
        away = t["discard"].replace("{{kind}}", "flows.outside").replace("{{count}}", "1")
        await sheet.get_by_role("checkbox", name=away).press("Space")
        await sheet.get_by_role("button", name=t["release"]).press("Enter")
        await expect(sheet.get_by_role("heading", name=t["held"])).to_be_hidden()
        await floor.until("/operations/held", lambda found: found["hold"] is None)
        await expect(sheet.get_by_role("row").filter(has_text="flows.outside")).to_be_hidden()
        await expect(sheet.get_by_text(t["trouble"]["work-held"]["title"])).to_be_hidden()
        await sweep.look(page, "health-released")
    finally:
        await page.request.patch("/api/v1/me", data={"locale": "en"}, headers={"X-Parlons": "1"})
    assert not sweep.faults, "\n".join(sweep.faults)

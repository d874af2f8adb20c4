"""A new flow begins as a ready-made one: chosen by what it is for, called as one likes, there with all its steps."""

import pytest
from playwright.async_api import expect

from tests.journeys.floor import Floor
from tests.journeys.people import Room
from tests.journeys.people import words as said

pytestmark = pytest.mark.asyncio(loop_scope="session")
NAME = "Our prospects"


async def test_a_flow_begins_as_a_ready_made_one(room: Room, floor: Floor) -> None:
    page, words = await (await room.profile("en")).new_page(), said("en")
    await page.goto(await floor.link("admin@parlons.local"))
    await page.get_by_role("button", name=words["session"]["open"]).click()
    words = words["settings"]
    await expect(page.get_by_role("banner")).to_be_visible()
    await page.goto("/app/settings/flows/+")
    choice = page.get_by_label(words["flow"]["begin"])
    await choice.select_option(label="Lead qualification")
    await expect(page.get_by_text("Asks need, budget and time")).to_be_visible()
    name = page.get_by_role("textbox", name="Name", exact=True).first
    await expect(name).to_have_value("Lead qualification")
    await name.fill(NAME)
    await page.get_by_role("button", name=words["create"], exact=True).click()
    text = page.get_by_role("textbox", name=words["flow"]["text"])
    await expect(text).to_be_visible()
    stored = await floor.call("GET", f"/settings/flow/{NAME}")
    assert set(stored["thing"]["steps"]) >= {"need", "budget", "score", "hot"}
    await floor.call("DELETE", f"/settings/flow/{NAME}", headers={"If-Match": "*"})

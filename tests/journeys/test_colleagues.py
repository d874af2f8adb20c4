"""Two colleagues at their desks: one writes, the other is told and answers by keyboard, a draft outlives a reload; a team is
named in a note on a conversation, and the way there is one press."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.journeys.floor import AGENT
from tests.journeys.people import Desk, Room
from tests.journeys.test_sweep import Sweep

pytestmark = pytest.mark.asyncio(loop_scope="session")
JAMES = "james@practice.parlons.local"
TEAM = "Garage 12"


def _place(desk: Desk) -> Locator:
    """The place in the rail, whatever is unread there."""
    return desk.page.get_by_role("link", name=re.compile(f"^{desk.t['place']['colleagues']}"))


async def _go(desk: Desk) -> None:
    """By the keys, from outside any field."""
    await desk.page.keyboard.press("Escape")
    await desk.page.keyboard.press("g")
    await desk.page.keyboard.press("c")
    await expect(_place(desk)).to_have_attribute("aria-current", "page")
    await expect(desk.page.get_by_role("navigation", name=desk.t["team"]["list"])).to_be_visible()


async def _chooses(desk: Desk, *names: str) -> None:
    page, t = desk.page, desk.t["team"]
    await page.get_by_role("button", name=t["new"]).first.press("Enter")
    for name in names:
        await page.get_by_role("searchbox", name=t["search"]).fill(name)
        await page.get_by_role("checkbox", name=name).press("Space")
        await expect(page.get_by_role("checkbox", name=name)).to_be_checked()


async def _writes(page: Page, text: str) -> None:
    await page.locator("[data-composer]").press_sequentially(text)
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("log")).to_contain_text(text)


async def test_colleagues_write_to_each_other_and_name_a_team_in_a_note(room: Room) -> None:
    sweep = Sweep("fr")
    camille, james = await room.desk(AGENT, "fr"), await room.desk(JAMES, "en")
    await _go(camille)
    await _chooses(camille, "James Hall")
    await sweep.look(camille.page, "colleagues-new")
    await camille.page.get_by_role("button", name="Écrire à James Hall").press("Enter")
    await expect(camille.composer).to_be_focused()
    await _writes(camille.page, "Tu as vu la Vela bleue ?")
    toast = james.page.get_by_text("Camille Moreau: Tu as vu la Vela bleue ?").first
    await expect(toast).to_be_visible()
    await expect(_place(james)).to_have_accessible_name("Colleagues, 1 unread")
    await _go(james)
    await james.page.keyboard.press("j")
    await expect(james.log).to_contain_text("Tu as vu la Vela bleue ?")
    await expect(_place(james)).to_have_accessible_name("Colleagues")
    await james.page.keyboard.press("r")
    await expect(james.composer).to_be_focused()
    await james.page.keyboard.type("Sold, this morning.")
    await james.page.keyboard.press("Escape")
    kept = james.t["composer"]["kept"].partition("{{")[0]
    await expect(james.page.get_by_text(re.compile(f"^{kept}"))).to_be_visible()
    await james.page.reload()
    await expect(james.composer).to_have_value("Sold, this morning.")
    await james.composer.press("Control+Enter")
    await expect(camille.log).to_contain_text("Sold, this morning.")
    await sweep.look(camille.page, "colleagues")
    await sweep.squeeze(camille.page, "colleagues")
    await _go(james)
    await _chooses(james, "Camille Moreau", "Rose Taylor")
    await james.page.get_by_role("textbox", name=james.t["team"]["teamName"]).fill(TEAM)
    await james.page.keyboard.press("Enter")
    await expect(james.page.get_by_role("heading", level=1, name=TEAM)).to_be_visible()

    await camille.page.get_by_role("link", name=camille.t["place"]["desk"]).click()
    await camille.start()
    await room.chat(camille, "Bonjour, où en est ma voiture ?", name="Odile Garnier")
    await camille.page.get_by_role("button", name=camille.t["composer"]["note"], exact=True).click()
    await camille.composer.press_sequentially("@Garage")
    await camille.page.get_by_role("option", name=TEAM).click()
    await camille.composer.press("Control+Enter")
    await expect(james.page.get_by_text("Odile Garnier").first).to_be_visible()
    named = james.page.get_by_role("region", name=james.t["comfort"]["mention"]["title"])
    await named.get_by_role("button", name=re.compile("Odile Garnier")).click()
    await james.opens("Odile Garnier")
    assert not sweep.faults, "\n".join(sweep.faults)
